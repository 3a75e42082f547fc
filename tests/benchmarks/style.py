"""Style translation against simpler ways and the ceiling, as Markdown on stdout.

::

    python tests/benchmarks/style.py --test FOLDER [--kinds known held-out fresh] [--styles 32]
    python tests/benchmarks/style.py --test FOLDER --many FILE

Test charts, played in some groove, are translated to others: known, held-out and fresh ones
(``style_cases.py`` says which and what for); the truth is the same chart in the target groove.
Chords are heard from the source, not given. What is played for it stays in FOLDER.

With ``--many`` basses and chords are measured on six songs a style instead of two, against longer
profiles, in every second of the unseen styles and every fifth of the known ones. Each style's
measures become a line of JSON in FILE; styles that are there are not measured again.
"""

import argparse
import json
import logging
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from style_cases import (
    GROUPS,
    MANY,
    Case,
    Played,
    Renditions,
    Song,
    bars_of_chart,
    fresh_grooves,
    grouped,
    held_out_grooves,
    known_grooves,
    make_case,
    make_cases,
)

from tonewright.dsp.midi.roles import Role
from tonewright.models.style import measures
from tonewright.models.style.charts import Chart
from tonewright.models.style.corpus import Rendition
from tonewright.models.style.effect import shipped_networks
from tonewright.models.style.encoding import Grid
from tonewright.models.style.examples import told_of
from tonewright.models.style.following import Followed
from tonewright.models.style.library import Style
from tonewright.models.style.measures import Notes
from tonewright.models.style.parts import notes_of_grid
from tonewright.models.style.places import places_of
from tonewright.models.style.playing import Freedom, play

TEMPERATURE = 0.3
FOLLOW_BASS = 0.35
"""The effect's defaults."""

PITCHED_PROFILES: Mapping[str, Callable[[Notes], measures.Histogram]] = {
    "time_pitch": measures.time_pitch,
    "onset_duration": measures.onset_duration,
    "onset_velocity": measures.onset_velocity,
}
KINDS = {"known": known_grooves, "held-out": held_out_grooves, "fresh": fresh_grooves}
EVERY = {"known": 5, "held-out": 1, "fresh": 1}
"""With many songs every such style is measured."""

DRUM_PROFILES = {"onset_drum": measures.onset_drum, "onset_velocity": measures.onset_velocity}


# --- the ways -------------------------------------------------------------------------------


def ours(style: Style, song: "Song", groups: Sequence[str] = tuple(GROUPS)) -> Played:
    """Return the network's translation."""
    places = places_of(bars_of_chart(song.chart))
    roles = [role for group in groups for role in GROUPS[group]]
    parts = [part for part in style.style_parts() if part.role in roles]
    notes = play(
        shipped_networks(),
        parts,
        places.line(song.heard),
        places,
        freedom=Freedom(TEMPERATURE),
        numbers=np.random.default_rng(0),
        followed=Followed(song.played["bass"], FOLLOW_BASS),
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
        found.append((part.role, notes_of_grid(grid, part, line, places, told.held)))
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


def profiles_for(group: str) -> Mapping[str, Callable[[Notes], measures.Histogram]]:
    """Return the histograms that a group is judged by."""
    return DRUM_PROFILES if group == "drums" else PITCHED_PROFILES


def row_of(
    cases: Sequence[Case],
    outputs: Sequence[Sequence[Played]],
    groups: Sequence[str] = tuple(GROUPS),
) -> dict[str, float]:
    """Return the measures of one way: what it made of each case's songs, of all cases.

    A way that made only some of the songs is judged by these.
    """
    values: defaultdict[str, list[float]] = defaultdict(list)
    for case, songs in zip(cases, outputs, strict=True):
        example = grouped((part.role, part.notes) for part in case.example.parts)
        for group in groups:
            if not len(case.reference[group]):
                continue
            for name, histogram in profiles_for(group).items():
                every = [histogram(song[group]) for song in songs]
                meant = histogram(case.reference[group])
                shown = histogram(example[group])
                values[f"{group} macro {name}"].append(measures.fit(np.sum(every, axis=0), meant))
                values[f"{group} song {name}"] += [measures.fit(each, meant) for each in every]
                values[f"{group} nano {name}"] += [measures.fit(each, shown) for each in every]
            for made, truth, song in zip(songs, case.truths, case.songs, strict=False):
                notes = made[group]
                values[f"{group} notes"].append(len(notes) / max(1, len(truth[group])))
                values[f"{group} faults"].append(made.faults[group] / max(1, len(notes)))
                if group == "drums":
                    continue
                values[f"{group} chord tones"].append(
                    measures.chord_tone_share(notes, song.chart.chords)
                )
                if len(song.played[group]):
                    values[f"{group} content"].append(measures.content(notes, song.played[group]))
    return {name: float(np.mean(each)) for name, each in values.items()}


def quarters_of(cases: Sequence[Case]) -> list[dict[str, float]]:
    """Return style fit in each quarter of 64 bars, the chart played twice."""
    found: list[defaultdict[str, list[float]]] = [defaultdict(list) for _ in range(4)]
    for case in cases:
        song = case.songs[0]
        chart = Chart(song.chart.beats, song.chart.chords * 2, song.chart.tempo_bpm)
        bass = song.played["bass"]
        again = bass + np.array([len(song.chart.chords), 0, 0, 0], np.float32)
        twice = grouped([(Role.BASS, bass), (Role.BASS, again)])
        output = ours(case.library or case.example, Song(chart, twice, song.heard * 2))
        length = len(chart.chords) / 4
        for quarter in range(4):
            for group in GROUPS:
                notes = output[group]
                inside = notes[
                    (notes[:, 0] >= quarter * length) & (notes[:, 0] < (quarter + 1) * length)
                ]
                if len(case.reference[group]):
                    for histogram in profiles_for(group).values():
                        found[quarter][group].append(
                            measures.fit(histogram(inside), histogram(case.reference[group]))
                        )
    return [{name: float(np.mean(each)) for name, each in values.items()} for values in found]


# --- the table ------------------------------------------------------------------------------


def columns(groups: Sequence[str]) -> list[str]:
    """Return the rows of the table: every measure of every group."""
    found = []
    for group in groups:
        pitched = group != "drums"
        found += [f"{group} content"] * pitched
        for profile in profiles_for(group):
            found += [f"{group} {kind} {profile}" for kind in ("macro", "song", "nano")]
        found += [f"{group} chord tones"] * pitched + [f"{group} notes", f"{group} faults"]
    return found


def table(rows: Mapping[str, Mapping[str, float]], groups: Sequence[str] = tuple(GROUPS)) -> str:
    """Return rows of measures as Markdown, ways across."""
    lines = ["| measure | " + " | ".join(rows) + " |", "|---|" + "---:|" * len(rows)]
    for column in columns(groups):
        numbers = (f"{row[column]:.3f}" if column in row else "" for row in rows.values())
        lines.append(f"| {column.replace('_', '-')} | " + " | ".join(numbers) + " |")
    return "\n".join(lines)


def measured(cases: Sequence[Case], *, known: bool) -> dict[str, dict[str, float]]:
    """Return every way's measures over cases."""

    def another(index: int) -> Style:
        beats = cases[index].groove.beats
        fitting = [each for each in cases if each.groove.beats == beats]
        return fitting[(fitting.index(cases[index]) + 5) % len(fitting)].example

    def listed(case: Case, song: Song) -> Played:
        assert case.library is not None
        return ours(case.library, song)

    ways: dict[str, Callable[[Case, Song], Played]] = {
        "source": lambda _, song: song.played,
        "example as is": lambda case, song: example_as_is(case.example, song),
        "nearest segment": lambda case, song: nearest_segments(case.known, song),
        "pattern copy": lambda case, song: pattern_copy(case.example, song),
    }
    if known:
        ways["ours, list"] = listed
    ways["ours, example"] = lambda case, song: ours(case.example, song)
    result = {
        name: row_of(cases, [[way(each, song) for song in each.songs] for each in cases])
        for name, way in ways.items()
    }
    random = [[ours(another(index), each.songs[0])] for index, each in enumerate(cases)]
    result["random style*"] = row_of(cases, random)
    given = [
        [ours(each.example, replace(each.songs[0], heard=each.songs[0].chart.chords))]
        for each in cases
    ]
    result["chords given*"] = row_of(cases, given)
    result["truth"] = row_of(cases, [each.truths for each in cases])
    return result


def measure_many(folder: Path, file: Path, kind: str) -> None:
    """Measure basses and chords on many songs of each style that ``file`` does not have yet."""
    groups = ("bass", "chords")
    ways: dict[str, Callable[[Case, int], Played]] = {
        "source": lambda case, song: case.songs[song].played,
        "pattern copy": lambda case, song: pattern_copy(case.example, case.songs[song]),
        "ours, example": lambda case, song: ours(case.example, case.songs[song], groups),
        "truth": lambda case, song: case.truths[song],
    }
    done = {(each["kind"], each["style"]) for each in lines_of(file)}
    targets = KINDS[kind]()
    for index in range(0, len(targets), EVERY[kind]):
        name, groove = targets[index]
        if (kind, name) in done:
            continue
        case = make_case(Renditions(folder), index, name, groove, MANY, known=False)
        if case is None:
            continue
        songs = range(len(case.songs))
        rows = {
            way: row_of([case], [[play_one(case, song) for song in songs]], groups)
            for way, play_one in ways.items()
        }
        with file.open("a", encoding="utf-8") as lines:
            line = {"kind": kind, "style": name, "family": groove.family, "rows": rows}
            lines.write(json.dumps(line) + "\n")
        logging.info("%s: measured", name)


def many_table(file: Path, kind: str) -> str:
    """Return the mean over the styles of a kind that a file has, as Markdown."""
    found = [each["rows"] for each in lines_of(file) if each["kind"] == kind]
    rows = {
        way: {name: float(np.mean([each[way][name] for each in found])) for name in found[0][way]}
        for way in found[0]
    }
    title = f"## {kind.capitalize()} styles, {len(MANY.songs)} songs each ({len(found)})"
    return f"{title}\n\n{table(rows, ('bass', 'chords'))}\n"


def lines_of(file: Path) -> list[dict[str, Any]]:
    """Return the lines of a file of JSON; none if it is not there."""
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description="Measure style translation.")
    parser.add_argument("--test", type=Path, required=True, help="where test songs are kept")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--styles", type=int, default=32, help="of each kind")
    parser.add_argument("--many", metavar="FILE", type=Path, help="six songs a style")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if options.many:
        for kind in options.kinds:
            measure_many(options.test, options.many, kind)
            say(many_table(options.many, kind))
        return
    for kind in options.kinds:
        known = kind == "known"
        cases = make_cases(options.test, KINDS[kind](), options.styles, known=known)
        title = f"## {kind.capitalize()} styles ({len(cases)})"
        say(f"{title}\n\n{table(measured(cases, known=known))}\n")
        if known:
            say(f"Style fit over 64 bars, mean of all profiles:\n\n{drift_table(cases[::4])}\n")


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
