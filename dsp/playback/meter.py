"""What the meters show: falling peaks, a peak that is held, a clip light, loudness.

Time is counted in samples, so a meter shows the same however the stream was cut into blocks, up to
the length of a block. Levels are in dBFS, LUFS and dBTP; nothing is ``-inf``.
"""

from dataclasses import dataclass
from math import inf

import numpy as np
import numpy.typing as npt

from tonewright.dsp.audio.loudness import LoudnessMeter
from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.units import db_to_gain, gain_to_db

FALL_DB_PER_SECOND = 24.0
"""How fast a peak falls."""

HOLD_SECONDS = 2.0
"""How long the highest peak stands still before it falls."""

LOUDNESS_SECONDS = 0.1
"""How often loudness is worked out."""

Pair = tuple[float, float]
Gains = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Levels:
    """What the master meter shows, (left, right) where there are two.

    Attributes:
        peak_dbfs: The peak, falling.
        hold_dbfs: The highest peak of the last ``HOLD_SECONDS``.
        clipped: Whether a sample was beyond full scale since the meter was reset.
        momentary_lufs: Of the last 400 ms.
        short_term_lufs: Of the last 3 s.
        integrated_lufs: Of all since the meter was reset.
        true_peak_dbtp: Of all since the meter was reset.
    """

    peak_dbfs: Pair = (-inf, -inf)
    hold_dbfs: Pair = (-inf, -inf)
    clipped: bool = False
    momentary_lufs: float = -inf
    short_term_lufs: float = -inf
    integrated_lufs: float = -inf
    true_peak_dbtp: float = -inf


NO_LEVELS = Levels()


class FallingPeaks:
    """Peaks of several signals that rise at once and fall slowly.

    Args:
        signals: How many.
        hold_seconds: How long a peak stands before it falls.

    Attributes:
        gains: Linear, shape ``(signals, 2)``.
    """

    def __init__(self, signals: int, sample_rate: int, *, hold_seconds: float = 0.0) -> None:
        self.gains = np.zeros((signals, 2), np.float32)
        self._age_samples = np.zeros((signals, 2))
        self._hold_samples = hold_seconds * sample_rate
        self._fall = db_to_gain(-FALL_DB_PER_SECOND / sample_rate)

    def add(self, peaks: Gains, length_samples: int) -> None:
        """Take the largest magnitudes of the next block, shape ``(signals, 2)``."""
        self._age_samples += length_samples
        falling = np.clip(self._age_samples - self._hold_samples, 0.0, length_samples)
        fallen = self.gains * self._fall**falling
        risen = peaks >= fallen
        self.gains = np.where(risen, peaks, fallen).astype(np.float32)
        self._age_samples[risen] = 0.0


class MasterMeter:
    """Measures the stereo mix.

    Args:
        sample_rate: In Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self._sample_rate = sample_rate
        self._peaks = FallingPeaks(1, sample_rate)
        self.reset()

    def reset(self) -> None:
        """Put out the clip light, let the held peak go, and measure loudness anew."""
        self._holds = FallingPeaks(1, self._sample_rate, hold_seconds=HOLD_SECONDS)
        self._loudness = LoudnessMeter(self._sample_rate, 2)
        self._clipped = False
        self._levels = NO_LEVELS
        self._samples_to_go = 0

    def add(self, audio: Audio) -> Levels:
        """Take the next block, shape ``(2, samples)``, and return the levels at its end."""
        length = audio.shape[1]
        peaks = np.abs(audio).max(axis=1, initial=0.0)
        self._peaks.add(peaks[np.newaxis], length)
        self._holds.add(peaks[np.newaxis], length)
        self._clipped = self._clipped or bool(peaks.max() > 1.0)
        self._loudness.add(audio)
        before = self._levels
        self._samples_to_go -= length
        due = self._samples_to_go <= 0
        if due:
            self._samples_to_go += round(LOUDNESS_SECONDS * self._sample_rate)
        loudness = self._loudness
        self._levels = Levels(
            in_dbfs(self._peaks.gains[0]),
            in_dbfs(self._holds.gains[0]),
            self._clipped,
            loudness.momentary_lufs if due else before.momentary_lufs,
            loudness.short_term_lufs if due else before.short_term_lufs,
            loudness.integrated_lufs if due else before.integrated_lufs,
            loudness.true_peak_dbtp if due else before.true_peak_dbtp,
        )
        return self._levels


def in_dbfs(gains: Gains) -> Pair:
    """Return two linear peaks as levels."""
    left, right = gains.tolist()
    return gain_to_db(left), gain_to_db(right)
