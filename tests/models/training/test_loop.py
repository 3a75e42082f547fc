import json
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tonewright.dsp.errors import TonewrightError
from tonewright.models.training import loop
from tonewright.models.training.loop import Loop


class Doubling:
    """Learns to double a number; sends itself SIGTERM at a step if asked to."""

    def __init__(self, stop_at: int | None = None) -> None:
        torch.manual_seed(1)
        self.network: nn.Module = nn.Linear(1, 1)
        self.stop_at = stop_at
        self.batches = 0
        self.scores = iter([0.5, 0.2, 0.9])

    def loss(self, network: nn.Module, rng: np.random.Generator) -> Tensor:
        x = torch.from_numpy(rng.standard_normal((16, 1), np.float32))
        self.batches += 1
        if self.batches == self.stop_at:
            signal.raise_signal(signal.SIGTERM)
        return (network(x) - 2.0 * x).square().mean()

    def measure(self, network: nn.Module) -> dict[str, float]:
        return {"score": next(self.scores)}

    def write(self, network: nn.Module, path: Path) -> None:
        path.write_text(str(network.weight.item()), "utf-8")


@pytest.fixture(autouse=True)
def no_warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "WARM_UP_STEPS", 1)


def training(out: Path, task: Doubling | None = None) -> Loop:
    return Loop(task or Doubling(), out, rate=0.05, seed=2)


def test_it_learns_and_its_average_follows(tmp_path: Path) -> None:
    learning = training(tmp_path)
    for _ in range(200):
        learning.advance()
    for network in (learning.network, learning.average):
        assert network.weight.item() == pytest.approx(2.0, abs=0.1)


def test_a_resumed_training_goes_on_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    whole = training(tmp_path)
    whole.advance()
    whole.save()
    resumed = training(tmp_path)
    assert resumed.step == 1
    assert [resumed.advance() for _ in range(3)] == [whole.advance() for _ in range(3)]


def test_only_a_better_average_takes_the_place_of_the_best(tmp_path: Path) -> None:
    learning = training(tmp_path)
    kept = []
    for value in (1.0, 2.0, 3.0):
        with torch.no_grad():
            learning.average.weight.fill_(value)
        learning.report(0.1, 1.0)
        kept.append(float((tmp_path / "best.safetensors").read_text("utf-8")))
    assert kept == [1.0, 1.0, 3.0]
    lines = (tmp_path / "log.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["score"] for line in lines] == [0.5, 0.2, 0.9]


def test_sigterm_stops_it_saved(tmp_path: Path) -> None:
    task = Doubling(stop_at=5)
    handler = signal.getsignal(signal.SIGTERM)
    training(tmp_path, task).run(3_600.0)
    assert task.batches == 5
    assert training(tmp_path).step == 5
    assert signal.getsignal(signal.SIGTERM) is handler


def test_a_folder_of_another_network_is_refused(tmp_path: Path) -> None:
    training(tmp_path).save()
    other = Doubling()
    other.network = nn.Linear(2, 1)
    with pytest.raises(TonewrightError, match="another network"):
        training(tmp_path, other)
