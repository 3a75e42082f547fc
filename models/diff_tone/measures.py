"""What an edit has kept and what it has become, in two numbers.

* **Content kept**: the mean cosine between the chroma of two recordings, over the frames in which
  either sounds, at the best of five lags up to two frames; 1 for the same pitch classes at the same
  times.
* **Target heard**: the probability of an instrument by a classifier that has steered nothing.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from tonewright.dsp.audio.signal import Audio
from tonewright.models.diff_tone.classifier import Reporting, heard, windows_of
from tonewright.models.diff_tone.features import (
    HOP_SAMPLES,
    SAMPLE_RATE,
    band_hz,
    band_power,
    level_of,
    mel_of,
    power_of,
    spectrum_of,
)

CHROMA_SAMPLES = 4_096
CHROMA_HZ = (60.0, 4_200.0)
QUIET_DB = -50.0
"""Frames this far below the loudest do not sound."""

MOST_LAG = 2


def mel_of_audio(audio: Audio) -> Tensor:
    """Return what the classifiers hear, ``(1, BANDS, frames)``, of audio at 44.1 kHz.

    Channels are heard by their mean power.
    """
    channels = torch.from_numpy(audio)
    level = level_of(channels).square().mean(dim=0, keepdim=True).sqrt()
    return mel_of(band_power(spectrum_of(channels)).mean(dim=0, keepdim=True), level)


@torch.inference_mode()
def chroma_similarity(before: Audio, after: Audio) -> float:
    """Return how much of the content is kept, 0 to 1.

    Args:
        before: ``(channels, samples)`` at 44.1 kHz.
        after: Of the same length.
    """
    return _similarity(_chroma(before), _chroma(after))


@torch.inference_mode()
def mel_similarity(before: Tensor, after: Tensor) -> float:
    """Return the same of two mel spectrograms, ``(1, BANDS, frames)``, before they are sound.

    Bands are as wide as bins up to 700 Hz, and tell semitones apart up to 1 kHz.
    """
    return _similarity(_mel_chroma(before), _mel_chroma(after))


@torch.inference_mode()
def reported(classifier: Reporting, audio: Audio) -> Tensor:
    """Return the probability of every instrument, ``(len(NAMES),)``, of audio at 44.1 kHz."""
    windows = windows_of(mel_of_audio(audio))
    return heard(classifier(windows), windows)


def _chroma(audio: Audio) -> tuple[Tensor, Tensor]:
    """Return unit chroma, ``(12, frames)``, and whether each frame sounds."""
    mono = torch.from_numpy(audio.mean(axis=0, keepdims=True))
    size = torch.stft(
        mono, CHROMA_SAMPLES, HOP_SAMPLES, window=torch.hann_window(CHROMA_SAMPLES),
        pad_mode="constant", return_complex=True,
    )[0].abs()  # fmt: skip
    power = size.square().sum(dim=0)
    sounds = power > 10.0 ** (QUIET_DB / 10.0) * power.max().clamp(min=1e-12)
    return functional.normalize(_bins_in_classes() @ size, dim=0, eps=1e-9), sounds


def _mel_chroma(mel: Tensor) -> tuple[Tensor, Tensor]:
    """Return what ``_chroma`` does, of a mel spectrogram."""
    power = power_of(mel[0], torch.ones(1))
    loudness = power.sum(dim=0)
    sounds = loudness > 10.0 ** (QUIET_DB / 10.0) * loudness.max()
    return functional.normalize(_bands_in_classes() @ power.sqrt(), dim=0, eps=1e-9), sounds


def _similarity(before: tuple[Tensor, Tensor], after: tuple[Tensor, Tensor]) -> float:
    """Return the mean cosine of two chromas at the best lag, each with the frames that sound."""
    (first, loud), (second, heard_too) = before, after
    sounds = loud | heard_too
    if not sounds.any():
        return 1.0
    frames = first.shape[1]
    likeness = []
    for lag in range(-MOST_LAG, MOST_LAG + 1):
        here = slice(max(0, -lag), min(frames, frames - lag))
        there = slice(max(0, lag), min(frames, frames + lag))
        cosine = (first[:, here] * second[:, there]).sum(dim=0)[sounds[here]]
        likeness.append(float(cosine.mean()) if len(cosine) else 0.0)
    return max(likeness)


@lru_cache(maxsize=1)
def _bins_in_classes() -> Tensor:
    bins = np.arange(CHROMA_SAMPLES // 2 + 1, dtype=np.float64)
    return _in_classes(bins * SAMPLE_RATE / CHROMA_SAMPLES)


@lru_cache(maxsize=1)
def _bands_in_classes() -> Tensor:
    return _in_classes(band_hz())


def _in_classes(hz: npt.NDArray[np.float64]) -> Tensor:
    """Return how much a frequency belongs to a pitch class, ``(12, frequencies)``."""
    pitch = 69.0 + 12.0 * np.log2(np.maximum(hz, 1.0) / 440.0)
    apart = np.abs((pitch - np.arange(12)[:, None] + 6.0) % 12.0 - 6.0)
    inside = (hz > CHROMA_HZ[0]) & (hz < CHROMA_HZ[1])
    return torch.from_numpy(np.exp(-0.5 * (apart / 0.4) ** 2) * inside).float()
