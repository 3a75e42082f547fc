from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.errors import ExportError
from tonewright.dsp.exporting.timecode import FrameRate, start_time

NTSC = Fraction(30_000, 1001)
RATES = [
    FrameRate(Fraction(24_000, 1001)),
    FrameRate(Fraction(24)),
    FrameRate(Fraction(25)),
    FrameRate(NTSC),
    FrameRate(NTSC, drop_frame=True),
    FrameRate(Fraction(50)),
    FrameRate(2 * NTSC, drop_frame=True),
]


@pytest.mark.parametrize("rate", RATES, ids=str)
@given(frame=st.integers(0, 24 * 3600 * 60))
@settings(derandomize=True, deadline=None, max_examples=60)
def test_every_frame_of_a_day_has_its_own_timecode(rate, frame):
    day = rate.frame(f"23:59:59{';' if rate.drop_frame else ':'}{rate.nominal - 1}") + 1
    assert rate.frame(rate.timecode(frame)) == frame % day


def test_drop_frame_skips_two_numbers_a_minute_but_not_each_tenth():
    rate = FrameRate(NTSC, drop_frame=True)
    assert rate.timecode(rate.frame("00:00:59;29") + 1) == "00:01:00;02"
    assert rate.timecode(rate.frame("00:09:59;29") + 1) == "00:10:00;00"
    with pytest.raises(ExportError, match="does not exist"):
        rate.frame("00:01:00;01")


def test_an_hour_of_drop_frame_keeps_to_the_clock_and_one_without_is_late():
    with_drop = start_time("01:00:00;00", "30000/1001").seconds
    without = start_time("01:00:00:00", "30000/1001").seconds
    assert abs(float(with_drop) - 3600.0) < 0.004
    assert without == Fraction(108_000 * 1001, 30_000)
    assert float(without) == pytest.approx(3603.6)


def test_samples_are_exact_and_move_with_the_range():
    start = start_time("10:00:00:12", "25")
    assert start.samples(48_000) == 36_000 * 48_000 + 12 * 1920
    later = start.after_samples(48_000 + 1920, 48_000)
    assert later.samples(48_000) == start.samples(48_000) + 49_920
    assert later.timecode == "10:00:01:13"


@pytest.mark.parametrize(
    ("timecode", "frame_rate", "said"),
    [
        ("1:2:3:4", "25", "no timecode"),
        ("24:00:00:00", "25", "does not exist"),
        ("00:00:00:25", "25", "does not exist"),
        ("00:00:00;00", "25", "no drop frame"),
        ("00:00:00:00", "fast", "no frame rate"),
        ("00:00:00:00", "25/0", "no frame rate"),
        ("00:00:00:00", "0", "not between"),
    ],
)
def test_nonsense_is_refused_by_name(timecode, frame_rate, said):
    with pytest.raises(ExportError, match=said):
        start_time(timecode, frame_rate)
