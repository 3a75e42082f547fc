"""Gestures by themselves: every step edits the project as it was, and Escape goes back."""

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt

from tonewright.desktop.timeline.automation_item import lane_of, target_of
from tonewright.desktop.timeline.clip_item import gain_y
from tonewright.desktop.timeline.places import Places
from tonewright.desktop.timeline.snap import Grid
from tonewright.desktop.timeline.tools import (
    BendCurve,
    DragFade,
    DragGain,
    DragPoint,
    Hit,
    MoveClips,
    RubberBand,
    SlipSource,
    TrimEdge,
    Zone,
    snapped_in,
    without_point,
)
from tonewright.dsp.project.document import (
    AutomationLane,
    AutomationPoint,
    FadeCurve,
    ParameterRef,
)
from tonewright.dsp.project.edits import set_automation, set_track
from tonewright.dsp.project.tempo import range_of

NONE, ALT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier
GAIN = ParameterRef(None, "gain_db")
GRABBED = QPointF(150, 40)


@pytest.fixture
def surface(session, view):
    bands = []
    places = Places(session, view)
    places.width = 800
    return SimpleNamespace(
        session=session, view=view, places=places, bands=bands, show_band=bands.append
    )


def clip(session, name="A"):
    return next(clip for _, clip in session.project.clips() if clip.name == name)


def hit(surface, zone, name="A"):
    track = surface.session.project.tracks[0]
    a = clip(surface.session, name)
    return Hit(track, surface.places.row_rect(0), a, surface.places.clip_rect(0, a), zone)


def sounding(session, name="A"):
    found = range_of(session.project, clip(session, name))
    return pytest.approx((found.start_seconds, found.end_seconds))


def test_steps_do_not_add_up_and_are_one_entry(surface, session, view):
    view.select([clip(session).id])
    gesture = MoveClips(surface, hit(surface, Zone.BODY), GRABBED, copy=False)
    for x in (10, 200, 50):
        gesture.step(GRABBED + QPointF(x, 0), NONE)
    gesture.finish()
    assert sounding(session) == (1.5, 3.5)
    assert session.undo_stack.count() == 1
    gesture.cancel()
    assert sounding(session) == (1.0, 3.0)
    assert session.undo_stack.count() == 0


def test_a_copy_leaves_the_clip_where_it_was(surface, session, view):
    view.select([clip(session).id])
    MoveClips(surface, hit(surface, Zone.BODY), GRABBED, copy=True).step(
        GRABBED + QPointF(700, 0), NONE
    )
    assert [each.name for _, each in session.project.clips()].count("A") == 2
    assert clip(session).id not in view.selection


@pytest.mark.parametrize(("zone", "found"), [(Zone.START, (1.5, 3.0)), (Zone.END, (1.0, 3.5))])
def test_an_edge_goes_where_the_mouse_is(surface, session, zone, found):
    TrimEdge(surface, hit(surface, zone), GRABBED).step(GRABBED + QPointF(50, 0), NONE)
    assert found == sounding(session)


def test_a_fade_grows_towards_the_middle_and_is_smooth_at_first(surface, session):
    for zone, x in ((Zone.FADE_IN, 40), (Zone.FADE_OUT, -60)):
        DragFade(surface, hit(surface, zone), GRABBED).step(GRABBED + QPointF(x, 0), NONE)
    a = clip(session)
    assert a.fade_in.length_seconds == pytest.approx(0.4)
    assert a.fade_out.length_seconds == pytest.approx(0.6)
    assert a.fade_in.curve is FadeCurve.SMOOTH
    DragFade(surface, hit(surface, Zone.FADE_IN), GRABBED).step(GRABBED - QPointF(999, 0), NONE)
    assert clip(session).fade_in.length_seconds == 0.0


def test_the_gain_line_rests_at_0_db_unless_alt_is_down(surface, session):
    at = hit(surface, Zone.GAIN)
    gesture = DragGain(surface, at, GRABBED)
    gesture.step(QPointF(150, gain_y(at.rect, -9.0)), NONE)
    assert clip(session).gain_db == pytest.approx(-9.0, abs=0.5)
    gesture.step(QPointF(150, gain_y(at.rect, 0.6)), NONE)
    assert clip(session).gain_db == 0.0
    gesture.step(QPointF(150, gain_y(at.rect, 0.6)), ALT)
    assert clip(session).gain_db != 0.0


def test_slipping_pulls_the_source_along(surface, session):
    before = clip(session).source_start_samples
    SlipSource(surface, hit(surface, Zone.BODY), GRABBED).step(GRABBED + QPointF(50, 0), NONE)
    assert clip(session).source_start_samples == before - 4_000
    assert sounding(session) == (1.0, 3.0)


def test_the_rubber_band_adds_and_escape_takes_it_back(surface, session, view):
    b = clip(session, "B").id
    band = RubberBand(surface, Hit(None, QRectF()), QPointF(90, 2), frozenset([b]))
    band.step(QPointF(320, 30), NONE)
    assert view.selection == {b, clip(session).id}
    assert surface.bands[-1] == QRectF(90, 2, 230, 28)
    band.cancel()
    assert (view.selection, surface.bands[-1]) == ({b}, None)


def with_lane(session, *points):
    track = session.project.tracks[0]
    session.apply("Draw", lambda p: set_automation(p, track.id, AutomationLane(GAIN, points)))
    return session.project.tracks[0]


def test_points_are_moved_and_curves_bent_towards_the_mouse(surface, session):
    points = AutomationPoint(0, -30.0), AutomationPoint(3_840, 0.0)
    track = with_lane(session, *points)
    row, target = surface.places.row_rect(0), target_of(track.channel, GAIN)
    on_curve = Hit(track, row, zone=Zone.CURVE, target=target, point=0)
    BendCurve(surface, on_curve, GRABBED).step(GRABBED + QPointF(0, 60), NONE)
    assert lane_of(session.project.tracks[0], GAIN).points[0].bend == pytest.approx(0.5)
    on_point = Hit(track, row, zone=Zone.POINT, target=target, point=1)
    DragPoint(surface, on_point, GRABBED).step(QPointF(100, row.center().y()), NONE)
    moved = lane_of(session.project.tracks[0], GAIN).points[1]
    assert (moved.ticks, moved.value) == (1_920, pytest.approx(-18.0))
    lane = lane_of(session.project.tracks[0], GAIN)
    left = without_point(session.project, track.id, lane, 1)
    assert len(lane_of(left.tracks[0], GAIN).points) == 1


def test_a_change_from_elsewhere_ends_a_gesture(surface, session, view):
    view.select([clip(session).id])
    gesture = MoveClips(surface, hit(surface, Zone.BODY), GRABBED, copy=False)
    gesture.step(GRABBED + QPointF(50, 0), NONE)
    track_id = session.project.tracks[1].id
    session.apply("Rename", lambda project: set_track(project, track_id, name="Other"))
    gesture.step(GRABBED + QPointF(300, 0), NONE)
    assert sounding(session) == (1.5, 3.5)


def test_positions_snap_unless_alt_is_down_or_snapping_off(session, view):
    view.set_tool(grid=Grid.BEAT, snap_on=True)
    assert snapped_in(session.project, view, 1.03, NONE) == 1.0
    assert snapped_in(session.project, view, 1.03, ALT) == 1.03
    view.set_tool(snap_on=False)
    assert snapped_in(session.project, view, 1.03, NONE) == 1.03
    assert snapped_in(session.project, view, -1.0, NONE) == 0.0
