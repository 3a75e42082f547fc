"""The curve of an exploration, to be listened along, and the classifier's trace beside it.

Every point is a switch position: to the right the target is heard more surely, upwards more of the
content is kept. A click chooses the nearest; left and right go along the curve.
"""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from tonewright.desktop.theme import Theme, theme_of
from tonewright.dsp.exporting.curve import content_floor
from tonewright.dsp.rendering.exploration import Exploration, Point

_LEFT, _TOP, _RIGHT, _BOTTOM = 46, 30, 26, 34
_GAP = 62
_CURVE_SHARE = 0.56
_REACH_PIXELS = 26.0


class Curve(QWidget):
    """The two pictures.

    Attributes:
        found: What is shown; None for nothing yet.
        chosen: The point that is chosen, by its place in ``found.points``.

    Signals:
        point_chosen (int): The user chose a point.
    """

    point_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.found: Exploration | None = None
        self.chosen: int | None = None
        self.hint = ""
        self.setAccessibleName("Curve of switch positions")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)

    def show_exploration(self, found: Exploration | None, hint: str = "") -> None:
        """Show an exploration, or a hint while there is none; nothing is chosen yet."""
        self.found, self.hint, self.chosen = found, hint, None
        self.setAccessibleDescription(hint)
        self.update()

    def choose(self, index: int) -> None:
        """Mark a point."""
        assert self.found is not None
        self.chosen = index
        self.setAccessibleDescription(spoken(self.found.points[index], self.found.target))
        self.update()

    def place_of(self, index: int) -> QPointF:
        """Return where a point is painted."""
        assert self.found is not None
        area, point = self._curve_area(), self.found.points[index]
        floor = content_floor(self.found.points)
        up = (point.content_kept - floor) / (1.0 - floor)
        across = point.target_probability or 0.0
        return QPointF(area.left() + across * area.width(), area.bottom() - up * area.height())

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return a size at which all can be read."""
        return QSize(640, 150)

    # --- events -----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Choose the nearest point."""
        index = self._near(event.position())
        if index is not None and event.button() == Qt.MouseButton.LeftButton:
            self.point_chosen.emit(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Say what the point under the mouse is."""
        index = self._near(event.position())
        hand = Qt.CursorShape.PointingHandCursor
        self.setCursor(Qt.CursorShape.ArrowCursor if index is None else hand)
        if self.found is None or index is None:
            self.setToolTip("")
        else:
            self.setToolTip(spoken(self.found.points[index], self.found.target))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Go along the curve."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or self.found is None or not self.found.points:
            super().keyPressEvent(event)
            return
        last = len(self.found.points) - 1
        index = 0 if self.chosen is None else self.chosen + step
        self.point_chosen.emit(min(max(index, 0), last))

    def _near(self, place: QPointF) -> int | None:
        if self.found is None:
            return None
        apart = [
            (place - self.place_of(index)).manhattanLength()
            for index in range(len(self.found.points))
        ]
        # The automatic point may lie on another; it is the one that is meant.
        best = min(
            range(len(apart)), key=lambda n: (round(apart[n]), not self._automatic(n)), default=None
        )
        return best if best is not None and apart[best] < _REACH_PIXELS else None

    def _automatic(self, index: int) -> bool:
        return self.found is not None and self.found.points[index].automatic

    # --- painting ---------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint both."""
        painter, theme = QPainter(self), theme_of(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(theme.window))
        if self.found is None:
            painter.setPen(QColor(theme.dim))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(30, 10, -30, -10), flags, self.hint)
        else:
            self._paint_curve(painter, theme, self.found)
            self._paint_trace(painter, theme, self.found)
        painter.end()

    def _curve_area(self) -> QRectF:
        width = (self.width() - _LEFT - _RIGHT - _GAP) * _CURVE_SHARE
        return QRectF(_LEFT, _TOP, max(width, 40.0), max(self.height() - _TOP - _BOTTOM, 40))

    def _trace_area(self) -> QRectF:
        curve = self._curve_area()
        left = curve.right() + _GAP
        return QRectF(left, _TOP, max(self.width() - _RIGHT - left, 40.0), curve.height())

    def _paint_curve(self, painter: QPainter, theme: Theme, found: Exploration) -> None:
        area, floor = self._curve_area(), content_floor(found.points)
        steps = range(round(floor * 10), 11)
        levels = [
            (step / 10.0, f"{10 * step} %") for step in steps if len(steps) < 6 or step % 2 == 0
        ]
        _paint_grid(painter, theme, area, [(s, (s - floor) / (1.0 - floor), t) for s, t in levels])
        _write(painter, theme.dim, QRectF(area.left(), 4, area.width(), 22), "Content kept")
        target = found.target.removeprefix("solo ")
        below = QRectF(area.left(), area.bottom() + 16, area.width(), 16)
        _write(painter, theme.dim, below, f"{target} heard →", right=True)
        places = [self.place_of(index) for index in range(len(found.points))]
        painter.setPen(QPen(QColor(theme.accent), 2.0))
        painter.drawPolyline(QPolygonF(places))
        for index, (point, place) in enumerate(zip(found.points, places, strict=True)):
            color = QColor(theme.playhead if point.automatic else theme.accent)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawEllipse(place, *((6.5, 6.5) if point.automatic else (4.5, 4.5)))
            if index == self.chosen:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(theme.text), 1.6))
                painter.drawEllipse(place, 10.5, 10.5)
        self._paint_names(painter, theme, found, places)

    def _paint_names(
        self, painter: QPainter, theme: Theme, found: Exploration, places: Sequence[QPointF]
    ) -> None:
        """Write the positions beside their points, as many as there is room for."""
        taken: list[QRectF] = []
        order = sorted(
            range(len(places)), key=lambda n: (n != self.chosen, not found.points[n].automatic)
        )
        for index in order:
            point, place = found.points[index], places[index]
            text = (
                f"auto {point.switch_percent:g} %"
                if point.automatic
                else f"{point.switch_percent:g} %"
            )
            width = painter.fontMetrics().horizontalAdvance(text) + 4
            for x, y in ((12, -16), (-12 - width, -16), (12, 4), (-12 - width, 4)):
                box = QRectF(place.x() + x, place.y() + y, width, 14)
                inside = QRectF(0, 0, self._curve_area().right() + 40, self.height()).contains(box)
                if inside and not any(box.intersects(other) for other in taken):
                    taken.append(box)
                    color = theme.playhead if point.automatic else theme.text
                    _write(painter, color, box, text)
                    break

    def _paint_trace(self, painter: QPainter, theme: Theme, found: Exploration) -> None:
        area = self._trace_area()
        _paint_grid(painter, theme, area, [(s, s, f"{100 * s:.0f} %") for s in (0.0, 0.5, 1.0)])
        head = QRectF(area.left(), 4, area.width(), 22)
        if not found.trace:
            _write(painter, theme.dim, head, "This model has no classifier to listen to it")
            return
        below = QRectF(area.left(), area.bottom() + 16, area.width(), 16)
        _write(painter, theme.dim, below, "steps →", right=True)
        across = head.left()
        for (name, shares), color in zip(
            found.likeliest(), (theme.accent, theme.danger, theme.dim), strict=False
        ):
            places = [
                QPointF(area.left() + p / 100.0 * area.width(), area.bottom() - s * area.height())
                for p, s in zip(found.trace_percent, shares, strict=True)
            ]
            painter.setPen(QPen(QColor(color), 2.0))
            painter.drawPolyline(QPolygonF(places))
            width = painter.fontMetrics().horizontalAdvance(name) + 14
            _write(painter, color, QRectF(across, 4, width, 22), name)
            across += width
        if found.automatic_percent is not None:
            x = area.left() + found.automatic_percent / 100.0 * area.width()
            painter.setPen(QPen(QColor(theme.playhead), 1.6, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            _write(painter, theme.playhead, QRectF(x + 5, area.top() + 2, 60, 16), "switch")


def spoken(point: Point, target: str) -> str:
    """Return a point in words."""
    kept = f"{100 * point.content_kept:.0f} % of the content kept"
    who = "auto, " if point.automatic else ""
    heard = f"sounds like {point.instruments[0][0]}"
    if point.target_probability is not None:
        name = target.removeprefix("solo ")
        heard = f"{name} heard with {100 * point.target_probability:.0f} %"
    return f"{who}switch at {point.switch_percent:g} %: {kept}, {heard}"


def _paint_grid(
    painter: QPainter, theme: Theme, area: QRectF, levels: Sequence[tuple[float, float, str]]
) -> None:
    """Paint levels (value, share of the height, label) and tenths of the width."""
    for _, share, label in levels:
        y = area.bottom() - share * area.height()
        painter.setPen(QColor(theme.line))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        _write(painter, theme.dim, QRectF(area.left() - 44, y - 8, 38, 16), label, right=True)
    for step in (0, 25, 50, 75, 100):
        x = area.left() + step / 100.0 * area.width()
        painter.setPen(QColor(theme.faint))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.setPen(QColor(theme.dim))
        below = QRectF(x - 24, area.bottom() + 2, 48, 14)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, f"{step} %")


def _write(painter: QPainter, color: str, place: QRectF, text: str, *, right: bool = False) -> None:
    painter.setPen(QColor(color))
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, text)
