"""What is kept of the picture is what would be painted anew."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage, QPalette

from tonewright.desktop.inspector.render_state import RenderStage, RenderState
from tonewright.desktop.theme import DARK, LIGHT
from tonewright.desktop.timeline.canvas import Canvas
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
    set_clip,
    set_tempo,
    set_track,
)

GAIN = ParameterRef(None, "gain_db")


@pytest.fixture
def canvas(timeline, waveforms, session, qtbot):
    canvas = timeline.canvas
    canvas.clearFocus()
    medium = session.project.media[0]
    qtbot.waitUntil(lambda: waveforms.peaks(medium) is not None)
    whole(canvas)
    return canvas


def whole(canvas):
    """Return the picture of a canvas on which nothing is left to be painted."""
    for _ in range(50):
        image = canvas.grab().toImage()
        if canvas.painted_whole:
            return image
    raise AssertionError("it is never whole")


@pytest.fixture
def fresh(session, view, waveforms, qtbot):
    """Return a function that paints all of it anew, as large as a canvas."""

    def painted(like):
        fresh = Canvas(session, view, waveforms)
        qtbot.addWidget(fresh)
        fresh.resize(like.size())
        return whole(fresh)

    return painted


def pixels(image):
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).astype(np.int16)


def apply(session, edit):
    session.apply("Edit", edit)


def first(session):
    return session.project.tracks[0]


CHANGES = {
    "move": lambda s, v: apply(
        s, lambda p: move_clips(p, {first(s).clips[0].id}, delta=ClockTime(0.3))
    ),
    "gain": lambda s, v: apply(s, lambda p: set_clip(p, first(s).clips[0].id, gain_db=-6.0)),
    "colour": lambda s, v: apply(s, lambda p: set_track(p, first(s).id, color="#336699")),
    "tempo": lambda s, v: apply(s, lambda p: set_tempo(p, 0, 77.0)),
    "select": lambda s, v: v.select([first(s).clips[1].id]),
    "range": lambda s, v: v.set_range(RangeSelection(first(s).id, TimeRange(1.5, 2.5))),
    "scroll": lambda s, v: v.scroll_to(0.7),
    "zoom": lambda s, v: v.zoom(1.3, 100.0),
    "height": lambda s, v: v.set_row_height(61),
    "lane": lambda s, v: v.show_automation(first(s).id, GAIN),
    "playhead": lambda s, v: v.set_playhead(1.9),
    "loop": lambda s, v: v.set_loop(TimeRange(1.0, 3.0)),
    "undo": lambda s, v: s.undo_stack.undo(),
}


def test_a_kept_picture_is_never_out_of_date(canvas, session, view, fresh):
    apply(session, lambda p: set_channel(p, first(session).id, gain_db=-1.0))
    for name, change in CHANGES.items():
        change(session, view)
        kept = whole(canvas)
        # A waveform may differ in a rounding, where its picture was made at another place.
        assert np.abs(pixels(kept) - pixels(fresh(canvas))).max() < 16, name


@pytest.mark.parametrize("step_pixels", [37, -90, 0.4])
def test_what_is_scrolled_is_what_would_be_painted_anew(canvas, session, view, fresh, step_pixels):
    a, b = (clip.id for clip in first(session).clips)
    effect = EffectSpec(Id("far"), "reverb")
    apply(session, lambda p: add_effect(p, a, effect))
    apply(session, lambda p: add_effect(p, first(session).id, replace(effect, id=Id("near"))))
    apply(session, lambda p: move_clips(p, {b}, delta=ClockTime(-1.3)))  # over the end of A
    view.select([b])
    view.scroll_to(1.8)
    whole(canvas)
    for _ in range(12):
        view.scroll_to(view.scroll_seconds + step_pixels / view.pixels_per_second)
        kept = whole(canvas)
    assert np.abs(pixels(kept) - pixels(fresh(canvas))).max() < 16


def test_scrolling_paints_a_row_anew_now_and_then_only(canvas, view, monkeypatch):
    painted = []
    paint = ClipPainter.paint
    monkeypatch.setattr(
        ClipPainter, "paint", lambda *args: (painted.append(args[2].name), paint(*args))
    )
    for _ in range(45):
        view.scroll_to(view.scroll_seconds + 10 / view.pixels_per_second)
        whole(canvas)
    assert painted.count("B") == 1


def test_the_name_of_a_clip_stays_in_sight(canvas, view):
    def words_at(seconds):
        view.scroll_to(seconds)
        title = whole(canvas).copy(0, 1, 60, 15)
        return len({title.pixel(x, y) for x in range(60) for y in range(15)})

    assert words_at(1.2) > 4
    assert words_at(1.7) > 4
    assert words_at(3.2) <= 4  # nothing is there


def test_the_lane_follows_its_points_its_fader_and_the_keyboard(canvas, session, view):
    track_id = first(session).id
    view.show_automation(track_id, GAIN)
    pictures = [whole(canvas)]
    apply(session, lambda p: set_channel(p, track_id, gain_db=-20.0))
    pictures.append(whole(canvas))
    lane = AutomationLane(GAIN, (AutomationPoint(0, 0.0), AutomationPoint(3_000, -30.0)))
    apply(session, lambda p: set_automation(p, track_id, lane))
    pictures.append(whole(canvas))
    view.set_point(PointFocus(track_id, GAIN, 3_000))
    pictures.append(whole(canvas))
    different = [a != b for a, b in pairwise(pictures)]
    assert different == [True, True, True]


def test_how_far_a_render_is_is_painted(canvas, session):
    effect = EffectSpec(Id("far"), "wpe_dereverb")
    apply(session, lambda p: add_effect(p, first(session).id, effect))
    before = whole(canvas)
    canvas.show_states({effect.id: RenderState(RenderStage.COMPUTING, 0.5)})
    half = whole(canvas)
    canvas.show_states({effect.id: RenderState(RenderStage.READY)})
    assert before != half != whole(canvas)


def test_only_rows_that_changed_are_painted_anew(canvas, session, view, monkeypatch):
    painted = []
    paint = ClipPainter.paint

    def counted(self, painter, clip, *rest):
        painted.append(clip.name)
        paint(self, painter, clip, *rest)

    monkeypatch.setattr(ClipPainter, "paint", counted)
    view.set_playhead(1.5)
    whole(canvas)
    assert painted == []
    keys = session.project.tracks[2].clips[0].id
    apply(session, lambda p: move_clips(p, {keys}, delta=ClockTime(0.5)))
    whole(canvas)
    assert set(painted) == {"C"}


@pytest.mark.parametrize("ratio", [1.25, 1.5, 2.0])
@pytest.mark.parametrize("height", [41, 84])
def test_on_a_dense_screen_everything_is_at_the_same_place(canvas, view, ratio, height):
    view.set_row_height(height)
    plain = whole(canvas)
    dense = QImage(canvas.size() * ratio, QImage.Format.Format_RGB32)
    dense.setDevicePixelRatio(ratio)
    for _ in range(20):
        canvas.render(dense)
        if canvas.painted_whole:
            break
    for x, y in ((200, height // 2), (350, height // 2), (500, 10), (600, 2 * height + 9)):
        seen = dense.pixelColor(int((x + 0.5) * ratio), int((y + 0.5) * ratio))
        apart = [
            a - b for a, b in zip(seen.toTuple(), plain.pixelColor(x, y).toTuple(), strict=True)
        ]
        assert max(map(abs, apart)) < 40, (x, y)


def test_another_theme_is_another_picture(canvas):
    empty = QPoint(430, 120)
    seen = []
    for theme in (LIGHT, DARK):
        palette = canvas.palette()
        palette.setColor(QPalette.ColorRole.Base, QColor(theme.window))
        canvas.setPalette(palette)
        seen.append(whole(canvas).pixelColor(empty).name())
    assert seen == [LIGHT.window, DARK.window]
