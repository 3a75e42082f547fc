"""What a window looks at: zoom, scroll, selection, loop."""

import pytest
from PySide6.QtTest import QSignalSpy

from tonewright.desktop.timeline.view_state import PointFocus, RangeSelection
from tonewright.dsp.project.document import Id, ParameterRef, TimeRange

A, B = Id("a"), Id("b")


def test_zooming_keeps_what_is_under_the_pointer(view):
    view.scroll_to(10.0)
    before = view.seconds_at(300.0)
    view.zoom(3.0, 300.0)
    assert view.seconds_at(300.0) == pytest.approx(before)
    assert view.pixels_per_second == pytest.approx(300.0)


def test_zoom_and_rows_stay_where_something_can_be_seen(view):
    for factor in (1e9, 1e-9):
        view.zoom(factor, 0.0)
        assert 0.0 < view.pixels_per_second < 1e7
    view.set_row_height(1e9)
    high = view.row_height
    view.set_row_height(0)
    assert 0 < view.row_height < high < 2_000


def test_nothing_lies_before_the_start(view):
    view.scroll_to(-5.0)
    view.seek(-1.0)
    assert (view.scroll_seconds, view.playhead_seconds) == (0.0, 0.0)


def test_a_range_is_shown_whole_with_room_on_both_sides(view):
    view.show_range(TimeRange(20.0, 30.0), 1000)
    assert 0 < view.x_of(20.0) < 100
    assert 900 < view.x_of(30.0) < 1000


def test_a_single_clip_has_the_keyboard_and_several_only_if_one_is_named(view):
    view.select([A])
    assert view.focus == A
    view.select([A, B])
    assert view.focus is None
    view.select([A, B], focus=B)
    assert view.focus == B
    changes = QSignalSpy(view.selection_changed)
    view.select([B, A], focus=B)
    assert changes.count() == 0


def test_another_selection_takes_range_and_point_away(view):
    view.select([A])
    view.set_range(RangeSelection(A, TimeRange(0.0, 1.0)))
    view.set_point(PointFocus(Id("t"), ParameterRef(None, "gain_db"), 0))
    view.select([B])
    assert (view.range, view.point) == (None, None)


def test_an_empty_loop_is_none(view):
    view.set_loop(TimeRange(1.0, 2.0))
    view.set_loop(TimeRange(2.0, 2.0))
    assert view.loop is None
