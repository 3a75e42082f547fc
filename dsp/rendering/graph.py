"""Graphs of audio, and the streams that run through them.

A **node** is a frozen description of some audio; its ``key`` says what it sounds like, so equal
keys are rendered once. ``Evaluation`` opens nodes as streams of blocks on one common grid: every
block is full but the last, a stream ends when its sound does, and what several nodes read is
computed once. All audio is at the project's sample rate and aligned to its own sample 0.

A run may begin later than at sample 0, for playback: effects and synthesizers then start fresh
there, and all else sounds as if it had come from the start.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import tee
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from tonewright.dsp.audio.signal import Audio, silence
from tonewright.dsp.project.document import Id
from tonewright.dsp.rendering.job import CancelToken
from tonewright.dsp.rendering.key import content_key
from tonewright.dsp.rendering.store import Store

BLOCK_SAMPLES = 16_384
"""Small enough for the processor's cache, large enough for Python."""


class Node:
    """Some audio, described. ``inputs`` are the nodes it reads."""

    inputs: ClassVar[tuple["Node", ...]] = ()

    @property
    def streams(self) -> tuple["Node", ...]:
        """The nodes that ``blocks`` opens, and reads in step with what it yields."""
        return self.inputs

    @property
    def expected_samples(self) -> int:
        """The length without tails; what progress is measured by."""
        return max((each.expected_samples for each in self.inputs), default=0)

    @cached_property
    def key(self) -> str:
        """The content key."""
        return content_key(self)

    def blocks(self, run: "Evaluation") -> Iterator[Audio]:
        """Yield the audio from ``run.start_samples`` on; ``run.open`` opens the inputs."""
        raise NotImplementedError


def cut(blocks: Iterable[Audio], start_samples: int, end_samples: int) -> Iterator[Audio]:
    """Yield the samples ``[start, end)`` of a stream, and read no further."""
    position = 0
    for block in blocks:
        first = max(0, start_samples - position)
        last = min(block.shape[1], end_samples - position)
        if first < last:
            yield block[:, first:last]
        position += block.shape[1]
        if position >= end_samples:
            return


class Reader:
    """Reads a stream of blocks in pieces of the caller's sizes, no further than it must."""

    def __init__(self, stream: Iterator[Audio]) -> None:
        self._stream = stream
        self._rest: Audio | None = next(stream, None)
        self._channels = 2 if self._rest is None else self._rest.shape[0]

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        while self._rest is not None and not self._rest.shape[1]:
            self._rest = next(self._stream, None)
        return self._rest is None

    def read(self, length_samples: int) -> Audio:
        """Return the next samples, fewer only at the end of the stream."""
        pieces: list[Audio] = []
        while length_samples > 0 and not self.ended:
            assert self._rest is not None
            piece = self._rest[:, :length_samples]
            pieces.append(piece)
            length_samples -= piece.shape[1]
            self._rest = self._rest[:, piece.shape[1] :]
        if not pieces:
            return silence(self._channels, 0)
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces, axis=1)


def on_grid(blocks: Iterable[Audio], block_samples: int = BLOCK_SAMPLES) -> Iterator[Audio]:
    """Yield the same audio in blocks of one length, the last one shorter; each as soon as it can.

    What looks ahead here would do so in every node, and a fader would be heard as much later.
    """
    waiting: list[Audio] = []
    length = 0
    for block in blocks:
        if not waiting and block.shape[1] == block_samples:
            yield block
            continue
        waiting.append(block)
        length += block.shape[1]
        if length >= block_samples:
            joined = np.concatenate(waiting, axis=1)
            rest = length % block_samples
            for start in range(0, length - rest, block_samples):
                yield joined[:, start : start + block_samples]
            waiting, length = ([joined[:, -rest:]], rest) if rest else ([], 0)
    if length:
        yield np.concatenate(waiting, axis=1)


class Evaluation:
    """One run through a graph: every node is computed once, however many read it.

    Args:
        roots: The nodes that will be opened from outside, once each.
        store: Where stored nodes are read from.
        registry: Builds the effects.
        cancel: Looked at before every block.
        start_samples: Where all its streams begin.
        block_samples: Their grid.
        live: Whether it must begin at once, as what is heard must: a synthesizer may be one that
            has played before, and then differs from a new one in the attack of a note, inaudibly.
        levels: What faders that move while it runs ask for theirs, by whose they are; may be
            changed between two blocks.
        failures: Where failures are noted; its own if None.

    Attributes:
        failures: Why effects went on with the dry sound, in order; the values mean nothing.
    """

    def __init__(
        self,
        roots: Iterable[Node],
        *,
        store: Store,
        registry: Any,
        cancel: CancelToken,
        start_samples: int = 0,
        block_samples: int = BLOCK_SAMPLES,
        live: bool = False,
        levels: Mapping[Id, Any] = MappingProxyType({}),
        failures: dict[str, None] | None = None,
    ) -> None:
        self.live = live
        self.levels = levels
        self.failures = {} if failures is None else failures
        self.store = store
        self.registry = registry
        self.start_samples = start_samples
        self.block_samples = block_samples
        self._cancel = cancel
        self._readers: Counter[str] = Counter()
        self._shared: dict[str, list[Iterator[Audio]]] = {}
        seen: set[str] = set()
        waiting = list(roots)
        for node in waiting:  # grows while it is walked
            place = _place(node)
            self._readers[place] += 1
            if place not in seen:
                seen.add(place)
                waiting.extend(node.streams)

    def alone(self, node: Node, start_samples: int) -> Iterator[Audio]:
        """Return a stream of the node's audio from any sample on, shared with no other stream."""
        run = Evaluation(
            [node],
            store=self.store,
            registry=self.registry,
            cancel=self._cancel,
            start_samples=start_samples,
            block_samples=self.block_samples,
            live=self.live,
            levels=self.levels,
            failures=self.failures,
        )
        return run.open(node)

    def open(self, node: Node) -> Iterator[Audio]:
        """Return a stream of the node's audio on the grid."""
        place = _place(node)
        if place not in self._shared:
            stream = self._checked(on_grid(node.blocks(self), self.block_samples))
            readers = self._readers[place]
            self._shared[place] = list(tee(stream, readers)) if readers > 1 else [stream]
        return self._shared[place].pop()

    def _checked(self, stream: Iterator[Audio]) -> Iterator[Audio]:
        for block in stream:
            self._cancel.check()
            yield block


def _place(node: Node) -> str:
    # A stored node and what it stores share a key, but one is read and the other computed.
    return f"{type(node).__name__} {node.key}"
