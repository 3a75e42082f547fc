from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tonewright.models.dereverb.acoustics import Acoustics, acoustics_of, decays
from tonewright.models.training.corpus import SAMPLE_RATE

HOP = 768

Responses = Callable[..., Tensor]


@pytest.fixture
def responses(polack: Any) -> Responses:
    def made(rt60_seconds: float, drr_db: float, rooms: int = 8) -> Tensor:
        known = Acoustics(torch.full((rooms,), rt60_seconds), torch.full((rooms,), drr_db))
        drawn: Tensor = polack(known, SAMPLE_RATE, 1)
        return drawn

    return made


def decay(rt60_seconds: float, drr_db: float, frames: int = 63) -> Tensor:
    known = Acoustics(torch.tensor([rt60_seconds]), torch.tensor([drr_db]))
    return decays(known, SAMPLE_RATE, HOP, frames)[0]


@pytest.mark.parametrize("drr_db", [-6.0, 0.0, 10.0])
def test_what_comes_behind_the_direct_sound_has_the_power_that_the_ratio_says(
    drr_db: float,
) -> None:
    later = decay(0.3, drr_db).sum() - 1.0
    assert 10.0 * torch.log10(later).item() == pytest.approx(-drr_db, abs=0.1)


def test_it_loses_60_db_in_the_reverberation_time() -> None:
    found = decay(0.48, 0.0)
    assert 10.0 * torch.log10(found[5] / found[35]).item() == pytest.approx(60.0, abs=0.1)


def test_it_is_what_draws_of_a_response_send_on_the_mean(responses: Responses) -> None:
    power = responses(0.5, -3.0, 256).square().mean(0)
    edges = [0, *range(HOP // 2, SAMPLE_RATE, HOP)]
    sums = [power[first:last].sum() for first, last in pairwise(edges)]
    torch.testing.assert_close(decay(0.5, -3.0, len(sums)), torch.stack(sums), rtol=0.05, atol=1e-4)


@pytest.mark.parametrize(("rt60_seconds", "drr_db"), [(0.2, 5.0), (0.5, 0.0), (0.7, -8.0)])
def test_a_response_tells_what_it_was_made_from(
    responses: Responses, rt60_seconds: float, drr_db: float
) -> None:
    made = responses(rt60_seconds, drr_db)
    found = np.mean([acoustics_of(np.asarray(each), SAMPLE_RATE) for each in made], axis=0)
    assert found[0] == pytest.approx(rt60_seconds, rel=0.1)
    assert found[1] == pytest.approx(drr_db, abs=0.7)


def test_a_response_is_measured_where_voices_are(responses: Responses) -> None:
    response = np.asarray(responses(0.3, 0.0, 1)[0])
    found = acoustics_of(response, SAMPLE_RATE)
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    mode = 0.05 * np.exp(-6.9 * time / 2.0)
    for frequency_hz in (40.0, 15_000.0):
        rings = (response + mode * np.sin(2.0 * np.pi * frequency_hz * time)).astype(np.float32)
        assert acoustics_of(rings, SAMPLE_RATE) == pytest.approx(found, rel=0.05, abs=0.2)
    heard = (response + mode * np.sin(2.0 * np.pi * 1_000.0 * time)).astype(np.float32)
    assert acoustics_of(heard, SAMPLE_RATE)[0] > 2.0 * found[0]
