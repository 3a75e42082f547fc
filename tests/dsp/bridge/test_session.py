import json
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tonewright.dsp.bridge.chains import EMPTY, NamedChain, kept_chains, read_chain
from tonewright.dsp.bridge.studio import Studio

GAIN = np.float32(10.0 ** (-12.0 / 20.0))


def noise(samples: int, channels: int = 2) -> Any:
    return np.random.default_rng(samples).standard_normal((channels, samples)).astype(np.float32)


def test_a_plugin_without_a_chain_gets_the_engines(make_plugin: Callable[..., Any]) -> None:
    plugin = make_plugin()
    plugin.connect()
    assert json.loads(plugin.hear("chain"))["name"] == "Quiet"
    assert plugin.hear("name") == "Quiet"
    assert plugin.hear("ready") == "15"
    for samples in (16, 512, 8_192, 30_000, 40_000):  # the rings go round
        audio = noise(samples)
        assert np.allclose(plugin.play(audio), GAIN * audio, rtol=1e-6)


def test_a_plugin_keeps_its_own_chain(make_plugin: Callable[..., Any]) -> None:
    plugin = make_plugin(channels=1)
    plugin.connect(chain=EMPTY)
    plugin.hear("ready")
    audio = noise(1_000, channels=1)
    assert np.array_equal(plugin.play(audio), audio)


def test_what_is_not_finite_becomes_silence(make_plugin: Callable[..., Any]) -> None:
    plugin = make_plugin()
    plugin.connect()
    plugin.hear("ready")
    audio = noise(100)
    audio[:, 50] = np.nan
    heard = plugin.play(audio)
    assert np.isfinite(heard).all()
    assert (heard[:, 50] == 0.0).all()
    assert np.allclose(heard[:, :50], GAIN * audio[:, :50], rtol=1e-6)


def test_two_plugins_at_once(make_plugin: Callable[..., Any]) -> None:
    first, second = make_plugin(), make_plugin(channels=1)
    first.connect()
    second.connect(chain=EMPTY)
    first.hear("ready")
    second.hear("ready")
    for _ in range(3):
        assert np.array_equal(second.play(noise(64, 1)), noise(64, 1))
        assert np.allclose(first.play(noise(64)), GAIN * noise(64), rtol=1e-6)


def test_plugins_that_hang_up_leave_nothing_behind(make_plugin: Callable[..., Any]) -> None:
    def visit() -> int:
        plugin = make_plugin()
        plugin.connect()
        plugin.hear("ready")
        plugin.play(noise(64))
        plugin.close()
        for thread in threading.enumerate():
            if thread.name == "plugin":
                thread.join(20)
                assert not thread.is_alive()
        return len([*Path("/proc/self/fd").iterdir()])

    assert {visit() for _ in range(10)} == {visit()}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"token": "guessed"}, "token"),
        ({"chain": "{"}, "choose one again"),
        ({"chain": '{"effects": [{"type": "no_such_effect"}]}'}, "no_such_effect"),
    ],
)
def test_what_is_refused(
    make_plugin: Callable[..., Any], options: dict[str, str], reason: str
) -> None:
    plugin = make_plugin()
    plugin.connect(**options)
    assert reason in plugin.hear("refused")


def test_memory_of_another_layout_is_refused(make_plugin: Callable[..., Any]) -> None:
    plugin = make_plugin()
    struct.pack_into("<I", plugin.map, 4, 99)
    plugin.connect()
    assert "make plugin" in plugin.hear("refused")


def test_the_next_chain_is_offered(
    make_plugin: Callable[..., Any], studio: Studio, quiet: NamedChain
) -> None:
    kept = kept_chains(studio.presets_folder)
    kept.save("Quiet", quiet.document())
    kept.save("Zero", json.loads(EMPTY))
    plugin = make_plugin()
    plugin.connect()
    plugin.hear("ready")
    plugin.say("next")
    assert read_chain(json.loads(plugin.hear("choose"))) == NamedChain("Zero")
    plugin.say("previous")
    assert json.loads(plugin.hear("choose"))["name"] == "Zero"  # there are two, round and round


def test_a_chain_that_cannot_run_live_is_heard_dry_and_says_so(
    make_plugin: Callable[..., Any], tmp_path: Path
) -> None:
    chain = {"name": "Dry room", "effects": [{"type": "wpe_dereverb"}]}
    plugin = make_plugin()
    plugin.connect(chain=json.dumps(chain))
    assert "Place" in plugin.hear("status")
    plugin.hear("ready")
    assert np.array_equal(plugin.play(noise(600)), noise(600))
