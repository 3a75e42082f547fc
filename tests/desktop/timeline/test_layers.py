"""Effects as layers of clips and tracks."""

import pytest

from tonewright.desktop.inspector.render_state import RenderStage, RenderState
from tonewright.desktop.timeline.layers import Layer, layers_of
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


def test_an_effect_that_failed_is_a_layer_and_so_is_one_that_makes_notes(song):
    clip = song.tracks[0].clips[1]
    project = with_effects(song, clip.id, EffectSpec(Id("d"), "delay"))
    failed = {Id("d"): RenderState(RenderStage.FAILED, reason="it crashed")}
    (layer,) = layers_of(project, project.tracks[0].clips[1], default_registry(), failed)
    assert layer.to_text() == "Delay · Failed: it crashed"
    notes = with_effects(song, song.tracks[2].id, EffectSpec(Id("s"), "style_translate"))
    (layer,) = layers_of(notes, notes.tracks[2], default_registry(), {})
    assert layer.effect_id == "s"


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
