"""The memory that a plugin and the engine share; the other side is ``desktop/plugin/shared.hpp``.

Two rings of audio, one each way, and one of marks. Each has one writer and one reader, and a
counter of all that was ever written, stored behind the data.
"""

import mmap
import os
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.errors import BridgeError

PROTOCOL = 1
"""Of the layout and of the messages; raised when one of them changes."""

RING_SAMPLES = 65_536
RING_MARKS = 4_096
_MAGIC = 0x54775242
_HEADER_BYTES = 4_096
_HEADER = struct.Struct("<6I")
_IN_WRITTEN, _MARKS_WRITTEN, _OUT_WRITTEN = 64, 128, 192  # bytes from the start
_MARK = np.dtype(
    [("position", "<i8"), ("host_frame", "<i8"), ("bpm", "<f8"), ("flags", "<u4"), ("", "<u4")]
)
_PLAYING, _PLACE, _CAPTURE = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the stream is in the host from a sample on.

    Attributes:
        position: The sample of the stream.
        host_frame: The sample of the host's timeline.
        bpm: The host's tempo; 0 if it does not say.
        playing: Whether the host's transport rolls.
        place: Whether results replace what was captured; else the chain runs live.
        capture: Whether what is heard is recorded.
    """

    position: int
    host_frame: int = 0
    bpm: float = 0.0
    playing: bool = False
    place: bool = False
    capture: bool = False


def memory_bytes(channels: int) -> int:
    """Return how many bytes the memory has."""
    return _HEADER_BYTES + RING_MARKS * _MARK.itemsize + 2 * channels * RING_SAMPLES * 4


class SharedMemory:
    """The engine's view of the memory; ``close`` it.

    Args:
        descriptor: Of the memory; it is not closed.

    Raises:
        BridgeError: If the memory is of another layout.
    """

    def __init__(self, descriptor: int) -> None:
        size = os.fstat(descriptor).st_size
        if size < _HEADER_BYTES:
            raise BridgeError("the plugin sent no memory; update it: make plugin")
        self._map = mmap.mmap(descriptor, size)
        magic, protocol, channels, rate, samples, marks = _HEADER.unpack_from(self._map)
        if (magic, protocol, samples, marks) != (_MAGIC, PROTOCOL, RING_SAMPLES, RING_MARKS) or (
            not 1 <= channels <= 8 or size != memory_bytes(channels)
        ):
            self._map.close()
            raise BridgeError("the plugin is of another version; update it: make plugin")
        self.channels: int = channels
        self.sample_rate: int = rate
        self._in_written = np.frombuffer(self._map, "<u8", 1, _IN_WRITTEN)
        self._marks_written = np.frombuffer(self._map, "<u8", 1, _MARKS_WRITTEN)
        self._out_written = np.frombuffer(self._map, "<u8", 1, _OUT_WRITTEN)
        self._marks = np.frombuffer(self._map, _MARK, RING_MARKS, _HEADER_BYTES)
        start = _HEADER_BYTES + RING_MARKS * _MARK.itemsize
        rings = np.frombuffer(self._map, "<f4", 2 * channels * RING_SAMPLES, start)
        self._in, self._out = rings.reshape(2, channels, RING_SAMPLES)
        self._read = 0
        self._marks_read = 0
        self._fence = threading.Lock()

    @property
    def waiting_samples(self) -> int:
        """How many samples have come and were not read."""
        return int(self._in_written[0]) - self._read

    def read(self, most_samples: int) -> Audio:
        """Return what has come, at most so much; shape ``(channels, samples)``.

        Raises:
            BridgeError: If it was overwritten before it was read.
        """
        waiting = self.waiting_samples
        if waiting > RING_SAMPLES:
            raise BridgeError("the engine fell behind")
        count = min(waiting, most_samples)
        places = np.arange(self._read, self._read + count) % RING_SAMPLES
        self._read += count
        return np.ascontiguousarray(self._in[:, places])

    def marks(self) -> Iterator[Mark]:
        """Yield the marks that have come."""
        for index in range(self._marks_read, int(self._marks_written[0])):
            position, frame, bpm, flags, _ = self._marks[index % RING_MARKS].item()
            self._marks_read = index + 1
            yield Mark(
                position,
                frame,
                bpm,
                bool(flags & _PLAYING),
                bool(flags & _PLACE),
                bool(flags & _CAPTURE),
            )

    def write(self, audio: Audio) -> None:
        """Send audio of shape ``(channels, samples)`` back, behind what was sent before."""
        start = int(self._out_written[0])
        places = np.arange(start, start + audio.shape[1]) % RING_SAMPLES
        self._out[:, places] = audio
        # Two passes through a lock keep the order of the writes where a processor would not.
        for _ in range(2):
            with self._fence:
                pass
        self._out_written[0] = start + audio.shape[1]

    def close(self) -> None:
        """Give the memory back."""
        for name in ("_in_written", "_marks_written", "_out_written", "_marks", "_in", "_out"):
            delattr(self, name)
        self._map.close()
