"""The rows of tracks: painted as seldom as they may be, and never out of date."""

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QRegion

from tonewright.desktop.inspector.render_state import RenderStage, RenderState
from tonewright.desktop.timeline.clip_item import ClipPainter
from tonewright.desktop.timeline.view_state import PointFocus, RangeSelection
from tonewright.dsp.project.document import (
    AutomationLane,
    AutomationPoint,
    ClockTime,
    EffectSpec,
    Id,
    ParameterRef,
    TimeRange,
)
from tonewright.dsp.project.edits import (
    add_effect,
    move_clips,
    set_automation,
    set_channel,
)

GAIN = ParameterRef(None, "gain_db")


def apply(session, edit):
    session.apply("Edit", edit)


def first(session):
    return session.project.tracks[0]


@pytest.fixture(params=[False, True], ids=["plain", "automated"])
def automated(view, session, request):
    """Show the automation of the first track over it, or not."""
    if request.param:
        lane = AutomationLane(GAIN, (AutomationPoint(0, 0.0), AutomationPoint(9_000, -30.0)))
        apply(session, lambda p: set_automation(p, first(session).id, lane))
        view.show_automation(first(session).id, GAIN)


@pytest.mark.usefixtures("automated")
@pytest.mark.parametrize("step_pixels", [37, -90, 0.4])
def test_what_is_scrolled_is_what_would_be_painted_anew(drawn, session, view, step_pixels, apart):
    a, b = (clip.id for clip in first(session).clips)
    effect = EffectSpec(Id("far"), "reverb")
    apply(session, lambda p: add_effect(p, a, effect))
    apply(session, lambda p: add_effect(p, first(session).id, replace(effect, id=Id("near"))))
    apply(session, lambda p: move_clips(p, {b}, delta=ClockTime(-1.3)))  # over the end of A
    view.select([b])
    view.scroll_to(1.8)
    drawn.grab()
    for _ in range(12):
        view.scroll_to(view.scroll_seconds + step_pixels / view.pixels_per_second)
        drawn.grab()
    assert apart(drawn) < 16


@pytest.mark.usefixtures("automated")
def test_scrolling_paints_a_row_anew_now_and_then_only(drawn, view, monkeypatch, whole):
    painted = []
    paint = ClipPainter.paint
    monkeypatch.setattr(
        ClipPainter, "paint", lambda *args: (painted.append(args[2].name), paint(*args))
    )
    for _ in range(45):
        view.scroll_to(view.scroll_seconds + 10 / view.pixels_per_second)
        whole(drawn)
    assert painted.count("B") == 1


@pytest.mark.parametrize("automated", [False, True])
def test_the_name_of_a_clip_stays_in_sight(drawn, session, view, whole, automated):
    if automated:
        view.show_automation(first(session).id, GAIN)
    else:
        other = RangeSelection(session.project.tracks[1].id, TimeRange(1.0, 2.0))
        view.scroll_to(1.2)
        whole(drawn)
        view.set_range(other)

    def words_at(seconds):
        view.scroll_to(seconds)
        title = whole(drawn).copy(0, 1, 60, 15)
        return len({title.pixel(x, y) for x in range(60) for y in range(15)})

    assert words_at(1.2) > 4
    assert words_at(1.7) > 4
    assert words_at(3.2) <= 4  # nothing is there


def test_a_strip_is_painted_as_it_is_in_the_whole(drawn, session, view, whole):
    a = first(session).clips[0].id
    apply(session, lambda p: add_effect(p, a, EffectSpec(Id("far"), "wpe_dereverb")))
    view.select([a])
    view.scroll_to(1.2)  # A begins out of sight
    image = whole(drawn).convertToFormat(QImage.Format.Format_RGB32)
    again = image.copy()
    for x in (0, 5, 90, 178, 400):
        strip = QRect(x, 0, 3, drawn.height())
        drawn.render(again, strip.topLeft(), QRegion(strip))
    assert again == image


def test_the_lane_follows_its_points_its_fader_and_the_keyboard(drawn, session, view, whole):
    track_id = first(session).id
    view.show_automation(track_id, GAIN)
    pictures = [whole(drawn)]
    apply(session, lambda p: set_channel(p, track_id, gain_db=-20.0))
    pictures.append(whole(drawn))
    lane = AutomationLane(GAIN, (AutomationPoint(0, 0.0), AutomationPoint(3_000, -30.0)))
    apply(session, lambda p: set_automation(p, track_id, lane))
    pictures.append(whole(drawn))
    view.set_point(PointFocus(track_id, GAIN, 3_000))
    pictures.append(whole(drawn))
    different = [a != b for a, b in pairwise(pictures)]
    assert different == [True, True, True]


def test_how_far_a_render_is_is_painted(drawn, session, whole):
    effect = EffectSpec(Id("far"), "wpe_dereverb")
    apply(session, lambda p: add_effect(p, first(session).id, effect))
    before = whole(drawn)
    drawn.show_states({effect.id: RenderState(RenderStage.COMPUTING, 0.5)})
    half = whole(drawn)
    drawn.show_states({effect.id: RenderState(RenderStage.READY)})
    assert before != half != whole(drawn)


def test_only_rows_that_changed_are_painted_anew(drawn, session, view, monkeypatch, whole):
    painted = []
    paint = ClipPainter.paint

    def counted(self, painter, clip, *rest):
        painted.append(clip.name)
        paint(self, painter, clip, *rest)

    monkeypatch.setattr(ClipPainter, "paint", counted)
    view.set_playhead(1.5)
    whole(drawn)
    assert painted == []
    keys = session.project.tracks[2].clips[0].id
    apply(session, lambda p: move_clips(p, {keys}, delta=ClockTime(0.5)))
    whole(drawn)
    assert set(painted) == {"C"}


def test_what_there_was_no_time_for_is_painted_on_alone(drawn, session, view, monkeypatch, whole):
    monkeypatch.setattr(ClipPainter, "spent", True)  # no new picture in this painting
    second = session.project.tracks[2].clips[0].id
    view.select([second])
    drawn.repaint()
    assert not drawn.painted_whole
    monkeypatch.undo()
    painted = []
    paint = ClipPainter.paint
    monkeypatch.setattr(
        ClipPainter, "paint", lambda *args: (painted.append(args[2].name), paint(*args))
    )
    drawn.repaint(0, 2 * view.row_height, drawn.width(), view.row_height)
    assert drawn.painted_whole
    assert set(painted) == {"C"}
