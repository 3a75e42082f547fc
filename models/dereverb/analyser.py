"""An estimate of RT60 and DRR from what was heard, by a small network fitted to few examples.

It takes the place of labels in blind training, as the acoustic analyser does in U-DREAM (Bahrman,
Fontaine and Richard), which is allowed 100 labelled examples. Seen are the levels of 20 bands up to
5 kHz, 16 ms apart, relative to the loudest; three convolutions over time look at how they fall,
and means and deviations over all frames are turned into both numbers.
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tonewright.models.dereverb.acoustics import Acoustics, acoustics_of
from tonewright.models.dereverb.network import LOW_BINS, spectrum_of
from tonewright.models.training.corpus import SAMPLE_RATE, Store
from tonewright.models.training.mixtures import draw_pairs
from tonewright.models.training.rooms import Responses

BANDS = 20
WIDTH = 48
LOWEST_DB = -80.0
TYPICAL = (0.5, -3.0)
"""RT60 in seconds and DRR in dB that an analyser says before it has learnt."""


class Analyser(nn.Module):
    """Wet signals in, acoustics out."""

    def __init__(self) -> None:
        super().__init__()
        self.along = nn.ModuleList(
            nn.Conv1d(inputs, WIDTH, 5, padding=2 * dilation, dilation=dilation)
            for inputs, dilation in ((BANDS, 1), (WIDTH, 2), (WIDTH, 4))
        )
        self.out = nn.Linear(2 * WIDTH, 2)

    def forward(self, wet: Tensor) -> Acoustics:
        """Return what is thought of the rooms of signals ``(batch, samples)`` at 48 kHz."""
        low = spectrum_of(wet, SAMPLE_RATE)[:, :LOW_BINS]
        power = (low.real.square() + low.imag.square()).unflatten(1, (BANDS, -1)).mean(2)
        loudest = power.amax((1, 2), keepdim=True)
        levels = torch.log10(power / (loudest + 1e-12) + 10.0 ** (LOWEST_DB / 10.0))
        x = levels / 4.0 + 1.0
        for convolution in self.along:
            x = functional.gelu(convolution(x))
        both = self.out(torch.cat([x.mean(-1), x.std(-1)], dim=1))
        rt60_seconds, drr_db = TYPICAL
        return Acoustics(rt60_seconds * torch.exp(both[:, 0]), drr_db + 10.0 * both[:, 1])


def labels_of(responses: Responses, rooms: np.ndarray) -> Acoustics:
    """Return the measured acoustics of some of a bank's rooms, shape ``(len(rooms),)``."""
    found = [acoustics_of(responses.full[room].astype(np.float32), SAMPLE_RATE) for room in rooms]
    rt60_seconds, drr_db = np.array(found, np.float32).T
    return Acoustics(torch.from_numpy(rt60_seconds.copy()), torch.from_numpy(drr_db.copy()))


def fitted_analyser(
    store: Store,
    responses: Responses,
    *,
    examples: int = 100,
    steps: int = 600,
    length_samples: int = 3 * SAMPLE_RATE,
    seed: int = 12,
) -> Analyser:
    """Return an analyser that has learnt from so many labelled examples, and no others."""
    wet, _, rooms = draw_pairs(
        store, responses, np.random.default_rng((seed, examples)),
        pairs=examples, length_samples=length_samples, augment=False,
    )  # fmt: skip
    known = labels_of(responses, rooms)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        analyser = Analyser()
        optimizer = torch.optim.AdamW(analyser.parameters(), 2e-3, weight_decay=0.01)
        for step in range(steps):
            chosen = torch.randperm(examples)[:16]
            found = analyser(wet[chosen])
            apart = torch.log(found.rt60_seconds / known.rt60_seconds[chosen])
            apart_db = found.drr_db - known.drr_db[chosen]
            loss = apart.square().mean() + (apart_db / 10.0).square().mean()
            for group in optimizer.param_groups:
                group["lr"] = 2e-3 * (1.0 - step / steps)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return analyser.eval().requires_grad_(requires_grad=False)
