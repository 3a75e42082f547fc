"""Responses of rooms, drawn from Polack's model."""

from typing import Protocol

import pytest
import torch
from torch import Tensor

from tonewright.models.dereverb.acoustics import DIRECT_SECONDS, Acoustics, decay_samples
from tonewright.models.training.corpus import SAMPLE_RATE


class Draw(Protocol):
    """Draws a response for each room, ``(rooms, length_samples)``, its direct sound first."""

    def __call__(self, acoustics: Acoustics, length_samples: int, seed: int) -> Tensor: ...


def drawn(acoustics: Acoustics, length_samples: int, seed: int) -> Tensor:
    start = round(DIRECT_SECONDS * SAMPLE_RATE)
    tau = decay_samples(acoustics.rt60_seconds, SAMPLE_RATE)[:, None]
    size = torch.sqrt(10.0 ** (-acoustics.drr_db[:, None] / 10.0) * 2.0 / tau)
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(len(tau), length_samples - start, generator=generator)
    responses = torch.zeros(len(tau), length_samples)
    responses[:, 0] = 1.0
    responses[:, start:] = size * torch.exp(-torch.arange(length_samples - start) / tau) * noise
    return responses


@pytest.fixture(scope="session")
def polack() -> Draw:
    return drawn
