"""The arithmetic of the mixer: pan law, faders, fades, sums.

**Pan law.** Balance with 0 dB at the centre: the side panned to keeps its level, the other falls
as a cosine to silence at the end of the way. A centred track therefore leaves the mixer as it
came, and a mono source has the same level in both channels.
"""

import numpy as np
import numpy.typing as npt

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.project.document import FadeCurve

Gains = npt.NDArray[np.float64]


def pan_gains(pan: float | Gains) -> tuple[Gains, Gains]:
    """Return the linear gains (left, right) of a pan in [-1, 1], for one value or many."""
    position = np.clip(np.asarray(pan, np.float64), -1.0, 1.0)
    left = np.cos(0.5 * np.pi * np.maximum(position, 0.0))
    right = np.cos(0.5 * np.pi * np.maximum(-position, 0.0))
    # cos(pi/2) is 6e-17 in floating point; a hard pan is silence.
    return np.where(position >= 1.0, 0.0, left), np.where(position <= -1.0, 0.0, right)


def level_gains(gain_db: float | Gains, pan: float | Gains) -> npt.NDArray[np.float32]:
    """Return the linear gains (left, right) of a fader and its pan, for one value or many.

    Shape:
        ``(2, 1)``, or ``(2, samples)`` where one of the two moves.
    """
    sides = np.stack(np.broadcast_arrays(*pan_gains(pan))).reshape(2, -1)
    return (10.0 ** (np.asarray(gain_db, np.float64) / 20.0) * sides).astype(np.float32)


def fade_gains(curve: FadeCurve, position: Gains) -> Gains:
    """Return the gains of a fade-in at positions along it, 0 (start) to 1 (end)."""
    t = np.clip(position, 0.0, 1.0)
    match curve:
        case FadeCurve.LINEAR:
            return t
        case FadeCurve.EQUAL_POWER:
            return np.sin(0.5 * np.pi * t)
        case FadeCurve.SMOOTH:
            return 0.5 - 0.5 * np.cos(np.pi * t)


def to_stereo(audio: Audio) -> Audio:
    """Return mono audio in both channels, and stereo audio as it is."""
    return audio if audio.shape[0] == 2 else np.repeat(audio, 2, axis=0)


def pad_to(audio: Audio, length_samples: int) -> Audio:
    """Return audio with zeros behind it, up to a length that is not below its own."""
    missing = length_samples - audio.shape[1]
    return np.pad(audio, ((0, 0), (0, missing))) if missing else audio
