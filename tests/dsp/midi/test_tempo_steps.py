import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.midi.tempo_steps import RAMP_ERROR_SECONDS, tempo_steps
from tonewright.dsp.project.document import PPQ, TempoCurve, TempoEvent, TempoMap
from tonewright.dsp.project.tempo import to_seconds


def test_a_constant_tempo_is_one_step():
    tempo_map = TempoMap((TempoEvent(0, 120.0), TempoEvent(960, 90.0)))
    assert list(tempo_steps(tempo_map, PPQ)) == [(0, 500_000), (960, 666_667)]


@given(st.floats(20.0, 600.0), st.floats(20.0, 600.0), st.integers(1, 40 * PPQ))
@settings(derandomize=True, deadline=None, max_examples=60)
def test_no_moment_of_a_ramp_is_off_by_more_than_stated(start_bpm, end_bpm, length_ticks):
    tempo_map = TempoMap(
        (TempoEvent(0, start_bpm, TempoCurve.LINEAR), TempoEvent(length_ticks, end_bpm))
    )
    steps = list(tempo_steps(tempo_map, PPQ))
    assert [ticks for ticks, _ in steps] == sorted({ticks for ticks, _ in steps})
    stepped = TempoMap(tuple(TempoEvent(ticks, 60e6 / each) for ticks, each in steps))
    for ticks in range(0, length_ticks + 1, max(1, length_ticks // 97)):
        error = to_seconds(stepped, ticks) - to_seconds(tempo_map, ticks)
        assert abs(error) <= RAMP_ERROR_SECONDS


def test_a_long_ramp_does_not_drift():
    length_ticks = 4000 * PPQ
    tempo_map = TempoMap((TempoEvent(0, 117.3, TempoCurve.LINEAR), TempoEvent(length_ticks, 121.9)))
    stepped = TempoMap(
        tuple(TempoEvent(ticks, 60e6 / each) for ticks, each in tempo_steps(tempo_map, PPQ))
    )
    assert to_seconds(stepped, length_ticks) == pytest.approx(
        to_seconds(tempo_map, length_ticks), abs=1e-4
    )
