import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tonewright.models.style import corpus, train
from tonewright.models.style.corpus import Rendition, rendition_path, write
from tonewright.models.style.grooves import Groove
from tonewright.models.style.network import Shape
from tonewright.models.style.train import Training
from tonewright.models.style.weights import load_networks

SMALL = Shape(16, 4, 16)


@pytest.fixture
def folder(rendition: Rendition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A corpus of a known and a held-out groove over two charts."""
    known, unknown = rendition.groove, Groove("stdlib/strut", "Strut", 4)
    assert unknown.held_out
    for number in range(2):
        for groove in (known, unknown):
            path = rendition_path(tmp_path, number, groove)
            path.parent.mkdir(exist_ok=True)
            write(path, rendition.chart, rendition.parts)
    monkeypatch.setattr(corpus, "grooves", lambda _: (known, unknown))
    monkeypatch.setattr(train, "PAIRS", 4)
    monkeypatch.setattr(train, "MEASURED_PAIRS", 4)
    return tmp_path


def training(folder: Path, shape: Shape | None = SMALL) -> Training:
    return Training(folder, folder, range(2), shape, rate=2e-3)


def test_the_loss_falls(folder: Path) -> None:
    run = Training(folder, folder, range(2), SMALL, rate=2e-3, kinds=("pitched",))
    losses = [run.advance(2e-3)[1] for _ in range(45)]
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])


def test_a_training_goes_on_as_if_it_had_not_stopped(folder: Path) -> None:
    torch.manual_seed(0)
    run = training(folder)
    for _ in range(3):
        run.advance(2e-3)
    run.save()
    torch.manual_seed(5)
    there = [run.advance(2e-3) for _ in range(3)]
    again = training(folder, None)
    torch.manual_seed(5)
    assert [again.advance(2e-3) for _ in range(3)] == there


def test_a_slim_state_is_smaller_and_goes_on_too(folder: Path) -> None:
    run = training(folder)
    run.advance(2e-3)
    run.save()
    whole = (folder / "checkpoint.pt").stat().st_size
    run.save(folder / "checkpoint.pt", optimizers=False)
    assert (folder / "checkpoint.pt").stat().st_size < 0.75 * whole
    again = training(folder, None)
    assert again.step == 1
    again.advance(2e-3)


def test_a_report_measures_and_writes_weights(folder: Path) -> None:
    run = training(folder)
    run.advance(2e-3)
    run.report({"pitched": 1.0, "drums": 1.0, "basses": 1.0}, 1.0)
    line = json.loads((folder / "log.jsonl").read_text())
    assert 0.0 <= line["pitched_known_timing"] <= 1.0
    assert {"drums_held_out", "basses_known", "pitched_held_out_slots"} <= set(line)
    assert load_networks(folder / "style.safetensors").shape == SMALL


def test_one_network_learns_alone(folder: Path) -> None:
    run = Training(folder, folder, range(2), SMALL, rate=2e-3, kinds=("basses",))
    before = {name: value.clone() for name, value in run.networks.state_dict().items()}
    assert {run.advance(2e-3)[0] for _ in range(3)} == {"basses"}
    changed = {
        name.partition(".")[0]
        for name, value in run.networks.state_dict().items()
        if not torch.equal(value, before[name])
    }
    assert changed == {"basses"}


def test_what_is_held_out_is_not_trained_on(folder: Path, rendition: Rendition) -> None:
    run = training(folder)
    assert run.pairs["pitched"].names == [rendition.groove.key]
    (part,) = run.pairs["pitched"].grooves[rendition.groove.key][:1]
    assert len(part) == 1  # the chart of number 0 is not there


def test_the_loss_of_a_right_answer_is_smaller(folder: Path) -> None:
    run = training(folder)
    batch = run.held_out["pitched_known"]
    answer, _ = run.networks.pitched.eval()(batch.steps)
    right = replace(answer, slots=20.0 * (batch.velocities > 0).float() - 10.0)
    assert train.loss_of(right, batch) < train.loss_of(answer, batch)
    assert train.right_steps(right, batch)[1] == 1.0
