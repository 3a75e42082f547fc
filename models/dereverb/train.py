"""Training of the dereverberation, from nothing or from where it stopped.

::

    python -m tonewright.models.dereverb.train --out FOLDER --hours 8
    python -m tonewright.models.dereverb.train --out FOLDER --hours 8 --resume

What ships goes on, on one core (two threads are slower than one)::

    cp models/dereverb/checkpoint.pt FOLDER/
    OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive python -m tonewright.models.dereverb.train \
        --out FOLDER --hours 8 --resume --rate 1.5e-3 --last-rate 5e-5

and the causal network, with ``checkpoint-causal.pt`` copied to ``FOLDER/checkpoint.pt``, likewise.
What ships grew out of a network with filters over six frames, by way of one of five layers and
GRUs of twice the size; ``--begin FILE`` lets a network begin where the weights of a smaller one
were, or with the first layers and the units heard most of a larger one.

The first call makes the data (``tonewright.models.training`` says from what), a few minutes of
work, in ``FOLDER/data`` unless ``--data`` says otherwise. Every three minutes all state goes to
``FOLDER/checkpoint.pt``; every ten the average of recent weights is measured on held-out speakers
and rooms, a line of JSON is added to ``FOLDER/log.jsonl``, and the best so far is kept as
``FOLDER/best.safetensors``. The process may be killed at any time; on SIGTERM and SIGINT it saves
first. Each step draws its pairs from the seed and its own number, so a run that was stopped goes
on as if it had not been. The rate falls to ``--last-rate`` by the end of the hours, which is worth
much. On the first call, ``--causal`` makes a network that does not look ahead, which with ``--begin
FILE`` knows what the weights of one that does, of half its ``--hidden``, have learnt; and
``--supervision`` chooses what is known (``supervision`` says how it then learns). The supervisions
were compared in the same steps::

    for told in strong weak weak-rt60 blind; do
        python -m tonewright.models.dereverb.train --out $told --data FOLDER --supervision $told \
            --masks --width 48 --hidden 24 --layers 2 --pairs 4 --seconds 2.5 \
            --steps 400 --rate 3e-3 --last-rate 2e-4
    done
"""

import argparse
import copy
import json
import logging
import math
import signal
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tonewright.dsp.audio.resample import resample
from tonewright.dsp.project.atomic import replacing
from tonewright.models.dereverb.bands import Shape
from tonewright.models.dereverb.losses import (
    colour_distance_db,
    log_spectral_distance_db,
    si_sdr_db,
)
from tonewright.models.dereverb.loudness import loudness_distance
from tonewright.models.dereverb.network import (
    DereverbNetwork,
    audio_of,
    begin_causal,
    begin_with,
    load_network,
    spectrum_of,
    without_room,
)
from tonewright.models.dereverb.supervision import Supervision, supervised
from tonewright.models.training.corpus import SAMPLE_RATE, Kind, Split, open_store
from tonewright.models.training.mixtures import draw_pairs
from tonewright.models.training.rooms import open_responses
from tonewright.models.weights import parameters_of, save_weights

LOGGER = logging.getLogger(__name__)

ROOMS = {Split.TRAIN: 1500, Split.DEVELOPMENT: 150}
PAIRS = 8
PAIR_SECONDS = 3.0
MEASURED_PAIRS = {Kind.SPEECH: 32, Kind.PHRASE: 24}
MEASURED_SECONDS = 4.0
MEASURED_ROOMS = ((0.3, 0.9), (1.0, 4.0))
WARM_UP_STEPS = 100
AVERAGE = 0.998
LARGEST_GRADIENT = 5.0
SAVE_SECONDS = 180.0
MEASURE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Measures:
    """Medians over held-out pairs, and how much better they are than the wet signals'.

    Those of phrases, of instruments, are named so; all others are of speech.
    """

    si_sdr_db: float
    si_sdr_gain_db: float
    estoi: float
    estoi_gain: float
    loudness_gain: float
    spectrum_gain_db: float
    colour_gain_db: float
    phrase_si_sdr_gain_db: float
    phrase_spectrum_gain_db: float

    @property
    def score(self) -> float:
        """One number to choose by: what each gain is to be counts as much."""
        return (
            (self.si_sdr_gain_db + self.phrase_si_sdr_gain_db) / 1.5
            + self.estoi_gain / 0.05
            + self.loudness_gain / 2.0
            + (self.spectrum_gain_db + self.phrase_spectrum_gain_db) / 0.5
            + self.colour_gain_db / 0.2
        )


def dereverberate(
    network: DereverbNetwork, wet: Tensor, sample_rate: float, *, coarse: bool = False
) -> Tensor:
    """Return signals without their rooms, of the same shape ``(batch, samples)``.

    With ``coarse`` the products are those of bfloat16 numbers, which saves a fifth of a step where
    the processor has instructions for them; elsewhere it would take six times as long.
    """
    spectrum = spectrum_of(wet, sample_rate)
    coarse = coarse and torch.cpu._is_avx512_bf16_supported()
    with torch.autocast("cpu", torch.bfloat16, enabled=coarse):
        done = without_room(network, spectrum)
    return audio_of(done, sample_rate, wet.shape[-1])


class Training:
    """A training and its state.

    Args:
        out: Folder of its checkpoint, log and best weights.
        data: Folder of recordings and rooms.
        shape: Of the network; None to go on from the checkpoint.
        rate: Of learning.
        seed: Of all that is drawn.
        supervision: What is known of an example; a checkpoint remembers its own.
        begin: Weights to begin with, of another network, or of one that looks both ways for a
            causal one.
        pairs: Of a step.
        seconds: Length of a pair.
    """

    def __init__(
        self,
        out: Path,
        data: Path,
        shape: Shape | None,
        *,
        rate: float,
        seed: int,
        supervision: Supervision = Supervision.STRONG,
        begin: Path | None = None,
        pairs: int = PAIRS,
        seconds: float = PAIR_SECONDS,
    ) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self._pairs = pairs
        self._length_samples = round(seconds * SAMPLE_RATE)
        self.out = out
        self.rate = rate
        self.seed = seed
        self.step = 0
        self.best = -np.inf
        stores = {split: open_store(data, split) for split in ROOMS}
        rooms = {split: open_responses(data, split, count) for split, count in ROOMS.items()}
        self._store, self._rooms = stores[Split.TRAIN], rooms[Split.TRAIN]
        self._held_out = {
            kind: draw_pairs(
                stores[Split.DEVELOPMENT],
                rooms[Split.DEVELOPMENT].within(*MEASURED_ROOMS),
                np.random.default_rng(seed),
                pairs=pairs,
                length_samples=round(MEASURED_SECONDS * SAMPLE_RATE),
                augment=False,
                kind=kind,
            )[:2]
            for kind, pairs in MEASURED_PAIRS.items()
        }
        torch.manual_seed(seed)
        stored = None
        if shape is None:
            stored = torch.load(out / "checkpoint.pt", weights_only=True)
            shape = Shape(**stored["shape"])
            supervision = Supervision(stored["supervision"])
        self.supervision = supervision
        self._told = supervised(supervision, self._store, self._rooms, masks=shape.masks, seed=seed)
        self.network = DereverbNetwork(shape)
        if begin is not None:
            learnt = load_network(begin)
            to_causal = learnt.shape.both_ways and not self.network.shape.both_ways
            (begin_causal if to_causal else begin_with)(self.network, learnt)
        self.average = copy.deepcopy(self.network).requires_grad_(requires_grad=False)
        self.optimizer = torch.optim.Adam(self.network.parameters(), rate)
        if stored is not None:
            self.network.load_state_dict(stored["network"])
            self.average.load_state_dict(stored["average"])
            self.optimizer.load_state_dict(stored["optimizer"])
            self.step, self.best = stored["step"], stored["best"]

    def advance(self) -> float:
        """Learn from one batch, and return its loss."""
        wet, dry, rooms = draw_pairs(
            self._store,
            self._rooms,
            np.random.default_rng((self.seed, self.step)),
            pairs=self._pairs,
            length_samples=self._length_samples,
            augment=self._told.augment,
        )
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * min(1.0, (self.step + 1) / WARM_UP_STEPS)
        self.optimizer.zero_grad()
        estimate = dereverberate(self.network, wet, SAMPLE_RATE, coarse=True)
        loss = self._told.loss(estimate, wet, dry, rooms)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), LARGEST_GRADIENT)
        self.optimizer.step()
        keep = min(AVERAGE, (self.step + 1) / (self.step + 10))
        for mean, value in zip(self.average.parameters(), self.network.parameters(), strict=True):
            mean.lerp_(value.detach(), 1.0 - keep)
        self.step += 1
        return loss.item()

    @torch.no_grad()
    def measure(self) -> Measures:
        """Return how good the averaged network is on held-out speakers, instruments and rooms."""
        done = {
            kind: torch.cat(
                [dereverberate(self.average, each, SAMPLE_RATE) for each in wet.split(8)]
            )
            for kind, (wet, _) in self._held_out.items()
        }

        def gain(kind: Kind, better: Callable[[Tensor, Tensor], Tensor]) -> float:
            wet, dry = self._held_out[kind]
            return (better(done[kind], dry) - better(wet, dry)).median().item()

        def closer(distance: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
            def negative(signals: Tensor, targets: Tensor) -> Tensor:
                pairs = zip(signals.split(1), targets.split(1), strict=True)
                return -torch.stack([distance(signal, target) for signal, target in pairs])

            return negative

        wet, dry = self._held_out[Kind.SPEECH]
        clear = [estoi(each, dry) for each in (done[Kind.SPEECH], wet)]
        return Measures(
            si_sdr_db(done[Kind.SPEECH], dry).median().item(),
            gain(Kind.SPEECH, si_sdr_db),
            float(np.median(clear[0])),
            float(np.median(clear[0] - clear[1])),
            gain(Kind.SPEECH, closer(loudness_distance)),
            gain(Kind.SPEECH, closer(log_spectral_distance_db)),
            gain(Kind.SPEECH, closer(colour_distance_db)),
            gain(Kind.PHRASE, si_sdr_db),
            gain(Kind.PHRASE, closer(log_spectral_distance_db)),
        )

    def save(self) -> None:
        """Write all state, so that the training can go on from here."""
        state = {
            "shape": asdict(self.network.shape),
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "best": self.best,
            "supervision": str(self.supervision),
        }
        with replacing(self.out / "checkpoint.pt") as file:
            torch.save(state, file)

    def report(self, loss: float, seconds: float) -> None:
        """Measure, log, and keep the averaged network if it is the best so far."""
        measures = self.measure()
        if measures.score > self.best:
            self.best = measures.score
            save_weights(self.average, self.out / "best.safetensors")
        line = {"step": self.step, "seconds": round(seconds), "loss": round(loss, 4)}
        with (self.out / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(line | asdict(measures)) + "\n")
        LOGGER.info("%s %s", line, measures)

    def run(self, seconds: float, last_rate: float, last_step: float = math.inf) -> None:
        """Train for a time, or up to a step, or until SIGTERM or SIGINT.

        The rate falls along half a cosine, from the training's to ``last_rate`` at the end.
        """
        first_rate = self.rate
        stopped: list[int] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, _: stopped.append(number))
        start = saved = measured = time.monotonic()
        first_step = self.step
        loss = self.advance()
        done = 0.0
        while not stopped and done < 1.0:
            loss += 0.02 * (self.advance() - loss)
            now = time.monotonic()
            done = max((now - start) / seconds, (self.step - first_step) / (last_step - first_step))
            self.rate = falling(first_rate, last_rate, done)
            if self.step % 50 == 0:
                LOGGER.info("step %d, loss %.4f, %.0f s", self.step, loss, now - start)
            if now - measured > MEASURE_SECONDS:
                self.report(loss, now - start)
                measured = now
            if now - saved > SAVE_SECONDS:
                self.save()
                saved = now
        self.report(loss, time.monotonic() - start)
        self.save()


def falling(first: float, last: float, done: float) -> float:
    """Return a value on half a cosine from ``first`` to ``last``; ``done`` goes from 0 to 1."""
    return last + (0.5 + 0.5 * math.cos(math.pi * min(1.0, done))) * (first - last)


def estoi(signals: Tensor, targets: Tensor) -> Any:
    """Return the extended short-time objective intelligibility of each signal, 0 to 1."""
    from pystoi import stoi

    pairs = zip(*(resample(each.numpy(), SAMPLE_RATE, 10_000) for each in (signals, targets)),
                strict=True)  # fmt: skip
    return np.array([stoi(target, signal, 10_000, extended=True) for signal, target in pairs])


def main() -> None:
    """Train as the command line says."""
    parser = argparse.ArgumentParser(description="Train the dereverberation.")
    parser.add_argument("--out", type=Path, required=True, help="checkpoint, log, best weights")
    parser.add_argument("--data", type=Path, help="recordings and rooms; default OUT/data")
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--steps", type=int, help="where to stop, if the hours are not over")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in OUT")
    parser.add_argument("--causal", action="store_true", help="no look-ahead")
    parser.add_argument("--masks", action="store_true", help="gains on the wet phase only")
    parser.add_argument("--width", type=int, default=Shape().width, help="on the first call")
    parser.add_argument("--hidden", type=int, default=Shape().hidden, help="on the first call")
    parser.add_argument("--layers", type=int, default=Shape().layers, help="on the first call")
    parser.add_argument("--pairs", type=int, default=PAIRS, help="of a step")
    parser.add_argument("--seconds", type=float, default=PAIR_SECONDS, help="of a pair")
    parser.add_argument("--begin", type=Path, help="weights of another network, or of one that "
                        "looks both ways with --causal")  # fmt: skip
    parser.add_argument("--rate", type=float, default=2e-3, help="of learning, at the start")
    parser.add_argument("--last-rate", type=float, help="at the end; default as at the start")
    parser.add_argument(
        "--supervision", type=Supervision, choices=list(Supervision), default=Supervision.STRONG,
        help="what is known of an example, on the first call",
    )  # fmt: skip
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=12)
    options = parser.parse_args()
    if options.begin and options.resume:
        parser.error("--begin goes without --resume")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(options.threads)
    shape = Shape(
        width=options.width, hidden=options.hidden, layers=options.layers, masks=options.masks
    )
    if options.causal:
        shape = replace(shape, ahead=0, past=5, both_ways=False)
    training = Training(
        options.out,
        options.data or options.out / "data",
        None if options.resume else shape,
        rate=options.rate,
        seed=options.seed,
        supervision=options.supervision,
        begin=options.begin,
        pairs=options.pairs,
        seconds=options.seconds,
    )
    LOGGER.info("%d parameters, step %d", parameters_of(training.network), training.step)
    training.run(
        options.hours * 3600.0, options.last_rate or options.rate, options.steps or math.inf
    )


if __name__ == "__main__":
    main()
