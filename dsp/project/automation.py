"""Automation lanes as curves: musical time of the document in, samples of a render out.

Between points a curve is shaped over the unit it is given in: over samples for a render. In a
tempo ramp this differs a little from the same shape over ticks, and it is what sounds.
"""

import numpy as np

from tonewright.dsp.effects.automation import Automation
from tonewright.dsp.project.document import AutomationLane, TempoMap
from tonewright.dsp.project.tempo import to_samples


def curve_of(lane: AutomationLane, tempo_map: TempoMap, sample_rate: int) -> Automation:
    """Return a lane as a curve over the samples of the project.

    Raises:
        ValueError: If the lane has no points.
    """
    if not lane.points:
        raise ValueError(f"the automation of {lane.target.parameter} has no points")
    return Automation(
        points=tuple(
            (to_samples(tempo_map, point.ticks, sample_rate), point.value, point.bend)
            for point in lane.points
        )
    )


def value_at(lane: AutomationLane, ticks: float) -> float:
    """Return the value of a lane at a position; the first and last values are held outside.

    Raises:
        ValueError: If the lane has no points.
    """
    if not lane.points:
        raise ValueError(f"the automation of {lane.target.parameter} has no points")
    curve = Automation(
        points=tuple((point.ticks, point.value, point.bend) for point in lane.points)
    )
    return float(curve.values(np.asarray([ticks]))[0])
