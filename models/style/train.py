"""Training of the style translation, from nothing or from where it stopped.

::

    python -m tonewright.models.style.corpus --out FOLDER/corpus --charts 8
    python -m tonewright.models.style.train --out FOLDER --hours 1
    python -m tonewright.models.style.train --out FOLDER --hours 1 --resume --rate 3e-4
    python -m tonewright.models.style.train --out FOLDER --hours 1 --resume --kinds basses

The first call makes the data (it needs ``mma``), half an hour of work. Every two minutes all state
goes to ``FOLDER/checkpoint.pt``; every five the loss is measured on known grooves over a held-out
chart and on held-out grooves, a line of JSON is added to ``FOLDER/log.jsonl``, and
``FOLDER/style.safetensors`` is written from the average of recent weights. On SIGTERM and SIGINT
it saves first. The state of the training so far is ``checkpoint.pt`` beside this file, made with
``--slim``: copy it to FOLDER and say ``--resume``.
"""

import argparse
import copy
import json
import logging
import signal
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tonewright.dsp.project.atomic import replacing
from tonewright.models.style.corpus import HELD_OUT_CHART, Rendition, renditions
from tonewright.models.style.network import MOST_NOTES, Answer, Shape
from tonewright.models.style.pairs import Batch, Pairs
from tonewright.models.style.weights import KINDS, StyleNetworks
from tonewright.models.weights import parameters_of, save_weights

LOGGER = logging.getLogger(__name__)

PAIRS = 64
SHARES = {"basses": 0.3, "pitched": 0.4, "drums": 0.3}
"""How often each network's turn is."""

AVERAGE = 0.995
LARGEST_GRADIENT = 1.0
WARM_UP_STEPS = 100
SAVE_SECONDS = 120.0
MEASURE_SECONDS = 300.0
MEASURED_PAIRS = 192


def loss_of(answer: Answer, batch: Batch) -> Tensor:
    """Return the loss: nats for counts, slots and lengths, and the error of velocities."""
    begun = (batch.velocities > 0.0).float()
    counts = begun.sum(-1).clamp(max=MOST_NOTES).long()
    valid = batch.valid.float()
    count_loss = functional.cross_entropy(answer.counts.transpose(1, 2), counts, reduction="none")
    begins = (counts > 0).float() * valid
    number = begins.sum().clamp(min=1.0)
    slot_loss = functional.binary_cross_entropy_with_logits(answer.slots, begun, reduction="none")
    length_loss = functional.cross_entropy(
        answer.lengths.transpose(1, 2), batch.lengths, reduction="none"
    )
    velocity_loss = (answer.velocities - batch.velocities).square() * begun
    return (
        (count_loss * valid).sum() / valid.sum() * 4.0
        + (slot_loss.sum(-1) * begins).sum() / number
        + 0.5 * (length_loss * begins).sum() / number
        + 20.0 * (velocity_loss.sum(-1) * begins).sum() / (begun.sum(-1) * begins).sum()
    )


@torch.no_grad()
def right_steps(answer: Answer, batch: Batch) -> tuple[float, float]:
    """Return how often timing and slots are right.

    Timing: the share of right counts among steps where something begins or is said to. Slots: the
    share of right ones where the number of notes is given.
    """
    begun = batch.velocities > 0.0
    counts = begun.sum(-1).clamp(max=MOST_NOTES)
    said = answer.counts.argmax(-1)
    either = ((counts > 0) | (said > 0)) & batch.valid
    timing = ((counts == said) & either).sum() / either.sum()
    order = answer.slots.argsort(-1, descending=True).argsort(-1)
    chosen = order < counts[..., None]
    slots = (chosen & begun & batch.valid[..., None]).sum() / begun.sum()
    return float(timing), float(slots)


class Training:
    """A training and its state."""

    def __init__(
        self,
        out: Path,
        corpus: Path,
        charts: Iterable[int],
        shape: Shape | None,
        *,
        rate: float,
        kinds: Sequence[str] = tuple(KINDS),
    ) -> None:
        self.out, self.rate, self.step, self.kinds = out, rate, 0, sorted(kinds)
        numbers = sorted(charts)
        train: list[Rendition] = []
        known: list[Rendition] = []
        unknown: list[Rendition] = []
        for number in numbers:
            for each in renditions(corpus, (number,)):
                if each.groove.held_out:
                    unknown.append(each)
                elif number == HELD_OUT_CHART:
                    known.append(each)
                else:
                    train.append(each)
        LOGGER.info("%d renditions to train on", len(train))
        self.pairs = {kind: Pairs(train, KINDS[kind]) for kind in self.kinds}
        self.held_out = {
            f"{kind}_{name}": Pairs(group, KINDS[kind]).draw(
                np.random.default_rng(7), MEASURED_PAIRS
            )
            for kind in self.kinds
            for name, group in (("known", known), ("held_out", unknown))
        }
        torch.manual_seed(1)
        stored = None
        if shape is None:
            stored = torch.load(out / "checkpoint.pt", weights_only=True)
            shape = Shape(**stored["shape"])
        self.networks = StyleNetworks(shape)
        self.average = copy.deepcopy(self.networks).eval().requires_grad_(requires_grad=False)
        self.optimizers = {
            kind: torch.optim.Adam(self.networks.kind(kind).parameters(), rate) for kind in KINDS
        }
        if stored is not None:
            self.networks.load_state_dict(stored["networks"])
            self.average.load_state_dict(stored["average"])
            for kind, state in stored["optimizers"].items():
                self.optimizers[kind].load_state_dict(state)
            self.step = stored["step"]

    def advance(self, rate: float) -> tuple[str, float]:
        """Learn from one batch; return which network did and its loss."""
        numbers = np.random.default_rng((3, self.step))
        shares = np.array([SHARES[kind] for kind in self.kinds])
        kind = self.kinds[numbers.choice(len(shares), p=shares / shares.sum())]
        network, optimizer = self.networks.kind(kind), self.optimizers[kind]
        batch = self.pairs[kind].draw(numbers, PAIRS, exchange=True)
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (self.step + 1) / WARM_UP_STEPS)
        optimizer.zero_grad()
        loss = loss_of(network(batch.steps)[0], batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), LARGEST_GRADIENT)
        optimizer.step()
        keep = min(AVERAGE, (self.step + 1) / (self.step + 10))
        averages = self.average.kind(kind).parameters()
        for mean, value in zip(averages, network.parameters(), strict=True):
            mean.lerp_(value.detach(), 1.0 - keep)
        self.step += 1
        return kind, loss.item()

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        """Return loss and shares of right steps of the averaged networks."""
        result = {}
        for name, batch in self.held_out.items():
            answer = self.average.kind(name.partition("_")[0])(batch.steps)[0]
            timing, slots = right_steps(answer, batch)
            result[name] = round(loss_of(answer, batch).item(), 4)
            result[f"{name}_timing"] = round(timing, 4)
            result[f"{name}_slots"] = round(slots, 4)
        return result

    def report(self, losses: dict[str, float], seconds: float) -> None:
        """Measure, log and write the averaged weights."""
        line = {"step": self.step, "seconds": round(seconds)} | losses | self.measure()
        with (self.out / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
        LOGGER.info("%s", line)
        save_weights(self.average, self.out / "style.safetensors")

    def save(self, path: Path | None = None, *, optimizers: bool = True) -> None:
        """Write all state, so that the training can go on from here.

        Args:
            path: The file; the checkpoint in its folder if None.
            optimizers: Whether the optimizers' state is part of it; without, the file is half as
                large, and a training that goes on from it gathers that state anew.
        """
        state = {
            "shape": asdict(self.networks.shape),
            "networks": self.networks.state_dict(),
            "average": self.average.state_dict(),
            "optimizers": {
                kind: each.state_dict() for kind, each in self.optimizers.items() if optimizers
            },
            "step": self.step,
        }
        with replacing(path or self.out / "checkpoint.pt") as file:
            torch.save(state, file)

    def run(self, seconds: float) -> None:
        """Train for a time, or until SIGTERM or SIGINT; the rate falls to a tenth at the end."""
        stopped: list[int] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, _: stopped.append(number))
        start = saved = measured = time.monotonic()
        losses = dict.fromkeys(self.kinds, 0.0)
        while not stopped and time.monotonic() - start < seconds:
            done = (time.monotonic() - start) / seconds
            rate = self.rate * (0.1 + 0.9 * 0.5 * (1.0 + float(np.cos(np.pi * done))))
            kind, loss = self.advance(rate)
            losses[kind] += (0.02 if losses[kind] else 1.0) * (loss - losses[kind])
            now = time.monotonic()
            if self.step % 50 == 0:
                LOGGER.info("step %d, %s, %.0f s", self.step, losses, now - start)
            if now - measured > MEASURE_SECONDS:
                self.report(losses, now - start)
                measured = now
            if now - saved > SAVE_SECONDS:
                self.save()
                saved = now
        self.report(losses, time.monotonic() - start)
        self.save()


def main() -> None:
    """Train as the command line says."""
    parser = argparse.ArgumentParser(description="Train the style translation.")
    parser.add_argument("--out", type=Path, required=True, help="checkpoint, log, weights")
    parser.add_argument("--corpus", type=Path, help="default OUT/corpus")
    parser.add_argument("--charts", type=int, default=8, help="a groove, the held-out one too")
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--rate", type=float, default=2e-3, help="of learning, at the start")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS), help="networks")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in OUT")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--slim", type=Path, help="write the state to this small file, and end")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    training = Training(
        options.out,
        options.corpus or options.out / "corpus",
        range(options.charts),
        None if options.resume else Shape(),
        rate=options.rate,
        kinds=options.kinds,
    )
    LOGGER.info("%d parameters, step %d", parameters_of(training.networks), training.step)
    if options.slim is None:
        training.run(options.hours * 3600.0)
    else:
        training.save(options.slim, optimizers=False)


if __name__ == "__main__":
    main()
