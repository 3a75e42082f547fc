import math

import pytest
import torch

from tonewright.models.diff_tone.diffusion import (
    Grid,
    NoiseStream,
    Prediction,
    clean_of,
    cosine_grid,
    noise_of,
    noised,
    step_mean,
)

CLEAN = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
NOISE = torch.tensor([0.3, 0.1, -1.0], dtype=torch.float64)


@pytest.mark.parametrize("alpha", [0.01, 0.5, 0.99])
def test_every_kind_of_prediction_gives_the_clean_signal(alpha: float) -> None:
    x = noised(CLEAN, NOISE, alpha)
    predicted = {
        Prediction.CLEAN: CLEAN,
        Prediction.NOISE: NOISE,
        Prediction.VELOCITY: math.sqrt(alpha) * NOISE - math.sqrt(1.0 - alpha) * CLEAN,
    }
    for kind, value in predicted.items():
        torch.testing.assert_close(clean_of(value, x, alpha, kind), CLEAN)
    torch.testing.assert_close(noise_of(CLEAN, x, alpha), NOISE)


@pytest.mark.parametrize("sigma", [0.3, 5.0, 500.0])
def test_the_sigma_form_of_velocity_is_the_same(sigma: float) -> None:
    """Stable Audio: x = x0 + sigma e, c_skip x + c_out F(c_in x) with sigma_data 1."""
    x = CLEAN + sigma * NOISE
    predicted = torch.tensor([0.2, 0.7, -0.4], dtype=torch.float64)
    skip, out = 1.0 / (sigma**2 + 1.0), -sigma / math.sqrt(sigma**2 + 1.0)
    alpha = 1.0 / (1.0 + sigma**2)
    ours = clean_of(predicted, x / math.sqrt(1.0 + sigma**2), alpha, Prediction.VELOCITY)
    torch.testing.assert_close(ours, skip * x + out * predicted)


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_a_step_keeps_the_variance_of_states(eta: float) -> None:
    generator = torch.Generator().manual_seed(1)
    clean, noise, fresh = torch.randn(3, 200_000, dtype=torch.float64, generator=generator)
    mean, sigma = step_mean(clean, noised(clean, noise, 0.2), 0.2, 0.6, eta)
    x = mean + sigma * fresh
    assert (sigma > 0.0) == (eta > 0.0)
    left = x - math.sqrt(0.6) * clean
    assert left.var().item() == pytest.approx(0.4, rel=0.02)


def test_the_last_step_is_the_clean_estimate() -> None:
    mean, sigma = step_mean(CLEAN, noised(CLEAN, NOISE, 0.9), 0.9, 1.0, 1.0)
    torch.testing.assert_close(mean, CLEAN)
    assert sigma == 0.0


def test_a_dense_grid_has_more_steps_at_high_noise() -> None:
    even, dense = cosine_grid(40, density=1.0), cosine_grid(40, density=2.0)
    assert even.steps == dense.steps == 40
    assert even.alphas[-1] == dense.alphas[-1] == 1.0
    first_tenth = [sum(alpha < 0.1 for alpha in grid.alphas) for grid in (even, dense)]
    assert first_tenth[1] >= 2 * first_tenth[0]


@pytest.mark.parametrize("alphas", [(0.5,), (0.5, 0.4), (0.0, 1.0), (0.5, 1.1)])
def test_a_grid_must_rise_from_noise_to_clean(alphas: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="grid"):
        Grid(alphas, alphas)


def test_noise_of_a_step_depends_on_seed_and_step_alone() -> None:
    stream = NoiseStream(7, (1, 4, 1_000))
    first = stream.at(3)
    stream.at(0)
    assert torch.equal(first, stream.at(3))
    assert not torch.equal(first, stream.at(4))
    assert not torch.equal(first, NoiseStream(8, (1, 4, 1_000)).at(3))
    assert first.std().item() == pytest.approx(1.0, abs=0.05)
