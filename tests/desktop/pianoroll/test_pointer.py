"""The mouse over notes: a gesture changes nothing until it ends."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPointF, Qt

from tonewright.desktop.pianoroll.geometry import NoteGeometry
from tonewright.desktop.pianoroll.notes import ClipNotes
from tonewright.desktop.pianoroll.pointer import NotePointer
from tonewright.dsp.project.document import Id, Note

A, B, C = Note(60, 100, 0, 480), Note(64, 90, 960, 480), Note(67, 80, 1920, 480)
NONE, ALT, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


@pytest.fixture
def heard():
    return []


@pytest.fixture
def paper(session):
    notes = ClipNotes(session)
    notes.show(Id("riff"))
    return SimpleNamespace(
        notes=notes, geometry_of_notes=NoteGeometry(), drawing=False, velocity=77
    )


@pytest.fixture
def pointer(paper, heard):
    return NotePointer(paper, lambda *note: heard.append(note))


def at(ticks, pitch):
    geometry = NoteGeometry()
    return QPointF(ticks * geometry.pixels_per_tick, geometry.y_of(pitch) + 6)


def drag(pointer, start, end, modifiers=NONE):
    pointer.press(start, modifiers)
    pointer.move(end, modifiers)
    pointer.release(modifiers)


def test_a_move_is_shown_first_and_done_when_it_ends(pointer, paper, session, heard):
    pointer.press(at(100, 60), NONE)
    pointer.move(at(100 + 480, 62), NONE)
    assert pointer.preview == (replace(A, start_ticks=480, pitch=62),)
    assert paper.notes.notes == (A, B, C)
    pointer.release(NONE)
    assert paper.notes.notes[0] == replace(A, start_ticks=480, pitch=62)
    assert session.undo_stack.count() == 1
    assert heard == [(60, 100), (62, 100)]


def test_a_gesture_that_is_called_off_leaves_nothing(pointer, paper, session):
    pointer.press(at(100, 60), NONE)
    pointer.move(at(900, 70), NONE)
    pointer.cancel()
    pointer.release(NONE)
    assert not pointer.busy
    assert paper.notes.notes == (A, B, C)
    assert session.undo_stack.count() == 0


def test_the_end_of_a_note_is_its_edge(pointer, paper):
    assert pointer.cursor_at(at(470, 60)) is Qt.CursorShape.SizeHorCursor
    assert pointer.cursor_at(at(100, 60)) is Qt.CursorShape.PointingHandCursor
    drag(pointer, at(470, 60), at(470 + 240, 60))
    assert paper.notes.notes[0] == replace(A, length_ticks=720)


def test_alt_lets_go_of_the_grid(pointer, paper):
    drag(pointer, at(100, 60), at(100 + 37, 60), ALT)
    assert paper.notes.notes[0].start_ticks == 37


def test_a_band_selects_what_it_touches_and_shift_adds(pointer, paper):
    drag(pointer, at(900, 66), at(1_500, 62))
    assert paper.notes.selected == (B,)
    drag(pointer, at(1_900, 69), at(2_500, 66), SHIFT)
    assert set(paper.notes.selected) == {B, C}
    assert pointer.band is None


def test_a_press_on_nothing_draws_if_that_is_wanted(pointer, paper, heard):
    paper.drawing = True
    assert pointer.cursor_at(at(3_000, 50)) is Qt.CursorShape.CrossCursor
    drag(pointer, at(2_900, 50), at(3_360, 50))
    (drawn,) = [note for note in paper.notes.notes if note.pitch == 50]
    assert (drawn.start_ticks, drawn.start_ticks + drawn.length_ticks) == (2_880, 3_360)
    assert drawn.velocity == 77
    assert heard == [(50, 77)]


def test_a_double_click_draws_or_deletes(pointer, paper):
    pointer.double_click(at(100, 60), NONE)
    assert paper.notes.notes == (B, C)
    pointer.double_click(at(100, 60), NONE)
    pointer.release(NONE)
    assert len(paper.notes.notes) == 3


def test_nothing_is_drawn_beyond_the_clip(pointer, paper):
    paper.drawing = True
    pointer.press(at(3_900, 50), NONE)
    assert not pointer.busy
    pointer.release(NONE)
    assert paper.notes.notes == (A, B, C)
