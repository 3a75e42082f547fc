"""Several takes of one edit, from gentle to bold: the first in which the target is heard is kept.

The less an edit is guided to the target, the more of what is played stays; the more, the surer the
target is heard, and how much is needed differs from recording to recording. So a gentle take is
tried first, and a bolder one only if the listener does not hear the target well enough. If it never
does, the best take is the one in which the target is likeliest, times the square of how much of
what is played is kept. The classifier that reports has no say in it.
"""

from collections.abc import Iterable

from torch import Tensor

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.rendering.job import share
from tonewright.models.diff_tone.algorithm import Rule, Run, Trace
from tonewright.models.diff_tone.backend import Listener
from tonewright.models.diff_tone.editing import Editing
from tonewright.models.diff_tone.instruments import named_in
from tonewright.models.diff_tone.inversion import Path

SPREAD = 1.0 / 3.0
"""How much less far the gentlest take is guided beyond 1 than what is asked for, and how much
farther the boldest."""

HEARD = 0.85
"""How probable the target must be in a take that is good enough."""


def guidances(takes: int, guidance: float) -> list[float]:
    """Return the guidance of every take; that of a single one is what is asked for."""
    if takes == 1:
        return [guidance]
    steps = [2.0 * number / (takes - 1) - 1.0 for number in range(takes)]
    return [1.0 + (1.0 + SPREAD * step) * (guidance - 1.0) for step in steps]


def first_heard(
    listener: Listener, source: Tensor, takes: Iterable[Tensor], instrument: str
) -> Tensor:
    """Return the first take in which an instrument is heard; the best if it is in none.

    Args:
        listener: Hears it; the instrument is one of its names.
        source: The latent of the recording, ``(1, ...)`` as of ``Backend.latent_shape``.
        takes: Those of the takes, of the same shape, at least one; no more are asked for than are
            needed.
        instrument: A name of the listener's.
    """
    name = listener.names.index(instrument)
    best, most = source, -1.0
    for made in takes:
        heard = float(listener.probabilities(made, 1.0)[name])
        if heard >= HEARD:
            return made
        worth = heard * listener.kept(source, made) ** 2
        if worth > most:
            best, most = made, worth
    return best


class Takes:
    """An edit that is made several times; it is used like ``editing.Editing``.

    Args:
        editing: The recording on its path.
        listener: Says which take is good.
        takes: How many there are at most.

    Attributes:
        path: Of the recording.
    """

    def __init__(self, editing: Editing, listener: Listener, takes: int) -> None:
        self.path: Path = editing.path
        self._editing = editing
        self._listener = listener
        self._takes = takes

    @property
    def trace(self) -> Trace:
        """What the listener says of the path."""
        return self._editing.trace

    def switch(self, rule: Rule) -> int:
        """Return where a rule switches."""
        return self._editing.switch(rule)

    def reconstruction_error(self) -> float:
        """Return how far the path ends from the recording."""
        return self._editing.reconstruction_error()

    def at(
        self,
        switch: int,
        target: str,
        *,
        guidance: float,
        strength: float = 1.0,
        run: Run | None = None,
    ) -> Audio:
        """Return a take with the target's prompt from a switch on; see ``Editing.at``."""
        editing, instrument = self._editing, named_in(target)
        asked = guidances(self._takes, guidance)
        running = run or Run()

        def take(number: int) -> Tensor:
            part = share(running.report, number / len(asked), (number + 1) / len(asked))
            told = Run(part, running.cancel)
            return editing.latent_at(switch, target, guidance=asked[number], run=told)

        # At the last switch nothing is edited, and a target without a name cannot be listened for.
        if switch == self.path.grid.steps or instrument not in self._listener.names:
            made = editing.latent_at(switch, target, guidance=guidance, run=running)
        else:
            takes = (take(number) for number in range(len(asked)))
            made = first_heard(self._listener, editing.latent, takes, instrument)
        return editing.decoded(made, strength=strength)
