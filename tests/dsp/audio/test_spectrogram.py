import numpy as np
import pytest

from tonewright.dsp.audio.spectrogram import FLOOR_DB, spectrogram

RATE = 48_000


def tone(frequency_hz: float, seconds: float = 0.5) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return np.sin(2 * np.pi * frequency_hz * time)[np.newaxis].astype(np.float32)


@pytest.mark.parametrize("frequency_hz", [110.0, 1000.0, 9000.0])
def test_a_tone_is_loudest_in_its_row_and_reads_full_scale(frequency_hz):
    rows, low_hz, high_hz = 120, 60.0, 12_000.0
    levels = spectrogram(
        tone(frequency_hz), RATE, columns=9, rows=rows, low_hz=low_hz, high_hz=high_hz
    )
    expected = (rows - 1) * np.log(frequency_hz / low_hz) / np.log(high_hz / low_hz)
    assert abs(int(levels[:, 4].argmax()) - expected) <= 1.0
    assert levels[:, 4].max() == pytest.approx(0.0, abs=0.5)


def test_time_runs_from_left_to_right():
    audio = np.concatenate([np.zeros((1, RATE // 2), np.float32), tone(1000.0)], axis=1)
    levels = spectrogram(audio, RATE, columns=10, rows=40)
    assert levels[:, :4].max() == pytest.approx(FLOOR_DB)
    assert levels[:, 6:].max(axis=0).min() > -1.0


def test_levels_fall_with_the_sound_and_average_the_channels():
    loud = tone(500.0)
    both = np.concatenate([loud, np.zeros_like(loud)])
    levels = [spectrogram(each, RATE, columns=3, rows=60).max() for each in (loud, loud / 10, both)]
    assert levels[1] - levels[0] == pytest.approx(-20.0, abs=0.01)
    assert levels[2] - levels[0] == pytest.approx(-3.01, abs=0.01)


@pytest.mark.parametrize(
    ("seconds", "wanted"),
    [(0.5, {"high_hz": 30_000.0}), (0.5, {"low_hz": 0.0}), (0.5, {"columns": 0}), (0.0, {})],
)
def test_a_picture_that_cannot_be_is_refused(seconds, wanted):
    with pytest.raises(ValueError, match=r"no picture|do not fit"):
        spectrogram(tone(500.0, seconds), RATE, **{"columns": 4, "rows": 4} | wanted)
