import math
from typing import Any

import pytest
import torch

from tonewright.models.dereverb.acoustics import Acoustics
from tonewright.models.dereverb.losses import (
    colour_distance_db,
    log_spectral_distance_db,
    matching_loss,
    si_sdr_db,
    spectral_distance,
    strong_loss,
    tail_distance_db,
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


def test_the_log_spectral_distance_is_that_of_levels() -> None:
    """A point 12 dB lower is 12 dB away; what is 60 dB below the loudest does not count."""
    (target,) = signals(1)
    assert log_spectral_distance_db(0.25 * target, target) < 0.05  # each by its own loudest
    loud = torch.cat([target, 0.25 * target], dim=1)
    lower = torch.cat([target, 0.0625 * target], dim=1)
    assert log_spectral_distance_db(lower, loud) == pytest.approx(6.0, abs=0.5)
    faint = torch.cat([target, 1e-5 * target], dim=1)
    fainter = torch.cat([target, 1e-7 * target], dim=1)
    assert log_spectral_distance_db(fainter, faint) < 0.05


def test_the_tail_distance_is_that_behind_what_has_ended() -> None:
    sound = signals(1)[0].repeat(1, 6)
    played = torch.ones(57_600)
    played[28_800:] = 0.0
    target = sound * played
    echo = 0.1 * sound * (1.0 - played)
    assert tail_distance_db(target, target) < 1e-3
    # The echo is 17 dB below the mean, and silence counts as 45.
    assert tail_distance_db(target + echo, target).item() == pytest.approx(28.0, abs=2.0)
    # What is added to what sounds is not a tail, and a tail that is too soft is no fault.
    assert tail_distance_db(target + 0.1 * sound * played, target) < 1e-3
    assert tail_distance_db(target, target + echo) == 0.0


def test_the_colour_distance_is_that_of_the_balance_of_bands() -> None:
    """Half of all bands 8 dB louder than the others: 4 dB on the mean; the level is no colour."""
    (target,) = signals(1)
    assert colour_distance_db(0.1 * target, target) < 1e-3
    spectrum = torch.fft.rfft(target)
    spectrum[:, : round(spectrum.shape[1] * 1_122.0 / 24_000.0)] *= 10.0 ** (8.0 / 20.0)
    tilted = torch.fft.irfft(spectrum, target.shape[1])
    assert colour_distance_db(tilted, target) == pytest.approx(4.0, abs=0.4)


def made_wet(dry: torch.Tensor, response: torch.Tensor) -> torch.Tensor:
    size = 2 * dry.shape[-1]
    product = torch.fft.rfft(dry, size) * torch.fft.rfft(response, size)
    return torch.fft.irfft(product, size)[:, : dry.shape[-1]]


LIVE = Acoustics(torch.full((2,), 0.6), torch.full((2,), -6.0))
DEAD = Acoustics(torch.full((2,), 0.15), torch.full((2,), 6.0))


@pytest.fixture
def heard(polack: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Bursts of noise, dry and in a live room."""
    noise = torch.randn(2, 96_000, generator=torch.Generator().manual_seed(1))
    dry = noise * (torch.arange(96_000) % 24_000 < 4_000)
    return dry, made_wet(dry, polack(LIVE, 48_000, 2))


def test_the_dry_signal_in_the_room_matches_what_was_heard(
    heard: tuple[torch.Tensor, torch.Tensor],
) -> None:
    dry, wet = heard
    matched = matching_loss(dry, wet, LIVE)
    assert matched < 0.2
    assert matching_loss(wet, wet, LIVE) > 3.0 * matched
    assert matching_loss(dry, wet, DEAD) > 3.0 * matched


def test_in_a_dead_room_what_was_heard_is_dry(heard: tuple[torch.Tensor, torch.Tensor]) -> None:
    dry, wet = heard
    assert matching_loss(wet, wet, DEAD) < 0.2 < matching_loss(dry, wet, DEAD)


def test_what_comes_before_the_first_frame_is_not_compared(
    heard: tuple[torch.Tensor, torch.Tensor],
) -> None:
    dry, wet = heard
    other = torch.cat([wet[:, :24_000].flip(1), wet[:, 24_000:]], dim=1)
    late = matching_loss(dry, wet, LIVE, 40)
    torch.testing.assert_close(matching_loss(dry, other, LIVE, 40), late, rtol=1e-3, atol=0.0)
    assert matching_loss(dry, other, LIVE) > 2.0 * late


def test_matching_does_not_depend_on_the_levels(heard: tuple[torch.Tensor, torch.Tensor]) -> None:
    dry, wet = heard
    loss = matching_loss(wet, wet, LIVE)
    torch.testing.assert_close(matching_loss(0.3 * wet, wet, LIVE), loss, rtol=1e-3, atol=0.0)
    torch.testing.assert_close(matching_loss(wet, 4.0 * wet, LIVE), loss, rtol=1e-3, atol=0.0)
    assert matching_loss(dry, wet, LIVE) < loss
