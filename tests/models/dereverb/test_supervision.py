from typing import Any

import numpy as np
import pytest
import torch

from tonewright.models.dereverb.acoustics import Acoustics, acoustics_of
from tonewright.models.dereverb.supervision import (
    USUAL_DRR_DB,
    Matching,
    Strong,
    Supervision,
    supervised,
)
from tonewright.models.training.corpus import SAMPLE_RATE, Kind, Store
from tonewright.models.training.rooms import DIRECT_SAMPLES, RESPONSE_SAMPLES, Responses


@pytest.fixture(scope="module")
def rooms(polack: Any) -> Responses:
    """One dead, near room and one live, far one."""
    known = Acoustics(torch.tensor([0.2, 0.8]), torch.tensor([6.0, -6.0]))
    made = polack(known, RESPONSE_SAMPLES, 1)
    full = np.roll(np.asarray(made), DIRECT_SAMPLES // 2, axis=1).astype(np.float16)
    direct = np.zeros((2, DIRECT_SAMPLES), np.float32)
    direct[:, DIRECT_SAMPLES // 2] = 1.0
    return Responses(full, direct, np.array([0.2, 0.8]), np.full(2, 2.0))


@pytest.fixture(scope="module")
def signals() -> tuple[torch.Tensor, torch.Tensor]:
    wet, dry = torch.randn(2, 2, SAMPLE_RATE, generator=torch.Generator().manual_seed(2))
    return wet, dry


def told(supervision: Supervision, rooms: Responses, *, masks: bool = False) -> Strong | Matching:
    store = Store(np.zeros(0, np.int16), {kind: {} for kind in Kind})
    return supervised(supervision, store, rooms, masks=masks, seed=3)


def test_weak_training_knows_both_numbers(rooms: Responses) -> None:
    learning = told(Supervision.WEAK, rooms)
    assert isinstance(learning, Matching)
    known = learning.known(torch.zeros(2, 0), np.array([1, 0]))
    expected = [acoustics_of(rooms.full[room].astype(np.float32), SAMPLE_RATE) for room in (1, 0)]
    torch.testing.assert_close(known.rt60_seconds, torch.tensor(expected)[:, 0].float())
    torch.testing.assert_close(known.drr_db, torch.tensor(expected)[:, 1].float())


def test_without_a_ratio_all_rooms_have_the_usual_one(rooms: Responses) -> None:
    learning = told(Supervision.WEAK_RT60, rooms)
    assert isinstance(learning, Matching)
    known = learning.known(torch.zeros(2, 0), np.array([0, 1]))
    torch.testing.assert_close(known.rt60_seconds, torch.tensor([0.2, 0.8]), rtol=0.1, atol=0.0)
    assert (known.drr_db == USUAL_DRR_DB).all()


@pytest.mark.parametrize("supervision", [Supervision.WEAK, Supervision.WEAK_RT60])
def test_weak_training_does_not_look_at_the_dry_signal(
    rooms: Responses, signals: tuple[torch.Tensor, torch.Tensor], supervision: Supervision
) -> None:
    wet, dry = signals
    learning = told(supervision, rooms)
    chosen = np.array([0, 1])
    assert learning.loss(wet, wet, dry, chosen) == learning.loss(wet, wet, wet, chosen)
    assert not learning.augment


def test_strong_training_looks_at_the_dry_signal_alone(
    rooms: Responses, signals: tuple[torch.Tensor, torch.Tensor]
) -> None:
    wet, dry = signals
    learning = told(Supervision.STRONG, rooms)
    chosen = np.array([0, 1])
    assert learning.loss(dry, wet, dry, chosen) < learning.loss(wet, wet, dry, chosen)
    assert learning.augment


def test_of_masks_only_levels_are_judged(
    rooms: Responses, signals: tuple[torch.Tensor, torch.Tensor]
) -> None:
    wet, dry = signals
    masks = told(Supervision.STRONG, rooms, masks=True)
    chosen = np.array([0, 1])
    assert masks.loss(-0.3 * dry, wet, dry, chosen) < 1e-3 < masks.loss(wet, wet, dry, chosen)
    assert not masks.augment
