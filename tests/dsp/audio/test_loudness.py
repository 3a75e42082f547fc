from math import inf, pi
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.audio.loudness import Loudness, LoudnessMeter, measure
from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.audio.writer import AudioWriter, Encoding

RATE = 48_000


def tone(level_dbfs: float, seconds: float, channels: int = 2, rate: int = RATE) -> Audio:
    """A sine of 1 kHz with this peak level."""
    time = np.arange(round(seconds * rate)) / rate
    wave = 10 ** (level_dbfs / 20) * np.sin(2 * pi * 1_000 * time)
    return np.tile(wave, (channels, 1)).astype(np.float32)


def tones(*parts: tuple[float, float]) -> Audio:
    return np.concatenate([tone(level, seconds) for level, seconds in parts], axis=1)


def result(audio: Audio, rate: int = RATE) -> Loudness:
    meter = LoudnessMeter(rate, audio.shape[0])
    meter.add(audio)
    return meter.result()


def surround(front: float, centre: float, back: float) -> Audio:
    levels = np.array([front, front, centre, -inf, back, back])
    return np.concatenate([tone(level, 20, 1) for level in levels])


@pytest.mark.parametrize(
    ("audio", "expected_lufs"),
    [
        (tones((-23, 20)), -23),  # 1
        (tones((-33, 20)), -33),  # 2
        (tones((-36, 10), (-23, 60), (-36, 10)), -23),  # 3
        (tones((-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)), -23),  # 4
        (tones((-26, 20), (-20, 20.1), (-26, 20)), -23),  # 5
        (surround(-28, -24, -30), -23),  # 6
    ],
    ids=["1", "2", "3", "4", "5", "6"],
)
def test_integrated_loudness_of_ebu_tech_3341(audio: Audio, expected_lufs: float) -> None:
    assert result(audio).integrated_lufs == pytest.approx(expected_lufs, abs=0.1)


def test_momentary_and_short_term_of_ebu_tech_3341() -> None:
    """Case 9 and its like: a steady tone reads the same in every window."""
    read = result(tones(*[(-20, 1.34), (-30, 1.66)] * 5))
    assert read.max_short_term_lufs == pytest.approx(-23, abs=0.1)
    meter = LoudnessMeter(RATE, 2)
    meter.add(tones((-40, 5), (-23, 3)))
    assert meter.short_term_lufs == pytest.approx(-23, abs=0.1)
    meter.add(tones((-30, 0.4)))
    assert meter.momentary_lufs == pytest.approx(-30, abs=0.1)
    assert meter.max_momentary_lufs == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize(
    ("parts", "expected_lu"),
    [
        (((-20, 20), (-30, 20)), 10),
        (((-20, 20), (-15, 20)), 5),
        (((-40, 20), (-20, 20)), 20),
        (((-50, 20), (-35, 20), (-20, 20), (-35, 20), (-50, 20)), 15),
    ],
)
def test_range_of_ebu_tech_3342(parts: tuple[tuple[float, float], ...], expected_lu: float) -> None:
    assert result(tones(*parts)).range_lu == pytest.approx(expected_lu, abs=1.0)


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000, 11_025])
@pytest.mark.parametrize("channels", [1, 2, 5])
def test_it_agrees_with_pyloudnorm(rate: int, channels: int) -> None:
    generator = np.random.default_rng(rate + channels)
    seconds = np.arange(rate * 12) / rate
    swell = 10 ** ((-30 + 25 * np.sin(seconds)) / 20)
    audio = (generator.standard_normal((channels, len(seconds))) * swell * 0.3).astype(np.float32)
    meter = pyloudnorm.Meter(rate)
    measured = result(audio, rate)
    wide = audio.T.astype(np.float64)
    assert measured.integrated_lufs == pytest.approx(meter.integrated_loudness(wide), abs=0.05)


def test_the_lfe_is_not_heard_and_surrounds_count_more() -> None:
    def level(channel: int, channels: int) -> float:
        audio = np.zeros((channels, RATE), np.float32)
        audio[channel] = tone(-20, 1, 1)
        return result(audio).integrated_lufs

    front = level(0, 6)
    assert level(3, 6) == -inf
    assert level(4, 6) == level(5, 6) == pytest.approx(front + 1.49, abs=0.01)
    assert level(6, 8) == pytest.approx(front + 1.49, abs=0.01)
    assert level(4, 8) == pytest.approx(front)


@settings(max_examples=15, derandomize=True, deadline=None)
@given(cuts=st.lists(st.integers(0, 200_000), max_size=5).map(sorted))
def test_where_pieces_end_makes_no_difference(cuts: list[int]) -> None:
    audio = np.random.default_rng(3).uniform(-0.5, 0.5, (2, 200_000)).astype(np.float32)
    whole = result(audio)
    meter = LoudnessMeter(RATE, 2)
    for piece in np.split(audio, cuts, axis=1):
        meter.add(piece)
    for name in Loudness.__slots__:
        assert getattr(meter.result(), name) == pytest.approx(getattr(whole, name), abs=1e-6)


def test_peaks_and_rms_are_those_of_a_sine() -> None:
    read = result(tone(-6, 2))
    assert read.sample_peak_dbfs == pytest.approx(-6, abs=0.001)
    assert read.true_peak_dbtp == pytest.approx(-6, abs=0.05)
    assert read.rms_dbfs == pytest.approx(-9.01, abs=0.01)


def test_silence_is_infinitely_quiet() -> None:
    nothing = Loudness(-inf, 0.0, -inf, -inf, -inf, -inf, -inf)
    assert result(np.zeros((2, 0), np.float32)) == nothing
    assert result(np.zeros((2, RATE * 5), np.float32)) == nothing


def test_less_than_a_window_has_no_loudness_but_a_peak() -> None:
    read = result(tone(-6, 0.39))
    assert read.integrated_lufs == -inf
    assert read.sample_peak_dbfs == pytest.approx(-6, abs=0.001)


def test_a_file_is_measured_as_its_audio(tmp_path: Path) -> None:
    audio = tones((-30, 2), (-20, 3))
    with AudioWriter(tmp_path / "song.wav", RATE, 2, Encoding("wav", "32f")) as writer:
        writer.write(audio)
    measured = measure(tmp_path / "song.wav")
    assert measured.integrated_lufs == pytest.approx(result(audio).integrated_lufs, abs=1e-9)
    assert measured.true_peak_dbtp == pytest.approx(result(audio).true_peak_dbtp, abs=1e-6)


def test_layouts_that_are_unknown_are_refused() -> None:
    with pytest.raises(ValueError, match="9"):
        LoudnessMeter(RATE, 9)
    with pytest.raises(ValueError, match="1 channels, not 2"):
        LoudnessMeter(RATE, 2).add(np.zeros((1, 5), np.float32))
