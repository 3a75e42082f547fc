"""The training data: the same kind of charts in many grooves, as parts with roles.

::

    python -m tonewright.models.style.corpus --out FOLDER --charts 8

One file a groove and chart, ``FOLDER/CHART/FILE.NAME.npz``, made with ``mma``; those that are
there are kept, so it may be stopped and called again with more charts. Chart 0 is held out:
nothing is trained on it.
"""

import argparse
import json
import logging
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from tonewright.dsp.errors import TonewrightError
from tonewright.dsp.midi.chords import parse_chord
from tonewright.dsp.midi.roles import Role
from tonewright.dsp.midi.sequence import PROGRAM, MidiSequence, MidiTrack
from tonewright.dsp.project.atomic import replacing
from tonewright.models.style.charts import Chart, sample_chart
from tonewright.models.style.grooves import LIBRARY, Groove, grooves, render

LOGGER = logging.getLogger(__name__)

HELD_OUT_CHART = 0
MOST_PARTS = {Role.BASS: 1, Role.CHORDS: 2, Role.PAD: 1, Role.ARPEGGIO: 1, Role.DRUMS: 1}
HIGHEST_MEAN_PITCH = 52.0
"""What plays higher on average is no bass, though ``mma`` calls it one: many of its grooves write
lines of trumpets, guitars and pianos as basses, which it transposes like these. Where there is no
lower one, the lowest is the bass."""

PAD_QUARTERS = 1.9
"""Notes that are held this long on average make a pad."""

_BASSES = ("bass", "walk")

Notes = npt.NDArray[np.float32]
"""Of shape ``(notes, 4)``: start and length in quarter notes, pitch, velocity; sorted."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One instrument's notes.

    Attributes:
        program: General MIDI program, 0 to 127; of drums the kit.
    """

    role: Role
    program: int
    notes: Notes


@dataclass(frozen=True, slots=True, eq=False)
class Rendition:
    """A chart played in a groove."""

    groove: Groove
    chart: Chart
    parts: tuple[Part, ...]


def notes_of(tracks: Iterable[MidiTrack], ticks_per_quarter: int) -> Notes:
    """Return the notes of tracks, in order."""
    rows = sorted(
        (n.start_ticks / ticks_per_quarter, n.length_ticks / ticks_per_quarter, n.pitch, n.velocity)
        for track in tracks
        for n in track.notes
    )
    return np.array(rows, np.float32).reshape(-1, 4)


def parts_of(sequence: MidiSequence) -> tuple[Part, ...]:
    """Return the parts of what ``mma`` made: basses as one, the busiest of the other roles."""
    by_role: dict[Role, list[MidiTrack]] = {}
    called = [track for track in sequence.tracks if track.notes and _kind(track) in _BASSES]
    lowest = min(map(_mean_pitch, called), default=0.0)
    for track in sequence.tracks:
        if track.notes:
            bass = track in called and _mean_pitch(track) <= max(lowest, HIGHEST_MEAN_PITCH)
            role = Role.BASS if bass else _role(track, sequence.ticks_per_quarter)
            by_role.setdefault(role, []).append(track)
    parts: list[Part] = []
    for role, most in MOST_PARTS.items():
        tracks = sorted(by_role.get(role, ()), key=lambda each: -len(each.notes))
        groups = [tracks] if role in (Role.BASS, Role.PAD) and tracks else [[t] for t in tracks]
        for group in groups[:most]:
            notes = notes_of(group, sequence.ticks_per_quarter)
            parts.append(Part(role, program_of(group[0]), notes))
    return tuple(parts)


def program_of(track: MidiTrack) -> int:
    """Return the first program that a track sets; 0, the piano, if none."""
    programs = [e.data[1] for e in track.events if e.data[0] & 0xF0 == PROGRAM]
    return programs[0] if programs else 0


def _kind(track: MidiTrack) -> str:
    return track.name.partition("-")[0].lower()


def _mean_pitch(track: MidiTrack) -> float:
    return sum(note.pitch for note in track.notes) / len(track.notes)


def _role(track: MidiTrack, ticks_per_quarter: int) -> Role:
    kind = _kind(track)
    if kind == "drum":
        return Role.DRUMS
    mean_ticks = sum(note.length_ticks for note in track.notes) / len(track.notes)
    if mean_ticks >= PAD_QUARTERS * ticks_per_quarter:
        return Role.PAD
    return Role.CHORDS if kind in ("chord", "plectrum") else Role.ARPEGGIO


def chart_for(number: int, groove: Groove) -> Chart:
    """Return the chart of a number; every groove has charts of its own but the held-out one."""
    seed = f"{number}" if number == HELD_OUT_CHART else f"{number} {groove.name}"
    return sample_chart(Random(f"chart {seed} {groove.beats}"), groove.beats)


def make(folder: Path, charts: int, library: Path = LIBRARY) -> None:
    """Render what is missing."""
    with TemporaryDirectory() as scratch:
        for number in range(charts):
            for groove in grooves(library):
                path = rendition_path(folder, number, groove)
                if path.exists():
                    continue
                chart = chart_for(number, groove)
                seed = zlib.crc32(f"{number} {groove.name}".encode()) % 10_000
                try:
                    parts = parts_of(render(chart, groove, Path(scratch), seed))
                except TonewrightError as error:
                    LOGGER.warning("%s", error)
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                write(path, chart, parts)
            LOGGER.info("chart %d done", number)


def write(path: Path, chart: Chart, parts: Sequence[Part]) -> None:
    """Write a rendition."""
    head = {
        "beats": chart.beats,
        "tempo_bpm": chart.tempo_bpm,
        "chords": [chord.name for chord in chart.chords],
        "parts": [[part.role, part.program] for part in parts],
    }
    arrays = {f"part{index}": part.notes for index, part in enumerate(parts)}
    arrays["head"] = np.array(json.dumps(head))
    with replacing(path) as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def read(path: Path, groove: Groove) -> Rendition:
    """Return a rendition that was written."""
    with np.load(path) as stored:
        head = json.loads(str(stored["head"]))
        parts = tuple(
            Part(Role(role), program, stored[f"part{index}"])
            for index, (role, program) in enumerate(head["parts"])
        )
    chart = Chart(head["beats"], tuple(map(parse_chord, head["chords"])), head["tempo_bpm"])
    return Rendition(groove, chart, parts)


def renditions(
    folder: Path, numbers: Iterable[int], library: Path = LIBRARY
) -> Iterator[Rendition]:
    """Yield what is there of some charts."""
    known = grooves(library)
    for number in numbers:
        for groove in known:
            path = rendition_path(folder, number, groove)
            if path.exists():
                yield read(path, groove)


def rendition_path(folder: Path, number: int, groove: Groove) -> Path:
    """Return where a rendition is kept."""
    return folder / str(number) / f"{groove.file.replace('/', '.')}.{groove.name}.npz"


def main() -> None:
    """Make the corpus as the command line says."""
    parser = argparse.ArgumentParser(description="Make the training data of style translation.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--charts", type=int, default=8, help="a groove")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    make(options.out, options.charts)


if __name__ == "__main__":
    main()
