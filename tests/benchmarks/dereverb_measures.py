"""What a dereverberated passage is measured by, against the dry one.

All take (done, dry) at 48 kHz, each of shape ``(1, samples)``, and return one number.
"""

import math
from collections.abc import Callable

import numpy as np
import torch
from pesq import pesq
from pystoi import stoi
from scipy.signal import decimate, gammatone, hilbert, iirpeak, lfilter

from tonewright.dsp.audio.resample import resample
from tonewright.dsp.audio.signal import Audio
from tonewright.models.dereverb.losses import si_sdr_db
from tonewright.models.training.corpus import SAMPLE_RATE

ENDED_DB = -40.0
"""A note has ended where the dry signal is this far below its loudest 10 ms."""

TAIL_FRAMES = (5, 30)
LOWEST_DB = -60.0

Measure = Callable[[Audio, Audio], float]


def ratio_db(done: Audio, dry: Audio) -> float:
    """Return the SI-SDR in dB."""
    return float(si_sdr_db(torch.from_numpy(done), torch.from_numpy(dry))[0])


def estoi(done: Audio, dry: Audio) -> float:
    """Return the extended intelligibility, 0 to 1."""
    heard, meant = (resample(each, SAMPLE_RATE, 10_000)[0] for each in (done, dry))
    return float(stoi(meant, heard, 10_000, extended=True))


def wide_band_pesq(done: Audio, dry: Audio) -> float:
    """Return PESQ, 1 to 4.6."""
    heard, meant = (resample(each, SAMPLE_RATE, 16_000)[0] for each in (done, dry))
    return float(pesq(16_000, meant, heard, "wb"))


def log_spectra(audio: Audio) -> np.ndarray:
    """Return levels in dB relative to the loudest, held above ``LOWEST_DB``."""
    window = torch.hann_window(2048)
    frames = torch.stft(torch.from_numpy(audio[0]), 2048, 512, window=window, return_complex=True)
    power = frames.abs().square().numpy()
    return np.maximum(10.0 * np.log10(power / power.max() + 1e-20), LOWEST_DB)


def log_spectral_distance_db(done: Audio, dry: Audio) -> float:
    """Return the mean over frames of the RMS over bins of the difference in dB."""
    apart = log_spectra(done) - log_spectra(dry)
    return float(np.sqrt(np.square(apart).mean(axis=0)).mean())


def tail_ratio_db(done: Audio, dry: Audio) -> float:
    """Return the power 50 to 300 ms after notes have ended against that of the notes, in dB.

    It is nan where no note ends for as long.
    """
    frame = SAMPLE_RATE // 100
    done_power, dry_power = (
        np.square(each[0, : each.shape[1] // frame * frame].reshape(-1, frame)).mean(axis=1)
        for each in (done, dry)
    )
    sounds = dry_power >= 10.0 ** (ENDED_DB / 10.0) * dry_power.max()
    frames = np.arange(len(sounds))
    since = frames - np.maximum.accumulate(np.where(sounds, frames, -TAIL_FRAMES[1]))
    tail = (since >= TAIL_FRAMES[0]) & (since < TAIL_FRAMES[1])
    if not tail.any():
        return math.nan
    return float(10.0 * np.log10(done_power[tail].mean() / done_power[sounds].mean() + 1e-12))


def modulation_ratio(done: Audio, dry: Audio) -> float:
    """Return the energy of envelopes at 4 to 18 Hz against that at 29 to 128 Hz.

    After Falk, Zheng and Chan (2010): 23 gammatone filters, Hilbert envelopes, and eight filters of
    quality 2 on each; their adaptive upper limit is left out. ``dry`` is not looked at.
    """
    heard = resample(done, SAMPLE_RATE, 16_000)[0].astype(np.float64)
    steps = np.linspace(*np.log1p(np.array([125.0, 7_000.0]) / 228.8), 23)
    energies = np.zeros(8)
    for centre_hz in 228.8 * np.expm1(steps):
        band = lfilter(*gammatone(centre_hz, "iir", fs=16_000), heard)
        envelope = decimate(np.abs(hilbert(band)), 20)
        for index, rate_hz in enumerate(np.geomspace(4.0, 128.0, 8)):
            modulation = lfilter(*iirpeak(rate_hz, 2.0, fs=800), envelope)
            energies[index] += np.square(modulation).sum()
    return float(energies[:4].sum() / energies[4:].sum())


def colour_change_db(done: Audio, dry: Audio) -> float:
    """Return the mean difference of long-term third-octave levels in dB, whatever the gain."""
    edges_hz = 1000.0 * 2.0 ** ((np.arange(-10, 13) - 0.5) / 3.0)
    frequencies = np.fft.rfftfreq(done.shape[1], 1.0 / SAMPLE_RATE)
    levels = []
    for audio in (done, dry):
        power = np.square(np.abs(np.fft.rfft(audio[0])))
        bands = np.add.reduceat(power, np.searchsorted(frequencies, edges_hz))[:-1]
        levels.append(10.0 * np.log10(bands + 1e-9 * bands.max()))
    apart = levels[0] - levels[1]
    return float(np.abs(apart - np.median(apart)).mean())


def level_db(done: Audio, dry: Audio) -> float:
    """Return how much louder it is than the dry signal, in dB."""
    return float(10.0 * np.log10(np.square(done).mean() / np.square(dry).mean()))


SPEECH: dict[str, Measure] = {
    "SI-SDR": ratio_db,
    "ESTOI": estoi,
    "PESQ": wide_band_pesq,
    "LSD": log_spectral_distance_db,
    "SRMR": modulation_ratio,
    "colour": colour_change_db,
    "level": level_db,
}
INSTRUMENT: dict[str, Measure] = {
    "tail ratio": tail_ratio_db,
    "LSD": log_spectral_distance_db,
    "SI-SDR": ratio_db,
    "level": level_db,
}
