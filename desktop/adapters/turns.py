"""Work in pieces, a few in each turn of the event loop, so that none of them is long."""

import time
from collections.abc import Callable, Iterable, Iterator

from PySide6.QtCore import QObject, QTimer

BUDGET_MS = 2.0
"""How long pieces are worked off in one turn; the last one of a turn may take longer.

Several may have work in one turn of the loop, and all is painted in it."""


class Turns(QObject):
    """Works off pieces in order; those that take each other's place share one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pieces: Iterator[Callable[[], None]] = iter(())
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._turn)

    @property
    def busy(self) -> bool:
        """Whether pieces are left."""
        return self._timer.isActive()

    def run(self, pieces: Iterable[Callable[[], None]]) -> None:
        """Do pieces, the first at once; what was left of others is dropped."""
        self._pieces = iter(pieces)
        self._timer.start()
        self._turn()

    def finish(self) -> None:
        """Do all that is left now, for who cannot wait."""
        for piece in self._pieces:
            piece()
        self._timer.stop()

    def _turn(self) -> None:
        end = time.perf_counter() + BUDGET_MS / 1e3
        for piece in self._pieces:
            piece()
            if time.perf_counter() >= end:
                return
        self._timer.stop()
