"""Batches to learn from: windows of clips, made to sound as recordings may, and first estimates.

What is done to a window: a smooth random equaliser, a level a few dB off, a floor of noise, and for
classifiers the loss of a few bands. ``LinearDenoiser`` makes of clean windows what a denoiser first
makes of noisy ones, before there is a denoiser to ask.
"""

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tonewright.models.diff_tone.corpus import CLIP_FRAMES, Store, unpacked
from tonewright.models.diff_tone.denoiser import WINDOW_FRAMES
from tonewright.models.diff_tone.features import (
    BANDS,
    FLOOR_DB,
    HOP_SAMPLES,
    MEAN_DB,
    PITCHES,
    SAMPLE_RATE,
    SCALE_DB,
)

LOWEST = (FLOOR_DB - MEAN_DB) / SCALE_DB
QUIET = (-50.0 - MEAN_DB) / SCALE_DB
"""A window whose loudest band never gets above this is drawn again."""

_DRAWS = 8


def draw_windows(
    store: Store,
    clips: npt.NDArray[np.int64],
    rng: np.random.Generator,
    *,
    others_share: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """Return a window of each clip, as ``corpus.unpacked`` does, at random places that sound.

    Args:
        store: What the clips are of.
        clips: Which ones.
        rng: What draws.
        others_share: Share of windows whose content is heard from the other clip of the pair.
    """
    stored = []
    for clip in clips.tolist():
        for _ in range(_DRAWS):
            start = int(rng.integers(CLIP_FRAMES - WINDOW_FRAMES + 1))
            window = np.array(store.window(clip, start, WINDOW_FRAMES))
            # Stored in half dB above the floor.
            if window[:, :BANDS].max() > 2.0 * (-50.0 - FLOOR_DB):
                break
        if rng.random() < others_share:
            window[:, BANDS:] = store.window(clip ^ 1, start, WINDOW_FRAMES)[:, BANDS:]
        stored.append(torch.from_numpy(window))
    return unpacked(torch.stack(stored))


def misheard(content: Tensor, rng: np.random.Generator) -> Tensor:
    """Return contents in which pitches are a little too strong, too weak, or made up."""
    size = torch.from_numpy(rng.uniform(0.0, 0.15, (len(content), 1, 1))).float()
    wrong = torch.from_numpy(rng.standard_normal(content.shape, np.float32))
    return (content + size * wrong * (0.3 + content)).clamp(0.0, 1.0)


def elsewhere(content: Tensor, rng: np.random.Generator) -> Tensor:
    """Return contents as other instruments in other rooms might have them.

    Partials are weaker or stronger, along a smooth curve and each by itself, up to some 10 dB;
    three windows of ten are in a room, where pitches die away over 0.2 to 1.2 s; in one of ten
    something hums on one low pitch.
    """
    batch, _, frames = content.shape
    pitches, onsets = content[:, :PITCHES], content[:, PITCHES:]
    place = torch.linspace(0.0, 1.0, PITCHES)
    waves = torch.stack([torch.cos(math.pi * n * place) for n in range(1, 5)])
    most = rng.uniform(0.0, 1.0, (batch, 1))
    curve_db = torch.from_numpy(rng.normal(0.0, 4.0, (batch, 4)) * most).float() @ waves
    curve_db += torch.from_numpy(rng.normal(0.0, 4.0, (batch, PITCHES)) * most).float()
    loudest = pitches.amax(dim=1, keepdim=True)
    # A strength is the root of an amplitude, which halves what is in decibels.
    pitches = pitches * (10.0 ** (curve_db / 40.0))[:, :, None]
    pitches *= loudest / pitches.amax(dim=1, keepdim=True).clamp(min=1e-6)

    room = torch.from_numpy(rng.random(batch) < 0.3)[:, None]
    fall_db = 60.0 * HOP_SAMPLES / SAMPLE_RATE / rng.uniform(0.2, 1.2, (batch, 1))
    keep = torch.from_numpy(10.0 ** (-fall_db / 40.0)).float()
    share = torch.from_numpy(10.0 ** (rng.uniform(-14.0, -2.0, (batch, 1)) / 40.0)).float()
    tail, heard = torch.zeros(batch, PITCHES), []
    for frame in range(frames):
        now = pitches[:, :, frame]
        heard.append(torch.where(room, torch.maximum(now, share * tail), now))
        tail = torch.maximum(now, keep * tail)
    pitches = torch.stack(heard, dim=2)

    hum = torch.zeros(batch, PITCHES)
    hum[torch.arange(batch), torch.from_numpy(rng.integers(0, 24, batch))] = torch.from_numpy(
        rng.uniform(0.2, 0.7, batch) * (rng.random(batch) < 0.1)
    ).float()
    pitches = torch.maximum(pitches, hum[:, :, None])
    return torch.cat([pitches, onsets], dim=1).clamp(0.0, 1.0)


def recorded(mel: Tensor, rng: np.random.Generator, *, strength: float = 1.0) -> Tensor:
    """Return windows as if equalised, at another level and over a floor of noise."""
    batch = len(mel)
    place = torch.linspace(0.0, 1.0, BANDS)
    waves = torch.stack([torch.cos(math.pi * n * place) for n in range(1, 5)])
    sizes_db = rng.normal(0.0, [4.0, 2.5, 1.5, 1.5], (batch, 4)) * strength
    curve_db = torch.from_numpy(sizes_db).float() @ waves
    curve_db += torch.from_numpy(rng.normal(0.0, 2.0 * strength, (batch, 1))).float()
    decibels = mel * SCALE_DB + MEAN_DB + curve_db[:, :, None]
    # Noise whose power in a band fluctuates as noise does.
    floor_db = torch.from_numpy(rng.uniform(-100.0, -55.0, (batch, 1, 1))).float()
    slope_db = torch.from_numpy(rng.uniform(-15.0, 0.0, (batch, 1, 1))).float()
    ripple = torch.from_numpy(rng.standard_exponential(mel.shape, np.float32)).clamp(min=1e-3)
    noise = 10.0 ** ((floor_db + slope_db * place[:, None]) / 10.0) * ripple
    summed = 10.0 * torch.log10(10.0 ** (decibels / 10.0) + noise)
    return (summed.clamp(min=FLOOR_DB) - MEAN_DB) / SCALE_DB


def without_bands(mel: Tensor, rng: np.random.Generator) -> Tensor:
    """Return windows without what is above a random band, and without a random range of bands."""
    kept = mel.clone()
    for window in kept:
        if rng.random() < 0.2:
            window[int(rng.integers(BANDS // 2, BANDS)) :] = LOWEST
        if rng.random() < 0.3:
            start = int(rng.integers(BANDS - 16))
            window[start : start + int(rng.integers(4, 16))] = LOWEST
    return kept


class LinearDenoiser:
    """The best linear estimate of clean frames in short patches: what blurred estimates look like.

    With mean m and covariance C of clean patches, the estimate for a state at ``a`` is
    ``m + sqrt(a) C (a C + (1 - a) I)^-1 (x - sqrt(a) m)``.
    """

    PATCH = 4

    def __init__(self, mel: Tensor) -> None:
        """Learn from clean windows, ``(batch, BANDS, frames)``."""
        patches = self._patches(mel)
        self._mean = patches.mean(dim=0)
        covariance = torch.cov((patches - self._mean).T)
        self._powers, self._axes = torch.linalg.eigh(covariance)

    def __call__(self, x: Tensor, alpha: Tensor) -> Tensor:
        """Return estimates for states ``(batch, BANDS, frames)`` at levels ``(batch,)``."""
        tokens = self._patches(x).reshape(len(x), -1, self.PATCH * BANDS)
        root = alpha.sqrt()[:, None, None]
        powers = self._powers.clamp(min=0.0)
        level = alpha[:, None]
        gains = level.sqrt() * powers / (level * powers + 1.0 - level).clamp(min=1e-6)
        inside = (tokens - root * self._mean) @ self._axes * gains[:, None]
        clean = self._mean + inside @ self._axes.T
        return clean.unflatten(2, (self.PATCH, BANDS)).flatten(1, 2).transpose(1, 2)

    def _patches(self, mel: Tensor) -> Tensor:
        frames = mel.transpose(1, 2)
        return frames.reshape(-1, self.PATCH * BANDS)
