"""A plucked nylon string, from its physics: a delay line with losses, plucked off its middle.

Two polarisations of each string decay at different rates and beat against each other; the body
adds its lowest resonances; a finger slides and shakes the string. Audio is float64 ``(samples,)``.
"""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import map_coordinates
from scipy.signal import butter, lfilter, sosfilt

Signal = npt.NDArray[np.float64]

_BODY_MODES = ((103.0, 12.0, 0.9), (204.0, 16.0, 0.8), (388.0, 20.0, 0.35), (690.0, 18.0, 0.25))
"""Resonances of the body: frequency in Hz, quality, share."""


def pluck(
    pitch_hz: float,
    velocity: int,
    length_seconds: float,
    sample_rate: int,
    rng: np.random.Generator,
    *,
    slide_semitones: float = 0.0,
    vibrato_cents: float = 0.0,
) -> Signal:
    """Return one note, with 80 ms behind its length in which the finger stops the string."""
    length = round((length_seconds + 0.08) * sample_rate)
    loud = velocity / 127.0
    force = _pluck_noise(pitch_hz, loud, sample_rate, rng)
    size = {"length": length, "sample_rate": sample_rate}
    decay_seconds = 6.0 * (110.0 / pitch_hz) ** 0.35
    string = 0.7 * _string(force, pitch_hz, decay_seconds, 0.36 - 0.16 * loud, **size)
    string += 0.3 * _string(
        force, pitch_hz * 1.0009, 0.45 * decay_seconds, 0.3 - 0.16 * loud, **size
    )
    string = _bent(string, slide_semitones, vibrato_cents, sample_rate)
    release = round(0.08 * sample_rate)
    string[-release:] *= np.exp(-6.0 * np.linspace(0.0, 1.0, release)) * np.linspace(1, 0, release)
    peak = float(np.max(np.abs(string)))
    return string / peak * loud**1.6


def body(string: Signal, sample_rate: int) -> Signal:
    """Return what the body radiates."""
    sound = 0.55 * string
    for frequency_hz, quality, share in _BODY_MODES:
        angle = 2.0 * np.pi * frequency_hz / sample_rate
        radius = 1.0 - angle / (2.0 * quality)
        denominator = [1.0, -2.0 * radius * np.cos(angle), radius**2]
        sound += share * (1.0 - radius) * 2.0 * lfilter([1.0, 0.0, -1.0], denominator, string)
    air = butter(2, 70.0, "highpass", fs=sample_rate, output="sos")
    return sosfilt(air, sound)


def _pluck_noise(
    pitch_hz: float, loud: float, sample_rate: int, rng: np.random.Generator
) -> Signal:
    """Return one period of force: noise, darker when soft, without the modes at the finger."""
    period = sample_rate / pitch_hz
    noise = rng.uniform(-1.0, 1.0, round(period))
    brightness_hz = min(1200.0 + 5200.0 * loud**1.5, 0.45 * sample_rate)
    keep = np.exp(-2.0 * np.pi * brightness_hz / sample_rate)
    noise = lfilter([1.0 - keep], [1.0, -keep], noise)
    finger = round(0.18 * period)
    force = np.concatenate([noise, np.zeros(finger)])
    force[finger:] -= 0.9 * noise
    return force - force.mean()


def _string(
    force: Signal,
    pitch_hz: float,
    decay_seconds: float,
    damping: float,
    *,
    length: int,
    sample_rate: int,
) -> Signal:
    """Return a delay line fed back through losses; ``damping`` in (0, 0.5) takes the treble.

    The two-point average delays by ``damping`` samples and a cubic interpolation by one and a
    fraction, so the line is shorter by as much and in tune.
    """
    delay = sample_rate / pitch_hz - damping - 1.0
    line = int(delay)
    x = delay - line + 1.0
    cubic = np.array(
        [
            -(x - 1) * (x - 2) * (x - 3) / 6,
            x * (x - 2) * (x - 3) / 2,
            -x * (x - 1) * (x - 3) / 2,
            x * (x - 1) * (x - 2) / 6,
        ]
    )
    loop = np.convolve([1.0 - damping, damping], cubic)
    loop *= 10.0 ** (-3.0 / (pitch_hz * decay_seconds))
    out = np.zeros(length + line)
    out[: force.size] = force
    taps = loop.size
    past = line
    # A stretch no longer than the line depends only on what is there already.
    for start in range(past + taps, out.size, line):
        end = min(start + line, out.size)
        for index in range(taps):
            at = start - past - index
            out[start:end] += loop[index] * out[at : at + end - start]
    return out[:length]


def _bent(string: Signal, slide_semitones: float, vibrato_cents: float, sample_rate: int) -> Signal:
    """Return the note read at a speed that slides into pitch and then shakes around it."""
    if slide_semitones == 0.0 and vibrato_cents == 0.0:
        return string
    seconds = np.arange(string.size) / sample_rate
    onset = np.clip((seconds - 0.22) / 0.35, 0.0, 1.0)
    semitones = slide_semitones * np.clip(1.0 - seconds / 0.07, 0.0, 1.0)
    semitones += vibrato_cents / 100.0 * onset * np.sin(2.0 * np.pi * 5.3 * (seconds - 0.22))
    place = np.cumsum(2.0 ** (semitones / 12.0)) - 1.0
    return map_coordinates(string, [place], order=3, mode="nearest")
