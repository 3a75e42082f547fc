"""Watching for inputs: a file is taken when it has come to rest.

The folders are looked at again and again, which works on every disk and share. A file whose size or
time is another than at the last look is still being written, and waits.
"""

from collections.abc import Iterable

from tonewright.dsp.batch.jobs import Job
from tonewright.dsp.batch.made import Stamp


class Watch:
    """Knows what has been seen."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, Stamp]] = {}
        self._taken: dict[str, tuple[str, Stamp]] = {}

    def look(self, jobs: Iterable[Job]) -> list[Job]:
        """Return all jobs whose inputs are at rest, if any of these is new or has changed.

        Args:
            jobs: Of what is there now.
        """
        found = list(jobs)
        now = {each.output: (each.recipe.key, Stamp.of(each.source)) for each in found}
        rests = [
            each
            for each in found
            if self._seen.get(each.output) == now[each.output]
            # What was taken before stays in the plan while it is written to again.
            or each.output in self._taken
        ]
        fresh = [
            each.output
            for each in rests
            if self._seen.get(each.output) == now[each.output] != self._taken.get(each.output)
        ]
        self._seen = now
        self._taken |= {output: now[output] for output in fresh}
        self._taken = {output: each for output, each in self._taken.items() if output in now}
        return rests if fresh else []
