"""What a dereverberated signal is judged by while it is trained.

All measures take ``(batch, samples)`` at 48 kHz, and give one number for each signal or for all.
"""

import torch
from torch import Tensor

from tonewright.models.training.corpus import SAMPLE_RATE

COMPRESSION = 0.3
RATIOS_DB = (-15.0, 30.0)
"""Beyond these a waveform is hopeless, or good enough, and teaches nothing."""

MATCHED_SAMPLES = 1536
"""Frame where a signal made wet again is compared with what was heard: 32 ms."""

MATCHED_SIZES = 10.0
"""Weight of logarithmic sizes against complex values in that comparison."""


def si_sdr_db(estimate: Tensor, target: Tensor) -> Tensor:
    """Return the scale-invariant ratio of signal to distortion in dB, shape ``(batch,)``.

    It is held below 60 dB, and is 0 dB at most where the target is silent.
    """
    energy = target.square().sum(-1, keepdim=True)
    share = (estimate * target).sum(-1, keepdim=True) / (energy + 1e-8)
    wanted = (share * target).square().sum(-1)
    distortion = (estimate - share * target).square().sum(-1)
    floor = 1e-6 * wanted + 1e-8
    return 10.0 * torch.log10((wanted + 1e-8) / (distortion + floor))


def spectral_distance(estimate: Tensor, target: Tensor, frame_samples: int) -> Tensor:
    """Return the mean squared distance of compressed spectra, one number.

    Sizes are raised to the power 0.3, which weighs what is faint about as the ear does; 70 % is
    the distance of sizes, 30 % that with phases. Bins count by how dense they lie on the ERB
    scale, or what is above 5 kHz, four fifths of all, would drown the rest. Signals are taken
    relative to the target's level.
    """
    level = target.square().mean(-1, keepdim=True).sqrt() + 1e-5
    window = torch.hann_window(frame_samples)
    pair = []
    for signal in (estimate, target):
        spectrum = torch.stft(
            signal / level, frame_samples, frame_samples // 2, window=window,
            normalized=True, return_complex=True,
        )  # fmt: skip
        size = (spectrum.real.square() + spectrum.imag.square() + 1e-7).sqrt()
        small = size**COMPRESSION
        pair.append((small, spectrum * (small / size)))
    (size, value), (target_size, target_value) = pair
    apart = value - target_value
    squares = apart.real.square() + apart.imag.square()
    each = 0.7 * (size - target_size).square() + 0.3 * squares
    density = 1.0 / (torch.fft.rfftfreq(frame_samples, 1.0 / SAMPLE_RATE) + 229.0)
    return (each * (density / density.mean())[:, None]).mean()


def strong_loss(estimate: Tensor, target: Tensor) -> Tensor:
    """Return the loss where the dry signal is known: its waveform, and two spectra."""
    spectra = sum(spectral_distance(estimate, target, size) for size in (1024, 4096))
    ratio_db = si_sdr_db(estimate, target).clamp(*RATIOS_DB)
    return 2.0 * spectra - 0.1 * ratio_db.mean()


def matching_loss(estimate: Tensor, wet: Tensor, responses: Tensor) -> Tensor:
    """Return the loss where only the room is known: made wet again, it must be what was heard.

    The reverberation matching of Bahrman, Fontaine and Richard (Hybrid-WSSD, U-DREAM), with the
    convolution in the time domain. Each bin is taken relative to its own RMS over time, so neither
    the level nor the colour of the response counts.

    Shape:
        ``responses``: ``(batch, samples)``, of models of the rooms.
    """
    size = 1 << (estimate.shape[-1] + responses.shape[-1]).bit_length()
    product = torch.fft.rfft(estimate, size) * torch.fft.rfft(responses, size)
    again = torch.fft.irfft(product, size)[:, : estimate.shape[-1]]
    window = torch.hann_window(MATCHED_SAMPLES)
    pair = []
    for signal in (again, wet):
        spectrum = torch.stft(
            signal, MATCHED_SAMPLES, MATCHED_SAMPLES // 2, window=window, return_complex=True
        )
        power = spectrum.real.square() + spectrum.imag.square()
        level = (power.mean(-1, keepdim=True) + 1e-8).sqrt()
        pair.append((spectrum / level, torch.log1p((power + 1e-10).sqrt() / level)))
    (value, size_log), (wet_value, wet_size_log) = pair
    apart = value - wet_value
    squares = (apart.real.square() + apart.imag.square()).mean()
    return squares + MATCHED_SIZES * (size_log - wet_size_log).square().mean()
