"""What the mouse does to notes.

A gesture changes nothing until it ends: what it will do is its ``preview``, which is painted over
the notes, ``cancel`` calls it off, and its end is one entry of the history. Alt suspends snapping.
Places are in content coordinates.
"""

from collections.abc import Callable
from dataclasses import replace
from enum import Enum, auto
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, Qt

from tonewright.desktop.pianoroll.geometry import NoteGeometry
from tonewright.desktop.pianoroll.notes import ClipNotes, Notes
from tonewright.dsp.project.document import Note
from tonewright.dsp.project.edits.notes import moved, resized

_EDGE_PIXELS = 6.0
_DRAG_PIXELS = 3


class _Gesture(Enum):
    """What a press of the mouse has begun."""

    MOVE = auto()
    RESIZE = auto()
    DRAW = auto()
    BAND = auto()


class Paper(Protocol):
    """What the pointer needs of the canvas."""

    notes: ClipNotes
    geometry_of_notes: NoteGeometry
    drawing: bool
    velocity: int


class NotePointer:
    """The mouse over a canvas of notes.

    Args:
        paper: The canvas.
        heard: Told pitch and velocity of a note that wants to be heard.

    Attributes:
        preview: The notes that the gesture will leave in place of the selected ones.
    """

    def __init__(self, paper: Paper, heard: Callable[[int, int], None]) -> None:
        self.preview: Notes | None = None
        self._paper = paper
        self._notes = paper.notes
        self._heard = heard
        self._gesture: _Gesture | None = None
        self._pressed = QPointF()
        self._grabbed: Note | None = None
        self._stretched = QRectF()

    @property
    def busy(self) -> bool:
        """Whether a gesture is going on."""
        return self._gesture is not None

    @property
    def band(self) -> QRectF | None:
        """The rubber band, while there is one."""
        return self._stretched if self._gesture is _Gesture.BAND else None

    def note_at(self, place: QPointF) -> Note | None:
        """Return the topmost note at a place."""
        for note in reversed(self._notes.notes):
            if self._paper.geometry_of_notes.rect(note).contains(place):
                return note
        return None

    def press(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Select, or begin a gesture."""
        note = self.note_at(place)
        self._pressed, self._grabbed = place, note
        if note is None and self._paper.drawing:
            self._begin_drawing(place, modifiers)
        elif note is None:
            self._gesture, self._stretched = _Gesture.BAND, QRectF(place, place)
            if not _adds(modifiers):
                self._notes.select(())
        else:
            self._press_on(note, place, modifiers)

    def move(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Show what the gesture will do."""
        geometry = self._paper.geometry_of_notes
        far = (place - self._pressed).manhattanLength() >= _DRAG_PIXELS
        if self._gesture is _Gesture.BAND:
            self._stretched = QRectF(self._pressed, place).normalized()
        elif self._gesture is _Gesture.DRAW:
            assert self.preview is not None
            note = self.preview[0]
            end = self._snapped(geometry.ticks_at(place.x()), modifiers)
            least = 1 if _free(modifiers) else self._notes.spacing_ticks
            self.preview = (replace(note, length_ticks=max(end - note.start_ticks, least)),)
        elif far or self.preview is not None:
            self.preview = self._dragged(place, modifiers)

    def release(self, modifiers: Qt.KeyboardModifier) -> None:
        """End the gesture, as one entry of the history."""
        gesture, preview, band = self._gesture, self.preview, self._stretched
        if gesture is None:
            return
        self.cancel()
        if gesture is _Gesture.BAND:
            inside = [
                note
                for note in self._notes.notes
                if band.intersects(self._paper.geometry_of_notes.rect(note))
            ]
            kept = self._notes.selected if _adds(modifiers) else ()
            self._notes.select([*kept, *(note for note in inside if note not in kept)])
        elif preview is not None and gesture is _Gesture.DRAW:
            self._notes.add(preview[0])
        elif preview is not None:
            label = "Resize notes" if gesture is _Gesture.RESIZE else "Move notes"
            self._notes.replace(label, self._notes.selected, preview)
        elif self._grabbed is not None and not _adds(modifiers):
            self._notes.select([self._grabbed])

    def double_click(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Draw a note at an empty place, delete the one that is there."""
        note = self.note_at(place)
        if note is None:
            self._begin_drawing(place, modifiers)
        else:
            self._notes.select([note])
            self._notes.delete()

    def cancel(self) -> None:
        """Call the gesture off."""
        self._gesture, self.preview, self._stretched = None, None, QRectF()

    def cursor_at(self, place: QPointF) -> Qt.CursorShape:
        """Return what shows what the mouse would do."""
        note = self.note_at(place)
        if note is None:
            drawing = self._paper.drawing
            return Qt.CursorShape.CrossCursor if drawing else Qt.CursorShape.ArrowCursor
        on_edge = self._paper.geometry_of_notes.rect(note).right() - place.x() < _EDGE_PIXELS
        return Qt.CursorShape.SizeHorCursor if on_edge else Qt.CursorShape.PointingHandCursor

    def _press_on(self, note: Note, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        selected = list(self._notes.selected)
        if _adds(modifiers) and note in selected:
            selected.remove(note)
            self._notes.select(selected)
            return
        if note not in selected:
            self._notes.select([*selected, note] if _adds(modifiers) else [note])
        self._heard(note.pitch, note.velocity)
        rect = self._paper.geometry_of_notes.rect(note)
        on_edge = rect.right() - place.x() < min(_EDGE_PIXELS, rect.width() / 2)
        self._gesture = _Gesture.RESIZE if on_edge else _Gesture.MOVE

    def _begin_drawing(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        clip = self._notes.clip
        assert clip is not None
        ticks = self._paper.geometry_of_notes.ticks_at(place.x())
        if not 0 <= ticks < clip.length_ticks:
            return
        spacing = self._notes.spacing_ticks
        # A note starts on the line before the pointer, where the cell under it begins.
        start = round(ticks) if _free(modifiers) else self._notes.snapped(ticks - spacing / 2)
        pitch = self._paper.geometry_of_notes.pitch_at(place.y())
        self._notes.select(())
        self._gesture = _Gesture.DRAW
        self.preview = (Note(pitch, self._paper.velocity, start, spacing),)
        self._heard(pitch, self._paper.velocity)

    def _dragged(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> Notes:
        assert self._grabbed is not None
        geometry, note = self._paper.geometry_of_notes, self._grabbed
        ticks = geometry.ticks_at(place.x() - self._pressed.x())
        if self._gesture is _Gesture.RESIZE:
            end = note.start_ticks + note.length_ticks
            by = self._snapped(end + ticks, modifiers) - end
            return resized(self._notes.selected, ticks=by)
        by = self._snapped(note.start_ticks + ticks, modifiers) - note.start_ticks
        semitones = geometry.pitch_at(place.y()) - geometry.pitch_at(self._pressed.y())
        if abs(place.x() - self._pressed.x()) < _DRAG_PIXELS:
            by = 0  # a note off the grid, moved in pitch, keeps its place
        before = self.preview or self._notes.selected
        after = moved(self._notes.selected, ticks=by, semitones=semitones)
        if after[0].pitch != before[0].pitch:
            self._heard(geometry.pitch_at(place.y()), note.velocity)
        return after

    def _snapped(self, ticks: float, modifiers: Qt.KeyboardModifier) -> int:
        return max(0, round(ticks)) if _free(modifiers) else self._notes.snapped(ticks)


def _adds(modifiers: Qt.KeyboardModifier) -> bool:
    return bool(
        modifiers & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier)
    )


def _free(modifiers: Qt.KeyboardModifier) -> bool:
    return bool(modifiers & Qt.KeyboardModifier.AltModifier)
