"""Several takes of one edit, of which the best is kept.

A take has noise of its own, and, if that is left to itself, an inversion of its own: DDIM keeps
more of what is played, SDEdit is nearer to the target, and which of them fails differs from
recording to recording. Which take is best is said by the listener: how probable the target is,
times the square of how much of what is played is kept. The classifier that reports has no say in
it.
"""

from collections.abc import Sequence

from torch import Tensor

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.rendering.job import share
from tonewright.models.diff_tone.algorithm import Rule, Run, Trace
from tonewright.models.diff_tone.backend import Listener
from tonewright.models.diff_tone.editing import Editing
from tonewright.models.diff_tone.instruments import named_in
from tonewright.models.diff_tone.inversion import Inversion, Path

ALTERNATELY = (Inversion.DDIM, Inversion.SDEDIT)
"""What takes are inverted by if nobody says by what."""

SEED_STEP = 2**32
"""Between the seeds of takes, so that the takes of two seeds a user sets are not the same."""


def plan(takes: int, seed: int, inversion: Inversion | None) -> list[tuple[Inversion, int]]:
    """Return the inversion and the seed of every take.

    Args:
        takes: How many.
        seed: Of the first.
        inversion: Of all; None for ``ALTERNATELY``.
    """
    kinds = ALTERNATELY if inversion is None else (inversion,)
    return [
        (kinds[number % len(kinds)], (seed + SEED_STEP * (number // len(kinds))) % 2**64)
        for number in range(takes)
    ]


def worth(listener: Listener, source: Tensor, made: Tensor, target: str) -> float:
    """Return how good a take is, 0 to 1.

    Args:
        listener: Hears it; the target is one of its names.
        source: The latent of the recording.
        made: That of the take.
        target: An instrument.
    """
    heard = float(listener.probabilities(made, 1.0)[listener.names.index(target)])
    return heard * listener.kept(source, made) ** 2


class Takes:
    """An edit that is made several times; it is used like ``editing.Editing``.

    Args:
        editings: The recording on a path of its own for each take.
        listener: Says which is best.

    Attributes:
        path: Of the recording, as in the first take.
    """

    def __init__(self, editings: Sequence[Editing], listener: Listener) -> None:
        self.path: Path = editings[0].path
        self._editings = editings
        self._listener = listener

    @property
    def trace(self) -> Trace:
        """What the listener says of the first take's path."""
        return self._editings[0].trace

    def switch(self, rule: Rule) -> int:
        """Return where a rule switches on the first take's path."""
        return self._editings[0].switch(rule)

    def reconstruction_error(self) -> float:
        """Return how far the first take's path ends from the recording."""
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
        first, instrument = self._editings[0], named_in(target)
        # At the last switch nothing is edited, and a target without a name cannot be listened for.
        alike = switch == self.path.grid.steps or instrument not in self._listener.names
        editings = self._editings[:1] if alike else self._editings
        best, most = first.latent, -1.0
        for number, editing in enumerate(editings):
            begin, end = number / len(editings), (number + 1) / len(editings)
            part = Run(share(running.report, begin, end), running.cancel)
            made = editing.latent_at(switch, target, guidance=guidance, run=part)
            found = 0.0 if alike else worth(self._listener, first.latent, made, instrument)
            if found > most:
                best, most = made, found
        return first.decoded(best, strength=strength)
