"""What a dereverberated signal is judged by while it is trained.

All measures take ``(batch, samples)`` at 48 kHz, and give one number for each signal or for all.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tonewright.models.dereverb.acoustics import Acoustics, decays
from tonewright.models.dereverb.balance import band_weights
from tonewright.models.dereverb.loudness import loudness_distance
from tonewright.models.training.corpus import SAMPLE_RATE

COMPRESSION = 0.3
RATIOS_DB = (-15.0, 30.0)
"""Beyond these a waveform is hopeless, or good enough, and teaches nothing."""

LOWEST_DB = -60.0
"""Relative to the loudest point: what is softer than this in both spectra does not differ."""

SILENT_DB = -45.0
"""Relative to the mean power: tails softer than this are inaudible."""

FALLEN_DB = 15.0
"""Below the loudest of what was just before, from where on a tail is heard."""

TAIL_SAMPLES = 960
"""Frame that a tail's level is measured in: 20 ms, 10 ms apart."""

TAIL_FRAMES = 33
"""How many frames are just before: a third of a second."""

THIRDS_HZ = tuple(1000.0 * 2.0 ** ((third - 0.5) / 3.0) for third in range(-11, 14))
"""Edges of third octaves."""

FAINT = 1e-5
"""A band this far below the loudest has no colour of its own."""

MATCHED_SAMPLES = 1536
"""Frame where a signal made wet again is compared with what was heard: 32 ms."""

MATCHED_FRAMES = 5
"""Over how many frames its levels are, so that single draws of the tail's noise do not count."""

MATCHED_FLOOR = 1e-4
"""Power that is added to that of bands, relative to their mean."""

DECAY_FRAMES = 63
"""How long a model of a room is: 1 s."""


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


def log_spectral_distance_db(estimate: Tensor, target: Tensor) -> Tensor:
    """Return the mean over frames of the RMS over bins of the difference in dB, one number."""
    window = torch.hann_window(2048)
    levels = []
    for signal in (estimate, target):
        spectrum = torch.stft(signal, 2048, 512, window=window, return_complex=True)
        power = spectrum.real.square() + spectrum.imag.square()
        relative = power / (power.amax((1, 2), keepdim=True) + 1e-9)
        levels.append(10.0 * torch.log10(relative + 10.0 ** (LOWEST_DB / 10.0)))
    return ((levels[0] - levels[1]).square().mean(1) + 1e-3).sqrt().mean()


def colour_distance_db(estimate: Tensor, target: Tensor) -> Tensor:
    """Return the mean difference of long-term third-octave levels, whatever the gain."""
    frequencies = np.fft.rfftfreq(estimate.shape[-1], 1.0 / SAMPLE_RATE)
    edges = np.searchsorted(frequencies, THIRDS_HZ)
    levels = []
    for signal in (estimate, target):
        sums = torch.fft.rfft(signal).abs().square().cumsum(-1)[:, edges]
        bands = sums.diff(dim=-1)
        faint = FAINT * bands.amax(1, keepdim=True) + 1e-9
        levels.append(10.0 * torch.log10(bands.clamp(min=0.0) + faint))
    apart = levels[0] - levels[1]
    return (apart - apart.median(1, keepdim=True).values).abs().mean()


def tail_distance_db(estimate: Tensor, target: Tensor) -> Tensor:
    """Return how much louder the estimate is where the target has just fallen silent, one number.

    Levels are those of frames of 20 ms relative to the signal's mean, down to ``SILENT_DB``; such
    frames are ``FALLEN_DB`` below the loudest of the third of a second before them.
    """
    levels = []
    for signal in (estimate, target):
        power = functional.avg_pool1d(signal.square()[:, None], TAIL_SAMPLES, TAIL_SAMPLES // 2)
        relative = power / (power.mean(-1, keepdim=True) + 1e-9)
        levels.append(10.0 * torch.log10(relative + 10.0 ** (SILENT_DB / 10.0)))
    level, wanted = levels
    before = functional.pad(wanted, (TAIL_FRAMES, 0), value=SILENT_DB)
    loudest = functional.max_pool1d(before, TAIL_FRAMES + 1, 1)
    fallen = (wanted < loudest - FALLEN_DB).float()
    return (fallen * functional.relu(level - wanted)).sum() / (fallen.sum() + 1.0)


def strong_loss(estimate: Tensor, target: Tensor) -> Tensor:
    """Return the loss where the dry signal is known: its waveform, two spectra, how it sounds.

    Weights are such that on a trained network each of the last four pulls half as hard as the
    waveform does, or as hard.
    """
    spectra = sum(spectral_distance(estimate, target, size) for size in (1024, 4096))
    ratio_db = si_sdr_db(estimate, target).clamp(*RATIOS_DB)
    return (
        2.0 * spectra
        - 0.1 * ratio_db.mean()
        + 0.04 * loudness_distance(estimate, target)
        + 0.2 * log_spectral_distance_db(estimate, target)
        + 0.2 * colour_distance_db(estimate, target)
        + 0.02 * tail_distance_db(estimate, target)
    )


def matching_loss(
    estimate: Tensor, heard: Tensor, acoustics: Acoustics | None, first: int = 0
) -> Tensor:
    """Return the loss where only the room is known: made wet again, it must be what was heard.

    The reverberation matching of Bahrman, Fontaine and Richard (Hybrid-WSSD, U-DREAM), relative to
    the mean over time, so that neither level nor colour of the room counts. They draw the noise of
    a response and compare single bins of complex spectra. Such a bin is noise itself, and as far
    from what was heard for the dry signal as for the wet one; so here what is compared are levels
    of ERB bands, and made wet with the mean over all draws, which for powers is known. On held-out
    passages that leads twice as straight to the dry signal, but it leaves the phases free: it can
    train masks only.

    Args:
        estimate: Of the dry signal, ``(batch, samples)``.
        heard: The wet signal, or the dry one where that is known.
        acoustics: Of the rooms; None for no room, where the dry signal is known.
        first: The frame of 16 ms from where on they are compared; before it, what was heard has the
            echo of what came before.
    """
    hop = MATCHED_SAMPLES // 2
    weights = torch.from_numpy(band_weights(hop + 1))
    window = torch.hann_window(MATCHED_SAMPLES)
    again, power = (
        weights
        @ torch.view_as_real(
            torch.stft(each, MATCHED_SAMPLES, hop, window=window, return_complex=True)
        )
        .square()
        .sum(-1)
        for each in (estimate, heard)
    )
    if acoustics is not None:
        decay = decays(acoustics, SAMPLE_RATE, hop, DECAY_FRAMES)
        frames = again.shape[-1]
        size = frames + DECAY_FRAMES
        product = torch.fft.rfft(again, size) * torch.fft.rfft(decay, size)[:, None]
        again = torch.fft.irfft(product, size)[..., :frames].clamp(min=0.0)
    levels = []
    for each in (again, power):
        smooth = functional.avg_pool1d(each[..., first:], MATCHED_FRAMES, 1)
        mean = smooth.mean(-1, keepdim=True) + 1e-8
        levels.append(torch.log(smooth / mean + MATCHED_FLOOR))
    return (levels[0] - levels[1]).square().mean()
