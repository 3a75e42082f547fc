"""How a recording becomes the beginning of an edit: three ways to find its noise.

* **Edit-friendly** (Huberman-Spiegelglas et al. 2024; for audio Manor and Michaeli 2024): every
  state is the recording with noise of its own, and what the sampler's noise would have had to be is
  computed from two neighbours. Sampling again with that noise and the same condition gives the
  recording back, exactly, whatever the network.
* **DDIM** (Song et al. 2021): the deterministic sampler, run backwards. Seed 0 edits from the noise
  that is found so; every other seed mixes a share of its own into it, and is another take.
* **SDEdit** (Meng et al. 2022): noise is added, and that is all.

Each gives a ``Path``: the states at all indices of a grid, and what all steps add to their means.
The path of an inverted recording follows the source's prompt, so any of its states may begin an
edit: the step where the prompt is exchanged and the noise that the edit begins with are one choice.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from torch import Tensor

from tonewright.models.diff_tone.diffusion import (
    Grid,
    NoiseStream,
    noise_of,
    noised,
    step_mean,
    step_sigma,
)

ETA = 0.7
"""How much of a step is noise that edit-friendly inversion finds, as in ``step_mean``; both papers
have 1. Less leaves more to the network's own noise estimate, and more notes are kept where the
target is heard as often (``resources/weights/diff_tone.md``)."""

SEED_SHARE = 0.2
"""Share of power that a seed has in the noise of DDIM."""

SDEDIT_GUIDANCE_SHARE = 2.0 / 3.0
"""How far SDEdit goes beyond a guidance of 1, of what others do: its noise holds nothing of what is
played, and guidance of 3 kept more of it than 4 where the target was heard as often."""

Estimate = Callable[[Tensor, int], Tensor]
"""The clean estimate for a state at an index of a grid."""


class Inversion(StrEnum):
    """A way to find the noise of a recording."""

    EDIT_FRIENDLY = "edit-friendly"
    DDIM = "ddim"
    SDEDIT = "sdedit"


@dataclass(frozen=True, slots=True)
class Path:
    """A way from noise to a clean latent.

    Attributes:
        grid: Where it goes along.
        states: At every index of the grid.
        cleans: The clean estimate at every index but the last, as it was when the path was made.
        offsets: What every step adds to its mean (``step_mean``): the sampler's noise, or what
            an inversion found in its place; None where that is nothing.
        eta: How much of a step is noise, as in ``step_mean``.
        inversion: How it was found; None if it was sampled from noise.
    """

    grid: Grid
    states: tuple[Tensor, ...]
    cleans: tuple[Tensor, ...]
    offsets: tuple[Tensor | None, ...]
    eta: float
    inversion: Inversion | None = None

    @property
    def end(self) -> Tensor:
        """The clean latent that the path ends at."""
        return self.states[-1]

    def step(self, x: Tensor, clean: Tensor, index: int) -> Tensor:
        """Return the next state for a state and a clean estimate that may not be the path's."""
        alphas = self.grid.alphas
        mean, _ = step_mean(clean, x, alphas[index], alphas[index + 1], self.eta)
        offset = self.offsets[index]
        return mean if offset is None else mean + offset

    def run(self, estimate: Estimate, start: int) -> Tensor:
        """Return the end of the way from a state of the path, by another estimate."""
        x = self.states[start]
        for index in range(start, self.grid.steps):
            x = self.step(x, estimate(x, index), index)
        return x


def drawn_offsets(grid: Grid, noise: NoiseStream, eta: float) -> tuple[Tensor | None, ...]:
    """Return the noise of all steps, scaled: noise n + 1 is of step n (noise 0 begins a path)."""
    if not eta:
        return (None,) * grid.steps
    sigmas = [step_sigma(grid.alphas[n], grid.alphas[n + 1], eta) for n in range(grid.steps)]
    return tuple(sigma * noise.at(n + 1) for n, sigma in enumerate(sigmas))


def edit_friendly(latent: Tensor, estimate: Estimate, grid: Grid, noise: NoiseStream) -> Path:
    """Return the path to a latent whose states are noised independently of each other.

    Args:
        latent: What to end at.
        estimate: With the source's condition.
        grid: Its last alpha must be 1.
        noise: Noise n is of the state at index n.
    """
    x = noised(latent, noise.at(0), grid.alphas[0])
    states, cleans, offsets = [x], [], []
    for index in range(grid.steps):
        alpha, alpha_next = grid.alphas[index], grid.alphas[index + 1]
        clean = estimate(x, index)
        mean, _ = step_mean(clean, x, alpha, alpha_next, ETA)
        offset = noised(latent, noise.at(index + 1), alpha_next) - mean
        # What rounding made of it, not what was meant: errors do not add up.
        x = mean + offset
        states.append(x)
        cleans.append(clean)
        offsets.append(offset)
    return Path(grid, tuple(states), tuple(cleans), tuple(offsets), ETA, Inversion.EDIT_FRIENDLY)


def ddim(latent: Tensor, estimate: Estimate, grid: Grid, noise: NoiseStream) -> Path:
    """Return the deterministic path that ends near a latent.

    A step back wants the clean estimate of a state that is not known yet; it is taken from the
    state before.

    Args:
        latent: What to end at.
        estimate: With the source's condition.
        grid: Its last alpha must be 1.
        noise: Noise 0 is mixed into that of all states, unless its seed is 0.
    """
    # At the clean end there is no noise to estimate: the first step back only scales.
    index = grid.steps - 1
    x = math.sqrt(grid.alphas[index]) * latent
    states, cleans = [latent, x], [latent]
    for index in range(grid.steps - 2, -1, -1):
        following, alpha_following = x, grid.alphas[index + 1]
        clean = estimate(following, index + 1)
        x = noised(clean, noise_of(clean, following, alpha_following), grid.alphas[index])
        states.append(x)
        cleans.append(clean)
    if noise.seed:
        states[1:] = [
            _mixed(latent, x, alpha, noise.at(0))
            for x, alpha in zip(states[1:], grid.alphas[-2::-1], strict=True)
        ]
    return Path(
        grid, tuple(states[::-1]), tuple(cleans[::-1]), (None,) * grid.steps, 0.0, Inversion.DDIM
    )


def _mixed(latent: Tensor, x: Tensor, alpha: float, noise: Tensor) -> Tensor:
    """Return a state of a latent with other noise mixed into its own."""
    own = noise_of(latent, x, alpha)
    mixed = math.sqrt(1.0 - SEED_SHARE) * own + math.sqrt(SEED_SHARE) * noise
    return noised(latent, mixed, alpha)


def sdedit(latent: Tensor, grid: Grid, noise: NoiseStream) -> Path:
    """Return a path all of whose states are the latent under the same noise; any may begin.

    The steps behind it are deterministic: noise drawn anew in every step brought an edit no nearer
    to the target, and took a quarter of a dB from its likeness to the truth.
    """
    states = tuple(noised(latent, noise.at(0), alpha) for alpha in grid.alphas)
    nothing = (None,) * grid.steps
    return Path(grid, states, (latent,) * grid.steps, nothing, 0.0, Inversion.SDEDIT)


def guidance_after(inversion: Inversion | None, guidance: float) -> float:
    """Return the guidance that an edit takes where a user asks for one."""
    if inversion is Inversion.SDEDIT:
        return 1.0 + SDEDIT_GUIDANCE_SHARE * (guidance - 1.0)
    return guidance


def reconstruction_error(path: Path, estimate: Estimate, latent: Tensor) -> float:
    """Return how far from a latent the path ends if it is sampled anew: the mean difference."""
    return float((path.run(estimate, 0) - latent).abs().mean())
