"""The velocity lane by itself: strokes, selections, and what is called off."""

import pytest
from PySide6.QtCore import QPoint, Qt

from tonewright.desktop.pianoroll.canvas import NoteCanvas
from tonewright.desktop.pianoroll.notes import ClipNotes
from tonewright.desktop.pianoroll.velocity import VelocityLane
from tonewright.dsp.project.document import Id

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def notes(session):
    notes = ClipNotes(session)
    notes.show(Id("riff"))
    return notes


@pytest.fixture
def lane(qtbot, notes):
    canvas = NoteCanvas(notes)
    lane = VelocityLane(notes, canvas)
    for widget in (canvas, lane):
        qtbot.addWidget(widget)
    lane.resize(400, 135)  # a pixel for each velocity below the margin
    lane.show()
    return lane


def velocities(notes):
    return [note.velocity for note in notes.notes]


def place(lane, notes, index, velocity):
    return QPoint(round(lane._x_of(notes.notes[index])), round(lane._y_of(velocity)))


def stroke(qtbot, lane, *places):
    qtbot.mousePress(lane, LEFT, pos=places[0])
    for each in places[1:]:
        qtbot.mouseMove(lane, each)
    qtbot.mouseRelease(lane, LEFT, pos=places[-1])


def test_a_stroke_draws_a_ramp_as_one_entry(qtbot, lane, notes, session):
    stroke(qtbot, lane, place(lane, notes, 0, 20), place(lane, notes, 2, 100))
    assert velocities(notes) == pytest.approx([20, 60, 100], abs=2)
    assert session.undo_stack.count() == 1
    session.undo_stack.undo()
    assert velocities(notes) == [100, 90, 80]


def test_only_the_notes_near_the_mouse_are_set(qtbot, lane, notes):
    stroke(qtbot, lane, place(lane, notes, 1, 33))
    assert velocities(notes) == [100, pytest.approx(33, abs=1), 80]
    between = (place(lane, notes, 0, 1) + place(lane, notes, 1, 1)) / 2
    stroke(qtbot, lane, between)
    assert velocities(notes)[0] == 100


def test_a_selection_is_lifted_together_and_stays_selected(qtbot, lane, notes):
    notes.select(notes.notes[:2])
    stroke(qtbot, lane, place(lane, notes, 0, 100), place(lane, notes, 0, 80))
    assert velocities(notes) == pytest.approx([80, 70, 80], abs=1)
    assert len(notes.selected) == 2


def test_escape_calls_a_stroke_off(qtbot, lane, notes):
    qtbot.mousePress(lane, LEFT, pos=place(lane, notes, 0, 10))
    qtbot.keyClick(lane, Qt.Key.Key_Escape)
    qtbot.mouseRelease(lane, LEFT, pos=place(lane, notes, 0, 10))
    assert velocities(notes) == [100, 90, 80]


def test_a_velocity_is_never_silence_nor_beyond_midi(qtbot, lane, notes):
    stroke(qtbot, lane, QPoint(place(lane, notes, 0, 60).x(), 500))
    stroke(qtbot, lane, QPoint(place(lane, notes, 1, 60).x(), -50))
    assert velocities(notes)[:2] == [1, 127]
