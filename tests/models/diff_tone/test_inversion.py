import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from tonewright.models.diff_tone.diffusion import Grid, NoiseStream, cosine_grid
from tonewright.models.diff_tone.inversion import (
    Estimate,
    Inversion,
    ddim,
    edit_friendly,
    guidance_after,
    reconstruction_error,
    sdedit,
)

SHAPE = (2, 3, 5)
GRID = cosine_grid(50)
STREAM = NoiseStream(11, SHAPE, torch.float64)
LATENT = torch.randn(SHAPE, dtype=torch.float64, generator=torch.Generator().manual_seed(2))


class Network:
    """An arbitrary network: a random map, the index mixed in."""

    def __init__(self, seed: int, strength: float = 1.0) -> None:
        generator = torch.Generator().manual_seed(seed)
        self.weights = strength * torch.randn(5, 5, dtype=torch.float64, generator=generator)

    def __call__(self, x: Tensor, index: int) -> Tensor:
        return torch.tanh(x @ self.weights + 0.1 * index)


def test_edit_friendly_inversion_gives_the_recording_back_whatever_the_network() -> None:
    estimate = Network(1)
    path = edit_friendly(LATENT, estimate, GRID, STREAM)
    assert reconstruction_error(path, estimate, LATENT) < 1e-15
    for start in (0, 10, 49):
        torch.testing.assert_close(path.run(estimate, start), LATENT, atol=1e-14, rtol=0.0)


def test_another_condition_gives_something_else() -> None:
    path = edit_friendly(LATENT, Network(1), GRID, STREAM)
    differences = [(path.run(Network(2), n) - LATENT).abs().mean() for n in (0, 25, 49, 50)]
    assert min(differences[:3]) > 0.1
    assert differences[3] < 1e-15


def test_states_of_edit_friendly_inversion_are_independent_noise() -> None:
    stream = NoiseStream(3, (1, 20_000), torch.float64)
    latent = torch.zeros(1, 20_000, dtype=torch.float64)
    path = edit_friendly(latent, lambda x, _: 0.5 * x, cosine_grid(10), stream)
    pair = torch.stack([path.states[4][0], path.states[5][0]])
    assert torch.corrcoef(pair)[0, 1].abs() < 0.03


def wiener(grid: Grid) -> Estimate:
    """Return the best estimate for normal data of standard deviation 3."""

    def estimate(x: Tensor, index: int) -> Tensor:
        alpha = grid.alphas[index]
        return 9.0 * math.sqrt(alpha) / (9.0 * alpha + 1.0 - alpha) * x

    return estimate


def test_ddim_inversion_comes_nearer_with_steps() -> None:
    def error(steps: int) -> float:
        grid = cosine_grid(steps)
        path = ddim(LATENT, wiener(grid), grid, replace(STREAM, seed=0))
        assert len(path.states) == steps + 1
        return reconstruction_error(path, wiener(grid), LATENT)

    assert error(200) < 0.3 * error(25) < 0.5


def test_every_seed_of_ddim_begins_elsewhere_but_ends_at_the_recording() -> None:
    grid = cosine_grid(50)
    plain, one, other = (
        ddim(LATENT, wiener(grid), grid, replace(STREAM, seed=seed)) for seed in (0, 1, 2)
    )
    for path in (one, other):
        torch.testing.assert_close(path.end, LATENT)
        likeness = torch.corrcoef(torch.stack([plain.states[0].ravel(), path.states[0].ravel()]))
        assert 0.3 < likeness[0, 1] < 0.97
    assert not torch.equal(one.states[0], other.states[0])


def test_sdedit_is_guided_less_but_never_turned_around() -> None:
    assert guidance_after(Inversion.SDEDIT, 4.0) == pytest.approx(3.0)
    assert guidance_after(Inversion.SDEDIT, 1.0) == 1.0
    for other in (Inversion.DDIM, Inversion.EDIT_FRIENDLY, None):
        assert guidance_after(other, 4.0) == 4.0


def test_sdedit_begins_at_the_noised_recording() -> None:
    path = sdedit(LATENT, GRID, STREAM)
    torch.testing.assert_close(path.end, LATENT)
    perfect = path.run(lambda x, index: LATENT, 20)
    torch.testing.assert_close(perfect, LATENT)
    assert (path.run(Network(1), 20) - LATENT).abs().mean() > 0.1
