"""The keyboard at the side of the piano roll."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from tonewright.desktop.pianoroll.canvas import NoteCanvas
from tonewright.desktop.pianoroll.scales import BLACK, in_scale, pitch_name

WIDTH_PIXELS = 56
_VELOCITY = 100
_WHITE, _BLACK, _LINE, _NAME = (
    QColor("#d8dce0"),
    QColor("#23272b"),
    QColor("#9aa0a6"),
    QColor("#4a5056"),
)


class Keyboard(QWidget):
    """A column of keys that scrolls with the canvas; a press plays one.

    Signals:
        auditioned (int, int): Pitch and velocity of a key that was pressed.
    """

    auditioned = Signal(int, int)

    def __init__(self, canvas: NoteCanvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._pressed: int | None = None
        self.setAccessibleName("Keyboard")
        canvas.verticalScrollBar().valueChanged.connect(lambda _: self.update())
        canvas.scale_changed.connect(self.update)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return a width that holds the names of the octaves."""
        return QSize(WIDTH_PIXELS, 120)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the keys that are visible."""
        painter = QPainter(self)
        geometry, top = self._canvas.geometry_of_notes, self._canvas.offset.y()
        font = painter.font()
        font.setPixelSize(round(min(geometry.row_pixels - 2, 10)))
        painter.setFont(font)
        painter.fillRect(event.rect(), _WHITE)
        lowest, highest = geometry.pitch_at(top + self.height()), geometry.pitch_at(top)
        accent = self.palette().highlight().color()
        for pitch in range(lowest, highest + 1):
            row = QRectF(0, geometry.y_of(pitch) - top, self.width(), geometry.row_pixels)
            if pitch == self._pressed:
                painter.fillRect(row, accent)
            elif pitch % 12 in BLACK:
                painter.fillRect(row.adjusted(0, 0, -self.width() * 0.36, 0), _BLACK)
                middle = QRectF(0, row.center().y(), self.width(), 1)
                painter.fillRect(middle.adjusted(self.width() * 0.64, 0, 0, 0), _LINE)
            if pitch % 12 in (0, 5):
                painter.fillRect(QRectF(0, row.bottom() - 1, self.width(), 1), _LINE)
            chromatic = self._canvas.scale == "Chromatic"
            if not chromatic and in_scale(pitch, self._canvas.root, self._canvas.scale):
                dot = QRectF(self.width() - 6, row.center().y() - 2, 4, 4)
                painter.fillRect(dot, accent)
            if pitch % 12 == 0:
                painter.setPen(_NAME)
                inner = row.adjusted(0, 0, -9, 0)
                right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(inner, right, pitch_name(pitch))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Play the key under the pointer."""
        self._play(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Glide from key to key."""
        self._play(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let the key go."""
        self._pressed = None
        self.update()

    def _play(self, event: QMouseEvent) -> None:
        y = event.position().y() + self._canvas.offset.y()
        pitch = self._canvas.geometry_of_notes.pitch_at(y)
        if pitch != self._pressed:
            self._pressed = pitch
            self.auditioned.emit(pitch, _VELOCITY)
            self.update()
