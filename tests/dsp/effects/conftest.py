from collections.abc import Callable

import numpy as np
import pytest

from tonewright.dsp.audio.signal import Audio

SAMPLE_RATE = 48_000


@pytest.fixture
def noise() -> Callable[..., Audio]:
    """Return a maker of the same noise, uniform up to a peak."""

    def make(seconds: float = 0.5, channels: int = 2, peak: float = 1.0, seed: int = 1) -> Audio:
        rng = np.random.default_rng(seed)
        shape = (channels, round(seconds * SAMPLE_RATE))
        return rng.uniform(-peak, peak, shape).astype(np.float32)

    return make
