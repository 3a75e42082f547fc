r"""A base for effects that need long windows: networks, dereverberation, codecs.

The stream is cut into chunks of ``chunk_seconds`` that overlap by ``overlap_seconds``; each is
processed as a whole and faded into the next, with gains that add up to 1. Chunks count from the
start of the stream, so the result is the same, bit for bit, for any size of the caller's blocks,
and no more than two chunks are in memory. Output is aligned with the input; what is held back at
the end comes from ``finish``, without zeros having to be fed.

    chunk 0   |==============\         |
    chunk 1   |          |---==============\
    chunk 2   |                    |---====|   the rest, always longer than the overlap

The fade takes the whole overlap, or ``fade_seconds`` at the place where both chunks are most
alike: for effects whose phase is free, two versions of one sound would cancel in a long fade.

Where memory is short, ``shorter_chunks`` lets chunks be a fraction as long. The sound is then
another, if only by a little, so whoever uses it must say so and must not take the result for the
usual one.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from tonewright.dsp.audio.signal import Audio, silence
from tonewright.dsp.effects.fifo import Fifo, join
from tonewright.dsp.errors import EffectError

SEARCH_STEP_SECONDS = 0.005
"""How finely the place of a short fade is looked for."""

_DIVISOR = ContextVar("chunk_divisor", default=1)


@contextmanager
def shorter_chunks(divisor: int) -> Iterator[None]:
    """Let effects that run inside take chunks of a fraction of their length.

    Args:
        divisor: 1 for whole chunks; a chunk stays longer than two overlaps.
    """
    token = _DIVISOR.set(divisor)
    try:
        yield
    finally:
        _DIVISOR.reset(token)


class ChunkedEffect(ABC):
    """An effect that processes long chunks; a subclass says how to process one.

    Attributes:
        chunk_seconds: Length of a chunk.
        overlap_seconds: How much of it the next one goes over again; less than half.
        fade_seconds: Length of the fade inside the overlap; 0 for the whole overlap.
    """

    chunk_seconds: float = 10.0
    overlap_seconds: float = 1.0
    fade_seconds: float = 0.0

    def __init__(self) -> None:
        self._waiting: Fifo | None = None

    @abstractmethod
    def process_chunk(self, audio: Audio, sample_rate: float) -> Audio:
        """Return one chunk processed, of the same shape ``(channels, samples)``.

        ``audio`` is a copy and may be written to.
        """

    def process(
        self, audio: Audio, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> Audio:
        """Return what is ready; with ``reset``, all of it."""
        if reset:
            self.reset()
        if self._waiting is None:
            self._waiting = Fifo(len(audio))
            self._again = self._before = silence(len(audio), 0)
        self._sample_rate = sample_rate
        self._waiting.push(audio)
        overlap = round(self.overlap_seconds * sample_rate)
        chunk = round(self.chunk_seconds * sample_rate)
        if (divisor := _DIVISOR.get()) > 1:
            chunk = min(chunk, max(chunk // divisor, 2 * overlap + 1))
        hop = chunk - overlap
        ready = []
        # Strictly more, so that the rest in ``finish`` is never nothing but overlap.
        while self._waiting.samples > chunk - self._again.shape[1]:
            fresh = self._waiting.pop(chunk - self._again.shape[1])
            heard = join([self._again, fresh], len(audio))
            done = self._joined(heard)
            self._again, self._before = heard[:, hop:], done[:, hop:]
            ready.append(done[:, :hop])
        if reset:
            ready.append(self.finish())
        return join(ready, len(audio))

    def finish(self) -> Audio:
        """Return what is held back; the stream is over.

        Raises:
            ValueError: If none has begun.
        """
        if self._waiting is None:
            raise ValueError("no stream has begun")
        rest = self._waiting.pop(self._waiting.samples)
        done = self._joined(join([self._again, rest], len(rest))) if rest.shape[1] else rest
        self.reset()
        return done

    def reset(self) -> None:
        """Forget the stream so far."""
        self._waiting = None

    def _joined(self, audio: Audio) -> Audio:
        """Return a chunk processed, the chunk before faded into its start."""
        done = self.process_chunk(audio.copy(), self._sample_rate)
        if np.shape(done) != audio.shape:
            raise EffectError(
                f"{type(self).__name__} returned shape {np.shape(done)} "
                f"for a chunk of shape {audio.shape}"
            )
        before = self._before
        overlap = before.shape[1]
        if not overlap:
            return done
        fade = round(self.fade_seconds * self._sample_rate) or overlap
        start = self._place(before, done[:, :overlap], fade)
        rise = np.clip((np.arange(overlap) - start + 0.5) / fade, 0.0, 1.0).astype(np.float32)
        return np.concatenate(
            [before + rise * (done[:, :overlap] - before), done[:, overlap:]], axis=1
        )

    def _place(self, before: Audio, after: Audio, fade: int) -> int:
        """Return where two versions of one sound differ least over the length of a fade."""
        apart = np.square(before - after, dtype=np.float64).sum(axis=0)
        power = np.square(before, dtype=np.float64).sum(axis=0) + np.square(after).sum(axis=0)
        starts = np.arange(0, len(apart) - fade + 1, round(SEARCH_STEP_SECONDS * self._sample_rate))
        within = [
            np.diff(np.concatenate([[0.0], np.cumsum(each)])[[starts, starts + fade]], axis=0)[0]
            for each in (apart, power)
        ]
        # Relative to their power, so that a quiet place is not taken for a likeness; but silence
        # is the best place of all.
        return int(starts[np.argmin(within[0] / np.maximum(within[1], 1e-12))])
