"""What a recording tells of its room: reverberation time and direct-to-reverberant ratio.

The **reverberation time** RT60 is that in which a sound that has stopped falls by 60 dB. The
**direct-to-reverberant ratio** DRR compares the energy of what comes straight from the source, 2.5
ms of a response, with that of all that the walls send behind it; it falls with the distance. Both
are meant between 300 Hz and 5 kHz, where voices and instruments have most of their energy.

A small network listens to how the levels of 20 bands up to 5 kHz fall, 16 ms apart. It hears
windows of 6 s; of a longer recording the median counts of those that are not much softer than the
loudest. It was trained by ``tonewright.models.dereverb.analyser`` and runs in numpy.

The other way round, ``reverberation`` makes a tail that has both numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tonewright.dsp.audio.signal import Audio, silence
from tonewright.dsp.errors import MediaError
from tonewright.dsp.weights import shipped_weights

ROOM_SHA256 = "fe076bf608c9fddc187033651ef6642ced0bb356423e18b0ac8d564e5fdd8170"
"""Of ``resources/weights/room.npz``."""

BANDS = 20
BAND_BINS = 8
FRAME_SECONDS = 0.032
LOWEST_DB = -80.0
DILATIONS = (1, 2, 4, 8)
TYPICAL = (0.5, -3.0)
"""RT60 in seconds and DRR in dB that a network says before it has learnt."""

WINDOW_SECONDS = 6.0
SHORTEST_SECONDS = 1.0
SOFT_DB = -30.0
"""A window whose loudest frame is this far below the loudest of all is not counted."""

SILENT_POWER = 1e-6
"""Of the loudest band of a frame: below, there is nothing to be heard."""

FILE_SECONDS = 120.0
"""How much of a file is listened to."""

MEASURED_HZ = (300.0, 5_000.0)

DIRECT_SECONDS = 0.0025
"""How long the direct sound lasts; the tail begins behind it."""

OCTAVES_HZ = (125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0)
AIR_DB_PER_SECOND = (0.1, 0.3, 0.7, 1.4, 2.7, 8.6, 31.0, 103.0)
"""What the air swallows of a sound by octave, as at 20 degrees and 50 % humidity."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Room:
    """What was heard of a room.

    Attributes:
        rt60_seconds: Time in which the energy falls by 60 dB.
        drr_db: Direct sound against reverberation; above 15 dB there is hardly any room.
    """

    rt60_seconds: float
    drr_db: float


class RoomMeter:
    """Listens to a stream; where pieces end makes no difference.

    Args:
        sample_rate: In Hz, 10,000 or more.
        channels: How many.
    """

    def __init__(self, sample_rate: float, channels: int) -> None:
        self._sample_rate = sample_rate
        self._waiting = silence(channels, 0)
        self._heard: list[tuple[float, float, float]] = []  # power, log RT60, DRR of each window

    def add(self, audio: Audio) -> None:
        """Take the next piece, shape ``(channels, samples)``."""
        self._waiting = np.concatenate([self._waiting, audio], axis=1)
        window = round(WINDOW_SECONDS * self._sample_rate)
        while self._waiting.shape[1] >= window:
            self._listen(self._waiting[:, :window])
            self._waiting = self._waiting[:, window:]

    def result(self) -> Room:
        """Return what was heard.

        Raises:
            MediaError: If that was silence, or less than 1 s.
        """
        if not self._heard or self._waiting.shape[1] >= 0.5 * WINDOW_SECONDS * self._sample_rate:
            self._listen(self._waiting)
        if not self._heard:
            raise MediaError(
                "silent, or too short to tell a room; give it a second of sound, or more"
            )
        power, log_rt60, drr_db = np.array(self._heard).T
        counts = power >= 10.0 ** (SOFT_DB / 10.0) * power.max()
        return Room(float(np.exp(np.median(log_rt60[counts]))), float(np.median(drr_db[counts])))

    def _listen(self, audio: Audio) -> None:
        if audio.shape[1] < SHORTEST_SECONDS * self._sample_rate:
            return
        power = band_powers(audio, self._sample_rate)
        if (loudest := float(power.max())) > SILENT_POWER:
            rt60_seconds, drr_db = said(network(), levels_of(power))
            self._heard.append((loudest, np.log(rt60_seconds), drr_db))


def room_of_file(path: Path, start_samples: int = 0, length_samples: int | None = None) -> Room:
    """Return what a passage of a file tells, two minutes of it at most; or all of it (None).

    Raises:
        MediaError: If it cannot be read, is silent, or shorter than 1 s.
    """
    from tonewright.dsp.audio.file import AudioReader

    with AudioReader(path) as reader:
        meter = RoomMeter(reader.sample_rate, reader.channels)
        left = round(FILE_SECONDS * reader.sample_rate)
        if length_samples is not None:
            left = min(left, length_samples)
        if start_samples:
            reader.seek(start_samples)
        for block in reader.blocks():
            meter.add(block[:, :left])
            left -= block.shape[1]
            if left <= 0:
                break
    try:
        return meter.result()
    except MediaError as error:
        raise MediaError(f"{path}: {error}") from error


def reverberation(room: Room, sample_rate: float, channels: int, seed: int) -> Floats:
    """Return what a room would send behind a direct sound of size 1, without that sound.

    Noise that decays evenly (Polack 1988), another in each channel; high octaves sooner, by what
    the air swallows.

    Shape:
        ``(channels, samples)``, until it has fallen by 90 dB; sample 0 is that of the direct sound.
    """
    length = round(1.5 * room.rt60_seconds * sample_rate)
    noise = np.random.default_rng(seed).standard_normal((channels, length))
    bins = np.fft.rfft(noise)
    octaves = np.log2(np.maximum(np.fft.rfftfreq(length, 1.0 / sample_rate), 1.0))
    place = np.interp(octaves, np.log2(OCTAVES_HZ), np.arange(len(OCTAVES_HZ)))
    time = np.arange(length) / sample_rate
    tail = np.zeros((channels, length))
    for octave, air_db in enumerate(AIR_DB_PER_SECOND):
        weight = np.clip(1.0 - np.abs(place - octave), 0.0, 1.0)
        decay = 10.0 ** (-(60.0 / room.rt60_seconds + air_db) * time / 20.0)
        tail += np.fft.irfft(bins * weight, length) * decay
    tail[:, : round(DIRECT_SECONDS * sample_rate)] = 0.0
    low_hz, high_hz = MEASURED_HZ
    frequencies = np.fft.rfftfreq(length, 1.0 / sample_rate)
    measured = np.fft.rfft(tail)[:, (low_hz <= frequencies) & (frequencies <= high_hz)]
    # Of a direct sound of size 1, every bin has power 1.
    power = np.square(np.abs(measured)).mean(axis=1, keepdims=True)
    return np.asarray(tail * np.sqrt(10.0 ** (-room.drr_db / 10.0) / power), np.float32)


def band_powers(audio: Audio, sample_rate: float) -> Floats:
    """Return mean powers of bands of 250 Hz over all channels, in frames of 32 ms.

    Shape:
        ``(channels, samples)`` to ``(BANDS, frames)``.
    """
    hop = round(FRAME_SECONDS / 2.0 * sample_rate)
    size = 2 * hop
    window = np.sin(np.pi * np.arange(size) / size).astype(np.float32)
    padded = np.pad(audio, ((0, 0), (hop, hop)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size, axis=1)[:, ::hop]
    power = np.zeros((BANDS, frames.shape[1]), np.float32)
    for channel in frames:
        bins = np.fft.rfft(channel * window, axis=1)[:, : BANDS * BAND_BINS]
        squares = np.square(bins.real) + np.square(bins.imag)
        power += squares.reshape(len(bins), BANDS, BAND_BINS).mean(axis=2).T / len(frames)
    return power


def levels_of(power: Floats) -> Floats:
    """Return what the network hears: levels relative to the loudest, about -1 to 1."""
    relative = power / (power.max() + 1e-12)
    return (np.log10(relative + 10.0 ** (LOWEST_DB / 10.0)) / 4.0 + 1.0).astype(np.float32)


def said(weights: Mapping[str, Floats], levels: Floats) -> tuple[float, float]:
    """Return RT60 in seconds and DRR in dB that a network says of levels ``(BANDS, frames)``.

    Four convolutions over time, each reaching twice as far as the one before, then means and
    deviations over all frames, and a linear map.
    """
    from scipy.special import erf

    x = levels
    for index, dilation in enumerate(DILATIONS):
        weight, bias = weights[f"along.{index}.weight"], weights[f"along.{index}.bias"]
        outputs, _, taps = weight.shape
        reach = taps // 2 * dilation
        padded = np.pad(x, ((0, 0), (reach, reach)))
        shifted = np.concatenate(
            [padded[:, tap * dilation :][:, : x.shape[1]] for tap in range(taps)]
        )
        x = weight.transpose(0, 2, 1).reshape(outputs, -1) @ shifted + bias[:, None]
        x = 0.5 * x * (1.0 + erf(x / np.sqrt(2.0)))
    pooled = np.concatenate([x.mean(axis=1), x.std(axis=1, ddof=1)])
    both = weights["out.weight"] @ pooled + weights["out.bias"]
    return float(TYPICAL[0] * np.exp(both[0])), float(TYPICAL[1] + 10.0 * both[1])


@cache
def network() -> dict[str, Floats]:
    """Return the weights that ship, by name.

    Raises:
        EffectError: If they are missing, or are not those of this version.
    """
    with np.load(shipped_weights("room.npz", ROOM_SHA256)) as stored:
        return {name: stored[name].astype(np.float32) for name in stored.files}
