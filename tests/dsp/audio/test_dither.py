import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.audio.dither import Dither


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("offset", [0.1, 0.25, 0.5, 0.73])
def test_the_error_is_noise_that_does_not_follow_the_signal(bits: int, offset: float) -> None:
    steps = 1_000 + offset
    audio = np.full((2, 200_000), steps / 2 ** (bits - 1), np.float32)
    error = Dither(bits, seed=3).quantize(audio) - audio[0, 0].astype(float) * 2 ** (bits - 1)
    # Mean 0 and variance 1/6 (TPDF) + 1/12 (rounding); 400,000 values leave 1 % of doubt.
    assert abs(error.mean()) < 0.005
    assert error.var() == pytest.approx(0.25, rel=0.01)
    assert np.abs(error).max() <= 1.5


def test_a_tone_below_one_step_survives() -> None:
    time = np.arange(480_000)
    tone = 0.4 * np.sin(2 * np.pi * time / 48) / 2**15
    out = Dither(16, seed=1).quantize(tone[np.newaxis].astype(np.float32))[:, 0]
    spectrum = np.abs(np.fft.rfft(out)) / len(time) * 2
    assert spectrum[10_000] == pytest.approx(0.4, rel=0.03)
    # Plain rounding would give nothing at all, and its third harmonic above half a step.
    assert spectrum[30_000] < 0.01


def test_silence_stays_silent() -> None:
    audio = np.zeros((2, 1_000), np.float32)
    audio[0, 500] = 0.3
    out = Dither(16).quantize(audio)
    assert np.count_nonzero(out) == 1 and out[500, 0] != 0


@settings(max_examples=25, derandomize=True, deadline=None)
@given(cuts=st.lists(st.integers(0, 2_000), max_size=6).map(sorted), seed=st.integers(0, 2**32))
def test_pieces_give_what_one_call_gives(cuts: list[int], seed: int) -> None:
    audio = np.random.default_rng(5).uniform(-1, 1, (3, 2_000)).astype(np.float32)
    whole = Dither(16, seed).quantize(audio)
    dither = Dither(16, seed)
    pieces = [dither.quantize(piece) for piece in np.split(audio, cuts, axis=1)]
    assert np.array_equal(np.concatenate(pieces), whole)


def test_another_seed_is_other_noise() -> None:
    audio = np.full((1, 1_000), 0.1, np.float32)
    assert not np.array_equal(Dither(16, 1).quantize(audio), Dither(16, 2).quantize(audio))


def test_what_is_beyond_full_scale_is_limited_and_counted() -> None:
    audio = np.array([[0.5, 1.5, -2.0, 1.0, -1.0]] * 2, np.float32)
    dither = Dither(16)
    out = dither.quantize(audio)
    assert out[1:3, 0].tolist() == [32_767, -32_768]
    assert out.max() <= 32_767 and out.min() >= -32_768
    assert dither.clipped_samples == 4


@pytest.mark.parametrize("bits", [1, 25])
def test_other_depths_are_refused(bits: int) -> None:
    with pytest.raises(ValueError, match=str(bits)):
        Dither(bits)
