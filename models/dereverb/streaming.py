"""Dereverberation while it plays: a causal network in onnxruntime, two frames of 16 ms late.

The same network family as that of ``effect``, without look-ahead; torch is not needed. Every 16 ms
a frame of 32 ms is complete, and what the room added to it is found; a sample's last frame is
complete less than 32 ms after it, which is the latency. Samples out are as many as samples in, and
the same bytes for blocks of any size. ``balance`` follows as in ``effect``.

What would be removed also says how dry the signal is, as in ``effect``; here, in ``balance``, and
where early reflections are told from late ones, the last five seconds are asked. What is kept and
what is taken away are whole steps of 24 bits, and add up to the input.
"""

import numpy as np
import numpy.typing as npt
import onnxruntime
import scipy.fft

from tonewright.dsp.audio.signal import Audio, silence
from tonewright.dsp.effects.fifo import Fifo, join
from tonewright.dsp.units import db_to_gain
from tonewright.dsp.weights import shipped_weights
from tonewright.models.dereverb.balance import (
    COLOUR_BANDS,
    Spectrum,
    band_weights,
    gains,
    over_bands,
    power,
    powers,
    removed_room,
)
from tonewright.models.dereverb.bands import (
    BAND_POINTS,
    BANDS,
    COMPRESSION,
    FEATURES,
    LEVEL_FLOOR,
    LEVEL_FRAMES,
    LOW_BINS,
    SLOTS,
    frame_samples,
    slot_weights,
)
from tonewright.models.dereverb.controls import (
    DRY_DB,
    EARLY_FRAMES,
    REGULARISATION,
    removed_part,
)
from tonewright.models.dereverb.effect_type import STREAMING_SHA256
from tonewright.models.dereverb.recursion import Recursion
from tonewright.models.dereverb.session import open_session, shape_of

MEMORY_FRAMES = 312

COLOUR_SHARES = {
    80: 0.2, 125: 0.2, 315: 0.75, 500: 0.9, 1_250: 0.7, 2_000: 0.6, 3_150: 0.55, 5_000: 0.35,
    8_000: 0.15, 12_500: 0.2, 20_000: 0.4,
}  # fmt: skip
"""How far the balance of bands goes to that of what was heard, by Hz: lines through 160 passages of
speech of development."""

STAYS = 0.2
"""Share of the room that stays under direct sound."""


class StreamingNetwork:
    """Complex frames in, complex frames without the room out, the memory kept in between.

    Args:
        session: Of the graph that ``export`` writes.
        channels: Which do not hear each other.
        bins: Of a frame, at least ``LOW_BINS + 1``.
    """

    def __init__(self, session: onnxruntime.InferenceSession, channels: int, bins: int) -> None:
        self._session = session
        self._shape = shape_of(session)
        self._slots = slot_weights(bins)
        self._inside = self._slots / np.maximum(self._slots.sum(axis=1, keepdims=True), 1.0)
        zeros = np.zeros((1, channels * BANDS, self._shape.hidden), np.float32)
        self._states = [zeros] * self._shape.layers
        self._level = Recursion(LEVEL_FRAMES)
        self._direction = np.zeros((channels, LOW_BINS, 1), np.complex64)
        self._past = np.zeros((channels, LOW_BINS, self._shape.past), np.complex64)

    def process(self, spectrum: Spectrum) -> Spectrum:
        """Return the next frames without the room, ``(channels, bins, frames)`` as they are."""
        states = {f"state_{index}": each for index, each in enumerate(self._states)}
        filters, gains, *self._states = self._session.run(
            None, {"features": self._features(spectrum), **states}
        )
        frames, channels = gains.shape[:2]
        flat = gains.reshape(frames, channels, SLOTS)
        above = spectrum[:, LOW_BINS:] * np.einsum("tcs,sf->cft", flat, self._slots)
        return np.concatenate([self._filtered(spectrum[:, :LOW_BINS], filters), above], axis=1)

    def _features(self, spectrum: Spectrum) -> npt.NDArray[np.float32]:
        """Return what is seen of every point, ``(frames, channels, bands, points x features)``."""
        mean = power(spectrum[:, :LOW_BINS]).mean(axis=1, dtype=np.float64)
        level = np.sqrt(self._level(mean) + LEVEL_FLOOR**2).astype(np.float32)
        seen = spectrum / level[:, None]
        low, above = seen[:, :LOW_BINS], seen[:, LOW_BINS:]
        size = np.abs(low) + np.float32(1e-5)
        direction = low / size
        before = np.concatenate([self._direction, direction], axis=2)
        self._direction = before[:, :, -1:]
        advance = direction * before[:, :, :-1].conj()
        size = size**COMPRESSION
        slots = np.einsum("cft,sf->cst", power(above), self._inside)
        slots = (slots + np.float32(1e-10)) ** (COMPRESSION / 2.0)
        channels, _, frames = seen.shape
        points = np.zeros((channels, LOW_BINS + SLOTS, frames, FEATURES), np.float32)
        points[..., 0] = np.concatenate([size, slots], axis=1)
        for index, part in enumerate((direction, advance)):
            points[:, :LOW_BINS, :, 1 + 2 * index] = size * part.real
            points[:, :LOW_BINS, :, 2 + 2 * index] = size * part.imag
        grouped = points.reshape(channels, BANDS, BAND_POINTS, frames, FEATURES)
        return grouped.transpose(3, 0, 1, 2, 4).reshape(frames, channels, BANDS, -1)

    def _filtered(self, low: Spectrum, filters: npt.NDArray[np.float32]) -> Spectrum:
        """Return low bins filtered over the frames so far, ``(channels, LOW_BINS, frames)``."""
        channels, bins, frames = low.shape
        taps = self._shape.taps
        parts = filters.reshape(frames, channels, bins, taps, 2)
        weights = (parts[..., 0] + np.complex64(1j) * parts[..., 1]).transpose(1, 2, 3, 0)
        heard = np.concatenate([self._past, low], axis=2)
        self._past = heard[:, :, frames:]
        filtered = low.copy()
        for tap in range(taps):
            filtered += weights[:, :, tap] * heard[:, :, tap : tap + frames]
        return filtered


class EarlyReflections:
    """The reflections that follow the direct sound within four frames, by one filter for each bin.

    Args:
        channels: Which do not hear each other.
        bins: Of a frame.
    """

    def __init__(self, channels: int, bins: int) -> None:
        self._late = np.zeros((channels, bins, EARLY_FRAMES), np.complex128)
        self._likeness = np.zeros((channels, bins, EARLY_FRAMES, EARLY_FRAMES), np.complex128)
        self._shared = np.zeros((channels, bins, EARLY_FRAMES), np.complex128)

    def __call__(self, wet: Spectrum, dry: Spectrum) -> Spectrum:
        """Return those of the next frame, ``(channels, bins, 1)`` as ``wet`` and ``dry``."""
        keep = np.exp(-1.0 / MEMORY_FRAMES)
        self._late = np.concatenate([dry, self._late[..., :-1]], axis=2)
        late = self._late.conj()
        self._likeness = keep * self._likeness + late[..., None] * self._late[..., None, :]
        self._shared = keep * self._shared + late * wet
        power = np.trace(self._likeness, axis1=2, axis2=3).real / EARLY_FRAMES
        loading = (REGULARISATION * power + 1e-9)[..., None, None]
        held = self._likeness + loading * np.eye(EARLY_FRAMES)
        filters = np.linalg.solve(held, self._shared[..., None])
        predicted = (self._late[..., None, :] @ filters)[..., 0]
        return np.asarray(predicted - dry, np.complex64)


class StreamingDereverb:
    """Dereverberation that does not look ahead.

    Args:
        session: The causal network.
        amount: Share of the room that is taken away, 0 to 100 %.
        early: Share of the early reflections that stays, 0 to 100 %.
        floor_db: How far a bin may be lowered, below 0 dB.
        listen: ``"result"``, or ``"removed"`` for what is taken away.

    Attributes:
        latency_samples: One frame, 32 ms, once a stream has begun.
    """

    def __init__(
        self,
        session: onnxruntime.InferenceSession,
        *,
        amount: float = 100.0,
        early: float = 0.0,
        floor_db: float = -80.0,
        listen: str = "result",
    ) -> None:
        self.amount = amount
        self.early = early
        self.floor_db = floor_db
        self.listen = listen
        self.latency_samples = 0
        self._session = session
        self._network: StreamingNetwork | None = None

    def process(
        self, audio: Audio, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> Audio:
        """Return as many samples, ``latency_samples`` late."""
        if reset:
            self.reset()
        if self._network is None:
            self._begin(len(audio), sample_rate)
        self._waiting.push(audio.copy())
        self._played.push(audio)
        hop = self.latency_samples // 2
        # One frame at a time: of several, the last bits would depend on how many there are.
        while self._waiting.samples >= hop:
            self._room.push(self._added(self._waiting.pop(hop)))
        room = self._room.pop(audio.shape[1])
        played = self._played.pop(audio.shape[1])
        removed = removed_part(room, self.amount)
        return removed if self.listen == "removed" else played - removed

    def reset(self) -> None:
        """Forget the stream so far."""
        self._network = None

    def _begin(self, channels: int, sample_rate: float) -> None:
        size = frame_samples(sample_rate)
        self.latency_samples = size
        periodic = np.hanning(size + 1)[:-1]
        self._window = np.sqrt(periodic).astype(np.float32)
        self._bins = size // 2 + 1
        self._network = StreamingNetwork(self._session, channels, max(self._bins, LOW_BINS + 1))
        self._wetness = Recursion(MEMORY_FRAMES)
        self._balance = Recursion(MEMORY_FRAMES)
        self._weights = band_weights(self._bins, COLOUR_BANDS)
        self._colour = over_bands(COLOUR_SHARES)
        self._early = EarlyReflections(channels, self._bins)
        self._before = silence(channels, size // 2)
        self._begun: Audio | None = None
        self._waiting, self._played, self._room = (Fifo(channels) for _ in range(3))
        self._played.push(silence(channels, size))
        self._room.push(silence(channels, size // 2))

    def _added(self, audio: Audio) -> Audio:
        """Return what the room added to a hop, one hop before this one."""
        assert self._network is not None
        hop = self.latency_samples // 2
        heard = np.concatenate([self._before, audio], axis=1)
        self._before = heard[:, -hop:]
        hops = heard.reshape(len(heard), -1, hop)
        framed = np.concatenate([hops[:, :-1], hops[:, 1:]], axis=2) * self._window
        wet = scipy.fft.rfft(framed, axis=2).transpose(0, 2, 1)
        padded = np.pad(wet, ((0, 0), (0, max(0, LOW_BINS + 1 - self._bins)), (0, 0)))
        dry = self._network.process(padded)[:, : self._bins]
        share = self._share(wet, dry)
        averages = self._balance(powers(wet, dry, self._weights))
        dry = dry * gains(averages, self._weights, self._colour)
        if self.early:
            dry = dry + np.float32(self.early / 100.0) * self._early(wet, dry)
        added = share * removed_room(wet, dry, db_to_gain(self.floor_db), STAYS)
        frames = scipy.fft.irfft(added.transpose(0, 2, 1), 2 * hop, axis=2) * self._window
        if self._begun is None:
            # Half of the first frame lies before the stream.
            frames[:, 0, :hop] = 0.0
            self._begun = silence(len(audio), hop)
        starts = np.concatenate([self._begun[:, None], frames[:, :-1, hop:]], axis=1)
        self._begun = frames[:, -1, hop:]
        return join([(starts + frames[:, :, :hop]).reshape(len(audio), -1)], len(audio))

    def _share(self, wet: Spectrum, dry: Spectrum) -> npt.NDArray[np.float32]:
        """Return 0 where the signal has been dry of late, 1 where there is room, ``(frames,)``."""
        sums = np.stack(
            [power(each).sum(axis=(0, 1), dtype=np.float64) for each in (wet, dry)]
            + [(wet * dry.conj()).sum(axis=(0, 1), dtype=np.complex128)]
        )
        played, found, shared = self._wetness(sums)
        rest = np.maximum(0.0, played.real - np.square(np.abs(shared)) / (found.real + 1e-20))
        ratio_db = 10.0 * np.log10(rest / (played.real + 1e-20) + 1e-12)
        low, high = DRY_DB
        return np.clip((ratio_db - low) / (high - low), 0.0, 1.0).astype(np.float32)


def make(*, amount: float, early: float, floor_db: float, listen: str) -> StreamingDereverb:
    """Return the effect with the weights that ship.

    Raises:
        EffectError: If the weights are missing, or are not those of this version.
    """
    path = shipped_weights("dereverb-streaming.onnx", STREAMING_SHA256)
    session = open_session(path.read_bytes())
    return StreamingDereverb(session, amount=amount, early=early, floor_db=floor_db, listen=listen)
