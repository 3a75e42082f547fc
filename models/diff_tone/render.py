"""From a target mel spectrogram to audio, beginning with the source's spectrum and phase.

The source plays the same notes as the target, so its spectrum already has partials where the
target wants them. Magnitudes start from the source's, brought to the target's power band by band,
with a share of the smooth inverse of the bands where the source has nothing, and are fitted to the
bands by non-negative least squares (multiplicative updates, Lee and Seung 2001). The phase starts
from the source's and is made consistent with them by fast Griffin-Lim (Perraudin et al. 2013).

Above ``HIGHEST_HZ`` nothing is modelled: there the source's spectrum follows the gain of the
highest bands.
"""

import torch
from torch import Tensor

from tonewright.models.diff_tone.features import (
    FRAME_SAMPLES,
    HIGHEST_HZ,
    SAMPLE_RATE,
    audio_of,
    band_power,
    bands,
    spectrum_of,
)

SMOOTH_SHARE = 0.5
"""How much of the first magnitudes is the smooth inverse of the bands, as an exponent."""

FITTING_STEPS = 15
PHASE_STEPS = 24
"""True targets are rendered as well with twice as many of both, to .01 dB."""

MOMENTUM = 0.99
TOP_BANDS = 4
_TINY = 1e-12


def magnitudes(source: Tensor, target: Tensor, *, smooth_share: float = SMOOTH_SHARE) -> Tensor:
    """Return magnitudes whose power in bands is the target's.

    Args:
        source: Complex spectrum, ``(batch, bins, frames)``.
        target: Power in bands, ``(batch, BANDS, frames)``.
        smooth_share: 0 begins with the source's spectrum alone, 1 without it.
    """
    edge = round(HIGHEST_HZ * FRAME_SAMPLES / SAMPLE_RATE)
    scale = 4.0 / FRAME_SAMPLES
    weights = bands()[:, :edge]
    spread = weights.T / weights.sum(dim=0)[:, None].clamp(min=_TINY)  # of bands over bins
    own = source.abs().square()
    gain = target / band_power(source).clamp(min=_TINY)
    shaped = own[:, :edge] * (spread @ gain)
    smooth = spread @ target / scale
    power = (
        shaped.clamp(min=_TINY) ** (1.0 - smooth_share) * smooth.clamp(min=_TINY) ** smooth_share
    )
    fitted = torch.stack(list(map(_fitted, power, target / scale)))
    above = own[:, edge:] * gain[:, -TOP_BANDS:].mean(dim=1, keepdim=True).clamp(max=4.0)
    return torch.cat([fitted, above], dim=1).sqrt()


def _fitted(power: Tensor, target: Tensor) -> Tensor:
    """Return power ``(bins, frames)`` fitted to that in bands, ``(BANDS, frames)``."""
    # A bin is in two bands at most: sparse products take a tenth of the time.
    weights = bands()[:, : len(power)]
    gather = weights.to_sparse()
    scatter = (weights / weights.sum(dim=0).clamp(min=_TINY)).T.to_sparse()
    for _ in range(FITTING_STEPS):
        ratio = target / torch.sparse.mm(gather, power).clamp(min=_TINY)
        power = power * torch.sparse.mm(scatter, ratio)
    return power


def audio_with(
    size: Tensor, phase: Tensor, length_samples: int, *, phase_steps: int = PHASE_STEPS
) -> Tensor:
    """Return audio of given magnitudes, ``(batch, samples)``.

    Args:
        size: Magnitudes, ``(batch, bins, frames)``.
        phase: Complex numbers of size 1 to begin with, of the same shape.
        length_samples: Of the audio.
        phase_steps: How often the phase is made consistent with them.
    """
    # Spectra have a frame's bins side by side in memory; products of other orders take thrice as
    # long, and those of real with complex numbers four times.
    ordered = size.mT.contiguous()[..., None]

    def sized(phase: Tensor) -> Tensor:
        return torch.view_as_complex(torch.view_as_real(phase.mT) * ordered).mT

    before = torch.zeros_like(phase)
    for _ in range(phase_steps):
        consistent = spectrum_of(audio_of(sized(phase), length_samples))
        phase = torch.lerp(before, consistent, 1.0 + MOMENTUM).sgn_()
        before = consistent
    return audio_of(sized(phase), length_samples)


def rendered(
    source: Tensor,
    target: Tensor,
    *,
    smooth_share: float = SMOOTH_SHARE,
    phase_steps: int = PHASE_STEPS,
) -> Tensor:
    """Return audio with the power in bands of the target, ``(batch, samples)``.

    Args:
        source: Audio whose spectrum and phase are the beginning, ``(batch, samples)``.
        target: Power in bands, ``(batch, BANDS, frames)``.
        smooth_share: As of ``magnitudes``.
        phase_steps: As of ``audio_with``.
    """
    spectrum = spectrum_of(source)
    phase = spectrum / spectrum.abs().clamp(min=_TINY)
    size = magnitudes(spectrum, target, smooth_share=smooth_share)
    return audio_with(size, phase, source.shape[1], phase_steps=phase_steps)
