"""Where notes are on the screen.

Content coordinates: x grows with ticks from the clip's start, y downwards from pitch 127. The
canvas subtracts its scroll position.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from PySide6.QtCore import QRectF

from tonewright.dsp.midi.quantize import GRIDS
from tonewright.dsp.project.document import PPQ, Note, TempoMap
from tonewright.dsp.project.tempo import bar_beat_tick, ticks_of

PITCHES = 128
_PIXELS_PER_TICK = (0.002, 2.0)
_ROW_PIXELS = (5.0, 40.0)
_LEAST_LINE_PIXELS = 7.0
_LEAST_NOTE_PIXELS = 3.0


@dataclass(frozen=True, slots=True)
class NoteGeometry:
    """The scale of a piano roll."""

    pixels_per_tick: float = 0.1
    row_pixels: float = 13.0

    @property
    def height_pixels(self) -> float:
        """The height of all pitches."""
        return PITCHES * self.row_pixels

    def zoomed(self, *, time: float = 1.0, pitch: float = 1.0) -> "NoteGeometry":
        """Return a geometry with both scales multiplied, kept in what can be worked with."""
        return replace(
            self,
            pixels_per_tick=_within(self.pixels_per_tick * time, _PIXELS_PER_TICK),
            row_pixels=_within(self.row_pixels * pitch, _ROW_PIXELS),
        )

    def rect(self, note: Note) -> QRectF:
        """Return the rectangle of a note; a very short one is still wide enough to be seen."""
        return QRectF(
            note.start_ticks * self.pixels_per_tick,
            self.y_of(note.pitch),
            max(note.length_ticks * self.pixels_per_tick, _LEAST_NOTE_PIXELS),
            self.row_pixels,
        )

    def y_of(self, pitch: int) -> float:
        """Return the top of a pitch's row."""
        return (PITCHES - 1 - pitch) * self.row_pixels

    def pitch_at(self, y: float) -> int:
        """Return the pitch of the row at a height, kept on the keyboard."""
        return min(max(PITCHES - 1 - math.floor(y / self.row_pixels), 0), PITCHES - 1)

    def ticks_at(self, x: float) -> float:
        """Return the position at a place."""
        return x / self.pixels_per_tick


class Line(IntEnum):
    """How much a line of the grid stands out."""

    GRID = 0
    BEAT = 1
    BAR = 2


def grid_lines(
    tempo_map: TempoMap, first_ticks: int, end_ticks: int, grid: str, pixels_per_tick: float
) -> Iterator[tuple[int, Line]]:
    """Yield the lines of a stretch of the project that are far enough apart to be seen.

    Args:
        tempo_map: Whose signatures give bars and beats.
        first_ticks: Where the stretch starts, in ticks of the project, at least 0.
        end_ticks: Where it ends.
        grid: One of ``dsp.midi.quantize.GRIDS``.
        pixels_per_tick: The scale.
    """
    spacing_ticks = GRIDS[grid] * PPQ
    bar = bar_beat_tick(tempo_map, first_ticks).bar
    start_ticks = ticks_of(tempo_map, bar)
    while start_ticks < end_ticks:
        following_ticks = ticks_of(tempo_map, bar + 1)
        bar_pixels = (following_ticks - start_ticks) * pixels_per_tick
        stride = 2 ** max(0, math.ceil(math.log2(_LEAST_LINE_PIXELS / bar_pixels)))
        if (bar - 1) % stride == 0:
            yield start_ticks, Line.BAR
        beats = {ticks_of(tempo_map, bar, beat) for beat in _beats(tempo_map, bar, following_ticks)}
        if beats and bar_pixels / (len(beats) + 1) >= _LEAST_LINE_PIXELS:
            yield from ((ticks, Line.BEAT) for ticks in sorted(beats))
        if spacing_ticks * pixels_per_tick >= _LEAST_LINE_PIXELS:
            for index in range(1, math.ceil((following_ticks - start_ticks) / spacing_ticks)):
                ticks = round(start_ticks + index * spacing_ticks)
                if ticks not in beats:
                    yield ticks, Line.GRID
        bar, start_ticks = bar + 1, following_ticks


def _beats(tempo_map: TempoMap, bar: int, end_ticks: int) -> Iterator[int]:
    beat = 2
    while ticks_of(tempo_map, bar, beat) < end_ticks:
        yield beat
        beat += 1


def _within(value: float, limits: tuple[float, float]) -> float:
    return min(max(value, limits[0]), limits[1])
