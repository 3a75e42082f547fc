"""The velocity lane below the notes: a stem for each note, its height the velocity.

A drag across the lane sets what it passes; on a selected note it lifts and lowers the whole
selection. Its end is one entry of the history, and Escape calls it off.
"""

from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

from tonewright.desktop.pianoroll.canvas import NoteCanvas
from tonewright.desktop.pianoroll.note_item import NoteColors
from tonewright.desktop.pianoroll.notes import ClipNotes, Notes
from tonewright.desktop.theme import faded, theme_of
from tonewright.dsp.project.document import Note
from tonewright.dsp.project.edits.notes import louder

_MARGIN = 8
_REACH_PIXELS = 7.0
_HEAD_PIXELS = 7.0


class VelocityLane(QWidget):
    """The lane; it scrolls with the canvas."""

    def __init__(self, notes: ClipNotes, canvas: NoteCanvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notes = notes
        self._canvas = canvas
        self._last: QPointF | None = None
        self._lifted: Note | None = None
        self._set: dict[int, int] = {}
        self.setAccessibleName("Velocities")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setMinimumHeight(48)
        canvas.horizontalScrollBar().valueChanged.connect(lambda _: self.update())
        canvas.scale_changed.connect(self.update)
        notes.changed.connect(self._cancel)
        notes.selection_changed.connect(self.update)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return a height in which single steps can be told apart."""
        return QSize(300, 90)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the stems that are visible."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), self.palette().color(QPalette.ColorRole.Base))
        line = faded(self.palette().color(QPalette.ColorRole.Text), 26)
        for velocity in (32, 64, 96, 127):
            painter.fillRect(QRectF(0, self._y_of(velocity), self.width(), 1), line)
        selected = frozenset(self._notes.selected)
        colors = NoteColors(QColor(self._notes.color), QColor(theme_of(self).playhead))
        for index, note in enumerate(self._notes.notes):
            x = self._x_of(note)
            if -_HEAD_PIXELS < x < self.width() + _HEAD_PIXELS:
                velocity = self._set.get(index, note.velocity)
                color = colors.of(velocity, selected=note in selected)
                y = self._y_of(velocity)
                painter.fillRect(QRectF(x - 1, y, 2, self.height() - y), color)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color)
                painter.drawEllipse(QPointF(x, y), _HEAD_PIXELS / 2, _HEAD_PIXELS / 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Begin to set velocities."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        self._last = event.position()
        near = self._near(event.position().x(), event.position().x())
        lifted = [i for i in near if self._notes.notes[i] in self._notes.selected]
        many = len(self._notes.selected) > 1
        self._lifted = self._notes.notes[lifted[0]] if lifted and many else None
        self._drag(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Set velocities."""
        if self._last is not None:
            self._drag(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Put the velocities into the document."""
        if event.button() is not Qt.MouseButton.LeftButton or self._last is None:
            return
        notes, new = self._notes.notes, self._set
        self._cancel()
        old = tuple(notes[index] for index in new)
        by = tuple(
            replace(note, velocity=velocity)
            for note, velocity in zip(old, new.values(), strict=True)
        )
        selected = _followed(self._notes.selected, old, by)
        self._notes.replace("Velocity", old, by)
        self._notes.select(selected)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Escape calls a drag off."""
        if event.key() == Qt.Key.Key_Escape and self._last is not None:
            self._cancel()
        else:
            super().keyPressEvent(event)

    def _drag(self, place: QPointF) -> None:
        assert self._last is not None
        if self._lifted is not None:
            rise = self._velocity_at(place.y()) - self._lifted.velocity
            lifted = louder(self._notes.selected, velocity=rise)
            places = _indices(self._notes.notes, self._notes.selected)
            self._set = {i: note.velocity for i, note in zip(places, lifted, strict=True)}
        else:
            for index in self._near(place.x(), self._last.x()):
                self._set[index] = self._velocity_at(
                    _on_line(self._x_of(self._notes.notes[index]), self._last, place)
                )
        self._last = place
        self.update()

    def _near(self, x: float, last_x: float) -> list[int]:
        """Return the places of the notes that a stroke passes, and of those nearest to its end."""
        low, high = min(x, last_x), max(x, last_x)
        places = [self._x_of(note) for note in self._notes.notes]
        reach = min((abs(at - x) for at in places), default=_REACH_PIXELS)
        if reach >= _REACH_PIXELS:
            reach = -1.0
        return [i for i, at in enumerate(places) if low <= at <= high or abs(at - x) <= reach]

    def _x_of(self, note: Note) -> float:
        scale = self._canvas.geometry_of_notes
        return note.start_ticks * scale.pixels_per_tick - self._canvas.offset.x()

    def _y_of(self, velocity: int) -> float:
        return _MARGIN + (127 - velocity) / 127 * (self.height() - _MARGIN)

    def _velocity_at(self, y: float) -> int:
        share = (y - _MARGIN) / max(1, self.height() - _MARGIN)
        return min(max(round(127 - 127 * share), 1), 127)

    def _cancel(self) -> None:
        self._last, self._lifted, self._set = None, None, {}
        self.update()


def _on_line(x: float, start: QPointF, end: QPointF) -> float:
    """Return the y at x of the line between two points, so that a fast drag draws a ramp."""
    if start.x() == end.x():
        return end.y()
    share = min(max((x - start.x()) / (end.x() - start.x()), 0.0), 1.0)
    return start.y() + (end.y() - start.y()) * share


def _indices(notes: Notes, some: Notes) -> list[int]:
    """Return where some notes stand among all, both in the same order."""
    found: list[int] = []
    for note in some:
        found.append(notes.index(note, found[-1] + 1 if found else 0))
    return found


def _followed(selected: Notes, old: Notes, new: Notes) -> list[Note]:
    """Return the selected notes, each that was replaced as it is now."""
    left = list(zip(old, new, strict=True))
    result = []
    for note in selected:
        at = next((i for i, (was, _) in enumerate(left) if was == note), None)
        result.append(note if at is None else left.pop(at)[1])
    return result
