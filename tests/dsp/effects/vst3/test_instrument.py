from dataclasses import replace

import numpy as np
import pytest

from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.effects.vst3.catalog import plugin_types
from tonewright.dsp.errors import EffectError
from tonewright.dsp.project.document import (
    Channel,
    EffectSpec,
    Id,
    Instrument,
    MidiClip,
    MusicalTime,
    Note,
    Project,
    Track,
    TrackKind,
)
from tonewright.dsp.project.schema import from_json, to_json
from tonewright.dsp.rendering.renderer import Renderer, render
from tonewright.dsp.rendering.store import Store

RATE = 48_000
INSTRUMENT = "vst3_test_instrument"


@pytest.fixture
def song() -> Project:
    """An A for half a second, half a second after the start."""
    clip = MidiClip(Id("c"), "a", MusicalTime(960), 960, (Note(69, 127, 0, 960),))
    sound = Instrument(plugin=EffectSpec(Id("i"), INSTRUMENT, params=(("level_db", -6.0),)))
    track = Track(Id("1"), "Sine", TrackKind.MIDI, clips=(clip,), instrument=sound)
    return Project(Id("p"), "sine", RATE, tracks=(track,))


def test_a_midi_track_sounds_through_a_plugin(registry: Registry, song, tmp_path):
    with Renderer(Store(tmp_path), registry=registry) as renderer:
        heard = render(song, renderer=renderer)
    start = RATE // 2
    assert not heard[:, : start - 1].any()
    seconds = np.arange(RATE // 2) / RATE
    expected = 0.1 * 10 ** (-6 / 20) * np.sin(2 * np.pi * 440 * seconds)
    np.testing.assert_allclose(heard[0, start : start + RATE // 2], expected, atol=2e-4)
    assert not heard[:, 2 * start + 1 :].any()


def test_the_project_keeps_it(song):
    assert from_json(to_json(song)) == song


def test_an_instrument_is_no_effect_and_an_effect_no_instrument(catalog, song, tmp_path):
    registry = Registry(plugin_types(catalog))
    with pytest.raises(EffectError, match="is an instrument"):
        registry.create(EffectSpec(Id("e"), INSTRUMENT))
    (track,) = song.tracks
    gain = EffectSpec(Id("e"), "vst3_test_effect_testgain")
    wrong = replace(track, instrument=Instrument(plugin=gain))
    chained = replace(track, channel=Channel(effects=(EffectSpec(Id("e"), INSTRUMENT),)))
    with Renderer(Store(tmp_path), registry=registry) as renderer:
        for each, said in ((wrong, "is no instrument"), (chained, "is an instrument")):
            with pytest.raises(EffectError, match=said):
                render(replace(song, tracks=(each,)), renderer=renderer)
