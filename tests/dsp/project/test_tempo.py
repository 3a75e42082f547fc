import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.project.document import (
    PPQ,
    AudioClip,
    ClockTime,
    Id,
    Media,
    MidiClip,
    MusicalTime,
    Project,
    TempoCurve,
    TempoEvent,
    TempoMap,
    TimeRange,
    TimeSignatureEvent,
    Track,
    TrackKind,
)
from tonewright.dsp.project.tempo import (
    BarBeatTick,
    bar_beat_tick,
    end_of,
    range_of,
    ticks_of,
    to_samples,
    to_seconds,
    to_ticks,
)

SETTINGS = settings(derandomize=True, deadline=None, max_examples=80)
RAMP = TempoMap((TempoEvent(0, 60.0, TempoCurve.LINEAR), TempoEvent(4 * PPQ, 120.0)))


@st.composite
def tempo_maps(draw):
    starts = sorted(draw(st.sets(st.integers(1, 200_000), max_size=6)))
    tempos = [
        TempoEvent(start, draw(st.floats(5, 1000)), draw(st.sampled_from(TempoCurve)))
        for start in [0, *starts]
    ]
    starts = sorted(draw(st.sets(st.integers(1, 200_000), max_size=4)))
    signatures = [
        TimeSignatureEvent(start, draw(st.integers(1, 17)), 2 ** draw(st.integers(0, 11)))
        for start in [0, *starts]
    ]
    return TempoMap(tuple(tempos), tuple(signatures))


@given(tempo_maps(), st.floats(-1_000, 300_000))
@SETTINGS
def test_seconds_are_the_inverse_of_ticks(tempo_map, ticks):
    there = to_seconds(tempo_map, ticks)
    assert math.isclose(to_ticks(tempo_map, there), ticks, rel_tol=1e-9, abs_tol=1e-6)


@given(tempo_maps(), st.floats(0, 300_000), st.floats(0.5, 5_000))
@SETTINGS
def test_time_only_moves_forward(tempo_map, ticks, delta_ticks):
    assert to_seconds(tempo_map, ticks + delta_ticks) > to_seconds(tempo_map, ticks)


@given(tempo_maps(), st.integers(0, 250_000))
@SETTINGS
def test_bars_are_the_inverse_of_ticks(tempo_map, ticks):
    place = bar_beat_tick(tempo_map, ticks)
    assert ticks_of(tempo_map, place.bar, place.beat, place.tick) == ticks


@given(tempo_maps(), st.integers(0, 250_000))
@SETTINGS
def test_bars_rise_with_ticks(tempo_map, ticks):
    assert bar_beat_tick(tempo_map, ticks) < bar_beat_tick(tempo_map, ticks + 1)


def test_a_ramp_is_the_integral_of_its_tempo():
    steps = 100_000
    step_ticks = 4 * PPQ / steps
    summed = sum(
        60 / (PPQ * (60 + 60 * (index + 0.5) / steps)) * step_ticks for index in range(steps)
    )
    assert to_seconds(RAMP, 4 * PPQ) == pytest.approx(summed, rel=1e-9)
    assert to_seconds(RAMP, 4 * PPQ) == pytest.approx(4 * math.log(2), rel=1e-12)


def test_after_the_last_event_the_last_tempo_is_kept():
    assert to_seconds(RAMP, 6 * PPQ) - to_seconds(RAMP, 4 * PPQ) == pytest.approx(1.0)
    lone = TempoMap((TempoEvent(0, 60.0, TempoCurve.LINEAR),))
    assert to_seconds(lone, MusicalTime(PPQ)) == 1.0


def test_each_kind_of_time_is_itself_in_its_own_unit():
    assert to_seconds(RAMP, ClockTime(3.25)) == 3.25
    assert to_ticks(RAMP, MusicalTime(17)) == 17.0
    assert to_ticks(RAMP, ClockTime(1.0)) == to_ticks(RAMP, 1.0)


def test_the_nearest_sample_halves_up():
    tempo_map = TempoMap((TempoEvent(0, 60.0),))
    assert to_samples(tempo_map, MusicalTime(PPQ), 44_100) == 44_100
    assert to_samples(tempo_map, ClockTime(0.5 / 48_000), 48_000) == 1


def test_a_signature_in_the_middle_of_a_bar_starts_a_new_bar():
    tempo_map = TempoMap(
        time_signatures=(TimeSignatureEvent(0, 4, 4), TimeSignatureEvent(5 * PPQ, 6, 8))
    )
    assert bar_beat_tick(tempo_map, 0) == BarBeatTick(1, 1, 0)
    assert bar_beat_tick(tempo_map, 4 * PPQ + 7) == BarBeatTick(2, 1, 7)
    assert bar_beat_tick(tempo_map, 5 * PPQ) == BarBeatTick(3, 1, 0)
    assert bar_beat_tick(tempo_map, 5 * PPQ + PPQ // 2) == BarBeatTick(3, 2, 0)
    assert ticks_of(tempo_map, 4) == 8 * PPQ


@pytest.mark.parametrize("place", [(0, 1, 0), (1, 0, 0), (1, 1, -1)])
def test_places_before_the_first_bar_are_refused(place):
    with pytest.raises(ValueError, match="count from 1"):
        ticks_of(RAMP, *place)


def test_a_negative_position_has_no_bar():
    with pytest.raises(ValueError, match="-1"):
        bar_beat_tick(RAMP, -1)


def test_clips_last_by_their_source_or_their_ticks():
    medium = Media(Id("m"), "m", "/m.wav", "0" * 64, sample_rate=44_100, channels=1)
    audio = AudioClip(Id("a"), "a", ClockTime(1.0), medium.id, 0, 44_100, speed_ratio=2.0)
    midi = MidiClip(Id("b"), "b", ClockTime(0.0), 4 * PPQ)
    tracks = (
        Track(Id("1"), "1", TrackKind.AUDIO, clips=(audio,)),
        Track(Id("2"), "2", TrackKind.MIDI, clips=(midi,)),
    )
    project = Project(Id("p"), "p", tempo_map=RAMP, tracks=tracks, media=(medium,))
    assert range_of(project, audio) == TimeRange(1.0, 1.5)
    assert range_of(project, midi).end_seconds == pytest.approx(4 * math.log(2))
    assert end_of(project) == pytest.approx(4 * math.log(2))
    assert end_of(Project(Id("p"), "p")) == 0.0
