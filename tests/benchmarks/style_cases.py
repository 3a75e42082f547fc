"""The songs, truths and profiles that ``style.py`` measures with.

Everything is played by Musical MIDI Accompaniment over charts that no training ever saw and that
were not looked at while the program was made. Three kinds of styles: **known** ones (trained on,
and in the library by name), **held-out** ones (library files of the corpus that were kept from
training, but looked at before), and **fresh** ones: library folders by other authors, which no part
of this program, nor anyone while making it, has used. For each style

* two charts (or the six of ``MANY``) are played in as many other grooves, of known styles: the
  songs to translate; the same charts played in the style are the truth;
* five (nine) other charts played in it are its profile;
* one more gives the example, eight bars.
"""

import logging
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np

from tonewright.dsp.errors import TonewrightError
from tonewright.dsp.midi.bars import SECTION_BARS, Bar
from tonewright.dsp.midi.chords import Chord
from tonewright.dsp.midi.harmony import heard_chords
from tonewright.dsp.midi.roles import Role
from tonewright.models.style.charts import Chart, sample_chart
from tonewright.models.style.corpus import Rendition, parts_of, read, rendition_path, write
from tonewright.models.style.grooves import Groove, grooves, render
from tonewright.models.style.library import Style, named_style, section_of
from tonewright.models.style.measures import Notes, faults
from tonewright.models.style.styles import STYLES

LOGGER = logging.getLogger(__name__)

FRESH_FOLDERS = ("alexis", "yamaha", "zoom")
FIRST_CHART = 1000
"""Charts of the corpus have smaller numbers."""


@dataclass(frozen=True, slots=True)
class Charts:
    """Numbers of the charts that songs, profiles and examples are made of, from ``FIRST_CHART``."""

    songs: tuple[int, ...]
    profile: tuple[int, ...]
    example: int = 7


FEW = Charts((0, 1), (2, 3, 4, 5, 6))
MANY = Charts((0, 1, *range(13, 17)), (*range(2, 7), *range(8, 12)))

GROUPS = {
    "bass": (Role.BASS,),
    "chords": (Role.CHORDS, Role.PAD, Role.ARPEGGIO),
    "drums": (Role.DRUMS,),
}


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """What was played.

    Attributes:
        notes: By group.
        faults: How many of a group's notes MIDI could not hold, part by part.
    """

    notes: Mapping[str, Notes]
    faults: Mapping[str, int]

    def __getitem__(self, group: str) -> Notes:
        return self.notes[group]


@dataclass(frozen=True, slots=True, eq=False)
class Song:
    """A chart played in a source groove, and the chords that are heard in it."""

    chart: Chart
    played: Played
    heard: tuple[Chord, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A style, songs to translate into it, and the truth of each.

    Attributes:
        library: The style as it is named, if it is.
        reference: What its profile is made of.
        known: The renditions of the profile.
    """

    groove: Groove
    songs: tuple[Song, ...]
    truths: tuple[Played, ...]
    example: Style
    library: Style | None
    reference: Played
    known: tuple[Rendition, ...]


def grouped(parts: Iterable[tuple[Role, Notes]]) -> Played:
    """Return notes by group, sorted."""
    found = defaultdict(list)
    wrong = dict.fromkeys(GROUPS, 0)
    for role, notes in parts:
        group = next(name for name, roles in GROUPS.items() if role in roles)
        found[group].append(notes)
        wrong[group] += faults(notes)
    empty = np.zeros((0, 4), np.float32)
    together = {group: np.concatenate([empty, *found[group]]) for group in GROUPS}
    return Played(
        {name: each[np.argsort(each[:, 0], kind="stable")] for name, each in together.items()},
        wrong,
    )


def played_by(rendition: Rendition) -> Played:
    """Return what a rendition plays."""
    return grouped((part.role, part.notes) for part in rendition.parts)


def bars_of_chart(chart: Chart) -> list[Bar]:
    """Return a chart's bars."""
    beats = float(chart.beats)
    return [
        Bar(number * beats, beats, number % SECTION_BARS, number % SECTION_BARS == SECTION_BARS - 1)
        for number in range(chart.bars)
    ]


class Renditions:
    """Charts played in grooves, kept in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, number: int, groove: Groove) -> Rendition:
        """Return the chart of a number, the same for all grooves, played in one.

        Raises:
            TonewrightError: If ``mma`` cannot.
        """
        path = rendition_path(self._folder, FIRST_CHART + number, groove)
        if not path.exists():
            chart = sample_chart(Random(f"test chart {number} {groove.beats}"), groove.beats)
            seed = zlib.crc32(f"test {number} {groove.key}".encode()) % 10_000
            with TemporaryDirectory() as scratch:
                parts = parts_of(render(chart, groove, Path(scratch), seed))
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path, chart, parts)
        return read(path, groove)


def song_of(rendition: Rendition) -> Song:
    """Return a rendition as a song to translate."""
    heard = heard_chords(
        [(part.notes, part.role) for part in rendition.parts if part.role is not Role.DRUMS],
        bars_of_chart(rendition.chart),
    )
    return Song(rendition.chart, played_by(rendition), tuple(heard))


def known_grooves() -> list[tuple[str, Groove]]:
    """Return the styles of the library: name and groove."""
    by_key = {groove.key: groove for groove in grooves()}
    return [(name, by_key[key]) for name, (_, key) in STYLES.items() if key]


def held_out_grooves() -> list[tuple[str, Groove]]:
    """Return the first groove of each library file that was kept from training."""
    return [(each.key, each) for each in grooves(each=1) if each.held_out]


def fresh_grooves() -> list[tuple[str, Groove]]:
    """Return the first groove of each library file of folders that nobody has used."""
    return [(each.key, each) for each in grooves(each=1, folders=FRESH_FOLDERS)]


def make_cases(
    folder: Path, targets: Sequence[tuple[str, Groove]], most: int, *, known: bool = False
) -> list[Case]:
    """Return the cases of styles that have a bass, chords and drums, up to some."""
    rendition = Renditions(folder)
    step = max(1, len(targets) // most) if known else 1
    # Of known styles, which stand in order of their names, some from everywhere.
    spread = [each for first in range(step) for each in targets[first::step]]
    cases: list[Case] = []
    for index, (name, groove) in enumerate(spread):
        if len(cases) == most:
            break
        case = make_case(rendition, index, name, groove, FEW, known=known)
        if case is not None:
            cases.append(case)
            LOGGER.info("%s: %d cases", name, len(cases))
    return cases


def make_case(
    rendition: Renditions, index: int, name: str, groove: Groove, charts: Charts, *, known: bool
) -> Case | None:
    """Return the case of a style; None if it lacks a bass, chords or drums, or cannot be played.

    Args:
        rendition: Plays charts.
        index: Which other grooves the songs are played in goes by it.
        name: Of the style.
        groove: Of the style.
        charts: What songs, profile and example are made of.
        known: Whether it is in the library.
    """
    try:
        shown = rendition(charts.example, groove)
    except TonewrightError as error:
        LOGGER.warning("%s", error)
        return None
    if not {Role.BASS, Role.DRUMS, Role.CHORDS} <= {part.role for part in shown.parts}:
        return None
    sources = [each for _, each in known_grooves() if each.beats == groove.beats and each != groove]
    songs = [
        rendition(number, sources[(7 * index + 13 * place) % len(sources)])
        for place, number in enumerate(charts.songs)
    ]
    profile = tuple(rendition(number, groove) for number in charts.profile)
    length = len(profile[0].chart.chords)
    return Case(
        groove,
        tuple(song_of(each) for each in songs),
        tuple(played_by(rendition(number, groove)) for number in charts.songs),
        section_of(shown, groove.name, SECTION_BARS),
        named_style(name) if known else None,
        grouped(
            (part.role, part.notes + np.array([length * n, 0, 0, 0], np.float32))
            for n, each in enumerate(profile)
            for part in each.parts
        ),
        profile,
    )
