import math

import pytest
import torch

from tonewright.models.dereverb.losses import (
    matching_loss,
    si_sdr_db,
    spectral_distance,
    strong_loss,
)


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


def made_wet(dry: torch.Tensor, response: torch.Tensor) -> torch.Tensor:
    size = 2 * dry.shape[-1]
    product = torch.fft.rfft(dry, size) * torch.fft.rfft(response, size)
    return torch.fft.irfft(product, size)[:, : dry.shape[-1]]


def room(seed: int) -> torch.Tensor:
    noise = torch.randn(2, 4_800, generator=torch.Generator().manual_seed(seed))
    response = 0.1 * noise * torch.exp(-torch.arange(4_800) / 800.0)
    response[:, 0] = 1.0
    return response


def test_the_dry_signal_matches_and_the_wet_one_does_not() -> None:
    (dry,) = signals(1)
    wet = made_wet(dry, room(2))
    right = matching_loss(dry, wet, room(2))
    assert right < 1e-6
    assert matching_loss(wet, wet, room(2)) > 0.1
    assert matching_loss(dry, wet, room(3)) > 0.1


def test_matching_does_not_depend_on_the_levels() -> None:
    dry, other = signals(1, 2)
    wet = made_wet(dry, room(2))
    loss = matching_loss(other, wet, room(2))
    torch.testing.assert_close(matching_loss(0.3 * other, wet, room(2)), loss, rtol=1e-3, atol=0.0)
    torch.testing.assert_close(matching_loss(other, 4.0 * wet, room(2)), loss, rtol=1e-3, atol=0.0)
