"""A fader, upright or lying."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent

from tonewright.desktop.controls.control import NumberControl
from tonewright.desktop.theme import theme_of

_CAP_PIXELS = 22.0
_LYING_CAP_PIXELS = 12.0


class Fader(NumberControl):
    """A fader; a drag anywhere on it moves the cap.

    Attributes:
        marks: Values with a line beside the way.
    """

    marks: tuple[float, ...] = ()

    @property
    def cap_pixels(self) -> float:
        """How long the cap is, along the way."""
        return _CAP_PIXELS if self._upright else _LYING_CAP_PIXELS

    @property
    def _upright(self) -> bool:
        return self.orientation() is Qt.Orientation.Vertical

    @property
    def drag_pixels(self) -> float:  # type: ignore[override]
        """The length of the way, so that the cap stays under the pointer."""
        length = self.height() if self._upright else self.width()
        return max(1.0, length - self.cap_pixels)

    def along(self, delta: QPointF) -> float:
        """Return how far a drag goes along the fader."""
        return -delta.y() if self._upright else delta.x()

    def place_of(self, value: float) -> float:
        """Return where the middle of the cap is for a value, in pixels from the top or left."""
        way = self.travel.fraction_of(value) * self.drag_pixels
        if self._upright:
            return self.height() - self.cap_pixels / 2 - way
        return self.cap_pixels / 2 + way

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return a size in which decibels can be told apart."""
        return QSize(30, 160) if self._upright else QSize(110, 18)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the way, the marks and the cap."""
        theme = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place, cap = self.place_of(self.number), self.cap_pixels
        edge = QColor(theme.accent if self.hasFocus() else theme.line)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._upright:
            middle = self.width() / 2
            for mark in self.marks:
                y = round(self.place_of(mark))
                painter.fillRect(QRectF(2, y, self.width() - 4, 1), QColor(theme.line))
            painter.setBrush(QColor(theme.window))
            groove = QRectF(middle - 2, cap / 2, 4, self.height() - cap)
            painter.drawRoundedRect(groove, 2, 2)
            body = QRectF(middle - 11, place - cap / 2, 22, cap)
            line = QRectF(body.x() + 2, place - 0.75, body.width() - 4, 1.5)
        else:
            middle = self.height() / 2
            painter.setBrush(QColor(theme.line))
            painter.drawRoundedRect(QRectF(0, middle - 2, self.width(), 4), 2, 2)
            painter.setBrush(QColor(theme.accent if self.isEnabled() else theme.dim))
            painter.drawRoundedRect(QRectF(0, middle - 2, place, 4), 2, 2)
            body = QRectF(place - cap / 2, middle - 7, cap, 14)
            line = QRectF(place - 0.75, body.y() + 3, 1.5, body.height() - 6)
        painter.setPen(edge)
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(body.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.fillRect(line, QColor(theme.text))
