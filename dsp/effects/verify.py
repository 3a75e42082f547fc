"""Tries an effect type out: does it do what it declares?

A chirp goes through an instance with default parameters, in small blocks. The stage it runs in
refuses wrong counts, shapes and NaN; here the latency is measured. Dividing spectra gives the
response to a click, and where that begins is where the output is: a filter that only rings begins
at once, one that is late does not.
"""

import numpy as np

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.chain import Chain
from tonewright.dsp.effects.protocol import EffectType, Layout, Params
from tonewright.dsp.effects.slot import Slot
from tonewright.dsp.errors import EffectError

SAMPLE_RATE = 48_000
LATE_SHARE = 0.01
"""The share of the response's energy that must have come for the output to have begun."""

TOLERANCE_SAMPLES = 2


def chirp(length_samples: int = SAMPLE_RATE // 2, channels: int = 1) -> Audio:
    """Return a sweep from 60 Hz to 16 kHz at -6 dBFS with silence around it, at 48 kHz."""
    rest = length_samples // 4
    seconds = np.arange(length_samples - 2 * rest) / SAMPLE_RATE
    growth = np.log(16_000.0 / 60.0) / seconds[-1]
    sweep = 0.5 * np.sin(2.0 * np.pi * 60.0 * np.expm1(growth * seconds) / growth)
    sweep *= np.minimum(1.0, np.minimum(seconds, seconds[::-1]) / 0.005)
    audio = np.zeros((channels, length_samples), np.float32)
    audio[:, rest:-rest] = sweep
    return audio


def response(played: Audio, heard: Audio) -> np.ndarray:
    """Return the response to a click that turns one mono signal into another.

    **Shape**: as long as ``played``; the middle sample is a delay of 0.
    """
    length = played.shape[-1]
    size = 2 * length
    before = np.fft.rfft(played[0].astype(np.float64), size)
    after = np.fft.rfft(heard[0, :length].astype(np.float64), size)
    power = np.abs(before) ** 2
    transfer = after * before.conj() / (power + 1e-3 * power.max())
    return np.roll(np.fft.irfft(transfer, size), length // 2)[:length]


def late_samples(played: Audio, heard: Audio) -> int:
    """Return how late an output begins; 0 if it begins in its place, below 0 if it is early."""
    click = response(played, heard)
    arrived = np.cumsum(click**2)
    if not arrived[-1]:
        return 0
    arrived /= arrived[-1]
    place = len(click) // 2
    begins = int(np.searchsorted(arrived, LATE_SHARE))
    ends = int(np.searchsorted(arrived, 1.0 - LATE_SHARE))
    if begins > place + TOLERANCE_SAMPLES or ends < place - TOLERANCE_SAMPLES:
        return int(np.argmax(np.abs(click))) - place
    return 0


def verify(effect_type: EffectType, params: Params | None = None) -> None:
    """Try an audio effect type out.

    Args:
        effect_type: What is declared.
        params: Parameters to try; the others have their defaults.

    Raises:
        EffectError: If the effect cannot be made, or does not do what is declared.
    """
    from tonewright.dsp.effects.registry import Registry, complete_params

    made = complete_params(effect_type, params or {})
    effect = Registry((effect_type,)).make(effect_type.id, made)
    played = chirp(channels=2 if effect_type.layout is Layout.STEREO else 1)
    slot = Slot(effect, effect_type, params=made)
    chain = Chain([slot])
    blocks = [played[:, at : at + 480] for at in range(0, played.shape[1], 480)]
    ready = [chain.process(block, SAMPLE_RATE, reset=False) for block in blocks]
    heard = np.concatenate([*ready, chain.finish()], axis=1)
    late = late_samples(played, heard) if effect_type.aligned else 0
    if late:
        declared = int(getattr(effect, "latency_samples", 0))
        raise EffectError(
            f"{effect_type.id} declares {declared} samples of latency but its output is "
            f"{declared + late} samples late; correct latency_samples, or declare aligned=False"
        )
