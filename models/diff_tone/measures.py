"""What an edit has kept and what it has become, in two numbers.

* **Content kept**: the mean cosine between the chroma of two recordings, frame by frame, over the
  frames in which either sounds; 1 for the same notes at the same times, an octave apart or not.
* **Target heard**: the probability of an instrument by a classifier that has steered nothing.
"""

import torch
from torch import Tensor
from torch.nn import functional

from tonewright.dsp.audio.signal import Audio
from tonewright.models.diff_tone.classifier import Reporting, heard, windows_of
from tonewright.models.diff_tone.features import (
    CONTENT,
    band_power,
    content_of,
    level_of,
    mel_of,
    spectrum_of,
)

QUIET_DB = -50.0
"""Frames this far below the loudest of both do not count."""


def mel_of_audio(audio: Audio) -> Tensor:
    """Return what the classifiers hear, ``(1, BANDS, frames)``, of audio at 44.1 kHz.

    Channels are heard by their mean power.
    """
    channels = torch.from_numpy(audio)
    level = level_of(channels).square().mean(dim=0, keepdim=True).sqrt()
    return mel_of(band_power(spectrum_of(channels)).mean(dim=0, keepdim=True), level)


@torch.inference_mode()
def chroma_similarity(before: Audio, after: Audio) -> float:
    """Return how much of the content is kept, 0 to 1; both at 44.1 kHz and equally long."""
    pair = torch.from_numpy(before.mean(axis=0)), torch.from_numpy(after.mean(axis=0))
    chromas = [content_of(each[None])[0, : CONTENT - 1] for each in pair]
    powers = [band_power(spectrum_of(each[None]))[0].sum(dim=0) for each in pair]
    power = torch.maximum(*(each / each.amax().clamp(min=1e-12) for each in powers))
    active = power > 10.0 ** (QUIET_DB / 10.0)
    if not active.any():
        return 1.0
    cosine = functional.cosine_similarity(*chromas, dim=0, eps=1e-6)
    return float(cosine[active].mean())


@torch.inference_mode()
def reported(classifier: Reporting, audio: Audio) -> Tensor:
    """Return the probability of every instrument, ``(len(NAMES),)``, of audio at 44.1 kHz."""
    windows = windows_of(mel_of_audio(audio))
    return heard(classifier(windows), windows)
