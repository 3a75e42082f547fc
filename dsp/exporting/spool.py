"""Audio on disk between two passes: what normalising and looping must hear whole before writing."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.exporting.staging import export_error

_BYTES_PER_SAMPLE = 4


class Spool:
    """Takes blocks of float32 audio and gives them back; closed by ``close``.

    Args:
        path: A new file; it holds interleaved samples.
        channels: Of every block.
        loop_samples: What comes behind this length is added onto the start, around and around;
            None for no loop.

    Raises:
        ExportError: If the file cannot be written, here or later.
    """

    def __init__(self, path: Path, channels: int, *, loop_samples: int | None = None) -> None:
        self._path = path
        self._channels = channels
        self._loop_samples = loop_samples
        self._taken = 0
        try:
            self._file = path.open("w+b", buffering=0)
        except OSError as error:
            raise export_error(path, error) from error

    @property
    def length_samples(self) -> int:
        """How long it is by now."""
        return min(self._taken, self._loop_samples or self._taken)

    def add(self, block: Audio) -> None:
        """Take the next block of shape ``(channels, samples)``."""
        while block.shape[1]:
            if self._loop_samples is None:
                at, room = self._taken, block.shape[1]
            else:
                at = self._taken % self._loop_samples
                room = self._loop_samples - at
            piece = block[:, :room]
            if at < self._taken:
                piece = piece + self._read(at, piece.shape[1])
            self._write(at, piece)
            self._taken += piece.shape[1]
            block = block[:, room:]

    def blocks(self, block_samples: int, *, around_samples: int = 0) -> Iterator[Audio]:
        """Yield the audio from its start.

        Args:
            block_samples: Length of a block at most.
            around_samples: So much of the end comes before it, and of the start behind it, as
                if it went round.
        """
        length = self.length_samples
        position, end = -around_samples, length + around_samples
        while length and position < end:
            at = position % length
            count = min(block_samples, end - position, length - at)
            yield self._read(at, count)
            position += count

    def close(self) -> None:
        """Give the disk space back."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    def _read(self, at: int, count: int) -> Audio:
        self._file.seek(at * self._channels * _BYTES_PER_SAMPLE)
        flat = np.fromfile(self._file, np.float32, count * self._channels)
        return np.ascontiguousarray(flat.reshape(-1, self._channels).T)

    def _write(self, at: int, piece: Audio) -> None:
        data = memoryview(piece.T.tobytes())
        try:
            self._file.seek(at * self._channels * _BYTES_PER_SAMPLE)
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            raise export_error(self._path, error) from error
