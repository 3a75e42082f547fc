"""Conversions between the units that names carry: ``gain_db``, ``pitch``, ``start_seconds``."""

import math

SILENCE_DB = -90.0
"""What stays below this level (dBFS) counts as silence: tails end there."""


def db_to_gain(gain_db: float) -> float:
    """Return the linear gain of a level in dB; ``-inf`` gives 0."""
    return 10.0 ** (gain_db / 20.0)


def gain_to_db(gain: float) -> float:
    """Return the level in dB of a linear gain >= 0; 0 gives ``-inf``."""
    return 20.0 * math.log10(gain) if gain > 0 else -math.inf


def pitch_to_hz(pitch: float) -> float:
    """Return the frequency in Hz of a MIDI pitch (69 is 440 Hz)."""
    return 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)


def seconds_to_samples(seconds: float, sample_rate: int) -> int:
    """Return the nearest sample of a time; halves go up, so equal times meet at one sample."""
    return math.floor(seconds * sample_rate + 0.5)
