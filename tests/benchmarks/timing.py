"""How the engine's benchmarks measure: the signal, the turns, and what is quoted."""

import statistics
import time
from collections.abc import Callable, Sequence

import numpy as np

from tonewright.dsp.audio.signal import Audio

RATE = 48_000


def seconds(work: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def alternate(sides: Sequence[Callable[[], object]], runs: int) -> list[list[float]]:
    """Return the seconds of each side, in turn, after one warm-up of each."""
    for side in sides:
        side()
    times: list[list[float]] = [[] for _ in sides]
    for _ in range(runs):
        for side, taken in zip(sides, times, strict=True):
            taken.append(seconds(side))
    return times


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the ratios, pair by pair."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def music(length_samples: int, seed: int) -> Audio:
    """Return noise that swells and fades, so that no effect sees only one level."""
    random = np.random.default_rng(seed)
    swell = 0.15 + 0.1 * np.sin(np.arange(length_samples) / RATE * (1 + seed / 7))
    return (random.standard_normal((2, length_samples)) * swell * 0.2).astype(np.float32)


def speed(length_seconds: float, times: Sequence[float]) -> str:
    """Return a median as multiples of real time."""
    return f"{length_seconds / statistics.median(times):,.0f}x"
