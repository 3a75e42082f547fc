from math import inf

import numpy as np
import pytest

from tonewright.dsp.audio.loudness import LoudnessMeter
from tonewright.dsp.playback.meter import (
    FALL_DB_PER_SECOND,
    HOLD_SECONDS,
    NO_LEVELS,
    Levels,
    MasterMeter,
)

RATE = 48_000


def sine(seconds: float, gain: float = 0.5) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return (gain * np.sin(2 * np.pi * 997 * time) * [[1.0], [0.5]]).astype(np.float32)


def fed(meter: MasterMeter, audio: np.ndarray, block_samples: int = 1_024) -> Levels:
    levels = NO_LEVELS
    for start in range(0, audio.shape[1], block_samples):
        levels = meter.add(audio[:, start : start + block_samples])
    return levels


def test_levels_of_a_tone() -> None:
    tone = sine(4.0)
    levels = fed(MasterMeter(RATE), tone)
    assert levels.peak_dbfs == pytest.approx((-6.02, -12.04), abs=0.3)
    assert levels.hold_dbfs == pytest.approx((-6.02, -12.04), abs=0.01)
    assert not levels.clipped
    reference = LoudnessMeter(RATE, 2)
    reference.add(tone)
    assert levels.momentary_lufs == pytest.approx(reference.momentary_lufs, abs=0.05)
    assert levels.short_term_lufs == pytest.approx(reference.short_term_lufs, abs=0.05)
    assert levels.integrated_lufs == pytest.approx(reference.integrated_lufs, abs=0.05)
    assert levels.true_peak_dbtp == pytest.approx(reference.true_peak_dbtp, abs=0.05)


def test_a_peak_falls_and_the_held_one_stands_first() -> None:
    meter = MasterMeter(RATE)
    fed(meter, np.ones((2, RATE // 2), np.float32))
    after_one = fed(meter, np.zeros((2, RATE), np.float32))
    assert after_one.peak_dbfs[0] == pytest.approx(-FALL_DB_PER_SECOND, abs=0.2)
    assert after_one.hold_dbfs[0] == pytest.approx(0.0, abs=0.01)
    later = fed(meter, np.zeros((2, round(HOLD_SECONDS * RATE)), np.float32))
    assert later.hold_dbfs[0] == pytest.approx(-FALL_DB_PER_SECOND, abs=0.2)


def test_silence_reads_as_nothing() -> None:
    levels = fed(MasterMeter(RATE), np.zeros((2, RATE), np.float32))
    assert levels == Levels()
    assert levels.peak_dbfs == (-inf, -inf)


def test_the_clip_light_stays_until_it_is_reset() -> None:
    meter = MasterMeter(RATE)
    audio = np.zeros((2, 2_000), np.float32)
    audio[1, 500] = 1.0
    assert not fed(meter, audio).clipped  # full scale is not beyond it
    audio[1, 500] = -1.001
    assert fed(meter, audio).clipped
    assert fed(meter, 0 * audio).clipped
    meter.reset()
    levels = fed(meter, 0 * audio)
    assert not levels.clipped
    assert levels.true_peak_dbtp == -inf


@pytest.mark.parametrize("block_samples", [240, 999, 4_800])
def test_blocks_make_no_difference(block_samples: int) -> None:
    audio = sine(2.0) * np.linspace(1.0, 0.01, 2 * RATE, dtype=np.float32)
    one, other = (fed(MasterMeter(RATE), audio, size) for size in (480, block_samples))
    # A block's peak counts at its end: at most as late as the block is long.
    assert one.peak_dbfs == pytest.approx(other.peak_dbfs, abs=2.5)
    assert one.hold_dbfs == pytest.approx(other.hold_dbfs, abs=0.01)
    # And loudness is worked out each 100 ms, of what was there by then.
    assert one.momentary_lufs == pytest.approx(other.momentary_lufs, abs=2.0)
    assert one.integrated_lufs == pytest.approx(other.integrated_lufs, abs=0.2)
