import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from tonewright.models.dereverb import train
from tonewright.models.dereverb.analyser import fitted_analyser
from tonewright.models.dereverb.bands import Shape
from tonewright.models.dereverb.network import load_network
from tonewright.models.dereverb.supervision import Supervision
from tonewright.models.dereverb.train import Measures, Training, estoi, falling
from tonewright.models.training.corpus import SAMPLE_RATE, Kind, Store
from tonewright.models.training.rooms import DIRECT_SAMPLES, RESPONSE_SAMPLES, Responses

SHAPE = Shape(width=8, layers=1)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the data small, and draw it from nothing on the disk."""
    rng = np.random.default_rng(1)
    samples = rng.integers(-3_000, 3_000, 4 * SAMPLE_RATE).astype(np.int16)
    clips = [(0, 2 * SAMPLE_RATE), (2 * SAMPLE_RATE, 2 * SAMPLE_RATE)]
    store = Store(samples, {kind: {"group": clips} for kind in Kind})
    direct = np.zeros((2, DIRECT_SAMPLES), np.float32)
    direct[:, DIRECT_SAMPLES // 2] = 1.0
    decay = np.exp(-np.arange(RESPONSE_SAMPLES) / 5_000.0)
    full = (0.02 * decay * rng.standard_normal((2, RESPONSE_SAMPLES))).astype(np.float16)
    full[:, :DIRECT_SAMPLES] = direct
    responses = Responses(full, direct, np.array([0.5, 0.5]), np.array([2.0, 2.0]))
    monkeypatch.setattr(train, "open_store", lambda folder, split: store)
    monkeypatch.setattr(train, "open_responses", lambda folder, split, rooms: responses)
    monkeypatch.setattr(train, "PAIR_SECONDS", 0.3)
    monkeypatch.setattr(train, "MEASURED_PAIRS", {Kind.SPEECH: 2, Kind.PHRASE: 1})
    monkeypatch.setattr(train, "MEASURED_SECONDS", 1.0)


def training(
    out: Path, shape: Shape | None = SHAPE, supervision: Supervision = Supervision.STRONG
) -> Training:
    return Training(
        out, out / "data", shape,
        rate=1e-2, seed=3, supervision=supervision, pairs=2, seconds=train.PAIR_SECONDS,
    )  # fmt: skip


def test_a_resumed_training_goes_on_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    whole = training(tmp_path)
    whole.advance()
    whole.save()
    resumed = training(tmp_path, None)
    assert resumed.step == 1
    assert [resumed.advance() for _ in range(2)] == [whole.advance() for _ in range(2)]
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("supervision", list(Supervision)[1:])
def test_without_dry_signals_it_learns_from_the_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, supervision: Supervision
) -> None:
    few = partial(fitted_analyser, examples=2, steps=2, length_samples=SAMPLE_RATE // 2)
    monkeypatch.setattr("tonewright.models.dereverb.supervision.fitted_analyser", few)
    monkeypatch.setattr(train, "PAIR_SECONDS", 1.0)
    learning = training(tmp_path, supervision=supervision)
    before = learning.network.filters.clone()
    first = learning.advance()
    assert 0.0 < first < 50.0
    assert not torch.equal(learning.network.filters, before)
    learning.save()
    resumed = training(tmp_path, None)
    assert resumed.supervision is supervision
    assert resumed.advance() == learning.advance()


def test_it_stops_at_a_step(tmp_path: Path) -> None:
    learning = training(tmp_path)
    learning.run(3_600.0, 1e-3, last_step=3)
    assert learning.step == 3
    assert learning.rate == pytest.approx(1e-3)
    resumed = training(tmp_path, None)
    resumed.run(3_600.0, 1e-3, last_step=5)
    assert resumed.step == 5


def test_it_learns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "WARM_UP_STEPS", 1)
    learning = training(tmp_path)
    losses = [learning.advance() for _ in range(40)]
    assert np.mean(losses[-10:]) < 0.96 * np.mean(losses[:10])


def test_the_rate_falls_from_the_first_to_the_last() -> None:
    assert falling(3.0, 1.0, 0.0) == 3.0
    assert falling(3.0, 1.0, 0.5) == pytest.approx(2.0)
    assert falling(3.0, 1.0, 1.1) == 1.0


def test_only_a_better_network_takes_the_place_of_the_best(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learning = training(tmp_path)
    for gain_db in (1.0, 0.5, 2.0):
        measures = Measures(0.0, gain_db, *[0.0] * 7)
        monkeypatch.setattr(learning, "measure", lambda measures=measures: measures)
        with torch.no_grad():
            learning.average.gains.fill_(gain_db)
        learning.report(0.1, 1.0)
        best = load_network(tmp_path / "best.safetensors")
        assert best.gains[0, 0, 0] == max(gain_db, 1.0)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["si_sdr_gain_db"] for line in lines] == [1.0, 0.5, 2.0]


def test_measures_are_of_held_out_pairs(tmp_path: Path) -> None:
    measures = training(tmp_path).measure()
    assert abs(measures.si_sdr_gain_db) < 3.0
    assert abs(measures.phrase_si_sdr_gain_db) < 3.0
    assert 0.0 < measures.estoi <= 1.0


def test_intelligibility_of_the_target_itself_is_1() -> None:
    speech = torch.randn(1, 2 * SAMPLE_RATE, generator=torch.Generator().manual_seed(4))
    noise = torch.randn(1, 2 * SAMPLE_RATE, generator=torch.Generator().manual_seed(5))
    assert estoi(speech, speech)[0] == pytest.approx(1.0)
    assert estoi(speech + noise, speech)[0] < 0.9
