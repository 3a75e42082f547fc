"""The arrangement as a whole: scrolling, following, and which automation shows."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from tonewright.dsp.project.document import ClockTime, ParameterRef
from tonewright.dsp.project.edits import delete_tracks, move_clips


def test_the_page_turns_when_the_playhead_leaves_it_and_only_if_it_is_followed(timeline, view):
    page_seconds = timeline.canvas.width() / view.pixels_per_second
    view.set_playhead(page_seconds / 2)
    assert view.scroll_seconds == 0.0
    view.set_playhead(page_seconds + 1.0)
    turned = view.scroll_seconds
    assert turned < page_seconds + 1.0 < turned + page_seconds
    view.set_tool(follow=False)
    view.set_playhead(0.0)
    assert view.scroll_seconds == turned


def test_the_bar_reaches_to_the_end_of_the_last_clip_wherever_that_goes(timeline, view, session):
    before = timeline.across.maximum()
    last = session.project.tracks[0].clips[-1].id
    session.apply("Move", lambda project: move_clips(project, [last], delta=ClockTime(60.0)))
    assert timeline.across.maximum() - before == pytest.approx(60.0 * view.pixels_per_second, abs=2)
    session.undo_stack.undo()
    assert timeline.across.maximum() == before


def test_the_bars_scroll_the_clips_and_the_headers(timeline, view, session):
    view.set_row_height(300)
    header = timeline.headers.header(session.project.tracks[0].id)
    timeline.down.setValue(120)
    assert timeline.canvas.places.row_rect(0).top() == header.y() == -120
    timeline.across.setValue(50)
    assert view.scroll_seconds == pytest.approx(50 / view.pixels_per_second)


def test_when_tracks_go_those_that_are_left_show(timeline, view, session):
    view.set_row_height(300)
    timeline.down.setValue(timeline.down.maximum())
    gone = [track.id for track in session.project.tracks[1:]]
    session.apply("Delete tracks", lambda project: delete_tracks(project, gone))
    assert timeline.down.value() == timeline.canvas.places.scroll_y == 0
    header = timeline.headers.header(session.project.tracks[0].id)
    assert header.isVisible()
    assert header.y() == 0


def test_rows_grow_with_ctrl_shift_and_the_wheel(timeline, view):
    before = view.row_height
    canvas = timeline.canvas
    place = QPointF(200, 20)
    event = QWheelEvent(
        place,
        QPointF(canvas.mapToGlobal(place.toPoint())),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)
    assert view.row_height > before


def test_the_header_chooses_which_automation_is_drawn(timeline, view, session):
    track_id = session.project.tracks[0].id
    lane = timeline.headers.header(track_id).lane
    index = next(i for i in range(lane.count()) if lane.itemText(i).startswith("Gain"))
    lane.setCurrentIndex(index)
    lane.activated.emit(index)
    assert view.automation == {track_id: ParameterRef(None, "gain_db")}
    lane.activated.emit(0)
    assert view.automation == {}


def test_tracks_that_are_gone_leave_nothing_to_scroll(timeline, view, session):
    view.set_row_height(300)
    assert timeline.down.maximum() > 0
    ids = [track.id for track in session.project.tracks]
    session.apply("Delete", lambda project: delete_tracks(project, ids))
    assert timeline.down.maximum() == 0
