"""A field that opens where something is painted, and goes away when it is entered or left."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

WIDTH_PIXELS = 120


class Entry(QLineEdit):
    """The field; Escape leaves it, and so does a click elsewhere.

    Args:
        canvas: What it opens on.
        name: What is asked for, for screen readers.
        x: Where it begins, moved so that all of it shows.
        y: Its top.
        text: What stands in it, selected.

    Signals:
        accepted (str): Return was pressed.
    """

    accepted = Signal(str)

    def __init__(self, canvas: QWidget, name: str, x: float, y: float, text: str) -> None:
        super().__init__(text, canvas)
        self._canvas = canvas
        self.setAccessibleName(name)
        self.setGeometry(
            int(min(max(x, 0), canvas.width() - WIDTH_PIXELS)), int(max(y, 0)), WIDTH_PIXELS, 20
        )
        self.setStyleSheet("padding: 0 4px")
        self.selectAll()
        self.show()
        self.setFocus()
        self.returnPressed.connect(self._accept)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Escape changes nothing."""
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Go away, but not for a menu of its own."""
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self._leave()

    def _accept(self) -> None:
        self.accepted.emit(self.text().strip())
        self._leave()

    def _leave(self) -> None:
        had_keyboard = self.hasFocus()
        self.hide()
        self.deleteLater()
        if had_keyboard:
            self._canvas.setFocus()
