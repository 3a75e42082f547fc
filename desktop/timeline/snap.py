"""Where positions snap to: the grid of the tempo map or of frames, clip edges and markers.

All positions are seconds from the project's start.
"""

import math
from collections.abc import Collection, Iterator
from enum import StrEnum
from fractions import Fraction

from tonewright.dsp.project.document import Id, Project
from tonewright.dsp.project.tempo import (
    bar_beat_tick,
    range_of,
    shifted,
    ticks_of,
    to_seconds,
    to_ticks,
)

_PARTS = 4  # of a beat, for Grid.SIXTEENTH


class Grid(StrEnum):
    """What the grid's lines are."""

    BAR = "bar"
    BEAT = "beat"
    SIXTEENTH = "sixteenth"  # a quarter of a beat
    FRAME = "frame"
    NONE = "none"


def grid_before(project: Project, seconds: float, grid: Grid) -> float:
    """Return the last line of the grid at or before a position >= 0."""
    return _around(project, seconds, grid)[0]


def grid_after(project: Project, seconds: float, grid: Grid) -> float:
    """Return the first line of the grid behind a position >= 0."""
    return _around(project, seconds, grid)[1]


def lines(
    project: Project, start_seconds: float, end_seconds: float, grid: Grid
) -> Iterator[float]:
    """Yield the lines of a grid from ``start_seconds`` on, up to ``end_seconds``."""
    if grid is Grid.NONE:
        return
    at_seconds = grid_before(project, max(start_seconds, 0.0), grid)
    while at_seconds <= end_seconds:
        yield at_seconds
        at_seconds = grid_after(project, at_seconds, grid)


def edges(project: Project, ignored: Collection[Id] = ()) -> Iterator[float]:
    """Yield the edges of all clips and markers but the ignored."""
    for _, clip in project.clips():
        if clip.id not in ignored:
            sounding = range_of(project, clip)
            yield sounding.start_seconds
            yield sounding.end_seconds
    for marker in project.markers:
        if marker.id in ignored:
            continue
        yield to_seconds(project.tempo_map, marker.start)
        if marker.length is not None:
            end = shifted(project.tempo_map, marker.start, marker.length)
            yield to_seconds(project.tempo_map, end)


def snapped(
    project: Project,
    seconds: float,
    grid: Grid,
    *,
    reach_seconds: float,
    ignored: Collection[Id] = (),
) -> float:
    """Return where a position snaps to.

    Args:
        project: Whose grid, clips and markers count.
        seconds: The position.
        grid: An edge within reach goes before the grid's nearest line.
        reach_seconds: How far an edge or a marker draws.
        ignored: Clips and markers whose edges do not count, as those that are being moved.
    """
    seconds = max(seconds, 0.0)
    nearest = min(edges(project, ignored), key=lambda edge: abs(edge - seconds), default=math.inf)
    if abs(nearest - seconds) <= reach_seconds:
        return nearest
    if grid is Grid.NONE:
        return seconds
    before, after = _around(project, seconds, grid)
    return before if seconds - before <= after - seconds else after


def _around(project: Project, seconds: float, grid: Grid) -> tuple[float, float]:
    """Return the grid's line at or before a position, and the next one."""
    if grid is Grid.FRAME:
        rate = Fraction(project.frame_rate)
        # What is a hair before a line is on it: lines come back to here as floats.
        frame = math.floor(Fraction(seconds) * rate + Fraction(1, 1_000_000))
        return float(frame / rate), float((frame + 1) / rate)
    if grid is Grid.NONE:
        return seconds, seconds
    tempo_map = project.tempo_map
    ticks = math.floor(to_ticks(tempo_map, max(seconds, 0.0)) + 1e-6)
    place = bar_beat_tick(tempo_map, ticks)
    if grid is Grid.BAR:
        before, after = ticks_of(tempo_map, place.bar), ticks_of(tempo_map, place.bar + 1)
    else:
        before = ticks_of(tempo_map, place.bar, place.beat)
        after = min(
            ticks_of(tempo_map, place.bar, place.beat + 1), ticks_of(tempo_map, place.bar + 1)
        )
        if grid is Grid.SIXTEENTH:
            step = max((after - before) // _PARTS, 1)
            part = (ticks - before) // step
            before, after = before + part * step, min(before + (part + 1) * step, after)
    return to_seconds(tempo_map, before), to_seconds(tempo_map, after)
