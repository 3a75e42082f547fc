"""The training of what tells RT60 and DRR from what was heard.

The network itself, ``tonewright.dsp.audio.room``, runs without torch; here the same layers learn.
What ships has heard many rooms::

    python -m tonewright.models.dereverb.analyser --data FOLDER --out resources/weights/room.npz

In blind training the analyser takes the place of labels, as in U-DREAM (Bahrman, Fontaine and
Richard), and is allowed 100 labelled examples.
"""

import argparse
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tonewright.dsp.audio.room import (
    BANDS,
    DILATIONS,
    TYPICAL,
    WINDOW_SECONDS,
    band_powers,
    levels_of,
)
from tonewright.dsp.project.atomic import replacing
from tonewright.models.dereverb.acoustics import Acoustics, acoustics_of
from tonewright.models.training.corpus import SAMPLE_RATE, Kind, Split, Store, open_store
from tonewright.models.training.mixtures import draw_pairs
from tonewright.models.training.rooms import Responses, open_responses

LOGGER = logging.getLogger(__name__)

WIDTH = 64
TAPS = 5
BATCH = 16
RATE = 2e-3
PAIRS = 25
"""Pairs drawn at once."""

DRY_SHARE = 0.003
"""Where less than this share of the dry signal is between it and the wet one, there is no room."""

DRY_DB = 20.0
"""DRR that is said of a dry signal, and of any with more."""

EXAMPLES = 6_000
STEPS = 5_000
HELD_OUT = 100
HELD_OUT_ROOMS = 150


class Analyser(nn.Module):
    """Levels in, acoustics out."""

    def __init__(self) -> None:
        super().__init__()
        self.along = nn.ModuleList(
            nn.Conv1d(
                BANDS if index == 0 else WIDTH,
                WIDTH,
                TAPS,
                padding=TAPS // 2 * dilation,
                dilation=dilation,
            )
            for index, dilation in enumerate(DILATIONS)
        )
        self.out = nn.Linear(2 * WIDTH, 2)

    def forward(self, levels: Tensor) -> Acoustics:
        """Return what is thought of the rooms of ``(batch, BANDS, frames)``."""
        x = levels
        for convolution in self.along:
            x = functional.gelu(convolution(x))
        both = self.out(torch.cat([x.mean(-1), x.std(-1)], dim=1))
        rt60_seconds, drr_db = TYPICAL
        return Acoustics(rt60_seconds * torch.exp(both[:, 0]), drr_db + 10.0 * both[:, 1])

    def save(self, path: Path) -> None:
        """Write the weights, as 16-bit numbers by name, for ``dsp.audio.room``."""
        state = {name: value.half().numpy() for name, value in self.state_dict().items()}
        with replacing(path) as file:
            np.savez(file, **state)


def heard(wet: Tensor) -> Tensor:
    """Return the levels of signals ``(batch, samples)`` at 48 kHz, ``(batch, BANDS, frames)``."""
    powers = (band_powers(each[None], SAMPLE_RATE) for each in wet.numpy())
    return torch.from_numpy(np.stack([levels_of(power) for power in powers]))


def labels_of(responses: Responses, rooms: np.ndarray) -> Acoustics:
    """Return the measured acoustics of some of a bank's rooms, shape ``(len(rooms),)``."""
    each, where = np.unique(rooms, return_inverse=True)
    found = [acoustics_of(responses.full[room].astype(np.float32), SAMPLE_RATE) for room in each]
    rt60_seconds, drr_db = np.array(found, np.float32)[where].T
    return Acoustics(torch.from_numpy(rt60_seconds.copy()), torch.from_numpy(drr_db.copy()))


@dataclass(frozen=True, slots=True)
class Examples:
    """What was heard, and where.

    Attributes:
        levels: Shape ``(examples, BANDS, frames)``.
        known: Acoustics of the rooms.
        roomy: 0 where there is no room, whose RT60 could be told; else 1. Shape ``(examples,)``.
    """

    levels: Tensor
    known: Acoustics
    roomy: Tensor


def draw_examples(
    store: Store,
    responses: Responses,
    *,
    count: int,
    length_samples: int,
    augment: bool,
    seed: int,
    kind: Kind | None = None,
) -> Examples:
    """Return labelled examples, of one kind or of all; with ``augment`` some are noisy or dry."""
    rng = np.random.default_rng((seed, count))
    levels, rooms, roomy = [], [], []
    for first in range(0, count, PAIRS):
        wet, dry, where = draw_pairs(
            store, responses, rng,
            pairs=min(PAIRS, count - first), length_samples=length_samples, augment=augment,
            kind=kind,
        )  # fmt: skip
        levels.append(heard(wet))
        rooms.append(where)
        apart = (wet - dry).square().mean(-1)
        roomy.append((apart > DRY_SHARE * dry.square().mean(-1)).float())
    known, sounding = labels_of(responses, np.concatenate(rooms)), torch.cat(roomy)
    drr_db = torch.where(sounding > 0.0, known.drr_db, DRY_DB).clamp(max=DRY_DB)
    return Examples(torch.cat(levels), Acoustics(known.rt60_seconds, drr_db), sounding)


def fitted(examples: Examples, steps: int, seed: int) -> Analyser:
    """Return an analyser that has learnt from these examples, and no others.

    It is punished for absolute errors, as it is judged, 0.5 s being as bad as 10 dB.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        analyser = Analyser()
        optimizer = torch.optim.AdamW(analyser.parameters(), RATE, weight_decay=0.01)
        for step, chosen in enumerate(_batches(len(examples.levels), steps)):
            apart_seconds, apart_db = errors(analyser, examples, chosen)
            loss = 2.0 * apart_seconds + 0.1 * apart_db
            for group in optimizer.param_groups:
                group["lr"] = RATE * (1.0 - step / steps)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return analyser.eval().requires_grad_(requires_grad=False)


def errors(analyser: Analyser, examples: Examples, chosen: Tensor) -> tuple[Tensor, Tensor]:
    """Return how far RT60 in seconds and DRR in dB are off, on the mean over some examples."""
    found, known = analyser(examples.levels[chosen]), examples.known
    roomy = examples.roomy[chosen]
    apart_seconds = roomy * (found.rt60_seconds - known.rt60_seconds[chosen]).abs()
    apart_db = (found.drr_db - known.drr_db[chosen]).abs()
    return apart_seconds.sum() / roomy.sum().clamp(min=1.0), apart_db.mean()


def fitted_analyser(
    store: Store,
    responses: Responses,
    *,
    examples: int = 100,
    steps: int = 600,
    length_samples: int = 3 * SAMPLE_RATE,
    seed: int = 12,
) -> Analyser:
    """Return the analyser of blind training."""
    drawn = draw_examples(
        store, responses, count=examples, length_samples=length_samples, augment=False, seed=seed
    )
    return fitted(drawn, steps, seed)


def _batches(examples: int, steps: int) -> Iterator[Tensor]:
    for _ in range(steps):
        yield torch.randperm(examples)[:BATCH]


def main() -> None:
    """Train what ships."""
    parser = argparse.ArgumentParser(description="Train what tells RT60 and DRR.")
    parser.add_argument("--data", type=Path, required=True, help="recordings and rooms")
    parser.add_argument("--out", type=Path, required=True, help="the weights, .npz")
    parser.add_argument("--rooms", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=12)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(1)
    banks = {
        split: (open_store(options.data, split), open_responses(options.data, split, rooms))
        for split, rooms in ((Split.TRAIN, options.rooms), (Split.DEVELOPMENT, HELD_OUT_ROOMS))
    }
    examples = draw_examples(
        *banks[Split.TRAIN],
        count=EXAMPLES,
        length_samples=round(WINDOW_SECONDS * SAMPLE_RATE),
        augment=True,
        seed=options.seed,
    )
    LOGGER.info("%d examples", len(examples.levels))
    analyser = fitted(examples, STEPS, options.seed)
    analyser.save(options.out)
    for kind in Kind:
        held_out = draw_examples(
            *banks[Split.DEVELOPMENT],
            count=HELD_OUT,
            length_samples=round(WINDOW_SECONDS * SAMPLE_RATE),
            augment=False,
            seed=options.seed,
            kind=kind,
        )
        apart_seconds, apart_db = errors(analyser, held_out, torch.arange(HELD_OUT))
        LOGGER.info("%s: off by %.3f s and %.2f dB", kind, apart_seconds, apart_db)


if __name__ == "__main__":
    main()
