"""The paper that notes are on: rows for the pitches, lines for bars, beats and the grid."""

import math

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPalette, QPen

from tonewright.desktop.pianoroll.geometry import Line, NoteGeometry, grid_lines
from tonewright.desktop.pianoroll.notes import ClipNotes
from tonewright.desktop.pianoroll.scales import BLACK, in_scale
from tonewright.desktop.theme import faded


def paint_rows(
    painter: QPainter,
    visible: QRectF,
    geometry: NoteGeometry,
    palette: QPalette,
    *,
    root: int,
    scale: str,
) -> None:
    """Paint a row for each pitch, those of a scale lighter and its root in color.

    Args:
        painter: In content coordinates.
        visible: What must be painted.
        geometry: The scale of the canvas.
        palette: Gives the colors.
        root: Of the scale, 0 (C) to 11 (B).
        scale: One of ``scales.SCALES``; without one, black keys are darker.
    """
    dark, base = sorted(
        (palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Window)),
        key=QColor.lightness,
    )
    accent = palette.color(QPalette.ColorRole.Highlight)
    line = faded(palette.color(QPalette.ColorRole.Text), 22)
    painter.fillRect(visible, base)
    for pitch in range(geometry.pitch_at(visible.bottom()), geometry.pitch_at(visible.y()) + 1):
        row = QRectF(visible.x(), geometry.y_of(pitch), visible.width(), geometry.row_pixels)
        if scale == "Chromatic":
            if pitch % 12 in BLACK:
                painter.fillRect(row, dark)
        elif not in_scale(pitch, root, scale):
            painter.fillRect(row, dark)
        elif (pitch - root) % 12 == 0:
            painter.fillRect(row, faded(accent, 40))
        if pitch % 12 in (0, 5):  # under C and F, where two white keys meet
            painter.fillRect(QRectF(row.x(), row.bottom() - 1, row.width(), 1), line)


def paint_grid(
    painter: QPainter,
    visible: QRectF,
    geometry: NoteGeometry,
    palette: QPalette,
    notes: ClipNotes,
) -> None:
    """Paint bars, beats and the grid, and a shade behind the end of the clip."""
    if notes.clip is None:
        return
    start = notes.start_ticks
    text = palette.color(QPalette.ColorRole.Text)
    colors = {
        Line.GRID: faded(text, 16),
        Line.BEAT: faded(text, 40),
        Line.BAR: faded(text, 90),
    }
    first = max(0, start + math.floor(geometry.ticks_at(visible.x())))
    end = start + math.ceil(geometry.ticks_at(visible.right())) + 1
    tempo_map = notes.session.project.tempo_map
    for ticks, kind in grid_lines(tempo_map, first, end, notes.grid, geometry.pixels_per_tick):
        x = round((ticks - start) * geometry.pixels_per_tick)
        painter.fillRect(QRectF(x, visible.y(), 1, visible.height()), colors[kind])
    right = notes.clip.length_ticks * geometry.pixels_per_tick
    beyond = QRectF(right, visible.y(), visible.right() - right, visible.height())
    if beyond.width() > 0:
        painter.fillRect(beyond, faded(QColor(0, 0, 0), 70))
        painter.setPen(QPen(faded(text, 140), 1))
        painter.drawLine(beyond.topLeft(), beyond.bottomLeft())
