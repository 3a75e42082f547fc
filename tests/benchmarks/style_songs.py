"""Style translation on files that people made, as Markdown on stdout.

::

    apt-get install openttd-openmsx freedoom
    pip install music21
    python tests/benchmarks/style_songs.py --out FOLDER [--most 20]

The files are what two games play (General MIDI of many tracks, by many authors) and scores of
music21's corpus, written as MIDI. Each is arranged in one of some styles, by default parameters, as
``tonewright apply`` does. Nobody knows their chords, so chord tones are counted against the chords
that were heard; beside what was made stands what the song itself played, which says how far these
can be trusted. Seconds are those of the processor, for 32 bars.
"""

import argparse
import logging
import struct
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import mido
import numpy as np

from tonewright.dsp.errors import TonewrightError
from tonewright.dsp.midi.analysis import Analysis, analysed, rows_of
from tonewright.dsp.midi.roles import Role
from tonewright.dsp.midi.sequence import DRUM_CHANNEL, MidiSequence
from tonewright.dsp.midi.smf import read_smf, write_smf
from tonewright.dsp.project.document import Note
from tonewright.models.style.effect import StyleTranslate
from tonewright.models.style.measures import chord_tone_share, faults

LOGGER = logging.getLogger(__name__)

OPENMSX = Path("/usr/share/games/openttd/baseset/openmsx")
FREEDOOM = Path("/usr/share/games/doom")
COMPOSERS = (
    "bach", "beethoven", "corelli", "haydn", "joplin", "monteverdi", "mozart", "ryansMammoth",
)  # fmt: skip
"""Of music21's corpus; the first works of each."""

STYLES = ("bossa", "rock", "swing", "samba", "disco", "country_swing", "tango", "funk", "polka")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one file.

    Attributes:
        melody_same: Every note of the melody is there, and its tracks got no other.
        invalid: New notes that MIDI could not hold, or that did not come back from the file.
        notes: New ones.
        ours: Share of chord tones in what was made; None if it is drums only.
        own: Share of chord tones in the accompaniment that was there; None if there was none.
        density: New notes for each note that they replace.
    """

    roles: frozenset[Role]
    melody_same: bool
    invalid: int
    notes: int
    ours: float | None
    own: float | None
    density: float | None
    seconds: float


def lumps(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the MIDI files in a WAD, Doom's archive."""
    data = path.read_bytes()
    count, directory = struct.unpack_from("<4xii", data)
    for index in range(count):
        at, size, name = struct.unpack_from("<ii8s", data, directory + 16 * index)
        if data[at : at + 4] == b"MThd":
            yield name.rstrip(b"\0").decode("ascii"), data[at : at + size]


def gathered(folder: Path, most: int) -> Mapping[str, Sequence[Path]]:
    """Return up to some files of each collection; what has to be unpacked goes into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for wad in sorted(FREEDOOM.glob("freedoom*.wad")):
        for name, content in lumps(wad):
            (folder / f"freedoom {name}.mid").write_bytes(content)
    if not list(folder.glob("music21 *.mid")):
        from music21 import corpus
        from music21.exceptions21 import Music21Exception

        for composer in COMPOSERS:
            written = 0
            for work in corpus.getComposer(composer):
                if written == -(-most // len(COMPOSERS)):
                    break
                target = folder / f"music21 {composer} {Path(work).stem}.mid"
                try:
                    corpus.parse(work).write("midi", target)
                except Music21Exception as error:
                    LOGGER.warning("%s: music21 cannot write it: %s", target.name, error)
                else:
                    written += 1
    found = {
        "OpenMSX": sorted(OPENMSX.glob("*.mid")),
        "Freedoom": sorted(folder.glob("freedoom *.mid")),
        "music21": sorted(folder.glob("music21 *.mid")),
    }
    return {name: paths[:: max(1, len(paths) // most)][:most] for name, paths in found.items()}


def chord_tones(notes: Sequence[Note], heard: Analysis) -> float | None:
    """Return the share of chord tones in notes, against the chords heard; None if there are none.

    The measure wants a chord for each unit of time, so time is counted in beats.
    """
    if not notes:
        return None
    starts = [
        bar.start + beat * bar.beat_quarters for bar in heard.bars for beat in range(bar.beats)
    ]
    starts.append(heard.bars[-1].start + heard.bars[-1].quarters)
    rows = rows_of(notes, heard.ticks_per_quarter)
    begins, ends = (
        np.interp(each, starts, np.arange(len(starts))) for each in (rows[:, 0], rows[:, :2].sum(1))
    )
    rows[:, 0], rows[:, 1] = begins, ends - begins
    return chord_tone_share(rows, heard.chords)


def invalid_events(new: MidiSequence, path: Path) -> int:
    """Return how many notes of a sequence are not as they should be once written and read.

    Another reader than ours reads them: a key that is struck while it sounds, or never let go, is
    wrong, and so is every note that is not there.
    """
    wrong = sum(faults(rows_of(track.notes, new.ticks_per_quarter)) for track in new.tracks)
    write_smf(new, path)
    found = Counter[tuple[int, int, int, int]]()
    for track in mido.MidiFile(path).tracks:
        ticks = 0
        sounding: dict[tuple[int, int], int] = {}
        for message in track:
            ticks += message.time
            if message.type not in ("note_on", "note_off"):
                continue
            key = message.channel, message.note
            if message.type == "note_on" and message.velocity:
                wrong += key in sounding
                sounding[key] = ticks
            elif key in sounding:
                begun = sounding.pop(key)
                found[*key, begun, ticks - begun] += 1
        wrong += len(sounding)
    meant = Counter(
        (n.channel, n.pitch, n.start_ticks, n.length_ticks)
        for track in new.tracks
        for n in track.notes
    )
    return wrong + (meant - found).total()


def result_of(song: MidiSequence, style: str, scratch: Path) -> Result:
    """Return what becomes of a song."""
    heard = analysed(song)
    begun = time.process_time()
    done = StyleTranslate(style=style).process_midi(song)
    seconds = time.process_time() - begun
    melody = Counter(
        (voice.track, note)
        for voice in heard.voices
        if voice.role is Role.MELODY
        for note in voice.notes
    )
    before = Counter((i, note) for i, track in enumerate(song.tracks) for note in track.notes)
    after = Counter((i, note) for i, track in enumerate(done.tracks) for note in track.notes)
    added = after - before
    new = [
        replace(track, notes=tuple(note for note in track.notes if (index, note) in added))
        for index, track in enumerate(done.tracks)
    ]
    notes = [note for _, note in added.elements()]
    pitched = [note for note in notes if note.channel != DRUM_CHANNEL]
    own = [
        note
        for voice in heard.voices
        if voice.role not in (Role.MELODY, Role.DRUMS)
        for note in voice.notes
    ]
    gone = (before - after).total()
    return Result(
        frozenset(voice.role for voice in heard.voices),
        not melody - after
        and not {(i, n.channel) for i, n in melody} & {(i, n.channel) for i, n in added},
        invalid_events(replace(done, tracks=tuple(new)), scratch),
        len(notes),
        chord_tones(pitched, heard),
        chord_tones(own, heard),
        len(notes) / gone if gone else None,
        seconds * 32.0 / len(heard.bars),
    )


def line_of(name: str, results: Sequence[Result], failed: int) -> str:
    """Return the row of a collection."""
    roles = [
        f"{sum(bool(kinds & each.roles) for each in results)}"
        for kinds in (
            {Role.MELODY}, {Role.BASS}, {Role.CHORDS, Role.PAD, Role.ARPEGGIO}, {Role.DRUMS},
        )
    ]  # fmt: skip
    notes = sum(each.notes for each in results)

    def middle(values: Iterator[float | None]) -> str:
        return f"{np.median([each for each in values if each is not None]):.2f}"

    cells = [
        name,
        str(len(results)),
        str(failed),
        " / ".join(roles),
        str(sum(each.melody_same for each in results)),
        f"{sum(each.invalid for each in results)} of {notes}",
        middle(each.ours for each in results),
        middle(each.own for each in results),
        middle(each.density for each in results),
        middle(iter([each.seconds for each in results])),
        f"{max(each.seconds for each in results):.1f}",
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Arrange and measure as the command line says."""
    parser = argparse.ArgumentParser(description="Arrange files that people made.")
    parser.add_argument("--out", type=Path, required=True, help="where files are unpacked")
    parser.add_argument("--most", type=int, default=20, help="files of each collection")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    lines = [
        "| songs | done | failed | with melody / bass / chords / drums | melody identical "
        "| invalid | chord tones, made | own | notes made for one "
        "| seconds | longest |",
        "|---|" + "---:|" * 10,
    ]
    failures = []
    for name, paths in gathered(options.out, options.most).items():
        results = []
        for index, path in enumerate(paths):
            style = STYLES[index % len(STYLES)]
            try:
                result = result_of(read_smf(path), style, options.out / "result.mid")
            except TonewrightError as error:
                failures.append(f"* {path.name}: {error}")
                continue
            LOGGER.info("%s: %s", path.name, result)
            results.append(result)
        lines.append(line_of(name, results, len(paths) - len(results)))
    sys.stdout.write("\n".join([*lines, "", *failures]) + "\n")


if __name__ == "__main__":
    main()
