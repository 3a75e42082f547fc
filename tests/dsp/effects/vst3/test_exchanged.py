"""A real plugin on its way through a DAWproject that another program has saved again."""

import zipfile
from dataclasses import replace

import pytest

from tonewright.dsp.effects.vst3.asking import state_of
from tonewright.dsp.effects.vst3.catalog import types_by_class
from tonewright.dsp.exchange.dawproject.reader import read_dawproject
from tonewright.dsp.exchange.dawproject.writer import write_dawproject
from tonewright.dsp.project.document import (
    Channel,
    EffectSpec,
    Id,
    Project,
    Track,
    TrackKind,
)
from tonewright.dsp.rendering.inline import InlineQueue
from tonewright.dsp.rendering.renderer import Renderer
from tonewright.dsp.rendering.store import Store

GAIN = "vst3_test_effect_testgain"


def test_class_and_state_are_those_that_other_programs_know(registry, catalog, tmp_path):
    effect = EffectSpec(Id("e"), GAIN, params=(("gain_db", -12.0), ("invert", 1.0)))
    track = Track(Id("1"), "Voice", TrackKind.AUDIO, channel=Channel(effects=(effect,)))
    ours, theirs = tmp_path / "ours.dawproject", tmp_path / "theirs.dawproject"
    with Renderer(executor=InlineQueue(Store(tmp_path / "store"), registry)) as renderer:
        left = write_dawproject(Project(Id("p"), "song", tracks=(track,)), ours, renderer=renderer)
    assert [each for each in left if "Voice" in each] == []
    installed = dict.fromkeys(types_by_class(catalog), GAIN)
    assert read_dawproject(ours, tmp_path / "media", installed).project.tracks == (track,)
    with zipfile.ZipFile(ours) as source, zipfile.ZipFile(theirs, "w") as out:
        for name in source.namelist():
            if not name.endswith(".json"):  # what only Tonewright knows is gone
                out.writestr(name, source.read(name))
    imported = read_dawproject(theirs, tmp_path / "media", installed)
    assert not imported.left
    (heard,) = imported.project.tracks[0].channel.effects
    assert (heard.type, heard.params) == (GAIN, ())
    _, params = state_of(replace(heard, params=()), registry)
    assert params["gain_db"] == pytest.approx(-12.0, abs=1e-4)
    assert params["invert"] == 1.0
