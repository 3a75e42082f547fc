"""The canvas of the piano roll: paints the notes of a clip, and takes mouse and keys."""

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from tonewright.desktop.accessible import Item, announce, tell_focus
from tonewright.desktop.pianoroll.geometry import NoteGeometry
from tonewright.desktop.pianoroll.note_item import NoteColors, paint_ghost, paint_note
from tonewright.desktop.pianoroll.note_keys import NoteKeys, claimed
from tonewright.desktop.pianoroll.notes import ClipNotes
from tonewright.desktop.pianoroll.paper import paint_grid, paint_rows
from tonewright.desktop.pianoroll.pointer import NotePointer
from tonewright.desktop.theme import faded, theme_of
from tonewright.dsp.project.document import Note

_ROW_PIXELS = (8.0, 14.0)  # that ``fit`` chooses from
_WHEEL_STEP = 120.0


class NoteCanvas(QAbstractScrollArea):
    """The canvas.

    Attributes:
        geometry_of_notes: The scale; set it through ``set_scale``.
        drawing: Whether a press on an empty place draws a note; else it opens a rubber band, and
            a double click draws.
        root: The root of the highlighted scale, 0 (C) to 11 (B).
        scale: One of ``scales.SCALES``.
        ghosts_shown: Whether notes of other clips are painted.
        velocity: Of a note that is drawn: that of the one selected last.

    Signals:
        scale_changed (): After a zoom.
        auditioned (int, int): Pitch and velocity of a note that wants to be heard.
    """

    scale_changed = Signal()
    auditioned = Signal(int, int)

    def __init__(self, notes: ClipNotes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notes = notes
        self.geometry_of_notes = NoteGeometry()
        self.drawing = False
        self.root = 0
        self.scale = "Chromatic"
        self.ghosts_shown = True
        self.velocity = 100
        self._pointer = NotePointer(self, self.auditioned.emit)
        self._keys = NoteKeys(self)
        self._fitted = True
        self.setAccessibleName("Notes")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        notes.changed.connect(self._update)
        notes.selection_changed.connect(self._announce)

    # --- scale and scroll ----------------------------------------------------------------------

    @property
    def offset(self) -> QPointF:
        """The content coordinates of the top left corner."""
        return QPointF(self.horizontalScrollBar().value(), self.verticalScrollBar().value())

    def set_scale(self, geometry: NoteGeometry, at: QPointF | None = None) -> None:
        """Change the scale; what is at a place of the viewport stays there."""
        place = at or QPointF(self.viewport().rect().center())
        old = self.geometry_of_notes
        content = place + self.offset
        self.geometry_of_notes = geometry
        self._set_ranges()
        x = content.x() * geometry.pixels_per_tick / old.pixels_per_tick - place.x()
        y = content.y() * geometry.row_pixels / old.row_pixels - place.y()
        self.horizontalScrollBar().setValue(round(x))
        self.verticalScrollBar().setValue(round(y))
        self.scale_changed.emit()
        self.viewport().update()

    def fit(self) -> None:
        """Show the whole clip in time, and its notes in the middle, all of them if they fit."""
        clip = self.notes.clip
        self._fitted = self.isVisible()  # what is hidden may have no size yet; see showEvent
        if clip is None or not self._fitted:
            return
        width = max(self.viewport().width() - 24, 50)
        pitches = [note.pitch for note in clip.notes] or [60]
        row = self.viewport().height() / (max(pitches) - min(pitches) + 3)
        scale = NoteGeometry(
            width / clip.length_ticks, min(max(row, _ROW_PIXELS[0]), _ROW_PIXELS[1])
        )
        self.geometry_of_notes = scale.zoomed()
        self._set_ranges()
        middle = self.geometry_of_notes.y_of((min(pitches) + max(pitches)) // 2)
        self.horizontalScrollBar().setValue(0)
        self.verticalScrollBar().setValue(round(middle - self.viewport().height() / 2))
        self.scale_changed.emit()
        self.viewport().update()

    def _set_ranges(self) -> None:
        size, scale = self.viewport().size(), self.geometry_of_notes
        length_ticks = 0 if self.notes.clip is None else self.notes.clip.length_ticks
        width = round(length_ticks * scale.pixels_per_tick) + size.width() // 4
        for bar, content, page in (
            (self.horizontalScrollBar(), width, size.width()),
            (self.verticalScrollBar(), round(scale.height_pixels), size.height()),
        ):
            bar.setRange(0, max(0, content - page))
            bar.setPageStep(page)
            bar.setSingleStep(max(1, page // 20))

    def _update(self) -> None:
        self._pointer.cancel()
        self._set_ranges()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fit the scroll bars."""
        super().resizeEvent(event)
        self._set_ranges()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Fit a clip that was chosen while this was hidden."""
        super().showEvent(event)
        if not self._fitted:
            self.fit()

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802
        """Paint again; scrolling pixels would smear what is painted over the notes."""
        self.viewport().update()

    # --- painting ------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint what is visible."""
        painter = QPainter(self.viewport())
        visible = QRectF(event.rect()).translated(self.offset)
        painter.translate(-self.offset)
        paint_rows(
            painter,
            visible,
            self.geometry_of_notes,
            self.palette(),
            root=self.root,
            scale=self.scale,
        )
        if self.notes.clip is None:
            painter.resetTransform()
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            text = "Open a MIDI clip to see its notes"
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, text)
            return
        paint_grid(painter, visible, self.geometry_of_notes, self.palette(), self.notes)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ghost = self.palette().color(QPalette.ColorRole.Text)
        for note in self.notes.ghosts if self.ghosts_shown else ():
            if (rect := self.geometry_of_notes.rect(note)).intersects(visible):
                paint_ghost(painter, rect, ghost)
        selected = frozenset(self.notes.selected)
        colors = NoteColors(QColor(self.notes.color), QColor(theme_of(self).playhead))
        preview = self._pointer.preview
        for note in self.notes.notes:
            if preview is not None and note in selected:
                continue  # where it will be is painted below
            if (rect := self.geometry_of_notes.rect(note)).intersects(visible):
                paint_note(painter, rect, note, colors, selected=note in selected)
        for note in preview or ():
            rect = self.geometry_of_notes.rect(note)
            paint_note(painter, rect, note, colors, selected=True)
        band = self._pointer.band
        if band is not None:
            color = self.palette().color(QPalette.ColorRole.Highlight)
            painter.setPen(color)
            painter.setBrush(faded(color, 50))
            painter.drawRect(band)

    # --- mouse ---------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Select, or begin a gesture."""
        if event.button() is Qt.MouseButton.LeftButton and self.notes.clip is not None:
            self._pointer.press(event.position() + self.offset, event.modifiers())
            self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Show what the gesture will do, or what the mouse would."""
        place = event.position() + self.offset
        if self._pointer.busy:
            self._pointer.move(place, event.modifiers())
            self.viewport().update()
        else:
            self.viewport().setCursor(self._pointer.cursor_at(place))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """End the gesture, as one entry of the history."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._pointer.release(event.modifiers())
            self.viewport().update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Draw a note at an empty place, delete the one that is there."""
        if event.button() is Qt.MouseButton.LeftButton and self.notes.clip is not None:
            self._pointer.double_click(event.position() + self.offset, event.modifiers())
            self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Scroll; with Ctrl zoom in time, with Ctrl and Shift in pitch."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        delta = event.angleDelta()
        factor = 1.2 ** ((delta.y() or delta.x()) / _WHEEL_STEP)
        pitch = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        geometry = self.geometry_of_notes
        scaled = geometry.zoomed(pitch=factor) if pitch else geometry.zoomed(time=factor)
        self.set_scale(scaled, event.position())
        event.accept()

    # --- keyboard ------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Call a gesture off, or edit the selected notes: see ``note_keys``."""
        if event.key() == Qt.Key.Key_Escape and self._pointer.busy:
            self._pointer.cancel()
        elif self.notes.clip is None or not self._keys.press(event.key(), event.modifiers()):
            super().keyPressEvent(event)
            return
        self.viewport().update()

    def event(self, event: QEvent) -> bool:
        """Claim the keys that edit notes before the shortcuts of the window take them."""
        asked = event.type() is QEvent.Type.ShortcutOverride
        if asked and isinstance(event, QKeyEvent) and claimed(event.key(), event.modifiers()):
            event.accept()
            return True
        return super().event(event)

    def hear(self, note: Note) -> None:
        """Sound a note."""
        self.auditioned.emit(note.pitch, note.velocity)

    def reveal(self, note: Note) -> None:
        """Scroll to a note, if it does not show."""
        rect = self.geometry_of_notes.rect(note)
        view = QRectF(self.viewport().rect()).translated(self.offset)
        if not view.contains(rect):
            self.horizontalScrollBar().setValue(round(rect.x() - view.width() / 4))
            self.verticalScrollBar().setValue(round(rect.y() - view.height() / 2))

    # --- accessibility -------------------------------------------------------------------------

    def description(self) -> str:
        """Return what is selected, in words."""
        notes = self.notes
        if len(notes.selected) != 1:
            return f"{len(notes.selected)} of {len(notes.notes)} notes selected"
        return notes.spoken(notes.selected[0])

    def accessible_items(self) -> list[Item]:
        """Return the notes."""
        selected = frozenset(self.notes.selected)
        only = len(selected) == 1
        offset = self.offset.toPoint()
        return [
            Item(
                (number, note),
                self.notes.spoken(note),
                self.geometry_of_notes.rect(note).toRect().translated(-offset),
                note in selected,
                only and note in selected,
            )
            for number, note in enumerate(self.notes.notes)
        ]

    def accessible_place(self) -> QWidget:
        """Return what the notes are painted on."""
        return self.viewport()

    def _announce(self) -> None:
        self.viewport().update()
        text = self.description()
        self.setAccessibleDescription(text)
        if self.hasFocus():
            announce(self, text)
            tell_focus(self)
        if len(self.notes.selected) == 1:
            self.velocity = self.notes.selected[0].velocity
