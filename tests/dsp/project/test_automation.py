import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.project.automation import curve_of, value_at
from tonewright.dsp.project.document import (
    AutomationLane,
    AutomationPoint,
    ParameterRef,
    TempoEvent,
    TempoMap,
)
from tonewright.dsp.project.tempo import to_samples

GAIN = ParameterRef(None, "gain_db")
TEMPO = TempoMap((TempoEvent(0, 60.0), TempoEvent(1_920, 120.0)))


def test_points_land_on_the_samples_of_their_ticks():
    lane = AutomationLane(GAIN, (AutomationPoint(960, 1.0, 0.5), AutomationPoint(2_880, -3.0)))
    curve = curve_of(lane, TEMPO, 48_000)
    assert curve.points == ((48_000, 1.0, 0.5), (120_000, -3.0, 0.0))
    assert np.array_equal(curve.values(np.array([0, 48_000, 120_000, 999_999])), [1, 1, -3, -3])


@given(
    st.lists(st.tuples(st.integers(0, 9_000), st.floats(-20, 20)), min_size=1, max_size=5),
    st.integers(0, 9_500),
)
@settings(derandomize=True, deadline=None, max_examples=50)
def test_where_the_tempo_is_constant_ticks_and_samples_agree(points, ticks):
    tempo_map = TempoMap((TempoEvent(0, 60.0),))
    lane = AutomationLane(GAIN, tuple(AutomationPoint(*point) for point in sorted(points)))
    sample = to_samples(tempo_map, ticks, 48_000)
    assert curve_of(lane, tempo_map, 48_000).values(np.array([sample]))[0] == pytest.approx(
        value_at(lane, ticks), abs=1e-6
    )


def test_a_lane_without_points_has_no_curve():
    lane = AutomationLane(GAIN, ())
    with pytest.raises(ValueError, match="gain_db has no points"):
        value_at(lane, 0)
    with pytest.raises(ValueError, match="gain_db has no points"):
        curve_of(lane, TEMPO, 48_000)
