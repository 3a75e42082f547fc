"""The mathematics of diffusion, for every model alike.

All states are *variance preserving*: ``x_t = sqrt(a) x_0 + sqrt(1 - a) e`` with ``e`` standard
normal and ``a``, the share of signal power ("alpha bar"), going from nearly 0 (noise) to 1 (clean).
A model of the other common form, ``x = x_0 + sigma e``, is brought to this one by
``a = 1 / (1 + sigma^2)`` and ``x_t = x / sqrt(1 + sigma^2)``. Whatever a network predicts becomes
the **clean estimate** ``x_0``, and with it come the noise estimate and every kind of step:

* DDIM (Song, Meng and Ermon 2021), ``eta = 0``: ``sqrt(a') x_0 + sqrt(1 - a') e``;
* DDPM (Ho, Jain and Abbeel 2020), ``eta = 1``: part of the noise is drawn anew.

A **grid** counts steps from the noise (index 0) to the clean signal (the last index). Noise of step
n comes from the seed and n alone, so a run that starts again in the middle draws the same.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
from torch import Tensor


class Prediction(StrEnum):
    """What a network predicts."""

    CLEAN = "sample"
    NOISE = "epsilon"
    VELOCITY = "v_prediction"  # sqrt(a) e - sqrt(1 - a) x_0; Salimans and Ho 2022


@dataclass(frozen=True, slots=True)
class Grid:
    """The noise levels that a sampler visits.

    Attributes:
        alphas: Share of signal power at every index, rising, in (0, 1]; one more than there are
            steps. The last is 1 if the sampler ends at the clean signal.
        times: What the network is told at every index; of the same length.
    """

    alphas: tuple[float, ...]
    times: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.alphas) != len(self.times) or len(self.alphas) < 2:
            raise ValueError("a grid needs as many times as alphas, at least 2")
        rising = all(a < b for a, b in zip(self.alphas, self.alphas[1:], strict=False))
        if not (rising and self.alphas[0] > 0.0 and self.alphas[-1] <= 1.0):
            raise ValueError("the alphas of a grid must rise inside (0, 1]")

    @property
    def steps(self) -> int:
        """How many steps there are from the first index to the last."""
        return len(self.alphas) - 1


def cosine_alpha(time: float) -> float:
    """Return the share of signal power at a time from 0 (clean) to 1 (noise)."""
    return math.cos(0.5 * math.pi * time) ** 2


def cosine_grid(steps: int, *, density: float = 2.0, noisiest: float = 0.995) -> Grid:
    """Return a grid of the cosine schedule (Nichol and Dhariwal 2021).

    Args:
        steps: At least 1.
        density: 1 spaces times evenly; above 1 there are more of them at high noise, where it is
            decided what is played and by whom.
        noisiest: The first time, below 1.
    """
    if steps < 1:
        raise ValueError(f"there must be at least 1 step, not {steps}")
    times = [noisiest * (1.0 - (n / steps) ** density) for n in range(steps + 1)]
    return Grid(tuple(cosine_alpha(time) for time in times), tuple(times))


def clean_of(predicted: Tensor, x: Tensor, alpha: float, kind: Prediction) -> Tensor:
    """Return the clean estimate that a prediction stands for."""
    if kind is Prediction.CLEAN:
        return predicted
    signal, noise = math.sqrt(alpha), math.sqrt(1.0 - alpha)
    if kind is Prediction.NOISE:
        return (x - noise * predicted) / signal
    return signal * x - noise * predicted


def noise_of(clean: Tensor, x: Tensor, alpha: float) -> Tensor:
    """Return the noise estimate that goes with a clean estimate; ``alpha`` below 1."""
    return (x - math.sqrt(alpha) * clean) / math.sqrt(1.0 - alpha)


def noised(clean: Tensor, noise: Tensor, alpha: float) -> Tensor:
    """Return the state at a noise level."""
    return math.sqrt(alpha) * clean + math.sqrt(1.0 - alpha) * noise


def step_sigma(alpha: float, alpha_next: float, eta: float) -> float:
    """Return the standard deviation of the noise that a step draws; see ``step_mean``."""
    return eta * math.sqrt((1.0 - alpha_next) / (1.0 - alpha) * (1.0 - alpha / alpha_next))


def step_mean(
    clean: Tensor, x: Tensor, alpha: float, alpha_next: float, eta: float
) -> tuple[Tensor, float]:
    """Return the mean and the standard deviation of the next state.

    Args:
        clean: The clean estimate for ``x``.
        x: The state at ``alpha``.
        alpha: Where it is, below 1.
        alpha_next: Where it goes, above ``alpha``.
        eta: 0 for DDIM, 1 for DDPM.
    """
    sigma = step_sigma(alpha, alpha_next, eta)
    along = math.sqrt(max(0.0, 1.0 - alpha_next - sigma**2))
    return math.sqrt(alpha_next) * clean + along * noise_of(clean, x, alpha), sigma


@dataclass(frozen=True, slots=True)
class NoiseStream:
    """Standard normal noise by step number.

    Attributes:
        seed: 0 to 2**64 - 1.
        shape: Of the noise at every step.
        dtype: Of the noise; it is drawn in float64 and rounded.
    """

    seed: int
    shape: tuple[int, ...]
    dtype: torch.dtype = torch.float32

    def at(self, step: int) -> Tensor:
        """Return the noise of a step, 0 or more; the same at every call."""
        rng = np.random.default_rng((self.seed, step))
        return torch.from_numpy(rng.standard_normal(self.shape)).to(self.dtype)
