import numpy as np
import pytest
import torch

from tonewright.models.dereverb.loudness import (
    LEVEL_DB_SPL,
    band_powers,
    bark_bands,
    loudness,
    loudness_distance,
)
from tonewright.models.training.corpus import SAMPLE_RATE


def noise(seed: int, batch: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 0.1 * torch.randn(batch, SAMPLE_RATE // 2, generator=generator)


def tone(hz: float) -> torch.Tensor:
    time = torch.arange(SAMPLE_RATE // 2) / SAMPLE_RATE
    return 0.1 * torch.sin(2.0 * np.pi * hz * time)[None]


def test_every_bin_up_to_8_khz_is_in_one_band() -> None:
    bands, quiet = bark_bands()
    assert bands.shape == (len(quiet), 256)
    assert (bands.sum(dim=0) == 1.0).all()
    assert 40 <= len(bands) <= 50  # 21 Bark in halves


def test_the_ear_is_best_between_2_and_5_khz() -> None:
    bands, quiet = bark_bands()
    best = int(quiet[:, 0].argmin())
    lowest_hz = 31.25 * (1 + int(bands[best].argmax()))
    assert 2_000.0 < lowest_hz < 5_000.0


def test_the_level_is_given_whatever_the_gain() -> None:
    loud, faint = (band_powers(gain * noise(1)) for gain in (1.0, 0.2))
    torch.testing.assert_close(loud, faint, rtol=1e-2, atol=1.0)
    assert loud.sum(dim=1).mean() > 10.0 ** (LEVEL_DB_SPL / 10.0)


def test_ten_times_the_power_is_1_7_times_as_loud() -> None:
    _, quiet = bark_bands()
    one, ten = (loudness(power * quiet) for power in (1e5, 1e6))
    torch.testing.assert_close(ten / one, torch.full_like(one, 10.0**0.23), atol=0.1, rtol=0.0)
    assert not loudness(quiet).any()


def test_nothing_is_nearer_than_the_target_itself() -> None:
    target, other = noise(1, 2), noise(2, 2)
    same, near, far = (
        loudness_distance(target + share * other, target) for share in (0.0, 0.3, 1.0)
    )
    assert same < 0.01
    assert same < near < far


def test_what_is_added_counts_more_than_what_is_missing() -> None:
    both, one = tone(500.0) + tone(4_000.0), tone(500.0)
    assert loudness_distance(both, one) > 1.2 * loudness_distance(one, both)


@pytest.mark.parametrize("target", [torch.zeros(1, SAMPLE_RATE // 2), noise(1)])
def test_silence_gives_a_finite_gradient(target: torch.Tensor) -> None:
    silent = torch.zeros(1, SAMPLE_RATE // 2, requires_grad=True)
    loudness_distance(silent, target).backward()
    assert torch.isfinite(silent.grad).all()
