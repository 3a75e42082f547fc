"""The plugin beside an engine that dies, hangs, or comes late."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from tonewright.dsp.units import gain_to_db

RATE = 48_000
WAIT = ("--set", "When late", 2)


def tone(seconds: float) -> Any:
    wave = 0.5 * np.sin(2 * np.pi * 220.0 * np.arange(round(seconds * RATE)) / RATE)
    return np.stack([wave, wave]).astype(np.float32)


def click_dbfs(audio: Any) -> float:
    """Return the peak above 6 kHz, where a tone of 220 Hz has nothing but its clicks."""
    high = sosfilt(butter(4, 6_000.0, "highpass", fs=RATE, output="sos"), audio)
    return float(gain_to_db(np.abs(high[:, RATE // 5 :]).max()))


@pytest.fixture
def start_quiet(desk: Any, start_engine: Callable[..., Any]) -> Callable[[], Any]:
    """Start an engine with a chain that lowers the gain by 12 dB."""
    desk.tonewright("chain", "save", "Quiet", "gain", "-p", "gain_db=-12")
    return lambda: start_engine("--chain", "Quiet")


def peak(audio: Any) -> float:
    return round(float(np.abs(audio).max()), 2)


def test_a_killed_engine_is_neither_a_click_nor_a_hang(
    host: Any, start_quiet: Callable[[], Any]
) -> None:
    engine = start_quiet()
    heard = host.run(tone(2.0), *WAIT, "--at", RATE, f"kill -9 {engine.pid}")
    assert peak(heard.aligned[:, RATE // 2 : RATE - 4_096]) == 0.13
    assert peak(heard.aligned[:, RATE + 4_096 :]) == 0.5
    assert click_dbfs(heard.aligned) < -60.0
    assert heard.longest < 5.0
    assert heard.status == 0
    dry = slice(RATE + 4_096, None)
    assert np.array_equal(heard.aligned[:, dry], tone(2.0)[:, dry])


def test_bypass_in_mid_stream_is_no_click(host: Any, start_quiet: Callable[[], Any]) -> None:
    start_quiet()
    audio = tone(2.0)
    on, off = RATE // 2, RATE
    heard = host.run(audio, *WAIT, "--change", on, "Bypass", 1, "--change", off, "Bypass", 0)
    late = heard.latency
    dry = slice(on + late, off)  # what is played then, came in a latency before
    assert np.array_equal(heard.audio[:, dry], audio[:, on : off - late])
    assert peak(heard.aligned[:, RATE // 4 : on - late]) == 0.13
    assert peak(heard.aligned[:, -RATE // 2 :]) == 0.13
    assert click_dbfs(heard.aligned) < -60.0
    assert heard.misses == 0


def test_a_host_that_freewheels_is_waited_for(
    host: Any, start_quiet: Callable[[], Any], desk: Any
) -> None:
    """The engine stands still for longer than the latency, and nothing is missed."""
    pid = start_quiet().pid
    stands_still = f"kill -STOP {pid}; (sleep 0.3; kill -CONT {pid}) >/dev/null 2>&1 &"
    audio = tone(1.0)
    heard = host.run(audio, "--paced", "--set", "Freewheel", 1, "--at", RATE // 2, stands_still)
    assert heard.misses == 0
    assert np.allclose(heard.aligned, audio * np.float32(10 ** (-12 / 20)), rtol=1e-6)
    assert heard.longest > 0.1


def test_a_halted_engine_costs_misses_and_comes_back(
    clap: Any, start_quiet: Callable[[], Any]
) -> None:
    engine = start_quiet()
    heard = clap.run(
        tone(3.0),
        *("--paced", "--set", "Latency", 4),
        *("--at", RATE // 2, f"kill -STOP {engine.pid}"),
        *("--at", RATE * 5 // 4, f"kill -CONT {engine.pid}"),
    )
    assert heard.misses > 10
    assert peak(heard.audio[:, RATE : RATE * 5 // 4]) == 0.5
    assert peak(heard.aligned[:, -RATE // 4 :]) == 0.13
    assert click_dbfs(heard.aligned) < -60.0
    assert heard.longest < 0.5  # the engine is halted for longer


def test_an_engine_that_comes_late_is_found(
    clap: Any, desk: Any, start_quiet: Callable[[], Any], tmp_path: Path
) -> None:
    """Where the engine can be found is out of sight at first, and appears in mid-stream."""
    start_quiet()
    meeting = Path(desk.environment["TONEWRIGHT_RUNTIME"]) / "engine"
    hidden = tmp_path / "engine"
    meeting.rename(hidden)
    appears = ("--at", RATE // 2, f"mv {hidden} {meeting}", "--meet", RATE // 2)
    heard = clap.run(tone(1.5), *WAIT, *appears)
    assert peak(heard.aligned[:, : RATE // 2]) == 0.5
    assert peak(heard.aligned[:, RATE:]) == 0.13
    assert click_dbfs(heard.aligned) < -60.0
