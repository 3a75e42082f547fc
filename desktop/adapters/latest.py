"""Work of which only the newest matters, in a thread of its own."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from tonewright.dsp.errors import TonewrightError


class Latest(QObject):
    """Runs the newest piece of work that it was given; ``close`` it before the program ends.

    It waits for nothing else, not even for the main thread: what comes while a piece runs is begun
    as soon as that is done. A piece that has not begun when a newer one comes is dropped.

    Signals:
        rested (): Nothing waits any more; from the thread.
        failed (TonewrightError): A piece has failed; from the thread.
    """

    rested = Signal()
    failed = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._changed = threading.Condition()
        self._work: Callable[[], None] | None = None
        self._open = True
        self._name = name
        self._thread: threading.Thread | None = None

    def run(self, work: Callable[[], None]) -> None:
        """Run ``work`` next; nothing once it is closed."""
        with self._changed:
            if not self._open:
                return
            self._work = work
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Do what waits, and wait for it."""
        with self._changed:
            self._open = False
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _loop(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._work is not None or not self._open)
                work, self._work = self._work, None
            if work is None:
                return
            try:
                work()
            except TonewrightError as error:
                self.failed.emit(error)
            if self._work is None:
                self.rested.emit()
