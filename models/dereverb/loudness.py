"""How far two signals are apart to the ear, in loudness: what PESQ is built from, made to learn by.

After the perceptual model of ITU-T P.862 and the loss that Martin-Donas and others (2018) made of
it, in our own units. Powers of bands half a Bark wide, up to 8 kHz, in frames of 32 ms, become
loudness by Zwicker's law, where the level of the target is 79 dB SPL. The **disturbance** is their
difference less what masks it, a quarter of the softer one; what has been added counts more than
what is missing, by a factor of up to 12. Both are pooled over frames so that bad ones weigh more.
"""

from functools import cache

import torch
from torch import Tensor
from torch.nn import functional

from tonewright.models.training.corpus import SAMPLE_RATE

FRAME_SAMPLES = 1536
HIGHEST_HZ = 8_000.0
BARK = 0.5
"""Width of a band."""

LEVEL_DB_SPL = 79.0
MEASURED_HZ = (350.0, 3_250.0)
"""Where both signals are brought to this level."""

EXPONENT = 0.23
MASKED = 0.25
AUDIBLE_DB = 17.0
"""Above the threshold of hearing: what is softer is not said to have been added."""

ADDED = (3.0, 12.0)
"""Factor from where on something counts as added, and the most that it counts."""

ADDED_WEIGHT = 0.309
"""Of what was added, next to the disturbance as a whole, as in PESQ."""


@cache
def bark_bands() -> tuple[Tensor, Tensor]:
    """Return which bins belong to which band, and the threshold of hearing of each as a power.

    Shape:
        ``(bands, bins)`` and ``(bands, 1)``; 1 is 0 dB SPL.
    """
    hz = torch.fft.rfftfreq(FRAME_SAMPLES, 1.0 / SAMPLE_RATE)
    hz = hz[(hz > 0.0) & (hz <= HIGHEST_HZ)]
    # Traunmueller (1990) for Bark, Terhardt (1979) for the threshold.
    place = ((26.81 * hz / (1960.0 + hz) - 0.53) / BARK).round().long()
    bands = functional.one_hot(torch.unique(place, return_inverse=True)[1]).T.float()
    khz = hz / 1000.0
    quiet_db = 3.64 * khz**-0.8 - 6.5 * torch.exp(-0.6 * (khz - 3.3).square()) + 1e-3 * khz**4
    return bands, 10.0 ** ((bands @ quiet_db) / bands.sum(1) / 10.0)[:, None]


def band_powers(audio: Tensor) -> Tensor:
    """Return powers of bands where the level of the signal is ``LEVEL_DB_SPL``.

    Shape:
        ``(batch, samples)`` to ``(batch, bands, frames)``.
    """
    bands, _ = bark_bands()
    spectrum = torch.stft(
        audio, FRAME_SAMPLES, FRAME_SAMPLES // 2, window=torch.hann_window(FRAME_SAMPLES),
        return_complex=True,
    )[:, 1 : bands.shape[1] + 1]  # fmt: skip
    power = spectrum.real.square() + spectrum.imag.square()
    low, high = (round(edge * FRAME_SAMPLES / SAMPLE_RATE) for edge in MEASURED_HZ)
    level = power[:, low:high].sum(1).mean(-1)[:, None, None]
    return 10.0 ** (LEVEL_DB_SPL / 10.0) * (bands @ power) / (level + 1e-5)


def loudness(power: Tensor) -> Tensor:
    """Return the loudness of bands, of any shape ``(..., bands, frames)``; 0 where nobody hears."""
    _, quiet = bark_bands()
    above = (0.5 + 0.5 * power / quiet) ** EXPONENT - 1.0
    return (quiet / 0.5) ** EXPONENT * above.clamp(min=0.0)


def loudness_distance(estimate: Tensor, target: Tensor) -> Tensor:
    """Return how far signals ``(batch, samples)`` at 48 kHz are apart, one number, 0 or more."""
    heard, meant = band_powers(estimate), band_powers(target)
    loud, wanted = loudness(heard), loudness(meant)
    apart = functional.relu((loud - wanted).abs() - MASKED * torch.minimum(loud, wanted).detach())
    _, quiet = bark_bands()
    audible = 10.0 ** (AUDIBLE_DB / 10.0) * quiet
    least, most = ADDED
    factor = (((heard + audible) / (meant + audible)) ** 1.2).clamp(max=most).detach()
    added = torch.where(factor > least, factor, 0.0) * apart
    frames = [
        (apart.square().mean(1) + 1e-6).sqrt(),
        ADDED_WEIGHT * added.mean(1),
    ]
    return sum((each.square().mean(-1) + 1e-6).sqrt().mean() for each in frames)
