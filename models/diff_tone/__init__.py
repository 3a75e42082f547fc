"""Change the instrument of a track, keep what it plays: Diff-TONE.

After Baoueb, Bie, Wang and Richard, "Diff-TONE: Timestep Optimization for iNstrument Editing in
Text-to-Music Diffusion Models" (2025): a diffusion model decides what is played before it decides
who plays it, so the prompt's instrument is exchanged at the step between the two.
"""
