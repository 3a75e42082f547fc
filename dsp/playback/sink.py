"""Where playback goes: a sound device, or what stands in for one.

A sink takes float32 stereo at its own rate and never blocks. It counts the samples that it has
played; what was written and not dropped is played in order, so sample n of the count is the n-th
that was written.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np

from tonewright.dsp.audio.file import AudioWriter, Encoding
from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.fifo import Fifo

AHEAD_SECONDS = 0.2
"""How much a sink holds, where nobody asks for another length."""

FADE_SECONDS = 0.005
"""How long sound takes to come and go where it is cut."""


class AudioSink(Protocol):
    """What plays audio.

    All calls come from one thread, the one that made it. A device that has gone is noticed by
    asking for room, or by writing.

    Attributes:
        sample_rate: Of what is written, in Hz.
    """

    sample_rate: int

    @property
    def room_samples(self) -> int:
        """How many samples it takes now.

        Raises:
            PlaybackError: If the device has gone.
        """

    @property
    def played_samples(self) -> int:
        """How many samples have been played since it was made."""

    def write(self, audio: Audio) -> None:
        """Queue audio of shape ``(2, samples)``, no more than there is room for.

        Raises:
            PlaybackError: If the device has gone.
        """

    def drop(self) -> None:
        """Fade out what sounds, within ``FADE_SECONDS``, and forget what waits behind."""

    def close(self) -> None:
        """Let go of the device."""


class NullSink:
    """Plays to nobody, at the pace of a clock: what a machine without a sound device has.

    Args:
        sample_rate: In Hz.
        ahead_seconds: How much it holds.
        clock: Returns the time in seconds; never goes back.
    """

    def __init__(
        self,
        sample_rate: int,
        *,
        ahead_seconds: float = AHEAD_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.sample_rate = sample_rate
        self._ahead_samples = round(ahead_seconds * sample_rate)
        self._clock = clock
        self._start_seconds = clock()
        self._elapsed_samples = 0
        self._played_samples = 0
        self._queue = Fifo(2)

    @property
    def room_samples(self) -> int:
        """How many samples it takes now."""
        self._keep_time()
        return self._ahead_samples - self._queue.samples

    @property
    def played_samples(self) -> int:
        """How many samples have been played; time in which none waited is lost."""
        self._keep_time()
        return self._played_samples

    def write(self, audio: Audio) -> None:
        """Queue audio.

        Raises:
            ValueError: If there is no room for it.
        """
        if audio.shape[1] > self.room_samples:
            raise ValueError(f"no room for {audio.shape[1]} samples")
        self._queue.push(audio)

    def drop(self) -> None:
        """Fade out what comes next, and forget the rest."""
        self._keep_time()
        length = min(self._queue.samples, round(FADE_SECONDS * self.sample_rate))
        gains: Audio = np.linspace(1.0, 0.0, length + 1, dtype=np.float32)[1:]
        self._play(self._queue.pop(length) * gains)
        self._queue = Fifo(2)

    def close(self) -> None:
        """Play no more."""
        self.drop()

    def _keep_time(self) -> None:
        elapsed = round((self._clock() - self._start_seconds) * self.sample_rate)
        due = min(elapsed - self._elapsed_samples, self._queue.samples)
        self._elapsed_samples = elapsed
        if due:
            self._play(self._queue.pop(due))

    def _play(self, audio: Audio) -> None:
        self._played_samples += audio.shape[1]


class WavSink(NullSink):
    """Writes what would have been heard into a 32-bit float WAV, which appears on closing.

    Args:
        path: Where the file will be.
        sample_rate: In Hz.
        ahead_seconds: How much it holds.
        clock: Returns the time in seconds; never goes back.

    Raises:
        ExportError: If the file cannot be written; on every call.
    """

    def __init__(
        self,
        path: Path,
        sample_rate: int,
        *,
        ahead_seconds: float = AHEAD_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(sample_rate, ahead_seconds=ahead_seconds, clock=clock)
        self._writer = AudioWriter(path, sample_rate, 2, Encoding("wav", "32f"))

    def close(self) -> None:
        """Fade out what sounds, and complete the file."""
        super().close()
        self._writer.close()

    def _play(self, audio: Audio) -> None:
        super()._play(audio)
        self._writer.write(audio)
