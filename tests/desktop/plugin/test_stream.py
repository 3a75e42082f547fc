"""The plugin beside an engine that dies, hangs, or comes late."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.signal import butter, sosfilt

from tonewright.dsp.units import gain_to_db

RATE = 48_000


def tone(seconds: float) -> Any:
    wave = 0.5 * np.sin(2 * np.pi * 220.0 * np.arange(round(seconds * RATE)) / RATE)
    return np.stack([wave, wave]).astype(np.float32)


def click_dbfs(audio: Any) -> float:
    """Return the peak above 6 kHz, where a tone of 220 Hz has nothing but its clicks."""
    high = sosfilt(butter(4, 6_000.0, "highpass", fs=RATE, output="sos"), audio)
    return float(gain_to_db(np.abs(high[:, RATE // 5 :]).max()))


def test_a_killed_engine_is_neither_a_click_nor_a_hang(
    clap: Any, desk: Any, start_engine: Callable[..., Any]
) -> None:
    desk.tonewright("chain", "save", "Quiet", "gain", "-p", "gain_db=-12")
    engine = start_engine("--chain", "Quiet")
    heard = clap.run(tone(2.0), "--paced", "--at", RATE, f"kill -9 {engine.pid}")
    before = np.abs(heard.audio[:, RATE // 2 : RATE - 4_096]).max()
    after = np.abs(heard.audio[:, RATE + 4_096 :]).max()
    assert (round(before, 2), round(after, 2)) == (0.13, 0.5)
    assert click_dbfs(heard.aligned) < -60.0
    assert heard.longest < 0.1
    assert heard.status == 0


def test_a_killed_engine_does_not_hang_a_bounce(
    clap: Any, desk: Any, start_engine: Callable[..., Any]
) -> None:
    engine = start_engine("--chain", "Warm")
    heard = clap.run(tone(2.0), "--set", "When late", 2, "--at", RATE, f"kill -9 {engine.pid}")
    assert np.array_equal(heard.aligned[:, RATE + 8_192 :], tone(2.0)[:, RATE + 8_192 :])
    assert heard.longest < 2.0


def test_a_hanging_engine_costs_misses_and_comes_back(
    clap: Any, desk: Any, start_engine: Callable[..., Any]
) -> None:
    desk.tonewright("chain", "save", "Quiet", "gain", "-p", "gain_db=-12")
    engine = start_engine("--chain", "Quiet")
    heard = clap.run(
        tone(2.5),
        "--paced",
        *("--at", RATE // 2, f"kill -STOP {engine.pid}"),
        *("--at", RATE, f"kill -CONT {engine.pid}"),
    )
    assert heard.misses > 10
    assert np.abs(heard.audio[:, RATE - 4_096 : RATE]).max() > 0.49
    assert np.abs(heard.audio[:, 2 * RATE :]).max() < 0.13
    assert click_dbfs(heard.aligned) < -60.0
    assert heard.longest < 0.1


def test_an_engine_that_starts_late_is_found(
    clap: Any, desk: Any, start_engine: Callable[..., Any], tmp_path: Path
) -> None:
    """The engine's folder is out of sight at first, and appears in mid-stream."""
    desk.tonewright("chain", "save", "Quiet", "gain", "-p", "gain_db=-12")
    start_engine("--chain", "Quiet")
    folder = Path(desk.environment["TONEWRIGHT_RUNTIME"])
    meeting, hidden = folder / "engine", tmp_path / "engine"
    meeting.rename(hidden)
    heard = clap.run(tone(2.5), "--paced", "--at", RATE // 2, f"mv {hidden} {meeting}")
    assert np.abs(heard.audio[:, RATE // 4 : RATE // 2]).max() > 0.49
    assert np.abs(heard.aligned[:, -RATE // 4 :]).max() < 0.13
    assert click_dbfs(heard.aligned) < -60.0
