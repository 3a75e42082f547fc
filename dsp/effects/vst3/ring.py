"""Audio on its way between Tonewright and a plugin's process, in memory that both have mapped.

There is a ring of slots each way, so that one side fills a slot while the other empties another:
several blocks are on their way at once. Each ring has one writer and one reader, and two counters,
of all that was ever put and ever taken, which are stored behind the data.
"""

import mmap
import threading

import numpy as np

from tonewright.dsp.audio.signal import Audio

BLOCK_SAMPLES = 512
CHANNELS = 2
SLOTS = 8
SLOT_SAMPLES = 32 * BLOCK_SAMPLES
"""Small enough for the processor's cache, large enough for Python."""

SHORTEST_NAP_SECONDS = 20e-6
LONGEST_NAP_SECONDS = 500e-6
"""Who waits for the other side sleeps, longer each time: much less than a ring of slots takes."""

_HEAD_BYTES = 4_096
_PUT, _TAKEN = 0, 64  # bytes from the start, in lines of the cache of their own
_SHAPES = 128
_RING_BYTES = _HEAD_BYTES + SLOTS * CHANNELS * SLOT_SAMPLES * 4

MAPPED_BYTES = _HEAD_BYTES + 2 * _RING_BYTES


class Ring:
    """Pieces of audio that go one way.

    Args:
        memory: That both sides have mapped.
        start: Where the ring begins in it, in bytes.
    """

    def __init__(self, memory: mmap.mmap, start: int) -> None:
        self._put = np.frombuffer(memory, "<u8", 1, start + _PUT)
        self._taken = np.frombuffer(memory, "<u8", 1, start + _TAKEN)
        shapes = np.frombuffer(memory, "<u4", 2 * SLOTS, start + _SHAPES)
        self._shapes = shapes.reshape(SLOTS, 2)
        samples = SLOTS * CHANNELS * SLOT_SAMPLES
        self._slots = np.frombuffer(memory, "<f4", samples, start + _HEAD_BYTES).reshape(SLOTS, -1)
        self._fence = threading.Lock()

    @property
    def has_room(self) -> bool:
        """Whether a slot is free."""
        return int(self._put[0]) - int(self._taken[0]) < SLOTS

    @property
    def waiting(self) -> bool:
        """Whether a piece was put and not taken."""
        return bool(self._put[0] != self._taken[0])

    def put(self, audio: Audio) -> None:
        """Copy a piece into a free slot.

        **Shape**: ``(1 or 2, at most SLOT_SAMPLES)``.
        """
        count = int(self._put[0])
        self._shapes[count % SLOTS] = audio.shape
        self._view(count)[:] = audio
        self._order()
        self._put[0] = count + 1

    def front(self) -> Audio:
        """Return the oldest piece that waits, in its slot; it is the caller's until ``drop``."""
        return self._view(int(self._taken[0]))

    def drop(self) -> None:
        """Free the slot of the oldest piece."""
        self._order()
        self._taken[0] += 1

    def _view(self, count: int) -> Audio:
        channels, samples = self._shapes[count % SLOTS].tolist()
        return self._slots[count % SLOTS, : channels * samples].reshape(channels, samples)

    def _order(self) -> None:
        # Two passes through a lock keep the order of the writes where a processor would not.
        for _ in range(2):
            with self._fence:
                pass


class Exchange:
    """Both rings, and what the two sides say of them.

    Attributes:
        to_plugin: What it is to process.
        from_plugin: What it has made.
    """

    def __init__(self, memory: mmap.mmap) -> None:
        self.to_plugin = Ring(memory, _HEAD_BYTES)
        self.from_plugin = Ring(memory, _HEAD_BYTES + _RING_BYTES)
        self._said = np.frombuffer(memory, "<u8", 4, 0)

    @property
    def runs(self) -> int:
        """How many runs, each a request for audio, the plugin's side has ended."""
        return int(self._said[0])

    @runs.setter
    def runs(self, count: int) -> None:
        self._said[0] = count

    @property
    def latency_samples(self) -> int:
        """What the plugin last reported."""
        return int(self._said[1])

    @latency_samples.setter
    def latency_samples(self, samples: int) -> None:
        self._said[1] = samples

    @property
    def window_wanted(self) -> bool:
        """Whether the plugin's window is to stay open."""
        return bool(self._said[2])

    @window_wanted.setter
    def window_wanted(self, wanted: bool) -> None:
        self._said[2] = wanted

    @property
    def requests(self) -> int:
        """How many requests were sent through the pipe."""
        return int(self._said[3])

    @requests.setter
    def requests(self, count: int) -> None:
        self._said[3] = count
