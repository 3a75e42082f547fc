"""A range for effects, by mouse and by key."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tonewright.desktop.timeline.range_tool import range_from_loop
from tonewright.desktop.timeline.view_state import Tool
from tonewright.dsp.project.document import TimeRange

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def canvas(timeline, view):
    view.set_tool(tool=Tool.RANGE)
    return timeline.canvas


def drag(canvas, start, end):
    QTest.mousePress(canvas, LEFT, pos=QPoint(*start))
    QTest.mouseMove(canvas, QPoint(*start) + QPoint(5, 0))
    QTest.mouseMove(canvas, QPoint(*end))
    QTest.mouseRelease(canvas, LEFT, pos=QPoint(*end))


def test_a_drag_on_a_clip_chooses_a_part_of_it_and_nothing_moves(canvas, session, view, song):
    drag(canvas, (150, 50), (250, 50))  # clip A sounds from 1 to 3 s
    assert view.range.owner_id == song.tracks[0].clips[0].id
    assert view.range.where.start_seconds == pytest.approx(0.5)
    assert view.range.where.end_seconds == pytest.approx(1.5)
    assert session.project is song


def test_it_stays_on_the_clip_and_may_be_dragged_backwards(canvas, view):
    drag(canvas, (250, 50), (20, 50))
    assert view.range.where.start_seconds == 0.0
    assert view.range.where.end_seconds == pytest.approx(1.5)


def test_on_notes_and_on_empty_places_it_is_of_the_track(canvas, view, song):
    row = view.row_height
    drag(canvas, (50, 2 * row + 40), (120, 2 * row + 40))
    assert view.range.owner_id == song.tracks[2].id
    assert view.range.where.start_seconds == pytest.approx(0.5)
    drag(canvas, (650, 50), (750, 50))
    assert view.range.owner_id == song.tracks[0].id
    assert view.range.where.end_seconds == pytest.approx(7.5)


def test_escape_a_click_and_another_selection_take_it_away(canvas, view, song):
    for undo in (
        lambda: QTest.keyClick(canvas, Qt.Key.Key_Escape),
        lambda: QTest.mouseClick(canvas, LEFT, pos=QPoint(200, 50)),
        lambda: view.select([song.tracks[0].clips[1].id]),
    ):
        drag(canvas, (150, 50), (250, 50))
        assert view.range is not None
        undo()
        assert view.range is None


def test_the_loop_makes_a_range_of_the_focused_clip(session, view, song):
    clip = song.tracks[0].clips[0]
    assert not range_from_loop(song, view)
    view.select([clip.id], focus=clip.id)
    view.set_loop(TimeRange(2.0, 9.0))
    assert range_from_loop(song, view)
    assert view.range.where == TimeRange(1.0, 2.0)
    view.set_loop(TimeRange(7.0, 9.0))
    assert not range_from_loop(song, view)
    view.set_loop(None)
    assert range_from_loop(song, view)
    assert view.range.where == TimeRange(0.0, 2.0)
