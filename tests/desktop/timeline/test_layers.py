"""Effects as layers of clips and tracks."""

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from tonewright.desktop.inspector.render_state import RenderStage, RenderState
from tonewright.desktop.theme import DARK
from tonewright.desktop.timeline.layers import BAR_PIXELS, Layer, layers_of, paint_layers, room_for
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.project.document import EffectSpec, Id, TimeRange
from tonewright.dsp.project.edits import add_effect

LAYER = Layer(Id("w"), "WPE", TimeRange(1.0, 2.0), True, None)


def with_effects(project, owner_id, *effects):
    for effect in effects:
        project = add_effect(project, owner_id, effect)
    return project


def test_what_is_rendered_or_on_a_part_is_a_layer_and_the_rest_is_not(song):
    clip = song.tracks[0].clips[1]
    project = with_effects(
        song,
        clip.id,
        EffectSpec(Id("w"), "wpe_dereverb"),
        EffectSpec(Id("r"), "reverb", range=TimeRange(0.5, 1.0)),
        EffectSpec(Id("d"), "delay"),
        EffectSpec(Id("x"), "from_the_future", range=TimeRange(0.5, 1.0)),
    )
    layers = layers_of(project, project.tracks[0].clips[1], default_registry(), {})
    assert [each.effect_id for each in layers] == ["w", "r"]
    assert layers[0].where == TimeRange(4.0, 6.0)
    assert layers[1].where == TimeRange(4.5, 5.0)


def test_on_a_track_ranges_count_from_the_start_of_the_project(song):
    track = song.tracks[0]
    project = with_effects(
        song,
        track.id,
        EffectSpec(Id("w"), "wpe_dereverb"),
        EffectSpec(Id("r"), "reverb", range=TimeRange(0.5, 1.0)),
    )
    whole, part = layers_of(project, project.tracks[0], default_registry(), {})
    assert whole.where == TimeRange(1.0, 6.0)
    assert part.where == TimeRange(0.5, 1.0)


@pytest.mark.parametrize(
    ("state", "enabled", "text"),
    [
        (None, True, "WPE"),
        (RenderState(RenderStage.READY), True, "WPE"),
        (RenderState(RenderStage.COMPUTING, 0.4, 9.0), True, "WPE · Computing 40 %, 9 s left"),
        (RenderState(RenderStage.QUEUED), True, "WPE · Queued"),
        (RenderState(RenderStage.FAILED, reason="no weights"), True, "WPE · Failed: no weights"),
        (RenderState(RenderStage.QUEUED), False, "WPE · bypassed"),
    ],
)
def test_a_layer_says_how_far_its_sound_is(state, enabled, text):
    layer = Layer(LAYER.effect_id, LAYER.name, LAYER.where, enabled, state)
    assert layer.to_text().startswith(text)


def test_a_low_clip_has_no_room_for_bars():
    assert room_for(QRectF(0, 0, 100, 34)) == 0
    assert room_for(QRectF(0, 0, 100, 82)) >= 3


def filled_share(state):
    """Return how much of a painted bar is filled and not hatched, from a row above its text."""
    layer = Layer(LAYER.effect_id, "", LAYER.where, True, state)
    image = QImage(220, 80, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    paint_layers(painter, (layer,), QRectF(0, 0, 220, 80), ((10.0, 210.0),), DARK)
    painter.end()
    row = 80 - round(BAR_PIXELS)
    colors = [image.pixelColor(x, row).rgb() for x in range(12, 208)]
    same = [color == colors[0] for color in colors]
    return same.index(False) / len(same) if False in same else 1.0


def test_what_is_ready_is_filled_and_the_rest_is_hatched(qapp):
    assert filled_share(RenderState(RenderStage.READY)) == 1.0
    assert filled_share(RenderState(RenderStage.COMPUTING, 0.5)) == pytest.approx(0.5, abs=0.06)
    assert filled_share(RenderState(RenderStage.QUEUED)) < 0.06
    assert filled_share(None) < 0.06  # what is not known is not shown as there
