"""Automation by the keyboard, through the canvas."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest

from tonewright.desktop.timeline.entry import Entry
from tonewright.desktop.timeline.snap import Grid
from tonewright.dsp.project.document import AutomationLane, AutomationPoint, ParameterRef
from tonewright.dsp.project.edits import set_automation

GAIN = ParameterRef(None, "gain_db")
KEY = Qt.Key
CTRL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


@pytest.fixture
def press(timeline):
    """Return what presses keys, with the keyboard on the automation of the first track."""
    timeline.canvas.setFocus()
    timeline.canvas.points.enter()

    def pressed(key, modifiers=Qt.KeyboardModifier.NoModifier, times=1):
        for _ in range(times):
            QTest.keyClick(timeline.canvas, key, modifiers)

    return pressed


@pytest.fixture
def automated(session):
    points = (AutomationPoint(0, -40.0), AutomationPoint(9_600, -20.0), AutomationPoint(19_200, 0))
    track_id = session.project.tracks[0].id
    lane = AutomationLane(GAIN, points)
    session.apply("Automate", lambda project: set_automation(project, track_id, lane))


def points(session):
    lanes = session.project.tracks[0].automation
    return [(each.ticks, each.value) for each in lanes[0].points] if lanes else []


def test_it_begins_with_the_gain_of_the_track_of_the_focused_clip(timeline, session, view):
    clip = session.project.tracks[2].clips[0]
    view.select([clip.id], focus=clip.id)
    timeline.canvas.points.enter()
    assert view.automation == {session.project.tracks[2].id: GAIN}
    assert timeline.canvas.accessibleDescription().startswith("Gain of Keys, no automation yet")


def test_points_are_added_on_the_curve_at_the_playhead_and_deleted(session, view, press):
    for seconds in (1.0, 3.0):
        view.set_playhead(seconds)
        press(KEY.Key_Insert)
    assert points(session) == [(1920, 0.0), (5760, 0.0)]
    press(KEY.Key_Up, times=3)
    view.set_playhead(2.0)
    press(KEY.Key_Insert)
    assert points(session)[1] == (3840, pytest.approx(1.5))
    press(KEY.Key_Delete)
    press(KEY.Key_Backspace)
    press(KEY.Key_Delete)
    assert points(session) == []
    session.undo_stack.undo()
    assert len(points(session)) == 1


def test_the_arrows_go_from_point_to_point_and_each_is_said(automated, timeline, view, press):
    canvas = timeline.canvas
    press(KEY.Key_Right)
    assert "Gain -20.00 dB" in canvas.accessibleDescription()
    assert canvas.accessibleDescription().endswith("at bar 3, beat 3, 2 of 3")
    press(KEY.Key_Right, times=5)
    assert canvas.accessibleDescription().endswith("3 of 3")
    press(KEY.Key_Left)
    assert [item.focused for item in canvas.accessible_items() if "point" in item.name] == [
        False,
        True,
        False,
    ]


def test_values_change_in_steps_and_one_gesture_is_one_entry(automated, session, press):
    before = session.undo_stack.count()
    press(KEY.Key_Right)
    press(KEY.Key_Up, times=4)
    assert points(session)[1] == (9_600, -16.0)
    assert session.undo_stack.count() == before + 1
    press(KEY.Key_Left)
    press(KEY.Key_Down, SHIFT, times=3)
    assert points(session)[0] == (0, pytest.approx(-40.3))
    press(KEY.Key_Down, times=30)
    assert points(session)[0] == (0, -60.0)  # where the parameter ends
    session.undo_stack.undo()
    assert points(session)[:2] == [(0, -40.0), (9_600, -16.0)]


def test_a_point_is_moved_along_the_grid_but_not_past_another(automated, session, view, press):
    view.set_tool(grid=Grid.BEAT)
    press(KEY.Key_Right)
    press(KEY.Key_Right, CTRL, times=2)
    assert points(session)[1] == (11_520, -20.0)
    press(KEY.Key_Right, CTRL, times=20)
    assert [ticks for ticks, _ in points(session)] == [0, 19_199, 19_200]
    press(KEY.Key_Left, CTRL, times=40)
    assert [ticks for ticks, _ in points(session)] == [0, 1, 19_200]


def test_the_curve_behind_a_point_bends(automated, session, press):
    press(KEY.Key_Up, ALT, times=3)
    assert session.project.tracks[0].automation[0].points[0].bend == pytest.approx(0.3)
    press(KEY.Key_Right, times=2)
    before = session.project
    press(KEY.Key_Up, ALT)  # behind the last point there is none
    assert session.project is before


@pytest.mark.parametrize("text", ["-7.5 dB", "−7,5"])
def test_an_exact_value_is_written(automated, timeline, session, press, text):
    press(KEY.Key_Right)
    press(KEY.Key_Return)
    entry = timeline.canvas.findChild(Entry)
    assert entry.text() == "-20"
    assert entry.accessibleName() == "Gain of One, dB"
    entry.setText(text)
    QTest.keyClick(entry, KEY.Key_Return)
    assert points(session)[1] == (9_600, -7.5)
    assert not entry.isVisible()


@pytest.mark.parametrize("text", ["loud", "50", ""])
@pytest.mark.usefixtures("automated", "press")
def test_a_value_that_cannot_be_is_told(timeline, session, text):
    before = session.project
    told = QSignalSpy(session.problem)
    timeline.canvas.points.set_value(text)
    assert "Gain: write -60 to 24 dB" in told.at(0)[0]
    assert session.project is before


def test_escape_leaves_the_field_and_then_the_automation(automated, timeline, view, press):
    press(KEY.Key_Return)
    entry = timeline.canvas.findChild(Entry)
    QTest.keyClick(entry, KEY.Key_Escape)
    assert not entry.isVisible()
    assert view.point is not None
    press(KEY.Key_Escape)
    assert view.point is None
    press(KEY.Key_Right)  # the arrows mean clips again
    assert view.focus == timeline.canvas.session.project.tracks[0].clips[0].id


def test_undo_leaves_the_keyboard_on_a_point_that_is_there(session, view, press):
    view.set_playhead(1.0)
    press(KEY.Key_Insert)
    session.undo_stack.undo()
    assert view.point.ticks is None
    session.undo_stack.redo()
    press(KEY.Key_Up)
    assert points(session) == [(1920, 1.0)]
