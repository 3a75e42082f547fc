import json
import queue
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tonewright.dsp.bridge.studio import Studio
from tonewright.dsp.project.edits import set_channel
from tonewright.dsp.project.folder import load, save
from tonewright.dsp.rendering.renderer import Renderer, render

RATE = 48_000
GAIN = np.float32(10.0 ** (-12.0 / 20.0))


def noise(samples: int, seed: int = 1) -> Any:
    return np.random.default_rng(seed).standard_normal((2, samples)).astype(np.float32)


def capture(plugin: Any, audio: Any, frame: int) -> str:
    """Record audio from a frame on; return the takes once they are rendered."""
    plugin.play(audio, playing=True, place=True, capture=True, frame=frame)
    plugin.play(noise(20), place=True)
    while '"result": ""' in (takes := plugin.hear("takes")):
        pass
    return str(takes)


def test_a_take_is_rendered_and_placed_to_the_sample(make_plugin: Callable[..., Any]) -> None:
    plugin = make_plugin()
    plugin.connect()
    plugin.hear("ready")
    audio = noise(5_000)
    (take,) = json.loads(capture(plugin, audio, frame=777))
    assert (take["start_frame"], take["length_samples"], take["bpm"]) == (777, 5_000, 120.0)
    before, after = noise(300, seed=2), noise(400, seed=3)
    track = np.concatenate([before, audio, after], axis=1)
    heard = plugin.play(track, playing=True, place=True, frame=477)
    assert np.array_equal(heard[:, :300], before)
    assert np.allclose(heard[:, 300:5_300], GAIN * audio, rtol=1e-6)
    assert np.array_equal(heard[:, 5_300:], after)


def test_a_take_survives_plugin_and_engine(make_plugin: Callable[..., Any], studio: Studio) -> None:
    first = make_plugin()
    first.connect()
    first.hear("ready")
    audio = noise(5_000)
    takes = capture(first, audio, frame=0)
    for lost in (False, True):
        if lost:
            studio.results.clear()  # it is rendered again from what was captured
        plugin = make_plugin()
        plugin.connect(takes=takes)
        assert json.loads(plugin.hear("takes"))[0]["result"]
        heard = plugin.play(audio, playing=True, place=True, frame=0)
        assert np.allclose(heard, GAIN * audio, rtol=1e-6)


def test_a_take_is_rendered_again_for_another_chain(make_plugin: Callable[..., Any]) -> None:
    first = make_plugin()
    first.connect()
    first.hear("ready")
    audio = noise(5_000)
    takes = capture(first, audio, frame=0)
    louder = {"name": "Loud", "effects": [{"type": "gain", "params": {"gain_db": 6.0}}]}
    plugin = make_plugin()
    plugin.connect(chain=json.dumps(louder), takes=takes)
    (take,) = json.loads(plugin.hear("takes"))
    (before,) = json.loads(takes)
    assert take["source"] == before["source"]
    assert take["result"] != before["result"]
    heard = plugin.play(audio, playing=True, place=True, frame=0)
    assert np.allclose(heard, np.float32(10 ** (6 / 20)) * audio, rtol=1e-6)


def test_a_changed_source_is_dry_until_it_is_back(make_plugin: Callable[..., Any]) -> None:
    plugin = make_plugin()
    plugin.connect()
    plugin.hear("ready")
    audio = noise(5_000)
    capture(plugin, audio, frame=0)
    other = audio.copy()
    other[0, 2_000] += 0.01
    assert np.array_equal(plugin.play(other, playing=True, place=True, frame=0), other)
    plugin.play(noise(20), place=True)
    assert np.allclose(
        plugin.play(audio, playing=True, place=True, frame=0), GAIN * audio, rtol=1e-6
    )


def test_live_and_placed_blend_where_the_mode_changes(make_plugin: Callable[..., Any]) -> None:
    plugin = make_plugin()
    plugin.connect()
    plugin.hear("ready")
    ones = np.ones((2, 1_000), np.float32)
    assert np.allclose(plugin.play(ones, playing=True), GAIN)
    heard = plugin.play(ones, playing=True, place=True, frame=1_000)
    assert np.abs(np.diff(heard)).max() < 0.01
    assert np.array_equal(heard[:, 200:], ones[:, 200:])


def test_the_editor_opens_at_the_plugin(
    make_plugin: Callable[..., Any], studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: queue.Queue[tuple[Path, ...]] = queue.Queue()
    monkeypatch.setattr(studio, "open_desktop", opened.put)
    plugin = make_plugin()
    plugin.connect()
    plugin.hear("ready")
    audio = noise(5_000)
    capture(plugin, audio, frame=12)
    plugin.say("open")
    (folder,) = opened.get(timeout=20)
    project = load(folder)
    (track,) = project.tracks
    assert (track.name, len(track.clips)) == ("Quiet", 1)
    with Renderer(studio.results, registry=studio.registry) as renderer:
        heard = render(project, renderer=renderer)
    assert np.allclose(heard[:, 12:5_012], GAIN * audio, rtol=1e-5, atol=1e-7)
    assert not heard[:, :12].any()
    changed = set_channel(project, track.id, gain_db=-6.0)
    save(changed, folder, collect=False)
    plugin.say("open")
    assert opened.get(timeout=20) == (folder,)
    assert load(folder).tracks[0].channel.gain_db == -6.0
