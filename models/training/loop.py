"""A training that can be stopped at any time and goes on as if it had not been.

A ``Task`` says what is learnt; the ``Loop`` does the rest. All that is random in a step comes from
the seed and the step's number. A run's folder holds ``checkpoint.pt`` (all state, every three
minutes and on SIGTERM or SIGINT), ``log.jsonl`` (a line of JSON at every measurement) and
``best.safetensors`` (the average of recent weights that measured best).
"""

import copy
import json
import logging
import signal
import time
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from tonewright.dsp.errors import TonewrightError
from tonewright.dsp.project.atomic import replacing

LOGGER = logging.getLogger(__name__)

WARM_UP_STEPS = 100
LARGEST_GRADIENT = 1.0
SAVE_SECONDS = 180.0


class Task(Protocol):
    """What a training learns.

    Attributes:
        network: The network, as the task made it.
    """

    network: nn.Module

    def loss(self, network: nn.Module, rng: np.random.Generator) -> Tensor:
        """Return the loss of one random batch."""
        ...

    def measure(self, network: nn.Module) -> dict[str, float]:
        """Return measures on held-out data; ``score`` is the one to choose by, higher is better."""
        ...

    def write(self, network: nn.Module, path: Path) -> None:
        """Write the weights as they ship."""
        ...


class Loop:
    """Trains a task in a folder.

    Args:
        task: What to learn.
        out: The folder of the run; a checkpoint in it is gone on from.
        rate: Of learning (AdamW).
        seed: Of all batches.
        average: How slowly the averaged weights follow, below 1.
        measure_seconds: Time between measurements.
    """

    def __init__(
        self,
        task: Task,
        out: Path,
        *,
        rate: float,
        seed: int = 0,
        average: float = 0.999,
        measure_seconds: float = 600.0,
    ) -> None:
        self.task = task
        self.out = out
        self.rate = rate
        self.seed = seed
        self.measure_seconds = measure_seconds
        self.step = 0
        self.best = float("-inf")
        self._average = average
        self.network = task.network
        self.average = copy.deepcopy(self.network).requires_grad_(requires_grad=False)
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), rate, betas=(0.9, 0.99), weight_decay=0.01
        )
        out.mkdir(parents=True, exist_ok=True)
        if (out / "checkpoint.pt").is_file():
            self._load()

    def _load(self) -> None:
        path = self.out / "checkpoint.pt"
        stored = torch.load(path, weights_only=True)
        try:
            self.network.load_state_dict(stored["network"])
            self.average.load_state_dict(stored["average"])
            self.optimizer.load_state_dict(stored["optimizer"])
        except (RuntimeError, ValueError) as error:
            raise TonewrightError(f"{path}: of another network; choose another folder") from error
        self.step, self.best = stored["step"], stored["best"]

    def advance(self) -> float:
        """Learn from one batch, and return its loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * min(1.0, (self.step + 1) / WARM_UP_STEPS)
        torch.manual_seed((self.seed << 32) + self.step)
        loss = self.task.loss(self.network, np.random.default_rng((self.seed, self.step)))
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), LARGEST_GRADIENT)
        self.optimizer.step()
        keep = min(self._average, (self.step + 1) / (self.step + 10))
        for mean, value in zip(self.average.parameters(), self.network.parameters(), strict=True):
            mean.lerp_(value.detach(), 1.0 - keep)
        for mean, value in zip(self.average.buffers(), self.network.buffers(), strict=True):
            mean.copy_(value)
        self.step += 1
        return loss.item()

    def save(self) -> None:
        """Write all state, so that the training can go on from here."""
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "best": self.best,
        }
        with replacing(self.out / "checkpoint.pt") as file:
            torch.save(state, file)

    @torch.no_grad()
    def report(self, loss: float, seconds: float) -> None:
        """Measure, log, and keep the averaged network if it is the best so far."""
        self.average.eval()
        measures = self.task.measure(self.average)
        if measures["score"] > self.best:
            self.best = measures["score"]
            self.task.write(self.average, self.out / "best.safetensors")
        line = {"step": self.step, "seconds": round(seconds), "loss": round(loss, 4)} | measures
        with (self.out / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
        LOGGER.info("%s", line)

    def run(self, seconds: float) -> None:
        """Train for a time, or until SIGTERM or SIGINT; saved and measured at the end."""
        stopped: list[int] = []
        before = {
            number: signal.signal(number, lambda number, _: stopped.append(number))
            for number in (signal.SIGTERM, signal.SIGINT)
        }
        start = saved = measured = time.monotonic()
        loss = self.advance()
        while not stopped and time.monotonic() - start < seconds:
            loss += 0.02 * (self.advance() - loss)
            now = time.monotonic()
            if self.step % 100 == 0:
                LOGGER.info("step %d, loss %.4f, %.0f s", self.step, loss, now - start)
            if now - measured > self.measure_seconds:
                self.report(loss, now - start)
                measured = now
            if now - saved > SAVE_SECONDS:
                self.save()
                saved = now
        self.save()
        self.report(loss, time.monotonic() - start)
        self.save()
        for number, handler in before.items():
            signal.signal(number, handler)
