from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tonewright.dsp.playback.sink import FADE_SECONDS, NullSink, WavSink

RATE = 48_000
Clock = Any
FADE = round(FADE_SECONDS * RATE)


def noise(length: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (2, length)).astype(np.float32)


def test_a_null_sink_plays_at_the_pace_of_its_clock(clock: Clock) -> None:
    sink = NullSink(RATE, ahead_seconds=0.2, clock=clock)
    assert sink.room_samples == 9_600
    sink.write(noise(9_600))
    assert (sink.room_samples, sink.played_samples) == (0, 0)
    clock.seconds += 0.05
    assert (sink.room_samples, sink.played_samples) == (2_400, 2_400)
    sink.write(noise(2_400))
    clock.seconds += 0.2
    assert (sink.room_samples, sink.played_samples) == (9_600, 12_000)


def test_time_in_which_nothing_waits_plays_nothing(clock: Clock) -> None:
    sink = NullSink(RATE, clock=clock)
    clock.seconds += 7.0
    sink.write(noise(1_000))
    assert sink.played_samples == 0
    clock.seconds += 7.0
    assert sink.played_samples == 1_000


def test_many_short_moments_play_as_much_as_a_long_one(clock: Clock) -> None:
    sink = NullSink(RATE, ahead_seconds=1.0, clock=clock)
    sink.write(noise(RATE))
    for _ in range(500):
        clock.seconds += 0.001_003
        played = sink.played_samples
    assert played == pytest.approx(500 * 0.001_003 * RATE, abs=1)


def test_more_than_there_is_room_for_is_refused(clock: Clock) -> None:
    sink = NullSink(RATE, ahead_seconds=0.1, clock=clock)
    with pytest.raises(ValueError, match="4801"):
        sink.write(noise(4_801))


def test_dropping_fades_out_and_forgets_the_rest(clock: Clock, tmp_path: Path) -> None:
    path = tmp_path / "heard.wav"
    sink = WavSink(path, RATE, clock=clock)
    audio = noise(9_000)
    sink.write(audio)
    clock.seconds += 0.1
    sink.drop()
    assert sink.played_samples == 4_800 + FADE
    assert sink.room_samples == 9_600
    sink.write(audio[:, :100])
    clock.seconds += 1.0
    assert sink.played_samples == 4_800 + FADE + 100
    sink.close()
    heard = soundfile.read(path, dtype="float32")[0].T
    assert np.array_equal(heard[:, :4_800], audio[:, :4_800])
    fading = heard[:, 4_800 : 4_800 + FADE]
    assert fading == pytest.approx(
        audio[:, 4_800:][:, :FADE] * np.arange(FADE)[::-1] / FADE, abs=1e-6
    )
    assert np.array_equal(heard[:, -100:], audio[:, :100])


def test_dropping_nothing_plays_nothing(clock: Clock) -> None:
    sink = NullSink(RATE, clock=clock)
    sink.drop()
    assert sink.played_samples == 0


def test_the_file_appears_on_closing(clock: Clock, tmp_path: Path) -> None:
    path = tmp_path / "heard.wav"
    sink = WavSink(path, RATE, clock=clock)
    sink.write(noise(100))
    clock.seconds += 1.0
    assert sink.played_samples == 100
    assert not path.exists()
    sink.close()
    assert np.array_equal(soundfile.read(path, dtype="float32")[0].T, noise(100))
