"""Style translation against simpler ways and the ceiling, as Markdown on stdout.

::

    python -m tonewright.models.style.corpus --out FOLDER/corpus --charts 3
    python tests/benchmarks/style.py --corpus FOLDER/corpus [--songs FOLDER] [--styles 36]

Synthetic part: the held-out chart, played in a known groove, is translated to other grooves, known
ones and held-out ones; the truth is the same chart in the target groove. Chords are heard from the
source, not given. Real part: ordinary MIDI files, whose melody must come back unchanged.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tonewright.dsp.midi.analysis import analysed
from tonewright.dsp.midi.bars import SECTION_BARS, Bar
from tonewright.dsp.midi.chords import Chord
from tonewright.dsp.midi.harmony import heard_chords
from tonewright.dsp.midi.roles import Role
from tonewright.dsp.midi.smf import read_smf
from tonewright.models.style import measures
from tonewright.models.style.charts import Chart
from tonewright.models.style.corpus import Rendition, read, rendition_path
from tonewright.models.style.effect import StyleTranslate, shipped_networks
from tonewright.models.style.encoding import Grid
from tonewright.models.style.examples import told_of
from tonewright.models.style.grooves import Groove, grooves
from tonewright.models.style.library import Style, plainest_section, section_of
from tonewright.models.style.measures import Notes
from tonewright.models.style.places import places_of
from tonewright.models.style.playing import Freedom, notes_of_grid, play

TEMPERATURE = 0.3
"""The effect's default."""

GROUPS = {
    "bass": (Role.BASS,),
    "chords": (Role.CHORDS, Role.PAD, Role.ARPEGGIO),
    "drums": (Role.DRUMS,),
}
PITCHED_PROFILES: Mapping[str, Callable[[Notes], measures.Histogram]] = {
    "time_pitch": measures.time_pitch,
    "onset_duration": measures.onset_duration,
    "onset_velocity": measures.onset_velocity,
}
DRUM_PROFILES = {"onset_drum": measures.onset_drum, "onset_velocity": measures.onset_velocity}

Played = dict[str, Notes]
"""Notes by group."""


def bars_of_chart(chart: Chart) -> list[Bar]:
    """Return a chart's bars."""
    beats = float(chart.beats)
    return [
        Bar(number * beats, beats, number % SECTION_BARS, number % SECTION_BARS == SECTION_BARS - 1)
        for number in range(chart.bars)
    ]


def grouped(parts: Iterable[tuple[Role, Notes]]) -> Played:
    """Return notes by group, sorted."""
    found = defaultdict(list)
    for role, notes in parts:
        group = next(name for name, roles in GROUPS.items() if role in roles)
        found[group].append(notes)
    empty = np.zeros((0, 4), np.float32)
    return {
        group: np.concatenate([empty, *found[group]])[
            np.argsort(np.concatenate([empty, *found[group]])[:, 0], kind="stable")
        ]
        for group in GROUPS
    }


def played_by(rendition: Rendition) -> Played:
    """Return what a rendition plays."""
    return grouped((part.role, part.notes) for part in rendition.parts)


# --- the ways -------------------------------------------------------------------------------


def ours(style: Style, song: "Song") -> Played:
    """Return the network's translation."""
    places = places_of(bars_of_chart(song.chart))
    parts = style.style_parts()
    notes = play(
        shipped_networks(),
        parts,
        places.line(song.heard),
        places,
        freedom=Freedom(TEMPERATURE),
        numbers=np.random.default_rng(0),
    )
    return grouped((part.role, rows) for part, rows in zip(parts, notes, strict=True))


def pattern_copy(style: Style, song: "Song") -> Played:
    """Return the example's bars put on the song's chords by the chord's frame, without network."""
    places = places_of(bars_of_chart(song.chart))
    line = places.line(song.heard)
    found = []
    for part in style.style_parts():
        told = told_of(part.example, places.beat_steps, places.phases, places.ends)
        grid = Grid(
            np.round(told.aligned * 127.0).astype(np.uint8),
            told.lengths.astype(np.uint8),
            part.example.grid.register,
        )
        found.append((part.role, notes_of_grid(grid, part, line, places)))
    return grouped(found)


def example_as_is(style: Style, song: "Song") -> Played:
    """Return the example again and again, on its own chords."""
    length = len(style.chords)
    times = -(-len(song.chart.chords) // length)
    return grouped(
        (
            part.role,
            np.concatenate(
                [part.notes + np.array([n * length, 0, 0, 0], np.float32) for n in range(times)]
            ),
        )
        for part in style.parts
    )


def nearest_segments(known: Sequence[Rendition], song: "Song") -> Played:
    """Return four bars at a time what the style's renditions play over the most similar chords."""
    bars, beats = 4, song.chart.beats
    found = []
    for first in range(0, song.chart.bars, bars):
        wanted = song.heard[first * beats : (first + bars) * beats]
        best: tuple[int, Rendition, int] | None = None
        for rendition in known:
            for start in range(0, rendition.chart.bars, bars):
                there = rendition.chart.chords[start * beats : (start + bars) * beats]
                alike = sum(
                    len(a.pitch_classes & b.pitch_classes)
                    for a, b in zip(wanted, there, strict=True)
                )
                if best is None or alike > best[0]:
                    best = alike, rendition, start
        assert best is not None
        _, rendition, start = best
        for part in rendition.parts:
            begins = part.notes[:, 0]
            inside = part.notes[(begins >= start * beats) & (begins < (start + bars) * beats)]
            shift = np.array([(first - start) * beats, 0, 0, 0], np.float32)
            found.append((part.role, inside + shift))
    return grouped(found)


# --- measuring ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Song:
    """A chart played in a source groove, and the chords that are heard in it."""

    chart: Chart
    played: Played
    heard: tuple[Chord, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A style, two songs to translate into it, and the truth of the first.

    Attributes:
        known: Renditions in the style over other charts; its profile and examples come from them.
    """

    groove: Groove
    songs: tuple[Song, ...]
    truth: Played
    example: Style
    library: Style
    reference: Played
    known: tuple[Rendition, ...]


def song_of(rendition: Rendition) -> Song:
    """Return a rendition as a song to translate."""
    heard = heard_chords(
        [(part.notes, 1.0) for part in rendition.parts if part.role is not Role.DRUMS],
        bars_of_chart(rendition.chart),
    )
    return Song(rendition.chart, played_by(rendition), tuple(heard))


def make_cases(corpus: Path, targets: Sequence[Groove], sources: Sequence[Groove]) -> list[Case]:
    """Return cases; charts 1 and 2 of the target give examples and profile, chart 0 the song."""
    cases = []
    for index, groove in enumerate(targets):
        fitting = [each for each in sources if each.beats == groove.beats and each != groove]
        source = fitting[(7 * index + 3) % len(fitting)]

        def rendition(number: int, groove: Groove) -> Rendition:
            return read(rendition_path(corpus, number, groove), groove)

        known = (rendition(1, groove), rendition(2, groove))
        length = len(known[0].chart.chords)
        reference = grouped(
            (part.role, part.notes + np.array([length * n, 0, 0, 0], np.float32))
            for n, each in enumerate(known)
            for part in each.parts
        )
        cases.append(
            Case(
                groove,
                (song_of(rendition(0, source)), song_of(rendition(1, source))),
                played_by(rendition(0, groove)),
                section_of(known[1], groove.name, SECTION_BARS),
                section_of(known[0], groove.name, plainest_section(known[0])),
                reference,
                known,
            )
        )
    return cases


def profiles_for(group: str) -> Mapping[str, Callable[[Notes], measures.Histogram]]:
    """Return the histograms that a group is judged by."""
    return DRUM_PROFILES if group == "drums" else PITCHED_PROFILES


def row_of(cases: Sequence[Case], outputs: Sequence[Sequence[Played]]) -> dict[str, float]:
    """Return the measures of one way: what it made of each case's songs, of all cases."""
    values: defaultdict[str, list[float]] = defaultdict(list)
    for case, songs in zip(cases, outputs, strict=True):
        example = grouped((part.role, part.notes) for part in case.example.parts)
        source = case.songs[0].played
        for group, truth in case.truth.items():
            if not len(truth):
                continue
            notes = songs[0][group]
            values[f"{group} notes"].append(len(notes) / len(truth))
            for name, histogram in profiles_for(group).items():
                every = [histogram(song[group]) for song in songs]
                meant = histogram(case.reference[group])
                for kind, fit in (
                    ("song", measures.fit(every[0], meant)),
                    ("macro", measures.fit(np.sum(every, axis=0), meant)),
                    ("nano", measures.fit(every[0], histogram(example[group]))),
                ):
                    values[f"{group} {kind} {name}"].append(fit)
            if group != "drums":
                chords = case.songs[0].chart.chords
                values[f"{group} chord tones"].append(measures.chord_tone_share(notes, chords))
                if len(source[group]):
                    values[f"{group} content"].append(measures.content(notes, source[group]))
    return {name: float(np.mean(each)) for name, each in values.items()}


def quarters_of(cases: Sequence[Case]) -> list[dict[str, float]]:
    """Return style fit in each quarter of 64 bars, the chart played twice."""
    found: list[defaultdict[str, list[float]]] = [defaultdict(list) for _ in range(4)]
    for case in cases:
        song = case.songs[0]
        chart = Chart(song.chart.beats, song.chart.chords * 2, song.chart.tempo_bpm)
        output = ours(case.library, Song(chart, {}, song.heard * 2))
        length = len(chart.chords) / 4
        for quarter in range(4):
            for group in GROUPS:
                notes = output[group]
                inside = notes[
                    (notes[:, 0] >= quarter * length) & (notes[:, 0] < (quarter + 1) * length)
                ]
                if len(case.truth[group]):
                    for histogram in profiles_for(group).values():
                        found[quarter][group].append(
                            measures.fit(histogram(inside), histogram(case.reference[group]))
                        )
    return [{name: float(np.mean(each)) for name, each in values.items()} for values in found]


def real_songs(folder: Path, styles: Sequence[str]) -> dict[str, float]:
    """Return what becomes of real files."""
    same = whole = 0
    values: defaultdict[str, list[float]] = defaultdict(list)
    for index, path in enumerate(sorted(folder.glob("*.mid"))):
        song = read_smf(path)
        heard = analysed(song)
        melody = [n for voice in heard.voices if voice.role is Role.MELODY for n in voice.notes]
        start = time.perf_counter()
        done = StyleTranslate(style=styles[index % len(styles)]).process_midi(song)
        values["seconds for 32 bars"].append(
            (time.perf_counter() - start) * 32.0 / max(1, len(heard.bars))
        )
        kept = [n for track in done.tracks[: len(song.tracks)] for n in track.notes]
        whole += 1
        same += sorted(map(repr, melody)) == sorted(
            repr(n) for n in kept if repr(n) in set(map(repr, melody))
        )
        for track in done.tracks[len(song.tracks) :]:
            rows = np.array(
                [
                    (n.start_ticks / song.ticks_per_quarter,
                     n.length_ticks / song.ticks_per_quarter, n.pitch, n.velocity)
                    for n in track.notes
                ],
                np.float32,
            ).reshape(-1, 4)  # fmt: skip
            values["faults"].append(measures.faults(rows) / max(1, len(rows)))
    return {
        "songs": float(whole),
        "melody unchanged": same / max(1, whole),
        "faults": float(np.mean(values["faults"])),
        "seconds for 32 bars": float(np.median(values["seconds for 32 bars"])),
    }


# --- the table ------------------------------------------------------------------------------

COLUMNS = (
    "bass content", "bass macro time_pitch", "bass song time_pitch", "bass nano time_pitch",
    "bass song onset_duration", "bass chord tones", "bass notes",
    "chords content", "chords macro time_pitch", "chords song time_pitch",
    "chords nano time_pitch", "chords song onset_duration", "chords chord tones", "chords notes",
    "drums macro onset_drum", "drums song onset_drum", "drums song onset_velocity", "drums notes",
)  # fmt: skip


def table(rows: Mapping[str, Mapping[str, float]]) -> str:
    """Return rows of measures as Markdown, ways across."""
    lines = ["| measure | " + " | ".join(rows) + " |", "|---|" + "---:|" * len(rows)]
    for column in COLUMNS:
        numbers = (f"{row[column]:.3f}" if column in row else "" for row in rows.values())
        lines.append(f"| {column.replace('_', '-')} | " + " | ".join(numbers) + " |")
    return "\n".join(lines)


def measured(cases: Sequence[Case], *, known: bool) -> dict[str, dict[str, float]]:
    """Return every way's measures over cases."""

    def another(index: int) -> Style:
        beats = cases[index].groove.beats
        fitting = [each for each in cases if each.groove.beats == beats]
        return fitting[(fitting.index(cases[index]) + 5) % len(fitting)].example

    ways: dict[str, Callable[[int, Song], Played]] = {
        "source": lambda _, song: song.played,
        "example as is": lambda index, song: example_as_is(cases[index].example, song),
        "nearest segment": lambda index, song: nearest_segments(cases[index].known, song),
        "pattern copy": lambda index, song: pattern_copy(cases[index].example, song),
        "random style": lambda index, song: ours(another(index), song),
    }
    if known:
        ways["ours, list"] = lambda index, song: ours(cases[index].library, song)
    ways["ours, example"] = lambda index, song: ours(cases[index].example, song)
    result = {
        name: row_of(cases, [[way(i, song) for song in each.songs] for i, each in enumerate(cases)])
        for name, way in ways.items()
    }
    given = [[ours(e.example, replace(s, heard=s.chart.chords)) for s in e.songs] for e in cases]
    result["chords given"] = row_of(cases, given)
    result["truth"] = row_of(cases, [[case.truth] for case in cases])
    return result


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description="Measure style translation.")
    parser.add_argument("--corpus", type=Path, required=True, help="of at least three charts")
    parser.add_argument("--songs", type=Path, help="folder of MIDI files")
    parser.add_argument("--styles", type=int, default=36, help="of each kind")
    options = parser.parse_args()
    first = {groove.file: groove for groove in grooves(each=1)}
    full = [
        each
        for each in first.values()
        if {Role.BASS, Role.DRUMS, Role.CHORDS}
        <= {part.role for part in read(rendition_path(options.corpus, 1, each), each).parts}
    ]
    known = [each for each in full if not each.held_out]
    unknown = [each for each in full if each.held_out][: options.styles]
    spread = known[:: max(1, len(known) // options.styles)][: options.styles]
    for title, targets in (("Known styles", spread), ("Held-out styles", unknown)):
        cases = make_cases(options.corpus, targets, known)
        say(f"## {title} ({len(cases)})\n\n{table(measured(cases, known=targets is spread))}\n")
        if targets is spread:
            say(f"Style fit over 64 bars, mean of all profiles:\n\n{drift_table(cases[::4])}\n")
    if options.songs:
        songs = real_songs(options.songs, ("bossa", "swing", "rock", "samba"))
        lines = [f"* {name}: {value:.3f}" for name, value in songs.items()]
        say("## Real files\n\n" + "\n".join(lines))


def drift_table(cases: Sequence[Case]) -> str:
    """Return the style fit of each quarter of 64 bars as Markdown."""
    quarters = quarters_of(cases)
    lines = ["| bars | 1-16 | 17-32 | 33-48 | 49-64 |", "|---|---:|---:|---:|---:|"]
    for group in GROUPS:
        lines.append(f"| {group} | " + " | ".join(f"{each[group]:.3f}" for each in quarters) + " |")
    return "\n".join(lines)


def say(text: str) -> None:
    """Write to stdout."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
