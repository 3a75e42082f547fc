import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewright.dsp.cli import main
from tonewright.dsp.effects.chain import Chain
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.effects.vst3 import hosted
from tonewright.dsp.effects.vst3.asking import preset_of, state_of
from tonewright.dsp.effects.vst3.catalog import types_by_class
from tonewright.dsp.effects.vst3.preset import class_id
from tonewright.dsp.effects.vst3.preset import state_of as preset_file_state
from tonewright.dsp.effects.vst3.process import PluginError
from tonewright.dsp.errors import EffectError
from tonewright.dsp.project.document import (
    PPQ,
    AutomationLane,
    AutomationPoint,
    EffectSpec,
    ParameterRef,
    Project,
    new_id,
)
from tonewright.dsp.project.edits import add_effect, set_automation
from tonewright.dsp.project.folder import load
from tonewright.dsp.project.media import add_files
from tonewright.dsp.rendering.renderer import Renderer, render
from tonewright.dsp.rendering.store import Store

RATE = 48_000
GAIN = "vst3_test_effect_testgain"
DELAY = "vst3_test_effect_testdelay"


def spec(effect_id: str, **params: object) -> EffectSpec:
    return EffectSpec(new_id(), effect_id, params=tuple(sorted(params.items())))


def noise(samples: int = RATE, channels: int = 2) -> np.ndarray:
    rng = np.random.default_rng(7)
    return (0.1 * rng.standard_normal((channels, samples))).astype(np.float32)


def hosting(name: str, plugins, **options) -> hosted.HostedPlugin:
    """A plugin that a scan would refuse."""
    return hosted.HostedPlugin(path=str(plugins / f"{name}.vst3"), **options)


def test_a_parameter_is_set_in_its_unit(registry):
    audio = noise()
    heard = registry.build([spec(GAIN, gain_db=-6.0)]).process(audio, RATE)
    np.testing.assert_allclose(heard, audio * 10 ** (-6 / 20), atol=1e-6)


def test_a_wrong_parameter_is_refused(registry, plugins):
    with pytest.raises(EffectError, match="gain_db"):
        registry.make(GAIN, {"gain": 3.0})
    with pytest.raises(PluginError, match="no parameter 'gain'"):
        hosting("TestGain", plugins, gain=3.0)


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_any_number_of_channels(registry, channels):
    audio = noise(5_000, channels)
    np.testing.assert_array_equal(registry.build([spec(GAIN)]).process(audio, RATE), audio)


def test_latency_is_compensated_and_nothing_is_lost(registry):
    audio = noise(10_001)
    np.testing.assert_array_equal(registry.build([spec(DELAY)]).process(audio, RATE), audio)


def test_the_callers_blocks_change_nothing(registry):
    audio = noise(20_000)
    whole = registry.build([spec(DELAY, gain_db=-3.0)]).process(audio, RATE)
    chain = registry.build([spec(DELAY, gain_db=-3.0)])
    cuts = np.split(audio, [100, 700, 701, 9_000], axis=1)
    pieces = [chain.process(each, RATE, reset=False) for each in cuts]
    np.testing.assert_array_equal(np.concatenate([*pieces, chain.finish()], axis=1), whole)


@pytest.mark.parametrize("samples", [1, 2, 3, 513, 514, 16_385])
def test_any_length(registry, samples):
    audio = noise(samples)
    np.testing.assert_array_equal(registry.build([spec(DELAY)]).process(audio, RATE), audio)


def test_who_brings_much_at_once_does_not_wait_and_loses_nothing(registry):
    effect = registry.make(DELAY, {"gain_db": -3.0})
    audio = noise(400_000)
    pieces = [effect.process(each, RATE, reset=False) for each in np.split(audio, 10, axis=1)]
    heard = np.concatenate([*pieces, effect.finish()], axis=1)
    np.testing.assert_allclose(heard, audio * 10 ** (-3 / 20), atol=1e-6)
    again = effect.process(audio, RATE)
    np.testing.assert_array_equal(again, heard)


def test_a_render_that_pauses_goes_on(registry):
    effect = registry.make(DELAY, {"gain_db": -3.0})
    audio = noise(100_000)
    heard = []
    for each in np.split(audio, 5, axis=1):
        heard.append(effect.process(each, RATE, reset=False))
        while not effect._process._rests:
            pass  # the plugin's side gives up waiting for more
    heard = np.concatenate([*heard, effect.finish()], axis=1)
    np.testing.assert_allclose(heard, audio * 10 ** (-3 / 20), atol=1e-6)


def test_what_is_on_its_way_is_dropped_with_its_stream(registry):
    effect = registry.make(GAIN, {})
    effect.process(np.ones((2, 100_000), np.float32), RATE, reset=False)
    zeros = np.zeros((2, 50_000), np.float32)
    np.testing.assert_array_equal(effect.process(zeros, RATE), zeros)
    effect.process(np.ones((2, 100_000), np.float32), RATE, reset=False)
    del effect  # its process is used again
    np.testing.assert_array_equal(registry.make(GAIN, {}).process(zeros, RATE), zeros)


def test_a_parameter_moves_during_the_sound(registry):
    effect = registry.make(GAIN, {})
    ones = np.ones((2, 700), np.float32)
    first = effect.process(ones, RATE, reset=False)
    effect.gain_db = -20.0
    rest = [effect.process(ones, RATE, reset=False), effect.finish()]
    heard = np.concatenate([first, *rest], axis=1)
    np.testing.assert_array_equal(heard[:, :700], 1.0)
    np.testing.assert_allclose(heard[:, 700:], 0.1, rtol=1e-5)


def test_a_state_keeps_what_no_parameter_says(registry, plugins):
    effect = registry.make(GAIN, {"gain_db": -12.0})
    state = effect.state()["state"]
    again = registry.make(GAIN, {}, state=state)
    assert again.gain_db == pytest.approx(-12.0, abs=1e-4)
    both = registry.make(GAIN, {"gain_db": 3.0}, state=state)
    assert both.gain_db == 3.0


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("TestCrash", "crashed .SIGSEGV"),
        ("TestHang", "hangs: no answer to 'process' within 2 s"),
        ("TestFlood", "floods the error output"),
    ],
)
def test_a_failing_plugin_stops_or_passes_dry(registry, plugins, caplog, name, what):
    audio = noise(30_000)
    with pytest.raises(EffectError, match=what):
        Chain([hosting(name, plugins)]).process(audio, RATE)
    effect = hosting(name, plugins, on_failure="dry")
    np.testing.assert_array_equal(Chain([effect]).process(audio, RATE), audio)
    assert name in effect.failure
    assert any("goes on dry" in each.message for each in caplog.records)


def test_a_liar_is_refused_until_trusted(registry):
    with pytest.raises(PluginError, match=r"reports 0 samples of latency .* 480 samples late"):
        registry.make("vst3_test_effect_testliar", {})


def test_a_process_is_used_again_and_starts_afresh(registry):
    first = registry.make(GAIN, {"gain_db": -12.0})
    pid = first._process.pid
    del first
    second = registry.make(GAIN, {})
    assert second._process.pid == pid
    assert second.gain_db == 0.0


def test_loading_and_unloading_leaves_nothing(registry, plugins):
    def held() -> list[int]:
        return [
            len(list(Path("/proc/self/fd").iterdir())),
            len(list(Path("/dev/shm").glob("tonewright-plugin-*"))),
            threading.active_count(),
        ]

    hosted.close_idle()
    before = held()
    for _ in range(3):
        registry.build([spec(GAIN)]).process(noise(600), RATE)
        hosted.close_idle()
    # Less is no leak: what failed in a test before may go only now.
    assert all(now <= then for now, then in zip(held(), before, strict=True))


def test_a_file_goes_through_a_plugin_on_the_command_line(
    registry, catalog_path, tmp_path, monkeypatch
):
    monkeypatch.setenv("TONEWRIGHT_PLUGINS", str(catalog_path))
    monkeypatch.setenv("TONEWRIGHT_CACHE", str(tmp_path / "store"))
    audio = noise(20_000)
    soundfile.write(tmp_path / "in.wav", audio.T, RATE, subtype="FLOAT")
    chain = f"{GAIN},{DELAY}"
    arguments = ["-p", f"{GAIN}.gain_db=-6", "--depth", "32f"]
    out = tmp_path / "out.wav"
    assert main(["apply", chain, str(tmp_path / "in.wav"), str(out), *arguments]) == 0
    heard, _ = soundfile.read(out, dtype="float32")
    np.testing.assert_allclose(heard.T, audio * 10 ** (-6 / 20), atol=1e-6)


def test_a_preset_goes_to_a_file_and_back(registry, catalog, tmp_path):
    saved = preset_of(spec(GAIN, gain_db=-12.0), registry)
    path = tmp_path / "quiet.vstpreset"
    path.write_bytes(saved)
    again = replace(spec(GAIN), state=preset_file_state(path))
    state, params = state_of(again, registry)
    assert params["gain_db"] == pytest.approx(-12.0, abs=1e-4)
    audio = noise(2_000)
    heard = registry.build([replace(spec(GAIN), state=state)]).process(audio, RATE)
    np.testing.assert_allclose(heard, audio * 10 ** (-12 / 20), atol=1e-6)
    assert types_by_class(catalog)[class_id(saved)].startswith("vst3_test_effect")
    path.write_bytes(b"no preset")
    with pytest.raises(EffectError, match=r"quiet\.vstpreset: is no VST3 preset"):
        preset_file_state(path)
    with pytest.raises(EffectError, match="gain is no plugin"):
        preset_of(spec("gain"), default_registry())


def test_a_preset_goes_to_a_file_and_back_on_the_command_line(
    registry, catalog_path, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("TONEWRIGHT_PLUGINS", str(catalog_path))
    monkeypatch.setenv("TONEWRIGHT_CACHE", str(tmp_path / "store"))
    sound, song, preset = tmp_path / "in.wav", tmp_path / "song", tmp_path / "quiet.vstpreset"
    soundfile.write(sound, noise(2_000).T, RATE, subtype="FLOAT")

    def fx(*arguments: object) -> int:
        return main(["fx", *map(str, (song, *arguments))])

    assert main(["new", str(song), str(sound)]) == 0
    assert fx(1, "add", f"{GAIN},reverb", "-p", "gain_db=-12") == 0
    before = load(song)
    assert fx(1, "save", GAIN, preset) == 0
    assert load(song) == before  # saving a preset leaves the project as it is
    assert fx(1, "set", GAIN, "gain_db=0") == 0
    assert fx(1, "load", GAIN, preset) == 0
    plugin, reverb = load(song).tracks[0].channel.effects
    assert dict(plugin.params)["gain_db"] == pytest.approx(-12.0, abs=1e-4)
    assert plugin.state
    assert reverb == before.tracks[0].channel.effects[1]
    after = load(song)
    preset.write_bytes(b"no preset")
    capsys.readouterr()
    for arguments, what in (
        (("load", GAIN, preset), "is no VST3 preset"),
        (("load", "reverb", preset), "is no"),
        (("save", "reverb", tmp_path / "reverb.vstpreset"), "reverb is no plugin"),
        (("save", GAIN, tmp_path / "nowhere" / "quiet.vstpreset"), "cannot be written"),
        (("load", GAIN, tmp_path / "missing.vstpreset"), "missing.vstpreset"),
    ):
        assert fx(1, *arguments) == 1
        assert what in capsys.readouterr().err
    assert load(song) == after
    assert not (tmp_path / "reverb.vstpreset").exists()


def test_a_lane_moves_a_plugins_parameter(registry, tmp_path):
    source = tmp_path / "ones.wav"
    soundfile.write(source, np.ones((2 * RATE, 2)), RATE, "FLOAT")
    project = add_files(Project(new_id(), "song", sample_rate=RATE), [source]).project
    effect = spec(GAIN)
    track = project.tracks[0].id
    project = add_effect(project, track, effect)
    ticks_per_second = 2 * PPQ  # at 120 beats a minute
    points = (AutomationPoint(0, -40.0), AutomationPoint(2 * ticks_per_second, 0.0))
    lane = AutomationLane(ParameterRef(effect.id, "gain_db"), points)
    project = set_automation(project, track, lane)
    with Renderer(Store(tmp_path / "store"), registry=registry) as renderer:
        heard = render(project, renderer=renderer)
    seconds = np.arange(2 * RATE) / RATE
    expected_db = -40.0 + 20.0 * seconds
    off_db = np.abs(20 * np.log10(heard[0, : 2 * RATE]) - expected_db)
    assert off_db.max() < 0.1  # it moves in steps
