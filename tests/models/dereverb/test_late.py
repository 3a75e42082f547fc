import numpy as np
import pytest

from tonewright.models.dereverb.balance import band_weights
from tonewright.models.dereverb.late import (
    DELAY_FRAMES,
    FRAME_SECONDS,
    LOWEST_GAIN,
    LateGains,
)

WEIGHTS = band_weights(769)
RT60_SECONDS = 0.5


def noise(levels: np.ndarray, channels: int = 2) -> np.ndarray:
    """Return frames of noise with these levels, ``(channels, 769, frames)``."""
    parts = np.random.default_rng(1).standard_normal((2, channels, 769, len(levels)))
    return ((parts[0] + 1j * parts[1]) * levels).astype(np.complex64)


def falling(rt60_seconds: float) -> np.ndarray:
    """Return 40 frames that sound, and 40 that fall as in a room."""
    seconds = FRAME_SECONDS * np.maximum(np.arange(80) - 39, 0)
    return noise(np.asarray(10.0 ** (-3.0 * seconds / rt60_seconds)))


def test_what_begins_and_what_stays_is_left_nearly_alone() -> None:
    gains = LateGains(WEIGHTS, RT60_SECONDS)(noise(np.ones(60)))
    np.testing.assert_array_equal(gains[:, :DELAY_FRAMES].round(6), 1.0)
    assert gains.mean() > 0.9
    assert gains.max() <= 1.0 + 1e-6


def test_what_falls_as_in_a_room_is_lowered() -> None:
    middling = LateGains(WEIGHTS, RT60_SECONDS)(falling(RT60_SECONDS))[:, 50:].mean()
    slow = LateGains(WEIGHTS, RT60_SECONDS)(falling(4.0 * RT60_SECONDS))[:, 50:].mean()
    assert middling < 0.4
    assert middling < slow - 0.3


def test_no_gain_is_lower_than_the_lowest() -> None:
    levels = np.concatenate([np.ones(20), np.full(5, 1e-4)])
    gains = LateGains(WEIGHTS, RT60_SECONDS)(noise(levels))
    assert gains[:, -1] == pytest.approx(np.full(769, LOWEST_GAIN), rel=1e-4)


def test_silence_has_gain_1() -> None:
    gains = LateGains(WEIGHTS, RT60_SECONDS)(np.zeros((1, 769, 20), np.complex64))
    np.testing.assert_allclose(gains, 1.0, rtol=1e-5)


def test_the_level_makes_no_difference() -> None:
    heard = falling(0.5)
    np.testing.assert_allclose(
        LateGains(WEIGHTS, RT60_SECONDS)(heard),
        LateGains(WEIGHTS, RT60_SECONDS)(1e-3 * heard),
        rtol=1e-4,
    )


def test_pieces_give_what_the_whole_gives() -> None:
    heard = falling(0.5)
    whole, pieces = LateGains(WEIGHTS, RT60_SECONDS)(heard), LateGains(WEIGHTS, RT60_SECONDS)
    parts = [pieces(heard[:, :, start : start + 7]) for start in range(0, 80, 7)]
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole, rtol=1e-5)


def test_all_channels_get_the_same_gains_as_their_sum_of_powers() -> None:
    heard = falling(0.5)
    swapped = LateGains(WEIGHTS, RT60_SECONDS)(heard[::-1])
    np.testing.assert_allclose(swapped, LateGains(WEIGHTS, RT60_SECONDS)(heard), rtol=1e-5)


def test_in_a_longer_room_the_same_fall_is_lowered_more() -> None:
    short, long = (
        LateGains(WEIGHTS, rt60_seconds)(falling(0.7))[:, 50:].mean() for rt60_seconds in (0.3, 0.8)
    )
    assert long < 0.3
    assert short > 0.8
