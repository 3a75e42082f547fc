"""What a microphone would have heard: a guitar in a room, a frame drum, the sea.

Audio is float64, ``(samples,)`` or ``(2, samples)``; full scale is 1.0.
"""

from collections.abc import Callable, Sequence

import numpy as np
from guitar import Signal, body, pluck
from scipy.signal import butter, fftconvolve, sosfilt
from score import Played

from tonewright.dsp.units import pitch_to_hz


def guitar_part(
    notes: Sequence[Played],
    seconds_at: Callable[[float], float],
    start: float,
    sample_rate: int,
    rng: np.random.Generator,
) -> Signal:
    """Return a dry guitar playing notes, from ``start`` (in quarters) on, with 1.2 s behind.

    Args:
        notes: What is played.
        seconds_at: The time of a place in quarters.
        start: Where sample 0 is.
        sample_rate: In Hz.
        rng: The player's hand.
    """
    begin = seconds_at(start)
    end = max(seconds_at(note.start + note.length) for note in notes) - begin
    out = np.zeros(round((end + 1.2) * sample_rate))
    pitch_before = 0
    for note in sorted(notes, key=lambda note: note.start):
        at = seconds_at(note.start) - begin
        length_seconds = seconds_at(note.start + note.length) - begin - at
        long = length_seconds > 0.55
        slides = long and pitch_before < note.pitch and rng.random() < 0.35
        sound = pluck(
            pitch_to_hz(note.pitch),
            note.velocity,
            length_seconds,
            sample_rate,
            rng,
            slide_semitones=-1.0 if slides else 0.0,
            vibrato_cents=11.0 if long and note.pitch > 60 else 0.0,
        )
        first = round(at * sample_rate)
        stop = min(first + sound.size, out.size)
        out[first:stop] += sound[: stop - first]
        pitch_before = note.pitch
    return body(out, sample_rate)


def in_room(
    dry: Signal,
    sample_rate: int,
    rng: np.random.Generator,
    *,
    rt60_seconds: float = 1.0,
    direct_to_room_db: float = -4.0,
) -> Signal:
    """Return a dry sound as two microphones hear it in a room; as long as before.

    The room answers with a few reflections and with noise that decays by 60 dB in
    ``rt60_seconds``, its treble in half the time.
    """
    length = round(1.2 * rt60_seconds * sample_rate)
    seconds = np.arange(length) / sample_rate
    low = butter(2, 1500.0, "lowpass", fs=sample_rate, output="sos")
    heard = []
    for channel in range(2):
        noise = rng.standard_normal(length)
        warm = sosfilt(low, noise)
        tail = warm * 10.0 ** (-3.0 * seconds / rt60_seconds)
        tail += (noise - warm) * 10.0 ** (-6.0 * seconds / rt60_seconds)
        tail[: round(0.012 * sample_rate)] = 0.0
        for _ in range(7):
            at = round(rng.uniform(0.004, 0.035) * sample_rate)
            tail[at] += rng.choice((-1.0, 1.0)) * rng.uniform(2.0, 6.0)
        tail *= 10.0 ** (-direct_to_room_db / 20.0) / np.sqrt(np.sum(tail**2))
        # The instrument sits a little left: nearer to one microphone.
        tail[channel * round(0.0003 * sample_rate)] += 1.0 - 0.15 * channel
        heard.append(fftconvolve(dry, tail)[: dry.size])
    sound = np.stack(heard)
    fade = round(0.1 * sample_rate)
    sound[:, -fade:] *= np.linspace(1.0, 0.0, fade)
    return sound


def frame_drum(sample_rate: int, eighth_seconds: float, rng: np.random.Generator) -> Signal:
    """Return two bars of six eight on a frame drum with jingles, exactly as long as they are."""
    out = np.zeros(round(12 * eighth_seconds * sample_rate))
    pattern = (
        (0, "dum", 0.8),
        (2, "ka", 0.35),
        (3, "dum", 0.55),
        (5, "tek", 0.6),
        (6, "dum", 0.9),
        (7, "ka", 0.25),
        (8, "tek", 0.55),
        (9, "ka", 0.3),
        (10, "dum", 0.6),
        (11, "tek", 0.4),
    )
    for eighth, stroke, loud in pattern:
        at = round(eighth * eighth_seconds * sample_rate)
        sound = _stroke(stroke, sample_rate, rng) * loud
        stop = min(at + sound.size, out.size)
        out[at:stop] += sound[: stop - at]
    for eighth in range(12):
        at = round(eighth * eighth_seconds * sample_rate)
        sound = _jingle(sample_rate, rng) * (0.16 if eighth % 3 == 0 else 0.08)
        stop = min(at + sound.size, out.size)
        out[at:stop] += sound[: stop - at]
    fade = round(0.03 * sample_rate)
    out[-fade:] *= np.linspace(1.0, 0.0, fade)
    return out


def _stroke(stroke: str, sample_rate: int, rng: np.random.Generator) -> Signal:
    """Return a stroke: the modes of a round membrane, the higher the shorter, and the skin."""
    seconds = np.arange(round(0.6 * sample_rate)) / sample_rate
    base_hz, ring, skin = {
        "dum": (82.0, 0.24, 0.06),
        "tek": (82.0, 0.05, 0.5),
        "ka": (82.0, 0.03, 0.35),
    }[stroke]
    sound = np.zeros(seconds.size)
    weights = (
        (1.0, 0.5, 0.35, 0.25, 0.2, 0.15) if stroke == "dum" else (0.1, 0.3, 0.6, 0.8, 0.8, 0.6)
    )
    for ratio, weight in zip((1.0, 1.594, 2.136, 2.296, 2.653, 2.918), weights, strict=True):
        pitch_hz = base_hz * ratio * (1.0 + 0.04 * np.exp(-seconds / 0.03))
        phase = 2.0 * np.pi * np.cumsum(pitch_hz) / sample_rate
        sound += weight * np.sin(phase) * np.exp(-seconds * ratio / ring)
    band = butter(2, (900.0, 5200.0), "bandpass", fs=sample_rate, output="sos")
    sound += skin * sosfilt(band, rng.standard_normal(seconds.size)) * np.exp(-seconds / 0.018)
    return 0.5 * sound * np.minimum(seconds / 0.0008, 1.0)


def _jingle(sample_rate: int, rng: np.random.Generator) -> Signal:
    seconds = np.arange(round(0.25 * sample_rate)) / sample_rate
    sound = np.zeros(seconds.size)
    for _ in range(14):
        pitch_hz = rng.uniform(4800.0, 11500.0)
        decay = rng.uniform(0.015, 0.06)
        phase = rng.uniform(0.0, 6.28)
        sound += np.sin(2.0 * np.pi * pitch_hz * seconds + phase) * np.exp(-seconds / decay)
    return sound / 8.0


def sea(sample_rate: int, length_seconds: float, rng: np.random.Generator) -> Signal:
    """Return waves on a shore, in stereo: noise that swells, brightens and runs out."""
    length = round(length_seconds * sample_rate)
    seconds = np.arange(length) / sample_rate
    deep = butter(2, (60.0, 420.0), "bandpass", fs=sample_rate, output="sos")
    foam = butter(1, (1100.0, 6500.0), "bandpass", fs=sample_rate, output="sos")
    out = []
    arrivals = np.arange(2.2, length_seconds, 4.6)
    for channel in range(2):
        envelope = np.full(length, 0.05)
        for index, arrival in enumerate(arrivals):
            at = seconds - arrival - 0.25 * (channel == index % 2)
            rise = np.exp(-((np.minimum(at, 0.0) / 0.9) ** 2))
            envelope += (0.8 + 0.2 * (index % 2)) * rise * np.exp(-np.maximum(at, 0.0) / 1.3)
        noise = rng.standard_normal(length)
        out.append(
            0.6 * sosfilt(deep, noise) * (0.4 + envelope)
            + 0.5 * sosfilt(foam, rng.standard_normal(length)) * envelope**1.6
        )
    return np.stack(out)
