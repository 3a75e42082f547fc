"""The timeline: tracks, clips and automation over time."""
