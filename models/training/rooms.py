"""Room responses: shoebox rooms by image sources, with a diffuse tail behind.

Image sources are exact early on and sing late in a perfect box. Rooms for training therefore have
them up to order 10 only, continued from the mixing time by noise that decays in every octave as
Eyring's formula says; rooms for testing are image sources to the end, with displaced sources, made
by nobody's tail. A response is aligned to its direct sound, and scaled so that the direct sound
has energy 1. Lengths in metres, times in seconds, 48 kHz.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tonewright.dsp.project.atomic import replacing
from tonewright.models.training.corpus import SAMPLE_RATE, Split

RESPONSE_SAMPLES = 72_000
"""1.5 s."""

DIRECT_SAMPLES = 96
"""The direct sound: a fractional delay of 81 taps, 1 ms before its centre and 1 ms after."""

OCTAVES_HZ = (125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0)
AIR_DB_PER_M = (0.0004, 0.001, 0.002, 0.004, 0.008, 0.025, 0.09, 0.3)
SPEED_OF_SOUND = 343.0
TAIL_FROM_SECONDS = 0.05
FADE_SECONDS = 0.02

SEEDS = {Split.TRAIN: 11, Split.DEVELOPMENT: 22, Split.TEST: 33}
Response = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Room:
    """A shoebox with a source and a microphone.

    Attributes:
        size_m: Length, width, height.
        absorption: Of all walls, by octave, 0 to 1.
        source_m: Its place.
        microphone_m: Its place.
    """

    size_m: npt.NDArray[np.float64]
    absorption: npt.NDArray[np.float64]
    source_m: npt.NDArray[np.float64]
    microphone_m: npt.NDArray[np.float64]

    @property
    def rt60_seconds(self) -> npt.NDArray[np.float64]:
        """The reverberation time by octave, after Eyring, with the air."""
        volume = float(np.prod(self.size_m))
        x, y, z = self.size_m
        surface = 2.0 * (x * y + y * z + z * x)
        walls_db_per_m = -10.0 * np.log10(1.0 - self.absorption) * surface / (4.0 * volume)
        return np.asarray(60.0 / (SPEED_OF_SOUND * (walls_db_per_m + np.array(AIR_DB_PER_M))))


def draw_room(
    rng: np.random.Generator,
    rt60_seconds: tuple[float, float] = (0.15, 1.5),
    distance_m: tuple[float, float] = (0.5, 5.0),
) -> Room:
    """Return a random room.

    Args:
        rng: What it is drawn from.
        rt60_seconds: Range of the reverberation time at 1 kHz, drawn evenly in ratios.
        distance_m: Range from source to microphone, likewise.
    """
    while True:
        size_m = rng.uniform((4.0, 3.0, 2.4), (12.0, 10.0, 5.0))
        rt60 = float(np.exp(rng.uniform(*np.log(rt60_seconds))))
        x, y, z = size_m
        metres = 2.0 * (x * y + y * z + z * x) / (4.0 * x * y * z)
        middle = 1.0 - 10.0 ** (-60.0 / (SPEED_OF_SOUND * rt60 * metres * 10.0))
        tilt = rng.uniform(-0.1, 0.35)
        octaves = np.log2(np.array(OCTAVES_HZ) / 1000.0)
        absorption = middle * 2.0 ** (tilt * octaves + rng.normal(0.0, 0.1, len(octaves)))
        margin = np.minimum(0.4, size_m / 4.0)
        source = rng.uniform(margin, size_m - margin)
        source[2] = rng.uniform(0.8, 2.0)
        away = rng.standard_normal(3) * (1.0, 1.0, 0.2)
        apart = np.exp(rng.uniform(*np.log(distance_m)))
        microphone = source + away * apart / np.linalg.norm(away)
        inside = np.all((margin <= microphone) & (microphone <= size_m - margin))
        if middle < 0.9 and inside:
            return Room(size_m, np.clip(absorption, 0.01, 0.95), source, microphone)


def image_sources(room: Room, order: int, displaced_m: float) -> npt.NDArray[np.float64]:
    """Return the response of a room, its direct sound somewhere in it; order 0 is that alone."""
    import pyroomacoustics

    material = pyroomacoustics.Material(
        {"coeffs": list(room.absorption), "center_freqs": list(OCTAVES_HZ)}
    )
    box: Any = pyroomacoustics.ShoeBox(
        room.size_m,
        fs=SAMPLE_RATE,
        materials=material,
        max_order=order,
        air_absorption=True,
        use_rand_ism=displaced_m > 0.0,
        max_rand_disp=displaced_m,
    )
    box.add_source(room.source_m)
    box.add_microphone(room.microphone_m)
    box.compute_rir()
    return np.asarray(box.rir[0][0], np.float64)


def diffuse_tail(
    room: Room, early: npt.NDArray[np.float64], start: int, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Return a response whose image sources give way to decaying noise.

    Args:
        room: The room.
        early: Image sources, complete until ``start + FADE_SECONDS``.
        start: The sample where the noise begins to fade in.
        rng: What the noise is drawn from.
    """
    fade = round(FADE_SECONDS * SAMPLE_RATE)
    time = np.arange(RESPONSE_SAMPLES) / SAMPLE_RATE
    ramp = np.clip((np.arange(RESPONSE_SAMPLES) - start) / fade, 0.0, 1.0)
    padded = np.zeros(RESPONSE_SAMPLES)
    padded[: len(early)] = early[:RESPONSE_SAMPLES]
    noise = np.fft.rfft(rng.standard_normal(RESPONSE_SAMPLES))
    heard = np.fft.rfft(padded)
    frequencies = np.fft.rfftfreq(RESPONSE_SAMPLES, 1.0 / SAMPLE_RATE)
    place = np.interp(
        np.log2(np.maximum(frequencies, 1.0)), np.log2(OCTAVES_HZ), np.arange(len(OCTAVES_HZ))
    )
    response = padded * np.cos(np.pi / 2.0 * ramp)
    window = slice(start - fade, start + fade)
    for octave, rt60_seconds in enumerate(room.rt60_seconds):
        weight = np.clip(1.0 - np.abs(place - octave), 0.0, 1.0)
        decay = 10.0 ** (-3.0 * time / rt60_seconds)
        tail = np.fft.irfft(noise * weight, RESPONSE_SAMPLES) * decay
        level = np.fft.irfft(heard * weight, RESPONSE_SAMPLES)[window]
        gain = np.sqrt(np.square(level).sum() / max(np.square(tail[window]).sum(), 1e-30))
        response += gain * tail * np.sin(np.pi / 2.0 * ramp)
    return response


def draw_response(rng: np.random.Generator, split: Split) -> tuple[Response, Response, Room]:
    """Return (response, its direct sound alone, room), the direct sound at the same place in both.

    Shape:
        ``(RESPONSE_SAMPLES,)`` and ``(DIRECT_SAMPLES,)``.
    """
    held_out = split is Split.TEST
    room = draw_room(rng, *(((0.25, 1.0), (1.0, 4.0)) if held_out else ()))
    direct = image_sources(room, 0, 0.0)
    peak = int(np.argmax(np.abs(direct)))
    first = peak - DIRECT_SAMPLES // 2
    if held_out:
        # As many orders as the sound crosses the room while it decays by 60 dB.
        order = int(SPEED_OF_SOUND * room.rt60_seconds[3] / room.size_m.min() / 1.5)
        full = image_sources(room, min(max(order, 10), 45), 0.05)
        # The direct sound is displaced too, by some samples: put the exact one in its place.
        end = min(first + DIRECT_SAMPLES, len(direct))
        full[max(first, 0) : end] = direct[max(first, 0) : end]
    else:
        start = peak + round(TAIL_FROM_SECONDS * SAMPLE_RATE)
        full = diffuse_tail(room, image_sources(room, 10, 0.0), start, rng)
    both = []
    for response, samples in ((full, RESPONSE_SAMPLES), (direct, DIRECT_SAMPLES)):
        cut = np.pad(response, (max(-first, 0), samples))[max(first, 0) :][:samples]
        both.append((cut / np.sqrt(np.square(direct).sum())).astype(np.float32))
    return both[0], both[1], room


@dataclass(frozen=True, slots=True)
class Responses:
    """Responses of many rooms.

    Attributes:
        full: Shape ``(rooms, RESPONSE_SAMPLES)``, float16; memory-mapped.
        direct: Shape ``(rooms, DIRECT_SAMPLES)``, float32.
        rt60_seconds: At 1 kHz, shape ``(rooms,)``.
        distance_m: From source to microphone, shape ``(rooms,)``.
    """

    full: npt.NDArray[np.float16]
    direct: npt.NDArray[np.float32]
    rt60_seconds: npt.NDArray[np.float64]
    distance_m: npt.NDArray[np.float64]

    def within(
        self, rt60_seconds: tuple[float, float], distance_m: tuple[float, float]
    ) -> "Responses":
        """Return those whose reverberation time and distance lie in closed ranges."""
        kept = np.ones(len(self.direct), bool)
        for values, (low, high) in (
            (self.rt60_seconds, rt60_seconds),
            (self.distance_m, distance_m),
        ):
            kept &= (low <= values) & (values <= high)
        return Responses(
            self.full[kept], self.direct[kept], self.rt60_seconds[kept], self.distance_m[kept]
        )


def open_responses(folder: Path, split: Split, rooms: int) -> Responses:
    """Return the responses of a split, written first if ``folder`` does not hold as many."""
    details, data = folder / f"{split}-{rooms}-rooms.npz", folder / f"{split}-{rooms}-rooms.f16"
    if not details.is_file():
        _write(details, data, split, rooms)
    with np.load(details) as stored:
        direct, rt60_seconds, distance_m = (
            stored[name] for name in ("direct", "rt60_seconds", "distance_m")
        )
    full = np.memmap(data, np.float16, "r", shape=(rooms, RESPONSE_SAMPLES))
    return Responses(full, direct, rt60_seconds, distance_m)


def _write(details: Path, data: Path, split: Split, rooms: int) -> None:
    details.parent.mkdir(parents=True, exist_ok=True)
    directs, rt60_seconds, distances_m = [], [], []
    with replacing(data) as file:
        for index in range(rooms):
            full, direct, room = draw_response(np.random.default_rng((SEEDS[split], index)), split)
            file.write(full.astype(np.float16).tobytes())
            directs.append(direct)
            rt60_seconds.append(room.rt60_seconds[3])
            distances_m.append(np.linalg.norm(room.source_m - room.microphone_m))
    with replacing(details) as file:
        np.savez(file, direct=np.array(directs), rt60_seconds=rt60_seconds, distance_m=distances_m)
