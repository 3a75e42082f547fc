"""The canvas of notes by itself: what it paints, its scale, its words."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QSignalSpy

from tonewright.desktop.pianoroll.canvas import NoteCanvas
from tonewright.desktop.pianoroll.notes import ClipNotes
from tonewright.dsp.project.document import Id

RIFF = Id("riff")


@pytest.fixture
def notes(session):
    return ClipNotes(session)


@pytest.fixture
def canvas(qtbot, notes):
    canvas = NoteCanvas(notes)
    qtbot.addWidget(canvas)
    canvas.resize(700, 400)
    canvas.show()
    notes.show(RIFF)
    canvas.fit()
    return canvas


def centre(canvas, note):
    return (canvas.geometry_of_notes.rect(note).center() - canvas.offset).toPoint()


def color_at(canvas, place):
    return QColor(canvas.viewport().grab().toImage().pixel(place))


def test_a_clip_fits_with_all_its_notes(canvas, notes):
    view = canvas.viewport().rect()
    assert all(view.contains(centre(canvas, note)) for note in notes.notes)
    assert canvas.horizontalScrollBar().value() == 0


def test_a_zoom_keeps_what_is_under_the_pointer(canvas, notes):
    changed = QSignalSpy(canvas.scale_changed)
    place = QPointF(centre(canvas, notes.notes[1]))
    canvas.set_scale(canvas.geometry_of_notes.zoomed(time=3.0), place)
    # Scroll bars know whole pixels only, and so do the places that tests ask for.
    assert centre(canvas, notes.notes[1]).x() == pytest.approx(place.x(), abs=2.0)
    assert changed.count() == 1


def test_notes_are_painted_selected_ones_otherwise(canvas, notes):
    note = notes.notes[1]
    place = centre(canvas, note)
    plain = color_at(canvas, place)
    notes.select([note])
    selected = color_at(canvas, place)
    assert selected != plain
    notes.delete()
    assert color_at(canvas, place) not in (plain, selected)


def test_ghosts_are_there_and_can_be_hidden(canvas, notes):
    (ghost,) = notes.ghosts
    canvas.set_scale(canvas.geometry_of_notes.zoomed(pitch=0.5))
    canvas.reveal(ghost)
    place = centre(canvas, ghost)
    shown = color_at(canvas, place)
    canvas.ghosts_shown = False
    assert color_at(canvas, place) != shown


def test_a_note_that_does_not_show_is_scrolled_to(canvas, notes):
    canvas.verticalScrollBar().setValue(0)
    canvas.reveal(notes.notes[0])
    assert canvas.viewport().rect().contains(centre(canvas, notes.notes[0]))


def test_what_is_selected_is_said_and_drawn_at_its_velocity(canvas, notes):
    assert canvas.description() == "0 of 3 notes selected"
    notes.select([notes.notes[2]])
    assert canvas.description().startswith("G4")
    assert canvas.accessibleDescription() == canvas.description()
    assert canvas.velocity == 80
    items = canvas.accessible_items()
    assert [item.selected for item in items] == [False, False, True]
    assert items[2].focused


def test_without_a_clip_the_mouse_does_nothing(qtbot, session):
    empty = NoteCanvas(ClipNotes(session))
    qtbot.addWidget(empty)
    empty.resize(300, 200)
    empty.show()
    qtbot.mouseClick(empty.viewport(), Qt.MouseButton.LeftButton)
    qtbot.mouseDClick(empty.viewport(), Qt.MouseButton.LeftButton)
    empty.grab()
    assert session.undo_stack.count() == 0
