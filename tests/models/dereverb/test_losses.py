import math

import pytest
import torch

from tonewright.models.dereverb.losses import si_sdr_db, spectral_distance, strong_loss


def signals(*seeds: int) -> list[torch.Tensor]:
    return [torch.randn(2, 9_600, generator=torch.Generator().manual_seed(seed)) for seed in seeds]


@pytest.mark.parametrize("noise_db", [-20.0, 0.0, 10.0])
def test_si_sdr_is_the_level_of_what_was_added(noise_db: float) -> None:
    target, noise = signals(1, 2)
    noise -= (noise * target).sum(-1, keepdim=True) / target.square().sum(-1, keepdim=True) * target
    levels = target.norm(dim=-1, keepdim=True) / noise.norm(dim=-1, keepdim=True)
    noise *= levels * 10.0 ** (noise_db / 20.0)
    torch.testing.assert_close(
        si_sdr_db(target + noise, target), torch.full((2,), -noise_db), atol=1e-2, rtol=0.0
    )


def test_si_sdr_does_not_depend_on_the_level() -> None:
    target, other = signals(1, 2)
    torch.testing.assert_close(
        si_sdr_db(0.1 * (target + other), target), si_sdr_db(target + other, target)
    )


def test_measures_are_finite_and_differentiable_for_silence() -> None:
    silent = torch.zeros(2, 9_600, requires_grad=True)
    for target in (torch.zeros(2, 9_600), signals(1)[0]):
        loss = strong_loss(silent, target)
        loss.backward()
        assert math.isfinite(loss.item())
        assert torch.isfinite(silent.grad).all()


def test_nothing_is_nearer_to_the_target_than_itself() -> None:
    target, other = signals(1, 2)
    assert spectral_distance(target, target, 1024) == 0.0
    near, far = (strong_loss(target + share * other, target) for share in (0.1, 0.5))
    assert strong_loss(target, target) < near < far


def test_the_spectral_distance_hears_levels_and_phases() -> None:
    (target,) = signals(1)
    assert spectral_distance(0.5 * target, target, 1024) > 0.0
    assert spectral_distance(-target, target, 1024) > 0.0


def test_the_spectral_distance_is_relative_to_the_targets_level() -> None:
    target, other = signals(1, 2)
    loud, faint = (
        spectral_distance(gain * (target + other), gain * target, 1024) for gain in (1.0, 0.1)
    )
    torch.testing.assert_close(loud, faint, atol=1e-3, rtol=1e-2)
