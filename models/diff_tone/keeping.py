"""The last edits are kept with their states, so that another switch costs only what is behind it.

A worker process renders many positions of one recording; the inversion is the same for all.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Protocol, TypeVar, cast

from tonewright.dsp.audio.signal import Audio
from tonewright.models.diff_tone.algorithm import Rule, Run, Trace
from tonewright.models.diff_tone.inversion import Path

LIMIT_BYTES = 200_000_000
"""All paths of two sections of 16 s, in our own model."""


class Editable(Protocol):
    """A recording or a clip on its path: ``editing.Editing``, ``takes.Takes`` or ``Remade``."""

    @property
    def path(self) -> Path:
        """Its path."""
        ...

    @property
    def trace(self) -> Trace:
        """What the listener says of it."""
        ...

    def switch(self, rule: Rule) -> int:
        """Return where a rule switches."""
        ...

    def reconstruction_error(self) -> float:
        """Return how far the path ends from what it was made of."""
        ...

    def at(
        self,
        switch: int,
        target: str,
        *,
        guidance: float,
        strength: float = 1.0,
        run: Run | None = None,
    ) -> Audio:
        """Return it with the target's prompt from a switch on."""
        ...


Edit = TypeVar("Edit", bound=Editable)


class Kept:
    """Edits by what they were made of; those used longest ago go when all are too large.

    Args:
        limit_bytes: What their states may take; the last one stays whatever its size.
    """

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._editings: OrderedDict[Hashable, Editable] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Edit]) -> Edit:
        """Return the edit of a key; make it if it is not kept."""
        if key not in self._editings:
            # What is too large goes before there is more of it.
            self._forget()
            self._editings[key] = make()
        self._editings.move_to_end(key)
        self._forget()
        return cast("Edit", self._editings[key])

    def _forget(self) -> None:
        """Let go what was used longest ago, until the rest is small enough."""
        while len(self._editings) > 1 and self._bytes() > self._limit_bytes:
            self._editings.popitem(last=False)

    def _bytes(self) -> int:
        return sum(_bytes_of(each.path) for each in self._editings.values())


def _bytes_of(path: Path) -> int:
    tensors = [each for each in (*path.states, *path.cleans, *path.offsets) if each is not None]
    return sum({id(each): each.nbytes for each in tensors}.values())


KEPT = Kept()
"""Those of this process."""
