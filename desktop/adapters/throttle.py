"""Calling less often what is asked for too often."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class Throttle(QObject):
    """Calls a function at once, and then at most every so often; the last wish is always met.

    Args:
        function: Takes nothing: it looks up what there is when it is called.
        interval_ms: The least time between two calls.
    """

    def __init__(
        self, function: Callable[[], None], interval_ms: int, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._function = function
        self._wanted = False
        self._timer = QTimer(self, interval=interval_ms, singleShot=True)
        self._timer.timeout.connect(self._on_timeout)

    def call(self) -> None:
        """Call the function now, or when the interval is over."""
        if self._timer.isActive():
            self._wanted = True
            return
        self._timer.start()
        self._function()

    def cancel(self) -> None:
        """Forget a call that waits."""
        self._wanted = False
        self._timer.stop()

    def _on_timeout(self) -> None:
        if self._wanted:
            self._wanted = False
            self.call()
