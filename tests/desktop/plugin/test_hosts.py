"""The plugin in hosts: exact offline, dry without an engine, silent about nothing."""

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pedalboard
import pytest
import soundfile

from tonewright.dsp.bridge.chains import NamedChain

RATE = 48_000
WAIT = ("--set", "When late", 2)


def read(path: Path) -> Any:
    return np.ascontiguousarray(soundfile.read(path, dtype="float32")[0].T)


@pytest.fixture
def vst3(built: Path) -> Any:
    return pedalboard.load_plugin(str(built / "tonewright.vst3"))


def test_without_an_engine_the_dry_sound_comes_back_in_time(
    vst3: Any, song: Path, desk: Any
) -> None:
    audio = read(song)
    assert np.array_equal(vst3.process(audio, RATE, 512), audio)


@pytest.mark.parametrize("block", [64, 512, 8_192])
def test_a_bounce_through_vst3_is_what_apply_writes(
    vst3: Any, song: Path, desk: Any, engine: Any, block: int
) -> None:
    vst3.when_late = "Wait"
    assert np.array_equal(vst3.process(read(song), RATE, block), desk.apply(song))


def test_two_instances_do_not_hear_each_other(
    built: Path, song: Path, desk: Any, engine: Any, noise: Any
) -> None:
    plugins = [pedalboard.load_plugin(str(built / "tonewright.vst3")) for _ in range(2)]
    signals = [np.pad(each, ((0, 0), (0, 8_192))) for each in (read(song), noise(2.0, seed=2))]
    heard = []
    for plugin in plugins:
        plugin.when_late = "Wait"
    for pieces in zip(*(np.split(each, 8, axis=1) for each in signals), strict=True):
        # Both streams stay open: pedalboard makes up for no latency then.
        out = [p.process(a, RATE, 512, reset=False) for p, a in zip(plugins, pieces, strict=True)]
        heard.append(out[0])
    latency = 2_048
    whole = np.concatenate(heard, axis=1)[:, latency : latency + 2 * RATE]
    assert np.array_equal(whole, desk.apply(song))


@pytest.mark.parametrize("choice", range(5))
def test_the_latency_that_is_reported_is_the_latency(clap: Any, song: Path, choice: int) -> None:
    heard = clap.run(read(song), "--set", "Latency", choice)
    assert heard.latency == 512 << choice
    assert np.array_equal(heard.aligned, read(song))


def test_a_bounce_is_what_apply_writes_in_every_format(
    host: Any, song: Path, desk: Any, engine: Any
) -> None:
    """Also where the blocks change their length all the time."""
    expected = desk.apply(song)
    for block in (64, "512,333,1,64,1900"):
        heard = host.run(read(song), *WAIT, block=block)
        assert heard.misses == 0
        assert np.array_equal(heard.aligned, expected)


def test_a_bounce_through_clap_is_what_apply_writes_at_every_latency(
    clap: Any, song: Path, desk: Any, engine: Any
) -> None:
    expected = desk.apply(song)
    for block, choice in ((333, 0), (512, 1), (5_000, 4)):
        heard = clap.run(read(song), *WAIT, "--set", "Latency", choice, block=block)
        assert heard.misses == 0
        assert np.array_equal(heard.aligned, expected)


def test_hosts_at_once_do_not_hear_each_other(
    hosts: list[Any], tmp_path: Path, desk: Any, engine: Any, noise: Any
) -> None:
    playing = []
    for seed, host in enumerate(hosts):
        path = tmp_path / f"{seed}.wav"
        soundfile.write(path, noise(2.0, seed=seed).T, RATE, "FLOAT")
        playing.append((path, host.start(read(path), *WAIT)))
    for path, each in playing:
        assert np.array_equal(each.heard().aligned, desk.apply(path))


def test_another_rate(host: Any, tmp_path: Path, desk: Any, engine: Any, noise: Any) -> None:
    """In mid-session: the host stops the plugin and starts it at the other rate."""
    path = tmp_path / "other.wav"
    soundfile.write(path, noise(1.0, rate=44_100).T, 44_100, "FLOAT")
    before = noise(0.5, seed=3)
    both = np.concatenate([before, read(path)], axis=1)
    heard = host.run(both, *WAIT, "--rate", before.shape[1], 44_100)
    assert np.array_equal(heard.aligned[:, before.shape[1] :], desk.apply(path))


def test_in_mono(clap: Any, tmp_path: Path, desk: Any, engine: Any, noise: Any) -> None:
    path = tmp_path / "mono.wav"
    audio = noise(1.0)[:1]
    soundfile.write(path, audio.T, RATE, "FLOAT")
    assert np.array_equal(clap.run(audio, *WAIT).aligned, desk.apply(path))


def test_bypassed_it_is_dry_and_as_late(clap: Any, song: Path, desk: Any, engine: Any) -> None:
    heard = clap.run(read(song), "--set", "Bypass", 1)
    assert np.array_equal(heard.aligned[:, RATE // 10 :], read(song)[:, RATE // 10 :])


def test_the_chain_is_saved_with_the_session(
    host: Any, song: Path, desk: Any, engine: Any, tmp_path: Path
) -> None:
    session = tmp_path / "session"
    host.run(read(song)[:, :4_096], "--save", session)
    engine.chain = NamedChain("another")
    desk.tonewright("chain", "delete", "Warm")
    heard = host.run(read(song), "--load", session, *WAIT)
    assert np.array_equal(heard.aligned, desk.apply(song))


def test_lv2_says_what_it_is_to_the_letter(built: Path) -> None:
    listed = subprocess.run(["dpkg", "-L", "lv2-dev"], capture_output=True, text=True, check=True)
    vocabularies = [each for each in listed.stdout.split() if each.endswith(".ttl")]
    ours = [str(path) for path in (built / "tonewright.lv2").glob("*.ttl")]
    command = ["sord_validate", *vocabularies, *ours]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, len(ours)) == (0, 2), ran.stdout + ran.stderr
