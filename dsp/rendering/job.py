"""What long work shares: progress that can be nested, an ETA, and a token that stops it.

An effect that works for minutes on one block tells of its steps, and is stopped between them,
through ``work_in_hand``: whoever renders says there, for its thread, who listens.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from tonewright.dsp.errors import CancelledError


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a piece of work is.

    Attributes:
        fraction: 0 to 1.
        stage: What is being done, for people: ``"reverb on Lead"``.
        key: The content key that the work makes, if it makes one.
        ready: Finished ranges of the result, in samples, half open.
        eta_seconds: Estimated rest; None while it is not known.
    """

    fraction: float
    stage: str = ""
    key: str = ""
    ready: tuple[tuple[int, int], ...] = ()
    eta_seconds: float | None = None


Report = Callable[[Progress], None]


def ignore(progress: Progress) -> None:
    """Take a progress report and do nothing."""


class CancelToken:
    """A flag that the worker of a long task looks at between blocks."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop; safe from any thread and from a signal handler."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether the work was asked to stop."""
        return self._event.is_set()

    def wait(self, seconds: float | None = None) -> None:
        """Do nothing until the work is asked to stop, or for some time."""
        self._event.wait(seconds)

    def check(self) -> None:
        """Raise CancelledError if the work was asked to stop."""
        if self._event.is_set():
            raise CancelledError("cancelled; nothing was written")


_IN_HAND: ContextVar[tuple[Report, CancelToken] | None] = ContextVar("in_hand", default=None)


@contextmanager
def working(report: Report, cancel: CancelToken) -> Iterator[None]:
    """Be who listens to what effects do in this thread meanwhile."""
    token = _IN_HAND.set((report, cancel))
    try:
        yield
    finally:
        _IN_HAND.reset(token)


def work_in_hand() -> tuple[Report, CancelToken]:
    """Return who is told of the work of this thread, and what stops it; nobody, if none is set."""
    return _IN_HAND.get() or (ignore, CancelToken())


def share(report: Report, start: float, end: float, stage: str = "") -> Report:
    """Return a report for one part of a larger work: its 0..1 fills ``start``..``end``."""

    def part(progress: Progress) -> None:
        fraction = start + (end - start) * progress.fraction
        report(replace(progress, fraction=fraction, stage=progress.stage or stage))

    return part


def with_eta(report: Report, *, clock: Callable[[], float] = time.monotonic) -> Report:
    """Return a report that adds the time left, judged from the pace so far, if none is given."""
    start = clock()

    def timed(progress: Progress) -> None:
        elapsed = clock() - start
        eta = progress.eta_seconds
        if eta is None and progress.fraction >= 0.01 and elapsed >= 0.5:
            eta = elapsed * (1.0 - progress.fraction) / progress.fraction
        report(replace(progress, eta_seconds=eta))

    return timed
