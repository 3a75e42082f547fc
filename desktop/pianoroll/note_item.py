"""How a note looks."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from tonewright.desktop.pianoroll.scales import pitch_name
from tonewright.desktop.theme import faded
from tonewright.dsp.project.document import Note

_LEAST_NAMED_PIXELS = (30.0, 12.0)


@dataclass(frozen=True, slots=True)
class NoteColors:
    """What notes are painted in.

    Attributes:
        full: Of a note at full velocity; softer ones are darker.
        selected: Of a selected note.
    """

    full: QColor
    selected: QColor

    def of(self, velocity: int, *, selected: bool) -> QColor:
        """Return the color of a note of a velocity, 1 to 127."""
        if selected:
            return self.selected
        full, share = self.full, 0.45 + 0.55 * velocity / 127
        return QColor.fromHsvF(full.hsvHueF(), full.hsvSaturationF(), full.valueF() * share)


def paint_note(
    painter: QPainter, rect: QRectF, note: Note, colors: NoteColors, *, selected: bool
) -> None:
    """Paint a note into its rectangle, with its name where there is room."""
    body = rect.adjusted(0.5, 0.5, -0.5, -0.5)
    fill = colors.of(note.velocity, selected=selected)
    painter.setBrush(fill)
    painter.setPen(QColor("#ffffff") if selected else fill.darker(190))
    painter.drawRoundedRect(body, 2, 2)
    if rect.width() >= _LEAST_NAMED_PIXELS[0] and rect.height() >= _LEAST_NAMED_PIXELS[1]:
        font = painter.font()
        font.setPixelSize(round(min(rect.height() - 3, 10)))
        painter.setFont(font)
        painter.setPen(QColor("#ffffff") if fill.lightnessF() < 0.5 else QColor("#10181e"))
        inner = body.adjusted(4, 0, -2, 0)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, pitch_name(note.pitch))


def paint_ghost(painter: QPainter, rect: QRectF, color: QColor) -> None:
    """Paint a note of another clip: there, but not in the way."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faded(color, 28))
    painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 2, 2)
