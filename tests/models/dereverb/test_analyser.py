from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tonewright.dsp.audio.room import TYPICAL, said
from tonewright.models.dereverb.acoustics import Acoustics
from tonewright.models.dereverb.analyser import (
    DRY_DB,
    Analyser,
    draw_examples,
    fitted_analyser,
    heard,
    labels_of,
)
from tonewright.models.training.corpus import SAMPLE_RATE, Kind, Store
from tonewright.models.training.rooms import DIRECT_SAMPLES, RESPONSE_SAMPLES, Responses


@pytest.fixture(scope="module")
def store() -> Store:
    rng = np.random.default_rng(1)
    clicks = rng.integers(-9_000, 9_000, SAMPLE_RATE // 2)
    clicks[4_000:] = 0
    return Store(clicks.astype(np.int16), {kind: {"g": [(0, len(clicks))]} for kind in Kind})


@pytest.fixture(scope="module")
def rooms(polack: Any) -> Responses:
    """Two dead rooms and two live ones."""
    rt60_seconds = np.array([0.2, 0.2, 0.9, 0.9])
    known = Acoustics(torch.from_numpy(rt60_seconds).float(), torch.zeros(4))
    made = polack(known, RESPONSE_SAMPLES, 1)
    full = np.roll(np.asarray(made), DIRECT_SAMPLES // 2, axis=1).astype(np.float16)
    direct = np.zeros((4, DIRECT_SAMPLES), np.float32)
    direct[:, DIRECT_SAMPLES // 2] = 1.0
    return Responses(full, direct, rt60_seconds, np.full(4, 2.0))


def test_labels_are_measured_on_the_responses(rooms: Responses) -> None:
    known = labels_of(rooms, np.array([2, 0]))
    torch.testing.assert_close(known.rt60_seconds, torch.tensor([0.9, 0.2]), rtol=0.15, atol=0.0)
    torch.testing.assert_close(known.drr_db, torch.zeros(2), rtol=0.0, atol=1.5)


def test_before_it_has_learnt_it_says_what_is_typical() -> None:
    analyser = Analyser()
    torch.nn.init.zeros_(analyser.out.weight)
    torch.nn.init.zeros_(analyser.out.bias)
    noise = torch.randn(1, SAMPLE_RATE, generator=torch.Generator().manual_seed(2))
    found = analyser(heard(noise))
    assert (found.rt60_seconds.item(), found.drr_db.item()) == TYPICAL


def test_it_tells_a_dead_room_from_a_live_one(store: Store, rooms: Responses) -> None:
    analyser = fitted_analyser(
        store, rooms, examples=12, steps=60, length_samples=SAMPLE_RATE, seed=3
    )
    click = np.zeros((2, SAMPLE_RATE), np.float32)
    click[:, :RESPONSE_SAMPLES] = rooms.full[[1, 3], :SAMPLE_RATE]
    dead, live = analyser(heard(torch.from_numpy(click))).rt60_seconds
    assert live > 1.5 * dead


def test_it_does_not_depend_on_the_level(rooms: Responses) -> None:
    torch.manual_seed(4)
    analyser = Analyser()
    wet = torch.from_numpy(rooms.full[:1, :SAMPLE_RATE].astype(np.float32))
    quiet, loud = (analyser(heard(gain * wet)).rt60_seconds for gain in (0.1, 1.0))
    torch.testing.assert_close(quiet, loud, rtol=1e-4, atol=0.0)


def test_what_is_saved_says_the_same_without_torch(tmp_path: Path) -> None:
    torch.manual_seed(5)
    analyser = Analyser()
    analyser.save(tmp_path / "room.npz")
    levels = heard(torch.randn(1, SAMPLE_RATE, generator=torch.Generator().manual_seed(6)))
    found = analyser(levels)
    with np.load(tmp_path / "room.npz") as weights:
        rt60_seconds, drr_db = said(weights, levels[0].numpy())
    assert rt60_seconds == pytest.approx(found.rt60_seconds.item(), rel=1e-2)
    assert drr_db == pytest.approx(found.drr_db.item(), abs=0.1)


def test_dry_examples_have_no_reverberation_time(store: Store, rooms: Responses) -> None:
    drawn = draw_examples(
        store, rooms, count=60, length_samples=SAMPLE_RATE // 2, augment=True, seed=7
    )
    dry = drawn.roomy == 0.0
    assert 1 <= int(dry.sum()) <= 15
    assert (drawn.known.drr_db[dry] == DRY_DB).all()
    assert (drawn.known.drr_db[~dry] < 3.0).all()
