"""The time that is left, learnt from the jobs that have ended.

A job's seconds are taken to be ``a + b * bytes`` of its input, ``a`` and ``b`` at least 0, fitted
by least squares for each kind of job: jobs of one recipe on inputs of one format. A kind of which
none has ended is judged by all that have. Old jobs count less and less, so that a machine that has
become slower is noticed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

Kind = tuple[str, str]
"""Key of a recipe, and suffix of the input."""

_FORGETTING = 0.99


def kind_of(recipe: str, source: PurePath) -> Kind:
    """Return what jobs of about the same cost a byte have in common."""
    return recipe, source.suffix.lower()


@dataclass(slots=True)
class Group:
    """Jobs of one kind that wait: how many, and the bytes of their inputs."""

    jobs: int = 0
    size_bytes: int = 0


@dataclass(slots=True)
class _Fit:
    count: float = 0.0
    x: float = 0.0
    y: float = 0.0
    xx: float = 0.0
    xy: float = 0.0

    def add(self, x: float, y: float) -> None:
        for name, value in (("count", 1.0), ("x", x), ("y", y), ("xx", x * x), ("xy", x * y)):
            setattr(self, name, _FORGETTING * getattr(self, name) + value)

    def total(self, count: float, x: float) -> float:
        """Return the sum of ``count`` values whose abscissas sum to ``x``."""
        mean_x, mean_y = self.x / self.count, self.y / self.count
        variance = self.xx / self.count - mean_x**2
        slope = (self.xy / self.count - mean_x * mean_y) / variance if variance > 1e-9 else 0.0
        slope = min(max(slope, 0.0), mean_y / mean_x if mean_x else 0.0)
        return count * (mean_y - slope * mean_x) + slope * x


class Pace:
    """Judges how long a batch takes.

    Args:
        waiting: The jobs that wait, by kind; taken over and counted down.
    """

    def __init__(self, waiting: Mapping[Kind, Group]) -> None:
        self._waiting = dict(waiting)
        self._fits: dict[Kind, _Fit] = {}
        self._all = _Fit()

    def begin(self, kind: Kind, size_bytes: int) -> None:
        """Take a job out of those that wait."""
        self._move(kind, size_bytes, -1)

    def put_back(self, kind: Kind, size_bytes: int) -> None:
        """Let a job wait again."""
        self._move(kind, size_bytes, 1)

    def end(self, kind: Kind, size_bytes: int, seconds: float) -> None:
        """Learn from a job that was done."""
        for fit in (self._fits.setdefault(kind, _Fit()), self._all):
            fit.add(size_bytes / 1e6, seconds)

    def left_seconds(
        self, running: Iterable[tuple[Kind, int, float]], workers: int
    ) -> float | None:
        """Return how long the rest takes; None before the first job has ended.

        Args:
            running: Kind, bytes and fraction done of the jobs that are being worked on.
            workers: How many jobs are worked on at a time.
        """
        if not self._all.count:
            return None
        rests = [
            self._expected(kind, 1, size_bytes) * (1.0 - fraction)
            for kind, size_bytes, fraction in running
        ]
        waiting = sum(
            self._expected(kind, group.jobs, group.size_bytes)
            for kind, group in self._waiting.items()
        )
        jobs = len(rests) + sum(group.jobs for group in self._waiting.values())
        at_once = max(1, min(workers, jobs))
        return max([(waiting + sum(rests)) / at_once, *rests])

    def _expected(self, kind: Kind, jobs: int, size_bytes: int) -> float:
        return self._fits.get(kind, self._all).total(jobs, size_bytes / 1e6)

    def _move(self, kind: Kind, size_bytes: int, jobs: int) -> None:
        group = self._waiting.setdefault(kind, Group())
        group.jobs += jobs
        group.size_bytes += jobs * size_bytes
