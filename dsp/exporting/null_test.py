"""The null test: what is left of the mix when the stems are taken away from it."""

from collections.abc import Sequence

import numpy as np

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.units import gain_to_db


class NullTest:
    """Sums stems against the mix, block by block, in float64.

    It listens before resampling, normalising and quantising: those would only add their own
    rounding, and one gain for each stem would make any sum meaningless.
    """

    def __init__(self) -> None:
        self._residual_peak = 0.0
        self._mix_peak = 0.0

    def add(self, mix: Audio, stems: Sequence[Audio]) -> None:
        """Take a block of the mix and the same block of every stem."""
        residual = -mix.astype(np.float64)
        for stem in stems:
            residual += stem
        self._residual_peak = max(self._residual_peak, _peak(residual))
        self._mix_peak = max(self._mix_peak, _peak(mix))

    @property
    def residual_dbfs(self) -> float:
        """The peak of what is left; ``-inf`` if stems and mix are equal to the last bit."""
        return gain_to_db(self._residual_peak)

    @property
    def mix_peak_dbfs(self) -> float:
        """The peak of the mix, to judge the residual by."""
        return gain_to_db(self._mix_peak)


def _peak(audio: np.ndarray) -> float:
    return float(np.max(np.abs(audio), initial=0.0))
