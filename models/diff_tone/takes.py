"""Several takes of one edit, of which the best is kept.

A take differs in its noise, or in how hard it goes for the target: half of them go all the way, the
others ``GENTLE`` of it, which keeps more of what is played, and of a real recording is often the
only one that hangs together. Which is best is said by the listener: how probable the target is,
times how much of what is played is kept. The classifier that reports has no say in it.
"""

from collections.abc import Sequence

from torch import Tensor

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.rendering.job import share
from tonewright.models.diff_tone.algorithm import Rule, Run, Trace
from tonewright.models.diff_tone.backend import Listener
from tonewright.models.diff_tone.editing import Editing
from tonewright.models.diff_tone.instruments import named_in
from tonewright.models.diff_tone.inversion import Path

GENTLE = 0.6
"""Share of the guidance of every other take."""

SEED_STEP = 2**32
"""Between the seeds of takes, so that the takes of two seeds a user sets are not the same."""


def seeds_of(seed: int, takes: int) -> list[int]:
    """Return the seeds whose noise so many takes want: two takes share one."""
    return [(seed + SEED_STEP * number) % 2**64 for number in range(-(-takes // 2))]


class Takes:
    """An edit that is made several times; it is used like ``editing.Editing``.

    Args:
        editings: The recording on a path for each of ``seeds_of``.
        takes: How many to make, at least 1.
        listener: Says which is best.

    Attributes:
        path: Of the recording, with the first seed.
    """

    def __init__(self, editings: Sequence[Editing], takes: int, listener: Listener) -> None:
        self.path: Path = editings[0].path
        self._editings = editings
        self._takes = takes
        self._listener = listener

    @property
    def trace(self) -> Trace:
        """What the listener says of the first seed's path."""
        return self._editings[0].trace

    def switch(self, rule: Rule) -> int:
        """Return where a rule switches on the first seed's path."""
        return self._editings[0].switch(rule)

    def reconstruction_error(self) -> float:
        """Return how far the first seed's path ends from the recording."""
        return self._editings[0].reconstruction_error()

    def at(
        self,
        switch: int,
        target: str,
        *,
        guidance: float,
        strength: float = 1.0,
        run: Run | None = None,
    ) -> Audio:
        """Return the best take with the target's prompt from a switch on; see ``Editing.at``."""
        running = run or Run()
        # Behind the last step, and for a target that the listener does not know, all are alike.
        alike = switch == self.path.grid.steps or not named_in(target)
        takes = 1 if alike else self._takes
        found: list[tuple[float, Tensor]] = []
        for number in range(takes):
            begun = Run(share(running.report, number / takes, (number + 1) / takes), running.cancel)
            hard = guidance * (GENTLE if number % 2 else 1.0)
            editing = self._editings[number // 2]
            made = editing.latent_at(switch, target, guidance=hard, run=begun)
            found.append((0.0 if alike else self._worth(made, target), made))
        _, best = max(found, key=lambda each: each[0])
        return self._editings[0].decoded(best, strength=strength)

    def _worth(self, made: Tensor, target: str) -> float:
        """Return how good a take is, 0 to 1."""
        listener = self._listener
        heard = listener.probabilities(made, 1.0)[listener.names.index(named_in(target))]
        return float(heard) * listener.kept(self._editings[0].latent, made)
