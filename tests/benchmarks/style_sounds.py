"""What style translation sounds like, in numbers and pictures, as Markdown on stdout.

::

    python tests/benchmarks/style_sounds.py --out FOLDER SONG.mid... [--styles bossa rock]

Each song, and the song in each style by default parameters, is rendered dry through the default
SoundFont. For each: loudness, and against the song's; the sample peak, above 0 dBFS if it clips;
the longest silence between the first note and the last; the longest note; and by how much the
chords lie below the tune, in semitones of mean pitch. FOLDER gets the MIDI files, the sound, and a
piano roll of the first bars of each.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import matplotlib as mpl
import numpy as np
import soundfile

mpl.use("Agg")
from matplotlib import pyplot as plt

from tonewright.dsp.audio.loudness import measure
from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.midi.analysis import analysed, rows_of
from tonewright.dsp.midi.roles import Role
from tonewright.dsp.midi.schedule import schedule
from tonewright.dsp.midi.sequence import MidiSequence
from tonewright.dsp.midi.smf import read_smf, write_smf
from tonewright.dsp.midi.synth import default_soundfont, render_midi
from tonewright.dsp.project.document import PPQ
from tonewright.models.style.effect import StyleTranslate

SAMPLE_RATE = 44_100
SILENCE_DBFS = -60.0
SHOWN_BARS = 16
COLOURS = {
    Role.MELODY: "tab:red",
    Role.BASS: "tab:blue",
    Role.CHORDS: "tab:green",
    Role.PAD: "tab:olive",
    Role.ARPEGGIO: "tab:cyan",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What one rendering sounds like.

    Attributes:
        below: Semitones from the chords' mean pitch up to the tune's; None if one is missing.
    """

    lufs: float
    peak_dbfs: float
    silence_seconds: float
    longest_quarters: float
    below: float | None


def sound(sequence: MidiSequence) -> Audio:
    """Return a sequence as it sounds, ``(2, samples)``."""
    sequence = sequence.rescaled(PPQ)
    events = sorted(
        chain.from_iterable(
            schedule(track, sequence.tempo_map, SAMPLE_RATE) for track in sequence.tracks
        ),
        key=lambda event: event[0],
    )
    return np.concatenate([*render_midi(events, default_soundfont(), SAMPLE_RATE, 0)], axis=1)


def heard(sequence: MidiSequence, path: Path) -> Heard:
    """Render a sequence to a file and return what it sounds like."""
    audio = sound(sequence)
    soundfile.write(path, audio.T, SAMPLE_RATE, subtype="FLOAT")
    loudness = measure(path)
    notes = rows_of(
        [n for track in sequence.tracks for n in track.notes], sequence.ticks_per_quarter
    )
    voices = analysed(sequence).voices
    tune = [n.pitch for voice in voices if voice.role is Role.MELODY for n in voice.notes]
    chords = [
        note.pitch
        for voice in voices
        if voice.role in (Role.CHORDS, Role.PAD, Role.ARPEGGIO)
        for note in voice.notes
    ]
    return Heard(
        loudness.integrated_lufs,
        loudness.sample_peak_dbfs,
        longest_silence(audio),
        float(notes[:, 1].max()),
        float(np.mean(tune) - np.mean(chords)) if tune and chords else None,
    )


def longest_silence(audio: Audio) -> float:
    """Return the seconds of the longest silence between the first sound and the last."""
    loud = np.flatnonzero(np.abs(audio).max(axis=0) > 10.0 ** (SILENCE_DBFS / 20.0))
    return float(np.diff(loud).max(initial=0)) / SAMPLE_RATE


def draw(sequence: MidiSequence, path: Path, title: str) -> None:
    """Write a piano roll of the first bars, drums below."""
    found = analysed(sequence)
    end = [*found.bars[:SHOWN_BARS]][-1]
    figure, axes = plt.subplots(figsize=(16, 6))
    for voice in found.voices:
        rows = rows_of(voice.notes, sequence.ticks_per_quarter)
        rows = rows[rows[:, 0] < end.start + end.quarters]
        colour = COLOURS.get(voice.role, "black")
        if voice.role is Role.DRUMS:
            axes.plot(rows[:, 0], rows[:, 2] / 4.0 + 5.0, "|", color=colour, markersize=4)
        else:
            axes.hlines(
                rows[:, 2], rows[:, 0], rows[:, 0] + rows[:, 1], color=colour, linewidth=2.5
            )
    for bar in found.bars[:SHOWN_BARS]:
        axes.axvline(bar.start, color="lightgray", linewidth=0.6, zorder=0)
    axes.set(title=title, xlabel="quarter notes", ylabel="pitch")
    figure.savefig(path, dpi=80, bbox_inches="tight")
    plt.close(figure)


def rows(songs: Sequence[Path], styles: Sequence[str], out: Path) -> Iterator[str]:
    """Yield the rows of the table."""
    for song in songs:
        sequence = read_smf(song)
        own: Heard | None = None
        for style in ("", *styles):
            name = f"{song.stem} {style}".strip()
            made = StyleTranslate(style=style).process_midi(sequence) if style else sequence
            write_smf(made, out / f"{name}.mid")
            draw(made, out / f"{name}.png", name)
            one = heard(made, out / f"{name}.wav")
            own = own or one
            below = "" if one.below is None else f"{one.below:.1f}"
            yield (
                f"| {song.stem} | {style or 'the song'} | {one.lufs:.1f} "
                f"| {one.lufs - own.lufs:+.1f} dB | {one.peak_dbfs:.1f} "
                f"| {one.silence_seconds:.2f} | {one.longest_quarters:.1f} | {below} |"
            )


def main() -> None:
    """Render and measure as the command line says."""
    parser = argparse.ArgumentParser(description="Render style translations and measure them.")
    parser.add_argument("songs", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--styles", nargs="+", default=["bossa", "swing"])
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    head = (
        "| song | style | LUFS | to the song | peak dBFS | silence s | longest note | below tune |"
    )
    sys.stdout.write(f"{head}\n|---|---|---:|---:|---:|---:|---:|---:|\n")
    for row in rows(options.songs, options.styles, options.out):
        sys.stdout.write(row + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
