"""Ctrl-C and SIGTERM.

Work that looks at a cancel token is asked to stop, and stops cleanly; a second signal ends it
where it stands. All other work ends at once: what it writes, it writes to temporary names.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

from tonewright.dsp.rendering.job import CancelToken

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopping:
    """A context manager that turns signals into a cancelled token or ``KeyboardInterrupt``."""

    def __init__(self) -> None:
        self._token = CancelToken()
        self._listening = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        # Python lets only the main thread have signals; a program that runs commands in another
        # one deals with them itself.
        if threading.current_thread() is threading.main_thread():
            self._before = {each: signal.signal(each, self._stop) for each in _SIGNALS}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextmanager
    def listening(self) -> Iterator[CancelToken]:
        """Give the token to work that looks at it."""
        self._listening = True
        try:
            yield self._token
        finally:
            self._listening = False

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if not self._listening or self._token.cancelled:
            raise KeyboardInterrupt
        self._token.cancel()
