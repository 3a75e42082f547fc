"""How long pedalboard's effects ring on, from their parameters.

Bounds for an input that peaks at 0 dBFS, from the structure of each effect and checked against
measurements of 0.9.26. A reverb with a ``room_size`` of 1 keeps trembling near -90 dBFS for longer.
"""

import math

from tonewright.dsp.effects.protocol import Params, Tail
from tonewright.dsp.errors import EffectError

ENDLESS = Tail(60.0, 60.0)
"""Declared for what never ends by itself: a frozen reverb, a delay with a feedback of 1."""

LONGEST_SECONDS = 600.0
"""No tail is declared longer, however high a feedback."""

QUALITIES = {
    "ZeroOrderHold": 2,
    "Linear": 2,
    "CatmullRom": 4,
    "Lagrange": 5,
    "WindowedSinc": 100,
    "WindowedSinc256": 256,
    "WindowedSinc128": 128,
    "WindowedSinc64": 64,
    "WindowedSinc32": 32,
    "WindowedSinc16": 16,
    "WindowedSinc8": 8,
}
"""The resamplers of pedalboard, and how far each filter reaches, in samples of the lower rate."""


def echoes(period_seconds: float, feedback: float) -> Tail:
    """Return the tail of a loop: echoes fall by the feedback, from what had built up in it."""
    gain = abs(feedback)
    if gain >= 1.0:
        return ENDLESS
    loops = 1.0
    if gain > 0.0:
        built_up_db = -20.0 * math.log10(1.0 - gain)
        loops += math.floor((90.0 + built_up_db) / (-20.0 * math.log10(gain)) + 1.0)
    return Tail(min(LONGEST_SECONDS, loops * period_seconds), period_seconds)


def reverb_tail(params: Params) -> Tail:
    """Return the tail of a room: it depends on its size."""
    if float(params["freeze_mode"]) >= 0.5:
        return ENDLESS
    # The longest comb goes round 26.9 times a second; 30 dB are for what builds up in it.
    loop_db = -20.0 * math.log10(0.7 + 0.28 * float(params["room_size"]))
    return Tail(120.0 / (26.9 * loop_db) + 0.3, 0.1)


def delay_tail(params: Params) -> Tail:
    """Return the tail of an echo."""
    return echoes(float(params["delay_seconds"]), float(params["feedback"]))


def chorus_tail(params: Params) -> Tail:
    """Return the tail of a chorus: its longest delay, and its feedback."""
    longest_ms = float(params["centre_delay_ms"]) + 20.0 * abs(float(params["depth"])) + 10.0
    return echoes(longest_ms / 1000.0, float(params["feedback"]))


def phaser_tail(params: Params) -> Tail:
    """Return the tail of a phaser."""
    # Six all-passes at the lowest sweep, 20 Hz, are 0.1 s late and ring for another 0.25 s.
    loop = echoes(0.1, float(params["feedback"]))
    return Tail(loop.seconds + 0.25, loop.gap_seconds)


def one_pole_tail(params: Params) -> Tail:
    """Return the tail of a filter of 6 dB an octave."""
    return Tail(12.0 / (2.0 * math.pi * float(params["cutoff_frequency_hz"])))


def two_pole_tail(params: Params) -> Tail:
    """Return the tail of a shelf or peak: the narrower and the lower, the longer."""
    q, gain_db = float(params["q"]), abs(float(params["gain_db"]))
    slowest = 10.0 ** (gain_db / 40.0) * max(q, 0.5 / q)
    decay_seconds = slowest / (math.pi * float(params["cutoff_frequency_hz"]))
    return Tail(min(LONGEST_SECONDS, (12.5 + gain_db / 8.0) * decay_seconds), 0.1)


def ladder_tail(params: Params) -> Tail:
    """Return the tail of a ladder filter; with a resonance of 1 it never ends."""
    resonance = float(params["resonance"])
    if resonance >= 1.0:
        return ENDLESS
    seconds = 5.0 / (float(params["cutoff_hz"]) * (1.0 - resonance) ** 1.4)
    return Tail(min(LONGEST_SECONDS, seconds + 0.005), 0.1)


def resample_tail(params: Params) -> Tail:
    """Return the tail of a resampler: the reach of its filter."""
    reach = QUALITIES[str(params["quality"])]
    return Tail(1.5 * reach / float(params["target_sample_rate"]) + 0.001)


def convolution_tail(params: Params) -> Tail:
    """Return the tail of an impulse response in a file; EffectError if it cannot be read."""
    path = str(params["impulse_response_filename"] or "")
    return response_tail(response_seconds(path))


def response_tail(seconds: float) -> Tail:
    """Return the tail of an impulse response; silence in it does not end it."""
    return Tail(seconds, seconds)


def response_seconds(path: str) -> float:
    """Return the length of an impulse response in a file.

    Raises:
        EffectError: If there is no file, or it cannot be read.
    """
    import soundfile

    if not path:
        raise EffectError("convolution needs an impulse response: set impulse_response_filename")
    try:
        return float(soundfile.info(path).duration)
    except soundfile.LibsndfileError as error:
        raise EffectError(f"{path}: no impulse response that can be read: {error}") from error
