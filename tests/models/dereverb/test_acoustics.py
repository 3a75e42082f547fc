import numpy as np
import pytest
import torch

from tonewright.models.dereverb.acoustics import Acoustics, acoustics_of, polack_responses

RATE = 48_000


def responses(rt60_seconds: float, drr_db: float, rooms: int = 8) -> torch.Tensor:
    known = Acoustics(torch.full((rooms,), rt60_seconds), torch.full((rooms,), drr_db))
    return polack_responses(known, RATE, RATE, torch.Generator().manual_seed(1))


@pytest.mark.parametrize("drr_db", [-6.0, 0.0, 10.0])
def test_the_tail_has_the_energy_that_the_ratio_says(drr_db: float) -> None:
    energy = responses(0.3, drr_db)[:, 1:].square().sum(-1).mean()
    assert 10.0 * torch.log10(energy).item() == pytest.approx(-drr_db, abs=0.2)


def test_the_tail_loses_60_db_in_the_reverberation_time() -> None:
    tail = responses(0.5, 0.0, 64).square().mean(0)
    early, late = tail[200:5_000].mean(), tail[200 + RATE // 4 : 5_000 + RATE // 4].mean()
    assert 10.0 * torch.log10(early / late).item() == pytest.approx(30.0, abs=0.5)


def test_nothing_sounds_between_the_direct_sound_and_the_tail() -> None:
    made = responses(0.5, 0.0)
    assert (made[:, 0] == 1.0).all()
    assert not made[:, 1:120].any()
    assert made[:, 120].any()


@pytest.mark.parametrize(("rt60_seconds", "drr_db"), [(0.2, 5.0), (0.5, 0.0), (0.7, -8.0)])
def test_a_response_tells_what_it_was_made_from(rt60_seconds: float, drr_db: float) -> None:
    found = np.mean(
        [acoustics_of(np.asarray(each), RATE) for each in responses(rt60_seconds, drr_db)], axis=0
    )
    assert found[0] == pytest.approx(rt60_seconds, rel=0.1)
    assert found[1] == pytest.approx(drr_db, abs=0.7)
