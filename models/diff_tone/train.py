"""Training of the four networks, each from nothing or from where it stopped.

::

    python -m tonewright.models.diff_tone.corpus --data DATA --clips 8000
    python -m tonewright.models.diff_tone.train classifier --out RUNS/classifier --data DATA
    python -m tonewright.models.diff_tone.train classifier2 --out RUNS/classifier2 --data DATA
    python -m tonewright.models.diff_tone.train choosing --out RUNS/choosing --data DATA
    python -m tonewright.models.diff_tone.train denoiser --out RUNS/denoiser --data DATA --hours 8
    python -m tonewright.models.diff_tone.train denoiser --out RUNS/denoiser --data DATA --hours 1 \
        --rate 1e-4
    python -m tonewright.models.diff_tone.train classifier --out RUNS/classifier --data DATA \
        --denoiser RUNS/denoiser/best.safetensors

Data that is not there is made first; 12 s of sound take about 0.2 s. A folder with a checkpoint is
gone on from; without one, ``--begin resources/weights/diff_tone-denoiser.safetensors`` goes on from
what ships. The classifier that reports (``classifier2``) learns from one half of the clips, the
others from the other. The one that steers hears clean estimates at all noise levels: those of a
linear denoiser until there is a real one, which ``--denoiser`` names. The loop is
``tonewright.models.training.loop``; ends of one training are averaged by ``averaging``.
"""

import argparse
import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from tonewright.models.diff_tone.batches import (
    LinearDenoiser,
    draw_windows,
    elsewhere,
    misheard,
    recorded,
    without_bands,
)
from tonewright.models.diff_tone.classifier import Choosing, Reporting, Steering
from tonewright.models.diff_tone.corpus import DEVELOPMENT_CLIPS, Split, Store, open_store
from tonewright.models.diff_tone.denoiser import Denoiser, Shape, load_denoiser, velocity_loss
from tonewright.models.diff_tone.instruments import NAMES, draw_prompt, indices_of
from tonewright.models.training.loop import Loop
from tonewright.models.weights import save_weights

LOGGER = logging.getLogger(__name__)

BATCH = 32
MEASURED = 250
MEASURED_SEED = 99
NO_PROMPT_SHARE = 0.12
NO_CONTENT_SHARE = 0.25
OTHERS_CONTENT_SHARE = 0.8
"""Share of windows whose content is heard from another instrument, as it is in an edit: what the
content says of who plays is then of no use, and the network listens to the prompt for that."""

CLEAN_SHARE = 0.4
"""Share of what the steering classifier hears that is as clean as audio."""

_HALF_CLIPS = 40
"""Clips go to one classifier or the other in runs of this many: every instrument, every font."""

Estimator = Callable[[Tensor, Tensor], Tensor]
"""Clean estimates for states at shares of signal power ``(batch,)``."""


def half_of(store: Store, half: int) -> npt.NDArray[np.int64]:
    """Return the clips that a classifier learns from, 0 or 1."""
    clips = np.arange(len(store.descriptions))
    return clips[clips // _HALF_CLIPS % 2 == half]


def labels_of(store: Store, clips: npt.NDArray[np.int64]) -> Tensor:
    """Return the indices of clips' instruments in ``NAMES``."""
    found = [NAMES.index(store.descriptions[clip].instrument) for clip in clips.tolist()]
    return torch.tensor(found)


def drawn_alphas(times: npt.NDArray[np.float64]) -> Tensor:
    """Return shares of signal power at times of the cosine schedule."""
    return torch.from_numpy(np.cos(0.5 * np.pi * times) ** 2).float()


def noisy(mel: Tensor, alpha: Tensor, rng: np.random.Generator) -> Tensor:
    """Return states of clean windows, each at its share of signal power."""
    noise = torch.from_numpy(rng.standard_normal(mel.shape, np.float32))
    return alpha.sqrt()[:, None, None] * mel + (1.0 - alpha).sqrt()[:, None, None] * noise


class SteeringTask:
    """The classifier that steers: clean estimates at all noise levels."""

    def __init__(self, train: Store, held_out: Store, denoiser: Denoiser | None = None) -> None:
        self.network: nn.Module = Steering()
        self._train = train
        self._clips = half_of(train, 0)
        self._held_out = held_out
        rng = np.random.default_rng(MEASURED_SEED)
        some = rng.choice(self._clips, min(400, len(self._clips)), replace=False)
        self._linear = LinearDenoiser(draw_windows(train, some, rng)[0])
        self._denoiser = denoiser

    def loss(self, network: nn.Module, rng: np.random.Generator) -> Tensor:
        """Return the cross-entropy of one batch."""
        clips = rng.choice(self._clips, BATCH)
        mel = recorded(draw_windows(self._train, clips, rng)[0], rng)
        clean = round(CLEAN_SHARE * BATCH)
        times = np.concatenate([np.zeros(clean), rng.uniform(0.0, 0.98, BATCH - clean)])
        alpha = drawn_alphas(times)
        heard = torch.cat([
            without_bands(mel[:clean], rng), self._estimates(mel[clean:], alpha[clean:], rng)
        ])  # fmt: skip
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(heard, alpha)
        labels = labels_of(self._train, clips)
        return functional.cross_entropy(logits.float(), labels, label_smoothing=0.05)

    def measure(self, network: nn.Module) -> dict[str, float]:
        """Return the accuracy on held-out phrases, clean and at three times."""
        rng = np.random.default_rng(MEASURED_SEED)
        clips = np.arange(min(MEASURED, len(self._held_out.descriptions)))
        mel = draw_windows(self._held_out, clips, rng)[0]
        labels = labels_of(self._held_out, clips)
        measures = {}
        for time in (0.0, 0.3, 0.6, 0.9):
            alpha = drawn_alphas(np.full(len(clips), time))
            heard = mel if time == 0.0 else self._estimates(mel, alpha, rng)
            right = network(heard, alpha).argmax(dim=1) == labels
            measures[f"accuracy_at_{time}"] = round(right.float().mean().item(), 4)
        return measures | {"score": sum(measures.values()) / len(measures)}

    def write(self, network: nn.Module, path: Path) -> None:
        """Write the weights."""
        save_weights(network, path)

    @torch.no_grad()
    def _estimates(self, mel: Tensor, alpha: Tensor, rng: np.random.Generator) -> Tensor:
        """Return clean estimates: of the linear denoiser, or half of them of the real one."""
        x = noisy(mel, alpha, rng)
        estimates = self._linear(x, alpha)
        if self._denoiser is not None:
            half = slice(0, len(x) // 2)
            time = torch.arccos(alpha[half].sqrt()) * (2.0 / np.pi)
            nothing = torch.zeros(len(time), len(indices_of("")), dtype=torch.long)
            estimates[half] = self._denoiser(x[half], time, nothing, None)
        return estimates


class SoundTask:
    """A classifier that hears sound.

    Args:
        network: It.
        half: Of the clips that it learns from, 0 or 1.
        train: What they are of.
        held_out: What it is measured on.
    """

    def __init__(
        self, network: Choosing | Reporting, half: int, train: Store, held_out: Store
    ) -> None:
        self.network: nn.Module = network
        self._train = train
        self._clips = half_of(train, half)
        self._held_out = held_out

    def loss(self, network: nn.Module, rng: np.random.Generator) -> Tensor:
        """Return the cross-entropy of one batch."""
        clips = rng.choice(self._clips, BATCH)
        mel = without_bands(recorded(draw_windows(self._train, clips, rng)[0], rng), rng)
        network.train()
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(mel)
        labels = labels_of(self._train, clips)
        return functional.cross_entropy(logits.float(), labels, label_smoothing=0.05)

    def measure(self, network: nn.Module) -> dict[str, float]:
        """Return the accuracy on held-out phrases."""
        rng = np.random.default_rng(MEASURED_SEED)
        clips = np.arange(min(MEASURED, len(self._held_out.descriptions)))
        mel = draw_windows(self._held_out, clips, rng)[0]
        right = network(mel).argmax(dim=1) == labels_of(self._held_out, clips)
        accuracy = right.float().mean().item()
        return {"accuracy": round(accuracy, 4), "score": accuracy}

    def write(self, network: nn.Module, path: Path) -> None:
        """Write the weights."""
        save_weights(network, path)


class DenoiserTask:
    """The denoiser: windows with a prompt, and content or none."""

    def __init__(self, train: Store, held_out: Store, shape: Shape) -> None:
        self.network: nn.Module = Denoiser(shape)
        self._train = train
        self._held_out = held_out

    def loss(self, network: nn.Module, rng: np.random.Generator) -> Tensor:
        """Return the velocity loss of one batch; more of it at high noise."""
        clips = rng.integers(len(self._train.descriptions), size=BATCH)
        return self._loss(network, self._train, clips, rng)

    def measure(self, network: nn.Module) -> dict[str, float]:
        """Return the loss on held-out phrases, the same noise every time."""
        rng = np.random.default_rng(MEASURED_SEED)
        clips = np.arange(min(MEASURED, len(self._held_out.descriptions)))
        parts = np.array_split(clips, max(1, len(clips) // BATCH))
        losses = [self._loss(network, self._held_out, part, rng).item() for part in parts]
        mean = float(np.mean(losses))
        return {"held_out": round(mean, 4), "score": -mean}

    def write(self, network: nn.Module, path: Path) -> None:
        """Write the weights."""
        save_weights(network, path)

    def _loss(
        self,
        network: nn.Module,
        store: Store,
        clips: npt.NDArray[np.int64],
        rng: np.random.Generator,
    ) -> Tensor:
        mel, content = draw_windows(store, clips, rng, others_share=OTHERS_CONTENT_SHARE)
        content = misheard(content, rng)
        if store is self._train:
            content = elsewhere(content, rng)
        # Recordings are not as clean as a synth, but the model should not learn to make noise.
        mel = recorded(mel, rng, strength=0.4)
        prompts = [draw_prompt(store.descriptions[clip], rng) for clip in clips.tolist()]
        silent = rng.random(len(clips)) < NO_PROMPT_SHARE
        words = torch.tensor([
            indices_of("" if quiet else prompt)
            for prompt, quiet in zip(prompts, silent, strict=True)
        ])  # fmt: skip
        content[torch.from_numpy(rng.random(len(clips)) < NO_CONTENT_SHARE)] = -1.0
        times = 1.0 - rng.random(len(clips)) ** 1.5
        alpha = drawn_alphas(times)
        state = noisy(mel, alpha, rng)
        # A third faster on processors that multiply 16-bit numbers; the weights stay in 32 bits.
        with torch.autocast("cpu", torch.bfloat16):
            estimate = network(state, torch.from_numpy(times).float(), words, content)
        return velocity_loss(estimate.float(), mel, alpha)


def main() -> None:
    """Train as the command line says."""
    parser = argparse.ArgumentParser(description="Train the networks of Diff-TONE.")
    parser.add_argument("part", choices=["classifier", "classifier2", "choosing", "denoiser"])
    parser.add_argument("--out", type=Path, required=True, help="checkpoint, log, best weights")
    parser.add_argument("--data", type=Path, required=True, help="folder of the stores")
    parser.add_argument("--clips", type=int, default=8_000, help="to train with, 12 s each")
    parser.add_argument("--hours", type=float, default=0.25)
    parser.add_argument("--rate", type=float, help="of learning")
    parser.add_argument("--denoiser", type=Path, help="makes the estimates for the classifier")
    parser.add_argument("--begin", type=Path, help="weights that the denoiser goes on from")
    parser.add_argument("--width", type=int, default=256, help="of the denoiser")
    parser.add_argument("--layers", type=int, default=6, help="of the denoiser")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--measure-seconds", type=float, default=300.0)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    held_out = open_store(options.data, Split.DEVELOPMENT, DEVELOPMENT_CLIPS)
    train = open_store(options.data, Split.TRAIN, options.clips)
    task: SteeringTask | SoundTask | DenoiserTask
    if options.part == "classifier":
        denoiser = load_denoiser(options.denoiser) if options.denoiser else None
        task = SteeringTask(train, held_out, denoiser)
    elif options.part == "classifier2":
        task = SoundTask(Reporting(), 1, train, held_out)
    elif options.part == "choosing":
        task = SoundTask(Choosing(), 0, train, held_out)
    else:
        begun = load_denoiser(options.begin) if options.begin else None
        shape = begun.shape if begun else Shape(width=options.width, layers=options.layers)
        task = DenoiserTask(train, held_out, shape)
        if begun:
            task.network.load_state_dict(begun.state_dict())
    usual = {"classifier": 1e-3, "classifier2": 2e-3, "choosing": 2e-3, "denoiser": 6e-4}
    loop = Loop(
        task,
        options.out,
        rate=options.rate or usual[options.part],
        seed=options.seed,
        average=0.998 if options.part == "denoiser" else 0.995,
        measure_seconds=options.measure_seconds,
    )
    size = sum(each.numel() for each in task.network.parameters())
    LOGGER.info("%d parameters, step %d, %d clips", size, loop.step, len(train.descriptions))
    loop.run(options.hours * 3600.0)


if __name__ == "__main__":
    main()
