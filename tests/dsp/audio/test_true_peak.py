from math import pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.audio.true_peak import TruePeakMeter
from tonewright.dsp.units import gain_to_db


def true_peak(audio: Audio) -> float:
    meter = TruePeakMeter(audio.shape[0])
    meter.add(audio)
    return meter.true_peak


@pytest.mark.parametrize(
    ("divisor", "degrees", "amplitude", "expected_dbtp"),
    [(4, 0, 0.5, -6), (4, 45, 0.5, -6), (6, 60, 0.5, -6), (8, 67.5, 0.5, -6), (4, 45, 1.41, 3)],
)
def test_tones_of_ebu_tech_3341(
    divisor: int, degrees: float, amplitude: float, expected_dbtp: float
) -> None:
    """Cases 15 to 19: the samples miss the top of the wave; tolerance +0.2 / -0.4 dB."""
    time = np.arange(48_000)
    tone = amplitude * np.sin(2 * pi * time / divisor + np.radians(degrees))
    # The fades keep the edges, which overshoot, out of the measurement.
    fade = np.clip(np.minimum(time, 48_000 - time) / 4_800, 0, 1)
    measured = gain_to_db(true_peak(np.stack([tone * fade] * 2).astype(np.float32)))
    assert -0.4 <= measured - expected_dbtp <= 0.2


def test_noise_has_the_peak_of_its_oversampling() -> None:
    """Against scipy's resampler with a far longer filter, on sound below 20 kHz of 48."""
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(96_000))
    spectrum[40_000:] = 0
    audio = 0.1 * np.fft.irfft(spectrum)[np.newaxis].astype(np.float32)
    oversampled = resample_poly(audio[0], 4, 1, window=("kaiser", 12.0))
    assert true_peak(audio) == pytest.approx(np.abs(oversampled).max(), rel=0.01)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    length=st.integers(1, 400),
    place=st.floats(0, 1),
    cuts=st.lists(st.integers(0, 400), max_size=5).map(sorted),
)
def test_a_peak_is_found_wherever_it_is(length: int, place: float, cuts: list[int]) -> None:
    """Two samples of the same height with a wave between them, in pieces and in one."""
    audio = 0.1 * np.random.default_rng(1).uniform(-1, 1, (2, length)).astype(np.float32)
    at = int(place * (length - 1))
    audio[1, at : at + 2] = 0.9
    whole = true_peak(audio)
    if at + 2 <= length:
        assert whole > 1.05
    meter = TruePeakMeter(2)
    for piece in np.split(audio, cuts, axis=1):
        meter.add(piece)
    assert meter.true_peak == pytest.approx(whole, rel=1e-6)
    assert meter.sample_peak == np.float32(0.9)


def test_silence_and_nothing_have_no_peak() -> None:
    meter = TruePeakMeter(2)
    assert meter.true_peak == 0.0
    meter.add(np.zeros((2, 1_000), np.float32))
    assert meter.true_peak == meter.sample_peak == 0.0
