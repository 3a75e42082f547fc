"""Averages that fade: what a stream knows of the frames so far."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter


class Recursion:
    """Averages over the frames so far, each weighing ``exp(-1 / frames)`` of the next one."""

    def __init__(self, frames: float) -> None:
        self._keep = float(np.exp(-1.0 / frames))
        self._state: npt.NDArray[Any] | None = None

    def __call__(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the averages at the next frames; shape ``(..., frames)``, float64 or complex."""
        rows = np.concatenate([np.ones_like(values[:1]), values])
        if self._state is None:
            self._state = np.zeros((*rows.shape[:-1], 1), rows.dtype)
        sums, self._state = lfilter([1.0], [1.0, -self._keep], rows, zi=self._state)
        return np.asarray(sums[1:] / sums[:1])
