"""A tempo map as the steps that a MIDI file can hold: whole microseconds a quarter note.

A constant tempo is one step, off by at most half a microsecond a quarter note. A ramp becomes
steps, each of which lasts as long as the ramp does over it. Inside a step the ramp leaves the
step's straight line by at most h^2 / 8 times the largest curvature of time over quarter notes,
which is 60 k / bpm^2 for a slope of k bpm a quarter note: that gives the length h of the steps.
What rounding to microseconds takes or adds is made up for in the next step.
"""

import math
from collections.abc import Iterator
from itertools import pairwise

from tonewright.dsp.project.document import TempoCurve, TempoMap

MICROSECONDS_PER_MINUTE = 60_000_000

RAMP_ERROR_SECONDS = 0.0005
"""How far any moment inside a ramp may be from where it belongs."""

_LONGEST_STEP_QUARTERS = 64.0  # keeps what rounding to microseconds adds in a step below 0.04 ms


def tempo_steps(tempo_map: TempoMap, ticks_per_quarter: int) -> Iterator[tuple[int, int]]:
    """Yield (tick, microseconds a quarter note) of a map in ``1 / ticks_per_quarter`` ticks."""
    tempos = tempo_map.tempos
    for event, following in zip(tempos, (*tempos[1:], None), strict=True):
        constant = event.curve is TempoCurve.CONSTANT
        if following is None or constant or following.bpm == event.bpm:
            yield event.start_ticks, round(MICROSECONDS_PER_MINUTE / event.bpm)
            continue
        length_ticks = following.start_ticks - event.start_ticks
        quarters = length_ticks / ticks_per_quarter
        slope = (following.bpm - event.bpm) / quarters
        curvature = 60.0 * abs(slope) / min(event.bpm, following.bpm) ** 2
        # Half of the bound is for the microseconds that are carried.
        step_quarters = math.sqrt(8.0 * 0.5 * RAMP_ERROR_SECONDS / curvature)
        steps = math.ceil(quarters / min(step_quarters, _LONGEST_STEP_QUARTERS))
        steps = min(steps, length_ticks)  # nothing happens between two ticks
        edges = [length_ticks * step // steps for step in range(steps + 1)]
        exact_seconds = [
            60.0 / slope * math.log1p(slope * edge / ticks_per_quarter / event.bpm)
            for edge in edges
        ]
        written_seconds = 0.0
        for (edge, next_edge), end_seconds in zip(pairwise(edges), exact_seconds[1:], strict=True):
            step_quarters = (next_edge - edge) / ticks_per_quarter
            microseconds = round((end_seconds - written_seconds) / step_quarters * 1e6)
            yield event.start_ticks + edge, microseconds
            written_seconds += microseconds * step_quarters / 1e6
