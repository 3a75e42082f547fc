"""What a room does in two numbers, and a response made from them (Polack's model).

A response is its direct sound, which lasts 2.5 ms, and behind it noise that decays evenly:
``sigma exp(-n / tau) w[n]`` with ``tau = RT60 sample_rate / (3 ln 10)`` and normal ``w``, so that
it has lost 60 dB after RT60 (Polack 1988; used to train by Bahrman, Fontaine and Richard). The
direct-to-reverberant ratio DRR is that of the direct sound's energy to the energy of all the
noise, which makes ``sigma^2 = 10^(-DRR/10) (2 / tau) e^(2a / tau)`` with ``a`` the first sample of
the noise. Everything here is in samples: with tau in seconds the noise would be too loud by the
sample rate.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

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


def polack_responses(
    acoustics: Acoustics, sample_rate: float, length_samples: int, generator: torch.Generator
) -> Tensor:
    """Return responses, another draw of the noise at each call.

    Shape:
        ``(rooms, length_samples)``; sample 0 is the direct sound, of size 1.
    """
    start = round(DIRECT_SECONDS * sample_rate)
    tau = decay_samples(acoustics.rt60_seconds, sample_rate)[:, None]
    # The decay counts from the first sample of the noise, which is where e^(a / tau) goes.
    time = torch.arange(length_samples - start)
    size = torch.sqrt(10.0 ** (-acoustics.drr_db[:, None] / 10.0) * 2.0 / tau)
    noise = torch.randn(len(tau), length_samples - start, generator=generator)
    responses = torch.zeros(len(tau), length_samples)
    responses[:, 0] = 1.0
    responses[:, start:] = size * torch.exp(-time / tau) * noise
    return responses


def acoustics_of(response: npt.NDArray[np.float32], sample_rate: float) -> tuple[float, float]:
    """Return RT60 in seconds and DRR in dB of one measured response.

    A line is fitted to Schroeder's backward integral between -5 and -25 dB, without the direct
    sound; the energy of Polack's noise is set by what the response has in that part.

    Shape:
        ``(samples,)``, with its direct sound as the largest sample.
    """
    peak = int(np.argmax(np.abs(response)))
    start = peak + round(DIRECT_SECONDS * sample_rate)
    power = np.square(response, dtype=np.float64)
    left = np.cumsum(power[start:][::-1])[::-1]
    decay_db = 10.0 * np.log10(left / left[0] + 1e-30)
    first, last = (int(np.argmax(decay_db < level_db)) for level_db in FITTED_DB)
    slope_db, _ = np.polyfit(np.arange(first, last), decay_db[first:last], 1)
    tau = -20.0 / (slope_db * math.log(10.0))
    # The energy between the two, of noise that began with the direct sound's end at n = 0.
    share = math.exp(-2.0 * first / tau) - math.exp(-2.0 * last / tau)
    reverberation = power[start + first : start + last].sum() / share
    direct = power[max(0, 2 * peak - start) : start].sum()
    return -60.0 / slope_db / sample_rate, float(10.0 * np.log10(direct / reverberation))
