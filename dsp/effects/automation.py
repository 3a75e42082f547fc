"""Automation as curves over samples: what a value is at any sample of a stream.

Positions are samples from the start of the stream and may be negative. Before its first and behind
its last point a curve holds their values.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

BEND_STRENGTH = 6.0
"""The exponent of a bend of 1: such a curve starts 60 times slower than a straight line."""

Values = npt.NDArray[np.float64]


class Curve(Protocol):
    """A value for every sample."""

    def values(self, samples: npt.NDArray[Any]) -> Values:
        """Return the value at each position in samples."""
        ...


@dataclass(frozen=True)
class Automation:
    """A curve through breakpoints.

    From one point to the next it goes as ``(e^kt - 1) / (e^k - 1)``, where t runs from 0 to 1 and
    k is ``BEND_STRENGTH`` times the bend of the first: straight at 0, slow at first above 0, fast
    at first below 0, and always monotone. Two points at one sample make a jump: the later holds
    from that sample on.

    Attributes:
        points: (sample, value, bend in [-1, 1]), sorted by sample.
    """

    points: tuple[tuple[int, float, float], ...]

    def __post_init__(self) -> None:
        if not self.points:
            raise ValueError("automation needs at least one point")
        for (sample, _, _), (later, _, _) in pairwise(self.points):
            if later < sample:
                raise ValueError(f"automation points must be sorted: {sample} before {later}")
        for sample, value, bend in self.points:
            if not np.isfinite(value) or not -1.0 <= bend <= 1.0:
                raise ValueError(f"no automation point: value {value}, bend {bend} at {sample}")

    def values(self, samples: npt.NDArray[Any]) -> Values:
        """Return the value at each position in samples; any shape."""
        at, value, bend = self._columns
        if not bend.any():
            return np.interp(samples, at, value)
        left = np.clip(np.searchsorted(at, samples, side="right") - 1, 0, len(at) - 1)
        right = np.minimum(left + 1, len(at) - 1)
        length = np.maximum(at[right] - at[left], 1.0)
        way = np.clip((samples - at[left]) / length, 0.0, 1.0)
        k = BEND_STRENGTH * bend[left]
        bent = k != 0.0
        way = np.where(bent, np.expm1(k * way) / np.where(bent, np.expm1(k), 1.0), way)
        return value[left] + way * (value[right] - value[left])

    def shifted(self, samples: int) -> Self:
        """Return the curve moved later by a number of samples (earlier if negative)."""
        return replace(self, points=tuple((at + samples, v, bend) for at, v, bend in self.points))

    @cached_property
    def _columns(self) -> tuple[Values, Values, Values]:
        at, value, bend = np.asarray(self.points, np.float64).T
        return at, value, bend


@dataclass(frozen=True, eq=False)
class SampledAutomation:
    """A curve given as an array: one value every ``step_samples``, straight in between."""

    array: npt.NDArray[Any]
    step_samples: int = 1

    def __post_init__(self) -> None:
        if self.array.ndim != 1 or not len(self.array) or not np.isfinite(self.array).all():
            raise ValueError(
                f"automation must be finite values in one row, not shape {self.array.shape}"
            )
        if self.step_samples < 1:
            raise ValueError(f"step_samples must be at least 1, not {self.step_samples}")

    def values(self, samples: npt.NDArray[Any]) -> Values:
        """Return the value at each position in samples; any shape."""
        position = np.clip(np.asarray(samples) / self.step_samples, 0, len(self.array) - 1)
        left = position.astype(np.int64)
        right = np.minimum(left + 1, len(self.array) - 1)
        value = self.array[left].astype(np.float64)
        return value + (position - left) * (self.array[right] - value)


def as_curve(automation: Curve | npt.NDArray[Any]) -> Curve:
    """Return an array as a curve with one value a sample, a curve as it is."""
    return SampledAutomation(automation) if isinstance(automation, np.ndarray) else automation
