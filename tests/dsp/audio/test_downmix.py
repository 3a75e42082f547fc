from math import sqrt

import numpy as np
import pytest

from tonewright.dsp.audio.downmix import LAYOUTS, downmix
from tonewright.dsp.audio.signal import Audio

MINUS_3_DB = sqrt(0.5)


def impulses(channels: int) -> Audio:
    """Sample n is 1 in channel n only: the downmix is the matrix."""
    return np.eye(channels, dtype=np.float32)


@pytest.mark.parametrize(
    ("channels", "left", "right"),
    [
        (1, [1], [1]),
        (3, [1, 0, MINUS_3_DB], [0, 1, MINUS_3_DB]),
        (4, [1, 0, MINUS_3_DB, 0], [0, 1, 0, MINUS_3_DB]),
        (5, [1, 0, MINUS_3_DB, MINUS_3_DB, 0], [0, 1, MINUS_3_DB, 0, MINUS_3_DB]),
        (6, [1, 0, MINUS_3_DB, 0, MINUS_3_DB, 0], [0, 1, MINUS_3_DB, 0, 0, MINUS_3_DB]),
        (7, [1, 0, MINUS_3_DB, 0, 0.5, MINUS_3_DB, 0], [0, 1, MINUS_3_DB, 0, 0.5, 0, MINUS_3_DB]),
        (
            8,
            [1, 0, MINUS_3_DB, 0, MINUS_3_DB, 0, MINUS_3_DB, 0],
            [0, 1, MINUS_3_DB, 0, 0, MINUS_3_DB, 0, MINUS_3_DB],
        ),
    ],
)
def test_stereo_follows_bs_775(channels: int, left: list[float], right: list[float]) -> None:
    assert np.allclose(downmix(impulses(channels), 2), [left, right])


@pytest.mark.parametrize("channels", LAYOUTS)
def test_mono_is_the_mean_of_the_sides(channels: int) -> None:
    audio = impulses(channels)
    assert np.allclose(downmix(audio, 1)[0], downmix(audio, 2).mean(axis=0))


def test_mono_survives_stereo() -> None:
    mono = np.random.default_rng(0).standard_normal((1, 100)).astype(np.float32)
    assert np.array_equal(downmix(downmix(mono, 2), 1), mono)


@pytest.mark.parametrize("channels", [1, 2])
def test_nothing_happens_to_what_fits(channels: int) -> None:
    audio = impulses(channels)
    assert downmix(audio, channels) is audio


@pytest.mark.parametrize(("from_channels", "channels"), [(9, 2), (2, 3)])
def test_other_layouts_are_refused(from_channels: int, channels: int) -> None:
    with pytest.raises(ValueError, match=f"{from_channels} to {channels}"):
        downmix(impulses(from_channels), channels)
