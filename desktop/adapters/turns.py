"""Work in pieces, a few in each turn of the event loop, so that none of them is long."""

import time
from collections.abc import Callable, Iterable, Iterator

from PySide6.QtCore import QObject, QTimer

BUDGET_MS = 2.0
"""How long pieces are worked off in one turn; the last one of a turn may take longer.

All that they show is painted in the same turn of the loop."""


class Turns(QObject):
    """Works off pieces, those of one owner after those of another, in the order they came.

    Whoever has work at the same time as others shares one, so that all of it has one budget.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pieces: dict[object, Iterator[Callable[[], object]]] = {}
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._turn)

    @property
    def busy(self) -> bool:
        """Whether pieces are left."""
        return self._timer.isActive()

    def run(self, owner: object, pieces: Iterable[Callable[[], object]]) -> None:
        """Do pieces, the first at once if nobody has any; what the owner had left is dropped."""
        self._pieces[owner] = iter(pieces)
        if not self.busy:
            self._timer.start()
            self._turn()

    def finish(self, owner: object) -> None:
        """Do all that an owner has left now, for who cannot wait."""
        for piece in self._pieces.pop(owner, ()):
            piece()
        self._rest()

    def _turn(self) -> None:
        end = time.perf_counter() + BUDGET_MS / 1e3
        for owner, pieces in tuple(self._pieces.items()):
            for piece in pieces:
                piece()
                if time.perf_counter() >= end:
                    return
            del self._pieces[owner]
        self._rest()

    def _rest(self) -> None:
        if not self._pieces:
            self._timer.stop()
