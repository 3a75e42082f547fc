"""What a room does in two numbers, and what is made from them (Polack's model).

A response is its direct sound, which lasts 2.5 ms, and behind it noise that decays evenly:
``sigma exp(-n / tau) w[n]`` with ``tau = RT60 sample_rate / (3 ln 10)`` and normal ``w``, so that
it has lost 60 dB after RT60 (Polack 1988; used to train by Bahrman, Fontaine and Richard). The
direct-to-reverberant ratio DRR is that of the direct sound's energy to the energy of all the
noise, which makes ``sigma^2 = 10^(-DRR/10) (2 / tau) e^(2a / tau)`` with ``a`` the first sample of
the noise. Everything here is in samples: with tau in seconds the noise would be too loud by the
sample rate.

What is measured on a response is measured between 300 Hz and 5 kHz, where voices and instruments
have most of their energy. Below, a few modes ring on for themselves; above, the air takes the tail
away, and of 24 kHz most is above.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tonewright.dsp.audio.room import MEASURED_HZ

DIRECT_SECONDS = 0.0025
FITTED_DB = (-5.0, -25.0)
"""The part of the energy's decay that a line is fitted to."""


@dataclass(frozen=True, slots=True)
class Acoustics:
    """What is known of rooms, one number for each.

    Attributes:
        rt60_seconds: Time in which the energy falls by 60 dB, above 0, shape ``(rooms,)``.
        drr_db: Ratio of direct sound to reverberation, shape ``(rooms,)``.
    """

    rt60_seconds: Tensor
    drr_db: Tensor


def decay_samples(rt60_seconds: Tensor, sample_rate: float) -> Tensor:
    """Return tau, in which an amplitude falls to 1/e."""
    return rt60_seconds * sample_rate / (3.0 * math.log(10.0))


def decays(acoustics: Acoustics, sample_rate: float, hop_samples: int, frames: int) -> Tensor:
    """Return the power that a frame of sound sends into itself and into the frames behind it.

    It is what draws of the noise send on the mean. Frame k has what arrives within half a hop of
    its own time.

    Shape:
        ``(rooms, frames)``; the direct sound, in frame 0, has power 1.
    """
    tau = decay_samples(acoustics.rt60_seconds, sample_rate)[:, None]
    edges = (torch.arange(frames + 1) - 0.5) * hop_samples - DIRECT_SECONDS * sample_rate
    left = torch.exp(-2.0 * edges.clamp(min=0.0) / tau)
    powers = 10.0 ** (-acoustics.drr_db[:, None] / 10.0) * (left[:, :-1] - left[:, 1:])
    powers[:, 0] += 1.0
    return powers


def acoustics_of(response: npt.NDArray[np.float32], sample_rate: float) -> tuple[float, float]:
    """Return RT60 in seconds and DRR in dB of one measured response, between 300 Hz and 5 kHz.

    RT60 is that of a line fitted to Schroeder's backward integral between -5 and -25 dB, without
    the direct sound; DRR compares all that comes with the direct sound and all that comes later.

    Shape:
        ``(samples,)``, with its direct sound as the largest sample.
    """
    peak = int(np.argmax(np.abs(response)))
    start = peak + round(DIRECT_SECONDS * sample_rate)
    direct, later = (
        np.square(_measured(part, sample_rate)) for part in (response[:start], response[start:])
    )
    # What rings ahead of a part comes out at the far end of the silence.
    left = np.cumsum(later[: len(response) - start][::-1])[::-1]
    decay_db = 10.0 * np.log10(left / left[0] + 1e-30)
    first, last = (int(np.argmax(decay_db < level_db)) for level_db in FITTED_DB)
    slope_db, _ = np.polyfit(np.arange(first, last), decay_db[first:last], 1)
    return -60.0 / slope_db / sample_rate, float(10.0 * np.log10(direct.sum() / later.sum()))


def _measured(part: npt.NDArray[np.float32], sample_rate: float) -> npt.NDArray[np.float64]:
    """Return the band that is measured, with as much silence behind it as it is long."""
    frequencies = np.fft.rfftfreq(2 * len(part), 1.0 / sample_rate)
    low, high = (np.clip(frequencies / edge * 4.0 - 3.5, 0.0, 1.0) for edge in MEASURED_HZ)
    return np.fft.irfft(np.fft.rfft(part, 2 * len(part)) * np.sqrt(low * (1.0 - high)))
