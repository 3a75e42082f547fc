"""A knob."""

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen

from tonewright.desktop.controls.control import NumberControl
from tonewright.desktop.theme import theme_of

_FROM_DEGREES, _SPAN_DEGREES = 225.0, 270.0


class Knob(NumberControl):
    """A knob; its arc begins at 0 if the range has both signs, else at the minimum."""

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the usual size."""
        return QSize(40, 40)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the arc and the pointer."""
        theme = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = min(self.width(), self.height()) - 6
        box = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        both_signs = self.travel.value_at(0.0) < 0.0 < self.travel.value_at(1.0)
        start = self.travel.fraction_of(0.0) if both_signs else 0.0
        on = QColor(theme.accent if self.isEnabled() else theme.dim)
        for color, first, last in (
            (QColor(theme.line), 0.0, 1.0),
            (on, start, self.fraction),
        ):
            painter.setPen(QPen(color, 3, c=Qt.PenCapStyle.RoundCap))
            span = -(last - first) * _SPAN_DEGREES
            painter.drawArc(box, round(16 * _degrees(first)), round(16 * span))
        painter.setPen(QPen(on, 1) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.raised))
        painter.drawEllipse(box.adjusted(4, 4, -4, -4))
        angle = math.radians(_degrees(self.fraction))
        outward = QPointF(math.cos(angle), -math.sin(angle))
        radius = side / 2 - 5
        painter.setPen(QPen(QColor(theme.text), 2, c=Qt.PenCapStyle.RoundCap))
        painter.drawLine(box.center() + outward * radius * 0.45, box.center() + outward * radius)


def _degrees(fraction: float) -> float:
    return _FROM_DEGREES - fraction * _SPAN_DEGREES
