from pathlib import Path

import numpy as np
import pytest
import torch

from tonewright.models.diff_tone import train
from tonewright.models.diff_tone.classifier import (
    Choosing,
    Reporting,
    load_choosing,
    load_reporting,
    load_steering,
)
from tonewright.models.diff_tone.corpus import CLIP_FRAMES, PART_CLIPS, Store
from tonewright.models.diff_tone.denoiser import Denoiser, Shape, load_denoiser
from tonewright.models.diff_tone.features import BANDS, CONTENT
from tonewright.models.diff_tone.instruments import NAMES, Description
from tonewright.models.diff_tone.train import (
    DenoiserTask,
    SoundTask,
    SteeringTask,
    half_of,
)
from tonewright.models.training.loop import Loop

SMALL = Shape(width=32, layers=1, heads=2, words=16)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return clips in which two instruments sound in different bands."""
    monkeypatch.setattr(train, "BATCH", 4)
    monkeypatch.setattr(train, "MEASURED", 8)
    rng = np.random.default_rng(1)
    part = np.zeros((PART_CLIPS, CLIP_FRAMES, BANDS + CONTENT), np.uint8)
    part[0::2, :, 20:60] = rng.integers(100, 150, (PART_CLIPS // 2, 1, 40))
    part[1::2, :, 120:160] = rng.integers(100, 150, (PART_CLIPS // 2, 1, 40))
    said = tuple(Description(NAMES[clip % 2]) for clip in range(PART_CLIPS))
    return Store((part,), said)


def test_the_classifiers_learn_from_different_clips(store: Store) -> None:
    halves = [set(half_of(store, half).tolist()) for half in (0, 1)]
    assert halves[0] & halves[1] == set()
    assert halves[0] | halves[1] == set(range(PART_CLIPS))
    for half in halves:
        assert {store.descriptions[clip].instrument for clip in half} == set(NAMES[:2])


def test_the_classifiers_learn_and_their_weights_load(store: Store, tmp_path: Path) -> None:
    steering = Loop(SteeringTask(store, store), tmp_path / "1", rate=2e-3, average=0.8)
    task = SoundTask(Reporting(), 1, store, store)
    reporting = Loop(task, tmp_path / "2", rate=1e-2, average=0.8)
    task = SoundTask(Choosing(), 0, store, store)
    choosing = Loop(task, tmp_path / "3", rate=1e-2, average=0.8)
    for learning in (steering, reporting, choosing):
        for _ in range(15):
            learning.advance()
        learning.report(0.0, 0.0)
        assert learning.best > 0.8
    load_steering(tmp_path / "1" / "best.safetensors")
    load_reporting(tmp_path / "2" / "best.safetensors")
    load_choosing(tmp_path / "3" / "best.safetensors")


def test_the_steering_classifier_may_hear_a_real_denoiser(store: Store) -> None:
    class Asked(Denoiser):
        calls = 0

        def forward(self, *args: torch.Tensor) -> torch.Tensor:
            Asked.calls += 1
            return super().forward(*args)

    task = SteeringTask(store, store, Asked(SMALL))
    assert task.loss(task.network, np.random.default_rng(1)).item() > 0.0
    assert Asked.calls == 1


def test_the_denoiser_learns_and_its_weights_load(store: Store, tmp_path: Path) -> None:
    torch.manual_seed(1)
    task = DenoiserTask(store, store, SMALL)
    learning = Loop(task, tmp_path, rate=2e-3, average=0.9)
    before = task.measure(learning.average)["held_out"]
    for _ in range(25):
        learning.advance()
    learning.report(0.0, 0.0)
    # Most of these steps are the rate's warm-up.
    assert -learning.best < 0.9 * before
    load_denoiser(tmp_path / "best.safetensors")
