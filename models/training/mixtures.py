"""Wet and dry pairs, drawn without end from a store of clips and a bank of room responses.

A pair is clips of one group, one behind the other with random gaps, through one room. The dry
signal is the same through the room's direct sound alone, so both are aligned to the sample, and
what the room adds is all that is between them. Some pairs stay dry, so that a network learns to
leave dry things alone; some get faint noise or less band.
"""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tonewright.models.training.corpus import SAMPLE_RATE, Kind, Store
from tonewright.models.training.rooms import Responses

SHARES = {Kind.SPEECH: 0.5, Kind.INSTRUMENT: 0.15, Kind.PHRASE: 0.35}
DRY_SHARE = 0.07
NOISE_SHARE = 0.4
LOWPASS_SHARE = 0.15
LEVEL_DBFS = (-40.0, -15.0)
NOISE_DB = (-65.0, -35.0)
TOGETHER_SHARE = 0.3
"""Of the phrases, how many are two at once, so that notes overlap."""

LEAD_SECONDS = 0.7
"""What sounds before the pair begins, so that it may begin in the middle of an echo."""


def draw_dry(
    store: Store, kind: Kind, length_samples: int, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Return clips of one group with gaps, float32 of shape ``(length_samples,)``."""
    groups = store.groups[kind]
    names = sorted(groups)
    # Large groups more often than small ones, but not as often as they are large.
    weights = np.sqrt([len(groups[name]) for name in names])
    clips = groups[names[rng.choice(len(names), p=weights / weights.sum())]]
    dry = np.zeros(length_samples, np.float32)
    position = -int(rng.integers(0, SAMPLE_RATE))
    while position < length_samples:
        start, length = clips[rng.integers(len(clips))]
        first, last = max(-position, 0), min(length, length_samples - position)
        if last > first:
            clip = store.samples[start + first : start + last].astype(np.float32) / 32_767.0
            gain = 10.0 ** (rng.normal(0.0, 2.0) / 20.0)
            dry[position + first : position + last] += gain * clip
        position += length + int(rng.uniform(-0.02, 0.5) * SAMPLE_RATE)
    return dry


def draw_pairs(
    store: Store,
    responses: Responses,
    rng: np.random.Generator,
    *,
    pairs: int,
    length_samples: int,
    augment: bool = True,
    kind: Kind | None = None,
) -> tuple[Tensor, Tensor, npt.NDArray[np.int64]]:
    """Return (wet, dry, the room of each pair).

    Args:
        store: Dry clips.
        responses: Of rooms.
        rng: What they are drawn from.
        pairs: How many.
        length_samples: Of each, at 48 kHz.
        augment: Whether some pairs are dry, noisy, of less band or of two phrases, and levels
            differ.
        kind: Of the recordings; None for all, by ``SHARES``.

    Shape:
        Both ``(pairs, length_samples)``, float32; rooms ``(pairs,)``.
    """
    lead = round(LEAD_SECONDS * SAMPLE_RATE)
    rooms = rng.integers(len(responses.direct), size=pairs)
    dry = []
    for _ in range(pairs):
        drawn = tuple(SHARES)[rng.choice(len(SHARES), p=tuple(SHARES.values()))]
        sounding = kind or drawn
        source = draw_dry(store, sounding, lead + length_samples, rng)
        if augment and sounding is Kind.PHRASE and rng.random() < TOGETHER_SHARE:
            source += draw_dry(store, sounding, lead + length_samples, rng)
        dry.append(source)
    sources = torch.from_numpy(np.stack(dry))
    full = torch.from_numpy(responses.full[rooms].astype(np.float32))
    direct = torch.from_numpy(responses.direct[rooms])
    size = 1 << (sources.shape[-1] + full.shape[-1]).bit_length()
    spectrum = torch.fft.rfft(sources, size)
    wet, target = (
        torch.fft.irfft(spectrum * torch.fft.rfft(each, size), size)[:, lead : sources.shape[-1]]
        for each in (full, direct)
    )
    if augment:
        wet, target = _augmented(wet, target, rng)
    return wet.contiguous(), target.contiguous(), rooms


def _augmented(wet: Tensor, dry: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    pairs, length = wet.shape
    stays_dry = torch.from_numpy(rng.random(pairs) < DRY_SHARE)[:, None]
    wet = torch.where(stays_dry, dry, wet)
    frequencies = torch.fft.rfftfreq(length, 1.0 / SAMPLE_RATE)
    noise = torch.from_numpy(rng.standard_normal((pairs, length)).astype(np.float32))
    colour = torch.from_numpy(rng.uniform(0.0, 1.0, (pairs, 1)).astype(np.float32))
    noise = torch.fft.irfft(torch.fft.rfft(noise) * frequencies.clamp(min=50.0) ** -colour, length)
    power = wet.square().mean(-1, keepdim=True) + 1e-12
    level = 10.0 ** (rng.uniform(*NOISE_DB, (pairs, 1)) / 20.0) * (
        rng.random((pairs, 1)) < NOISE_SHARE
    )
    noise = noise * torch.sqrt(power / (noise.square().mean(-1, keepdim=True) + 1e-12))
    wet = wet + noise * torch.from_numpy(level.astype(np.float32))
    # As of a recording at a lower rate: both sides lose the same.
    cut = np.where(rng.random(pairs) < LOWPASS_SHARE, rng.uniform(5e3, 16e3, pairs), 1e6)
    band = torch.sigmoid((torch.from_numpy(cut).float()[:, None] - frequencies) / 100.0)
    wet, dry = (torch.fft.irfft(torch.fft.rfft(each) * band, length) for each in (wet, dry))
    gain = 10.0 ** (rng.uniform(*LEVEL_DBFS, (pairs, 1)) / 20.0)
    scale = torch.from_numpy(gain.astype(np.float32)) / torch.sqrt(power)
    return wet * scale, dry * scale
