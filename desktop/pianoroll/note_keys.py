"""What the keyboard does to notes.

Arrows move the selected notes by a line of the grid or a semitone; with Shift they change the
length, or the pitch by an octave; with Ctrl they go to the next note, or change the velocity; with
Alt their steps are single ticks.
"""

from typing import Protocol

from PySide6.QtCore import Qt

from tonewright.desktop.pianoroll.notes import ClipNotes
from tonewright.dsp.project.document import Note
from tonewright.dsp.project.edits.notes import louder, moved, resized

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


class Paper(Protocol):
    """What the keys need of the canvas."""

    notes: ClipNotes
    velocity: int

    def reveal(self, note: Note) -> None:
        """Scroll to a note."""
        ...

    def hear(self, note: Note) -> None:
        """Sound a note."""
        ...


def claimed(key: int, modifiers: Qt.KeyboardModifier) -> bool:
    """Return whether a key edits notes, and is not for the shortcuts of the window."""
    control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
    return key in _KEYS or (control and key in _CONTROL_KEYS)


class NoteKeys:
    """The keys over a canvas of notes."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._notes = paper.notes

    def press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Do what a key says; return whether it says something."""
        notes, keys = self._notes, Qt.Key
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
            notes.select(())
        elif control and key == keys.Key_A:
            notes.select(notes.notes)
        elif control and key == keys.Key_D:
            notes.duplicate()
        else:
            return False
        return True

    def _go(self, sign: int) -> None:
        """Select the note after or before the selected one."""
        notes, selected = self._notes.notes, self._notes.selected
        if not notes:
            return
        index = notes.index(selected[-1 if sign > 0 else 0]) + sign if selected else 0
        note = notes[min(max(index, 0), len(notes) - 1)]
        self._notes.select([note])
        self._paper.reveal(note)
        self._paper.hear(note)

    def _insert(self) -> None:
        """Add a note behind the last one selected, or at the start."""
        notes = self._notes
        assert notes.clip is not None
        last = notes.selected[-1] if notes.selected else None
        start = 0 if last is None else notes.snapped(last.start_ticks + last.length_ticks)
        if start >= notes.clip.length_ticks:
            return
        velocity = self._paper.velocity if last is None else last.velocity
        pitch = 60 if last is None else last.pitch
        note = Note(pitch, velocity, start, notes.spacing_ticks)
        notes.add(note)
        self._paper.reveal(note)
