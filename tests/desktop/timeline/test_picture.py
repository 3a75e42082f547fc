"""What is kept of the picture is what would be painted anew."""

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage, QPalette

from tonewright.desktop.theme import DARK, LIGHT
from tonewright.desktop.timeline.view_state import RangeSelection
from tonewright.dsp.project.document import (
    ClockTime,
    ParameterRef,
    TimeRange,
)
from tonewright.dsp.project.edits import (
    move_clips,
    set_channel,
    set_clip,
    set_tempo,
    set_track,
)

GAIN = ParameterRef(None, "gain_db")


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


def test_a_kept_picture_is_never_out_of_date(drawn, session, view, apart):
    apply(session, lambda p: set_channel(p, first(session).id, gain_db=-1.0))
    for name, change in CHANGES.items():
        change(session, view)
        # A waveform may differ in a rounding, where its picture was made at another place.
        assert apart(drawn) < 16, name


@pytest.mark.parametrize("ratio", [1.25, 1.5, 2.0])
@pytest.mark.parametrize("height", [41, 84])
def test_on_a_dense_screen_everything_is_at_the_same_place(drawn, view, ratio, height, whole):
    view.set_row_height(height)
    plain = whole(drawn)
    dense = QImage(drawn.size() * ratio, QImage.Format.Format_RGB32)
    dense.setDevicePixelRatio(ratio)
    for _ in range(20):
        drawn.render(dense)
        if drawn.painted_whole:
            break
    for x, y in ((200, height // 2), (350, height // 2), (500, 10), (600, 2 * height + 9)):
        seen = dense.pixelColor(int((x + 0.5) * ratio), int((y + 0.5) * ratio))
        apart = [
            a - b for a, b in zip(seen.toTuple(), plain.pixelColor(x, y).toTuple(), strict=True)
        ]
        assert max(map(abs, apart)) < 40, (x, y)


def test_another_theme_is_another_picture(drawn, whole):
    empty = QPoint(430, 120)
    seen = []
    for theme in (LIGHT, DARK):
        palette = drawn.palette()
        palette.setColor(QPalette.ColorRole.Base, QColor(theme.window))
        drawn.setPalette(palette)
        seen.append(whole(drawn).pixelColor(empty).name())
    assert seen == [LIGHT.window, DARK.window]
