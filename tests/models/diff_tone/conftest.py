"""A model so small that its edits can be foretold, and a listener to it."""

import numpy as np
import pytest
import torch
from torch import Tensor

from tonewright.dsp.audio.signal import Audio
from tonewright.models.diff_tone.backend import Check, Condition, unchecked
from tonewright.models.diff_tone.diffusion import Grid, cosine_grid


class Blocks:
    """A model whose latent is the audio; a prompt names the value that it draws everything to."""

    name = "Blocks"
    sample_rate = 8_000

    def __init__(self) -> None:
        self.asked: list[float] = []

    def latent_shape(self, length_samples: int) -> tuple[int, ...]:
        return (1, 1, length_samples)

    def encode(self, audio: Audio) -> Tensor:
        return torch.from_numpy(audio)[None].double()

    def decode(self, latent: Tensor, length_samples: int, source: Audio | None = None) -> Audio:
        return np.asarray(latent[0, :, :length_samples].float())

    def condition(self, prompt: str, length_samples: int, source: Audio | None = None) -> Condition:
        return {"": 0.0, "solo flute": 0.5, "solo cello": -0.5}[prompt]

    def grid(self, steps: int) -> Grid:
        return cosine_grid(steps)

    def clean(
        self,
        x: Tensor,
        grid: Grid,
        index: int,
        condition: Condition,
        *,
        guidance: float,
        check: Check = unchecked,
    ) -> Tensor:
        check()
        alpha = grid.alphas[index]
        self.asked.append(condition)
        return alpha * x + (1.0 - alpha) * guidance * condition


class Sign:
    """A listener to ``Blocks``."""

    names = ("flute", "cello")

    def probabilities(self, clean: Tensor, alpha: float) -> Tensor:
        flute = torch.sigmoid(8.0 * clean.mean())
        return torch.stack([flute, 1.0 - flute])

    def in_sound(self, latent: Tensor, source: Audio) -> Tensor:
        return self.probabilities(latent, 1.0)

    def kept(self, before: Tensor, after: Tensor) -> float:
        return max(0.0, 1.0 - float((before - after).abs().mean()))


@pytest.fixture
def model() -> Blocks:
    """Return the model."""
    return Blocks()


@pytest.fixture
def listener() -> Sign:
    """Return the listener."""
    return Sign()
