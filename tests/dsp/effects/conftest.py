from collections.abc import Callable

import numpy as np
import pytest

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects import EffectType, Parameter

SAMPLE_RATE = 48_000


class Recorder:
    """Remembers the level it had for every sample, and the blocks it was given."""

    effect_type = EffectType(
        "recorder",
        "Recorder",
        "",
        (Parameter("level", 0.0, -100.0, 100.0, automatable=True), Parameter("fixed", 1.0)),
    )

    def __init__(self) -> None:
        self.level = 0.0
        self.levels: list[float] = []
        self.blocks: list[int] = []

    def process(
        self, audio: Audio, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> Audio:
        self.levels += [self.level] * audio.shape[1]
        self.blocks.append(audio.shape[1])
        return audio

    def reset(self) -> None:
        """Nothing sounds on."""


@pytest.fixture
def noise() -> Callable[..., Audio]:
    """Return a maker of the same noise, uniform up to a peak."""

    def make(seconds: float = 0.5, channels: int = 2, peak: float = 1.0, seed: int = 1) -> Audio:
        rng = np.random.default_rng(seed)
        shape = (channels, round(seconds * SAMPLE_RATE))
        return rng.uniform(-peak, peak, shape).astype(np.float32)

    return make


@pytest.fixture
def recorder_type() -> type[Recorder]:
    """Return a Python effect that tells what it was given and how it stood."""
    return Recorder
