"""The canvas of the piano roll: paints the notes of a clip, and edits them with mouse and keys.

A gesture changes nothing until it ends: what it will do is painted over the notes, Escape calls it
off, and its end is one entry of the history. Alt suspends snapping.
"""

from dataclasses import replace
from enum import Enum, auto

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
from tonewright.desktop.pianoroll.notes import ClipNotes, Notes
from tonewright.desktop.pianoroll.paper import faded, paint_grid, paint_rows
from tonewright.desktop.theme import theme_of
from tonewright.dsp.project.document import Note
from tonewright.dsp.project.edits.notes import louder, moved, resized

_EDGE_PIXELS = 6.0
_ROW_PIXELS = (8.0, 14.0)  # that ``fit`` chooses from
_DRAG_PIXELS = 3
_WHEEL_STEP = 120.0
_KEYS = frozenset(
    (
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Delete,
        Qt.Key.Key_Backspace,
        Qt.Key.Key_Insert,
        Qt.Key.Key_Return,
        Qt.Key.Key_Enter,
        Qt.Key.Key_Escape,
    )
)
_CONTROL_KEYS = frozenset((Qt.Key.Key_A, Qt.Key.Key_D))


class _Gesture(Enum):
    """What a press of the mouse has begun."""

    MOVE = auto()
    RESIZE = auto()
    DRAW = auto()
    BAND = auto()


class NoteCanvas(QAbstractScrollArea):
    """The canvas.

    Attributes:
        geometry_of_notes: The scale; set it through ``set_scale``.
        drawing: Whether a press on an empty place draws a note; else it opens a rubber band, and
            a double click draws.
        root: The root of the highlighted scale, 0 (C) to 11 (B).
        scale: One of ``scales.SCALES``.
        ghosts_shown: Whether notes of other clips are painted.

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
        self._gesture: _Gesture | None = None
        self._pressed = QPointF()
        self._grabbed: Note | None = None
        self._preview: Notes | None = None
        self._band = QRectF()
        self._velocity = 100
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
        self._cancel()
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
        dragged = self._preview is not None
        for note in self.notes.notes:
            if dragged and note in selected:
                continue  # where it will be is painted below
            if (rect := self.geometry_of_notes.rect(note)).intersects(visible):
                paint_note(painter, rect, note, colors, selected=note in selected)
        for note in self._preview or ():
            rect = self.geometry_of_notes.rect(note)
            paint_note(painter, rect, note, colors, selected=True)
        if self._gesture is _Gesture.BAND:
            color = self.palette().color(QPalette.ColorRole.Highlight)
            painter.setPen(color)
            painter.setBrush(faded(color, 50))
            painter.drawRect(self._band)

    # --- mouse ---------------------------------------------------------------------------------

    def note_at(self, place: QPointF) -> Note | None:
        """Return the topmost note at content coordinates."""
        for note in reversed(self.notes.notes):
            if self.geometry_of_notes.rect(note).contains(place):
                return note
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Select, or begin a gesture."""
        if event.button() is not Qt.MouseButton.LeftButton or self.notes.clip is None:
            return
        place = event.position() + self.offset
        note = self.note_at(place)
        self._pressed, self._grabbed = place, note
        if note is None and self.drawing:
            self._begin_drawing(place, event.modifiers())
        elif note is None:
            self._gesture, self._band = _Gesture.BAND, QRectF(place, place)
            if not _adds(event.modifiers()):
                self.notes.select(())
        else:
            self._press_on(note, place, event.modifiers())
        self.viewport().update()

    def _press_on(self, note: Note, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        selected = list(self.notes.selected)
        if _adds(modifiers) and note in selected:
            selected.remove(note)
            self.notes.select(selected)
            return
        if note not in selected:
            self.notes.select([*selected, note] if _adds(modifiers) else [note])
        self.auditioned.emit(note.pitch, note.velocity)
        rect = self.geometry_of_notes.rect(note)
        on_edge = rect.right() - place.x() < min(_EDGE_PIXELS, rect.width() / 2)
        self._gesture = _Gesture.RESIZE if on_edge else _Gesture.MOVE

    def _begin_drawing(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        assert self.notes.clip is not None
        ticks = self.geometry_of_notes.ticks_at(place.x())
        if not 0 <= ticks < self.notes.clip.length_ticks:
            return
        spacing = self.notes.spacing_ticks
        # A note starts on the line before the pointer, where the cell under it begins.
        start = round(ticks) if _free(modifiers) else self.notes.snapped(ticks - spacing / 2)
        pitch = self.geometry_of_notes.pitch_at(place.y())
        self.notes.select(())
        self._gesture = _Gesture.DRAW
        self._preview = (Note(pitch, self._velocity, start, spacing),)
        self.auditioned.emit(pitch, self._velocity)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Show what the gesture will do."""
        place = event.position() + self.offset
        if self._gesture is None:
            self._show_cursor(place)
            return
        far = (place - self._pressed).manhattanLength() >= _DRAG_PIXELS
        if self._gesture is _Gesture.BAND:
            self._band = QRectF(self._pressed, place).normalized()
        elif self._gesture is _Gesture.DRAW:
            assert self._preview is not None
            note = self._preview[0]
            end = self._snapped(self.geometry_of_notes.ticks_at(place.x()), event.modifiers())
            least = 1 if _free(event.modifiers()) else self.notes.spacing_ticks
            self._preview = (replace(note, length_ticks=max(end - note.start_ticks, least)),)
        elif far or self._preview is not None:
            self._preview = self._dragged(place, event.modifiers())
        self.viewport().update()

    def _dragged(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> Notes:
        assert self._grabbed is not None
        geometry, note = self.geometry_of_notes, self._grabbed
        ticks = geometry.ticks_at(place.x() - self._pressed.x())
        if self._gesture is _Gesture.RESIZE:
            end = note.start_ticks + note.length_ticks
            by = self._snapped(end + ticks, modifiers) - end
            return resized(self.notes.selected, ticks=by)
        by = self._snapped(note.start_ticks + ticks, modifiers) - note.start_ticks
        semitones = geometry.pitch_at(place.y()) - geometry.pitch_at(self._pressed.y())
        if abs(place.x() - self._pressed.x()) < _DRAG_PIXELS:
            by = 0  # a note off the grid, moved in pitch, keeps its place
        before = self._preview or self.notes.selected
        after = moved(self.notes.selected, ticks=by, semitones=semitones)
        if after[0].pitch != before[0].pitch:
            self.auditioned.emit(geometry.pitch_at(place.y()), note.velocity)
        return after

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """End the gesture, as one entry of the history."""
        gesture, preview = self._gesture, self._preview
        if gesture is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        band = self._band
        self._cancel()
        if gesture is _Gesture.BAND:
            inside = [
                note
                for note in self.notes.notes
                if band.intersects(self.geometry_of_notes.rect(note))
            ]
            kept = self.notes.selected if _adds(event.modifiers()) else ()
            self.notes.select([*kept, *(note for note in inside if note not in kept)])
        elif preview is not None and gesture is _Gesture.DRAW:
            self.notes.add(preview[0])
        elif preview is not None:
            label = "Resize notes" if gesture is _Gesture.RESIZE else "Move notes"
            self.notes.replace(label, self.notes.selected, preview)
        elif self._grabbed is not None and not _adds(event.modifiers()):
            self.notes.select([self._grabbed])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Draw a note at an empty place, delete the one that is there."""
        if event.button() is not Qt.MouseButton.LeftButton or self.notes.clip is None:
            return
        place = event.position() + self.offset
        note = self.note_at(place)
        if note is None:
            self._begin_drawing(place, event.modifiers())
        else:
            self.notes.select([note])
            self.notes.delete()
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

    def _show_cursor(self, place: QPointF) -> None:
        note = self.note_at(place)
        shape = Qt.CursorShape.CrossCursor if self.drawing else Qt.CursorShape.ArrowCursor
        if note is not None:
            right = self.geometry_of_notes.rect(note).right()
            on_edge = right - place.x() < _EDGE_PIXELS
            shape = Qt.CursorShape.SizeHorCursor if on_edge else Qt.CursorShape.PointingHandCursor
        self.viewport().setCursor(shape)

    def _snapped(self, ticks: float, modifiers: Qt.KeyboardModifier) -> int:
        return max(0, round(ticks)) if _free(modifiers) else self.notes.snapped(ticks)

    def _cancel(self) -> None:
        self._gesture, self._preview, self._band = None, None, QRectF()
        self.viewport().update()

    # --- keyboard ------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Edit the selected notes.

        Arrows move them by a line of the grid or a semitone; with Shift they change the length,
        or the pitch by an octave; with Ctrl they go to the next note, or change the velocity.
        """
        if self.notes.clip is None or not self._pressed_key(event.key(), event.modifiers()):
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Claim the keys that edit notes before the shortcuts of the window take them."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride:
            control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if event.key() in _KEYS or (control and event.key() in _CONTROL_KEYS):
                event.accept()
                return True
        return super().event(event)

    def _pressed_key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        notes, keys = self.notes, Qt.Key
        shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        step = 1 if modifiers & Qt.KeyboardModifier.AltModifier else notes.spacing_ticks
        sign = 1 if key in (keys.Key_Right, keys.Key_Up) else -1
        if key in (keys.Key_Left, keys.Key_Right):
            if control:
                self._go(sign)
            elif shift:
                notes.reshape("Resize notes", lambda each: resized(each, ticks=sign * step))
            else:
                notes.reshape("Move notes", lambda each: moved(each, ticks=sign * step))
        elif key in (keys.Key_Up, keys.Key_Down):
            if control:
                notes.reshape("Velocity", lambda each: louder(each, velocity=sign * 5))
            else:
                by = sign * (12 if shift else 1)
                notes.reshape("Transpose", lambda each: moved(each, semitones=by))
        elif key in (keys.Key_Delete, keys.Key_Backspace):
            notes.delete()
        elif key in (keys.Key_Insert, keys.Key_Return, keys.Key_Enter):
            self._insert()
        elif key == keys.Key_Escape:
            if self._gesture is not None:
                self._cancel()
            else:
                notes.select(())
        elif control and key == keys.Key_A:
            notes.select(notes.notes)
        elif control and key == keys.Key_D:
            notes.duplicate()
        else:
            return False
        self.viewport().update()
        return True

    def _go(self, sign: int) -> None:
        """Select the note after or before the selected one."""
        notes, selected = self.notes.notes, self.notes.selected
        if not notes:
            return
        index = notes.index(selected[-1 if sign > 0 else 0]) + sign if selected else 0
        note = notes[min(max(index, 0), len(notes) - 1)]
        self.notes.select([note])
        self._reveal(note)
        self.auditioned.emit(note.pitch, note.velocity)

    def _insert(self) -> None:
        """Add a note behind the last one selected, or at the start."""
        assert self.notes.clip is not None
        last = self.notes.selected[-1] if self.notes.selected else None
        start = 0 if last is None else self.notes.snapped(last.start_ticks + last.length_ticks)
        if start >= self.notes.clip.length_ticks:
            return
        pitch, velocity = (60, self._velocity) if last is None else (last.pitch, last.velocity)
        note = Note(pitch, velocity, start, self.notes.spacing_ticks)
        self.notes.add(note)
        self._reveal(note)

    def _reveal(self, note: Note) -> None:
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
            self._velocity = self.notes.selected[0].velocity


def _adds(modifiers: Qt.KeyboardModifier) -> bool:
    return bool(
        modifiers & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier)
    )


def _free(modifiers: Qt.KeyboardModifier) -> bool:
    return bool(modifiers & Qt.KeyboardModifier.AltModifier)
