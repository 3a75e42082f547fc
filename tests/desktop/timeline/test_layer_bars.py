"""Effects as bars of clips and tracks: on the canvas, under the mouse, for a screen reader."""

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QSignalSpy, QTest

from tonewright.desktop.inspector.render_state import RenderStage, RenderState
from tonewright.desktop.theme import DARK
from tonewright.desktop.timeline.layer_bars import BAR_PIXELS, paint_bar, room_for
from tonewright.desktop.timeline.layers import Layer
from tonewright.dsp.project.document import EffectSpec, Id, TimeRange
from tonewright.dsp.project.edits import add_effect

LAYER = Layer(Id("w"), "WPE", TimeRange(1.0, 2.0), True, None)
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def layered(timeline, session):
    """Two layers on clip A, of the second of them on its last half second; one on its track."""
    track = session.project.tracks[0]
    for owner, effect in (
        (track.clips[0].id, EffectSpec(Id("w"), "wpe_dereverb")),
        (track.clips[0].id, EffectSpec(Id("r"), "reverb", range=TimeRange(1.5, 2.0))),
        (track.id, EffectSpec(Id("t"), "delay", range=TimeRange(8.0, 9.0))),
    ):
        session.apply("Add", lambda project, o=owner, e=effect: add_effect(project, o, e))
    return timeline.canvas


def bars(canvas):
    return {bar.layer.effect_id: bar for bar in canvas.bars.of_row(0)}


def test_bars_stand_on_one_another_where_their_effects_are(layered):
    found = bars(layered)
    clip = layered.places.clip_rect(0, layered.session.project.tracks[0].clips[0])
    assert (found["w"].rect.left(), found["w"].rect.right()) == (
        pytest.approx(clip.left() + 1),
        pytest.approx(clip.right() - 1),
    )
    assert found["r"].rect.left() == pytest.approx(250.0)
    assert found["r"].rect.bottom() <= found["w"].rect.top()
    assert found["t"].rect.bottom() <= found["r"].rect.top()
    assert found["t"].rect.left() == pytest.approx(800.0)


def test_a_click_on_a_bar_chooses_its_effect_and_its_clip(layered, view):
    chosen = QSignalSpy(layered.layer_chosen)
    clip = layered.session.project.tracks[0].clips[0]
    QTest.mouseClick(layered, LEFT, NONE, bars(layered)["r"].rect.center().toPoint())
    assert chosen.at(0) == [clip.id, "r"]
    assert view.focus == clip.id


def test_a_click_on_the_bar_of_a_track_leaves_the_playhead(layered, view):
    chosen = QSignalSpy(layered.layer_chosen)
    QTest.mouseClick(layered, LEFT, NONE, bars(layered)["t"].rect.center().toPoint())
    assert chosen.at(0) == [layered.session.project.tracks[0].id, "t"]
    assert view.playhead_seconds == 0.0


def test_a_low_row_shows_no_bars_but_a_screen_reader_finds_them(layered, view):
    view.set_row_height(36)
    bar = bars(layered)["w"]
    assert not bar.shown
    assert layered.bars.at(bar.rect.center()) is None
    assert ("layer", "w") in [item.key for item in layered.accessible_items()]


def test_a_screen_reader_hears_name_place_and_state(layered, view):
    computing = RenderState(RenderStage.COMPUTING, 0.25, 12.0)
    layered.show_states({Id("w"): computing})
    view.set_effect(Id("w"))
    items = {item.key[1]: item for item in layered.accessible_items() if item.key[0] == "layer"}
    name = items["w"].name
    assert "effect on the clip A, starts at bar 1, beat 3, 2.00 seconds long" in name
    assert name.endswith("Computing 25 %, 12 s left; you hear it dry")
    assert items["w"].selected
    assert not items["r"].selected
    assert "effect on the track One" in items["t"].name
    tip = layered._words_at(bars(layered)["w"].rect.center())
    assert tip == name


def test_a_part_of_the_canvas_is_painted_as_in_the_whole(layered):
    layered.show_states({Id("w"): RenderState(RenderStage.READY)})  # hatching has no one phase
    whole = layered.grab().toImage()
    part = bars(layered)["w"].rect.toRect().adjusted(2, 2, 0, -2)
    part.setWidth(9)
    assert layered.grab(part).toImage() == whole.copy(part)


def test_a_low_clip_has_no_room_for_bars():
    assert room_for(QRectF(0, 0, 100, 34)) == 0
    assert room_for(QRectF(0, 0, 100, 82)) >= 3


def painted(state, *, chosen=False):
    layer = Layer(LAYER.effect_id, "", LAYER.where, True, state)
    image = QImage(220, 30, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    paint_bar(painter, layer, QRectF(10, 10, 200, BAR_PIXELS), DARK, chosen=chosen)
    painter.end()
    return image


def filled_share(state):
    """Return how much of a painted bar is filled and not hatched, from a row above its text."""
    image = painted(state)
    colors = [image.pixelColor(x, 11).rgb() for x in range(12, 208)]
    same = [color == colors[0] for color in colors]
    return same.index(False) / len(same) if False in same else 1.0


def test_what_is_ready_is_filled_and_the_rest_is_hatched(qapp):
    assert filled_share(RenderState(RenderStage.READY)) == 1.0
    assert filled_share(RenderState(RenderStage.COMPUTING, 0.5)) == pytest.approx(0.5, abs=0.06)
    assert filled_share(RenderState(RenderStage.QUEUED)) < 0.06
    assert filled_share(None) < 0.06  # what is not known is not shown as there


def test_the_chosen_one_stands_out(qapp):
    state = RenderState(RenderStage.READY)
    assert painted(state, chosen=True) != painted(state)
