"""Where things are on the canvas, and what is at a place."""

import pytest
from PySide6.QtCore import QPointF, QRectF

from tonewright.desktop.timeline.clip_item import fade_handle, gain_y
from tonewright.desktop.timeline.places import Places
from tonewright.desktop.timeline.tools import Zone
from tonewright.dsp.project.document import (
    AutomationLane,
    AutomationPoint,
    ClockTime,
    Fade,
    ParameterRef,
    TimeRange,
)
from tonewright.dsp.project.edits import move_clips, set_automation, set_clip

GAIN = ParameterRef(None, "gain_db")


@pytest.fixture
def places(session, view):
    places = Places(session, view)
    places.width = 800
    return places


def clip(session, name):
    return next(clip for _, clip in session.project.clips() if clip.name == name)


def test_rows_lie_below_each_other_and_scroll(places, view):
    view.set_row_height(50)
    assert places.row_rect(2) == QRectF(0, 100, 800, 49)
    assert [places.row_at(y) for y in (0, 49, 50, 149)] == [0, 0, 1, 2]
    places.scroll_y = 30
    assert places.row_rect(1).top() == 20
    assert places.row_at(20) == 1


def test_a_clip_is_where_it_sounds_and_never_too_narrow_to_see(places, session, view):
    rect = places.clip_rect(0, clip(session, "A"))
    assert (rect.left(), rect.right()) == pytest.approx((100.0, 300.0))
    view.pixels_per_second = 0.1
    assert places.clip_rect(0, clip(session, "A")).width() == 3.0


def test_a_moved_clip_is_found_where_it_is_now(places, session):
    a = clip(session, "A")
    places.clip_rect(0, a)
    session.apply("Move", lambda p: move_clips(p, {a.id}, delta=ClockTime(1.0)))
    assert places.clip_rect(0, clip(session, "A")).left() == pytest.approx(200.0)


def test_the_parts_of_a_clip_are_told_apart(places, session, view):
    a = clip(session, "A")
    session.apply("Fade", lambda p: set_clip(p, a.id, fade_in=Fade(0.5), gain_db=-6.0))
    a = clip(session, "A")
    rect = places.clip_rect(0, a)
    handle = fade_handle(rect, 50.0, left=True)
    gain = QPointF(rect.center().x(), gain_y(rect, -6.0))
    assert places.hit(handle).zone is Zone.BODY  # handles are for what is selected
    assert places.hit(gain).zone is Zone.BODY
    view.select([a.id])
    assert places.hit(handle).zone is Zone.FADE_IN
    assert places.hit(gain).zone is Zone.GAIN
    assert places.hit(QPointF(rect.left() + 2, rect.center().y())).zone is Zone.START
    assert places.hit(QPointF(rect.right() - 2, rect.center().y())).zone is Zone.END


def test_beside_clips_and_below_tracks_is_nothing(places):
    hit = places.hit(QPointF(350, 20))
    assert (hit.clip, hit.zone, hit.track.name) == (None, Zone.EMPTY, "One")
    assert places.hit(QPointF(350, 9_000)).track is None


def test_points_and_the_curve_lie_over_the_clips(places, session, view):
    track = session.project.tracks[0]
    points = AutomationPoint(960, 0.0), AutomationPoint(960 * 8, -30.0)
    lane = AutomationLane(GAIN, points)
    session.apply("Draw", lambda p: set_automation(p, track.id, lane))
    view.show_automation(track.id, GAIN)
    track = session.project.tracks[0]
    drawn = places.drawn_lane(track, places.target(track), places.row_rect(0))
    first, last = (drawn.place_of(each) for each in points)
    hit = places.hit(first)
    assert (hit.zone, hit.point) == (Zone.POINT, 0)
    assert places.hit((first + last) / 2).zone is Zone.CURVE
    assert places.hit(last + QPointF(40, 30)).zone is not Zone.CURVE


def test_a_rectangle_finds_the_clips_that_it_touches(places, session):
    names = {each.id: each.name for _, each in session.project.clips()}
    found = places.clips_in(QRectF(150, 0, 10, 300))
    assert [names[each] for each in found] == ["A", "C"]


def test_what_does_not_show_is_scrolled_to(places, view):
    places.reveal(TimeRange(1.0, 2.0))
    assert view.scroll_seconds == 0.0
    places.reveal(TimeRange(30.0, 31.0))
    assert 0.0 <= view.x_of(30.0) < 800
