"""Work off the main thread: reading files, peaks, saving.

What the work needs is captured on the main thread, it runs in a thread of a small pool and touches
no widget and no ``Session``, and what it returns is handed over on the main thread. Where cores are
few the threads give way to the window.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from tonewright.desktop.adapters.background import give_way
from tonewright.dsp.errors import CancelledError, TonewrightError

T = TypeVar("T")


class Tasks(QObject):
    """A pool of threads; ``close`` it before the program ends.

    Signals:
        problem (str): One line for the user, when work fails that named no ``failed``.
    """

    problem = Signal(str)
    _finished = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None, *, threads: int = 2) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="task", initializer=give_way)
        self._open = True
        # Queued also where the work is over before anyone waits for it: ``run`` returns first.
        self._finished.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        *,
        failed: Callable[[TonewrightError], None] | None = None,
    ) -> None:
        """Run ``work`` in a thread, then ``done`` with its result on the main thread.

        Once the pool is closed, nothing is run.

        Args:
            work: May raise any error of ``tonewright.dsp.errors``; it goes to ``failed``.
            done: Called unless the pool was closed meanwhile.
            failed: Called on the main thread; the signal ``problem`` if None. Work that was
                cancelled calls neither.
        """
        if not self._open:
            return
        future = self._pool.submit(work)
        future.add_done_callback(lambda ended: self._finished.emit(ended, done, failed))

    def close(self) -> None:
        """Drop what has not begun and wait for the rest."""
        self._open = False
        self._pool.shutdown(cancel_futures=True)

    def _hand_over(
        self,
        future: "Future[Any]",
        done: Callable[[Any], None],
        failed: Callable[[TonewrightError], None] | None,
    ) -> None:
        if not self._open or future.cancelled():
            return
        try:
            result = future.result()
        except CancelledError:
            return
        except TonewrightError as error:
            if failed is not None:
                failed(error)
            else:
                self.problem.emit(str(error))
            return
        done(result)
