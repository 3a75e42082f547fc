"""The library of named styles: eight bars of each, played by every part.

::

    python -m tonewright.models.style.library --corpus FOLDER/corpus

writes ``resources/weights/styles.npz`` from a training chart, the section with the plainest chords.
"""

import argparse
import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from tonewright import resources
from tonewright.dsp.errors import EffectError
from tonewright.dsp.midi.bars import SECTION_BARS
from tonewright.dsp.midi.chords import Chord, parse_chord
from tonewright.dsp.midi.roles import Role
from tonewright.dsp.project.atomic import replacing
from tonewright.models.style.corpus import Part, Rendition, read, rendition_path
from tonewright.models.style.encoding import (
    LENGTHS,
    STEPS_PER_QUARTER,
    ChordLine,
    Floats,
    chord_line,
    grid_of,
    held_of,
    quarters_of,
    steps_of,
    unstrummed,
)
from tonewright.models.style.examples import Example
from tonewright.models.style.fills import with_fill
from tonewright.models.style.grooves import grooves
from tonewright.models.style.parts import StylePart
from tonewright.models.style.reggae import BEATS, reggae
from tonewright.models.style.styles import STYLES

LIBRARY_CHART = 1
_TICKS = 192
_FEW = 3
_UNHEARD_BEATS = 0.02
"""A smaller median is chance."""


@dataclass(frozen=True, slots=True, eq=False)
class Style:
    """Some bars in a style.

    Attributes:
        beats: Quarter notes a bar.
        fill: Whether the last bar is a fill.
        chords: By the beat.
        parts: With notes from the start of the bars.
    """

    name: str
    beats: int
    fill: bool
    chords: tuple[Chord, ...]
    parts: tuple[Part, ...]

    def style_parts(self) -> list[StylePart]:
        """Return the parts as the network is told of them."""
        return [self._style_part(part, chord_line(self.chords)) for part in self.parts]

    def _style_part(self, part: Part, line: ChordLine) -> StylePart:
        grid = grid_of(part.notes, part.role, line)
        held = held_of(part.notes, part.role, line, grid)
        return StylePart(
            part.role,
            part.program,
            Example(grid, line, self.beats, self.fill, held),
            strum_of(part),
            lengths_of(part),
            offsets_of(part),
        )


def strum_of(part: Part) -> float:
    """Return the usual time from one note of a part's chords to the next, in quarter notes."""
    if part.role in (Role.BASS, Role.DRUMS) or len(part.notes) < 2:
        return 0.0
    gaps = np.diff(part.notes[:, 0])
    close = gaps[gaps < 0.05]
    if len(close) < 0.25 * len(gaps):
        return 0.0
    return round(float(np.median(close)), 3)


def lengths_of(part: Part) -> tuple[float, ...]:
    """Return how long a part holds its notes, in quarter notes, for each of ``LENGTHS``.

    A length that it does not play is held as its others are.
    """
    nominal = LENGTHS / 12.0
    lengths = np.maximum(part.notes[:, 1], 0.5 / 12.0)
    kinds = np.abs(np.log(nominal)[None] - np.log(lengths)[:, None]).argmin(axis=1)
    share = float(np.median(lengths / nominal[kinds]))
    return tuple(
        float(np.median(lengths[kinds == kind])) if (kinds == kind).any() else length * share
        for kind, length in enumerate(nominal.tolist())
    )


def offsets_of(part: Part) -> tuple[float, ...]:
    """Return how late, in beats, a part plays what is written at each step of a beat.

    It is the part's feel: a light swing, swung sixteenths, a snare that drags.
    """
    starts = part.notes[:, 0] if part.role is Role.DRUMS else unstrummed(part.notes[:, 0])
    steps = steps_of(starts)
    late = starts - quarters_of(steps)
    found = []
    for step in range(STEPS_PER_QUARTER):
        here = late[steps % STEPS_PER_QUARTER == step]
        offset = float(np.median(here)) if len(here) >= _FEW else 0.0
        found.append(offset if abs(offset) >= _UNHEARD_BEATS else 0.0)
    return tuple(found)


@cache
def _stored() -> dict[str, Style]:
    path = resources.path("weights") / "styles.npz"
    try:
        with np.load(path) as stored:
            head = json.loads(str(stored["head"]))
            notes = stored["notes"].astype(np.float32)
    except (OSError, KeyError, ValueError) as error:
        raise EffectError(
            f"{path}: the library of styles is missing; install tonewright again"
        ) from error
    notes[:, :2] /= _TICKS
    styles: dict[str, Style] = {}
    first = 0
    for each in head:
        parts = []
        for role, program, count in each["parts"]:
            parts.append(Part(Role(role), program, notes[first : first + count]))
            first += count
        styles[each["name"]] = Style(
            each["name"],
            each["beats"],
            each["fill"],
            tuple(parse_chord(name) for name in each["chords"]),
            tuple(parts),
        )
    styles["reggae"] = Style("reggae", BEATS, False, *reggae())
    return {name: style if style.fill else _filled(style) for name, style in styles.items()}


def _filled(style: Style) -> Style:
    parts, fill = with_fill(style.parts, style.beats, SECTION_BARS)
    return replace(style, parts=parts, fill=fill)


def named_style(name: str) -> Style:
    """Return a style of the library.

    Raises:
        EffectError: If there is none of this name.
    """
    styles = _stored()
    if name not in styles:
        raise EffectError(
            f"there is no style {name!r}; 'tonewright effects style_translate' lists them"
        )
    return styles[name]


def section_of(rendition: Rendition, name: str, first: int, bars: int = SECTION_BARS) -> Style:
    """Return bars of a rendition as a style."""
    beats = rendition.chart.beats
    start, end = first * beats, (first + bars) * beats
    parts = []
    for part in rendition.parts:
        inside = part.notes[(part.notes[:, 0] >= start - 0.1) & (part.notes[:, 0] < end - 0.1)]
        if len(inside) >= 4:
            moved = inside.copy()
            moved[:, 0] = np.maximum(0.0, moved[:, 0] - start)
            parts.append(Part(part.role, part.program, moved))
    fill = bool(rendition.groove.fill) and (first + bars) % SECTION_BARS == 0
    return Style(name, beats, fill, rendition.chart.chords[start:end], tuple(parts))


def plainest_section(rendition: Rendition) -> int:
    """Return the first bar of the section with the fewest changes and colours."""
    chart = rendition.chart

    def cost(first: int) -> float:
        chords = chart.chords[first * chart.beats : (first + SECTION_BARS) * chart.beats]
        bars = [chart.bar(first + bar) for bar in range(SECTION_BARS)]
        inside = sum(len(set(bar)) - 1 for bar in bars)
        few = max(0, 4 - len({chord.root for chord in chords}))
        return 2.0 * inside + 1.5 * few + 0.2 * sum(chord.quality not in _PLAIN for chord in chords)

    return min(range(0, chart.bars, SECTION_BARS), key=cost)


_PLAIN = ("", "m", "7", "m7", "M7")


def write_library(corpus: Path, path: Path) -> None:
    """Write the library from a corpus."""
    known = {groove.key: groove for groove in grooves()}
    head = []
    rows: list[Floats] = []
    for name, (_, key) in STYLES.items():
        if not key:
            continue
        groove = known[key]
        rendition = read(rendition_path(corpus, LIBRARY_CHART, groove), groove)
        style = section_of(rendition, name, plainest_section(rendition))
        rows += [part.notes for part in style.parts]
        head.append(
            {
                "name": name,
                "beats": style.beats,
                "fill": style.fill,
                "chords": [chord.name for chord in style.chords],
                "parts": [[part.role, part.program, len(part.notes)] for part in style.parts],
            }
        )
    notes = np.concatenate(rows)
    notes[:, :2] = np.round(notes[:, :2] * _TICKS)
    with replacing(path) as file:
        np.savez_compressed(file, head=np.array(json.dumps(head)), notes=notes.astype(np.int16))


def main() -> None:
    """Write the library as the command line says."""
    parser = argparse.ArgumentParser(description="Write the library of named styles.")
    parser.add_argument("--corpus", type=Path, required=True)
    options = parser.parse_args()
    write_library(options.corpus, resources.path("weights") / "styles.npz")


if __name__ == "__main__":
    main()
