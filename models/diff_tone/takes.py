"""Several takes of one edit, from gentle to bold: the first in which the target is heard is kept.

The less an edit is guided to the target, the more of what is played stays; the more, the surer the
target is heard, and how much is needed differs from recording to recording. So a gentle take is
tried first, and a bolder one only if the target is not heard well enough in its sound. The last one
may begin from mere noise: what sounds like nothing that the model knows leaves traces in the noise
that inversion finds, and is heard through the edit. If the target is heard in none, the best take
is the one in which it is likeliest, times the square of how much of what is played is kept. The
classifier that reports has no say in it.
"""

from collections.abc import Callable, Iterable, Iterator

from torch import Tensor

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.rendering.job import share
from tonewright.models.diff_tone.algorithm import Rule, Run, Trace
from tonewright.models.diff_tone.backend import Listener
from tonewright.models.diff_tone.editing import Editing
from tonewright.models.diff_tone.instruments import named_in
from tonewright.models.diff_tone.inversion import Path

GENTLE = 0.5
"""How far beyond 1 the gentlest take is guided, of what is asked for."""

HEARD = 0.5
"""How probable the target must be in a take that is good enough."""


def guidances(takes: int, guidance: float) -> list[float]:
    """Return the guidance of every take, the last one as asked for."""
    if takes == 1:
        return [guidance]
    gentle = 1.0 + GENTLE * (guidance - 1.0)
    return [gentle + number / (takes - 1) * (guidance - gentle) for number in range(takes)]


def first_heard(
    listener: Listener, source: Audio, latent: Tensor, takes: Iterable[Tensor], instrument: str
) -> Tensor:
    """Return the first take in which an instrument is heard; the best if it is in none.

    Args:
        listener: Hears it; the instrument is one of its names.
        source: The recording, ``(channels, samples)`` at the model's rate.
        latent: Its latent.
        takes: Latents of the same shape; no more are asked for than are needed.
        instrument: A name of the listener's.
    """
    name = listener.names.index(instrument)
    best, most = latent, -1.0
    for take in takes:
        heard = float(listener.in_sound(take, source)[name])
        if heard >= HEARD:
            return take
        worth = heard * listener.kept(latent, take) ** 2
        if worth > most:
            best, most = take, worth
    return best


class Takes:
    """An edit that is made several times; it is used like ``editing.Editing``.

    Args:
        editing: The recording on its path.
        listener: Says which take is good.
        takes: How many there are at most.
        anew: Makes the recording's path from mere noise, for the last take if there are more than
            one; None to take the same path for all.

    Attributes:
        path: Of the recording.
    """

    def __init__(
        self,
        editing: Editing,
        listener: Listener,
        takes: int,
        *,
        anew: Callable[[], Editing] | None = None,
    ) -> None:
        self.path: Path = editing.path
        self._editing = editing
        self._listener = listener
        self._anew = anew if takes > 1 else None
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
        running = run or Run()

        def take(number: int, editing: Editing, guided: float) -> Tensor:
            part = share(running.report, number / self._takes, (number + 1) / self._takes)
            told = Run(part, running.cancel)
            return editing.latent_at(switch, target, guidance=guided, run=told)

        def takes() -> Iterator[Tensor]:
            asked = guidances(self._takes - (self._anew is not None), guidance)
            for number, guided in enumerate(asked):
                yield take(number, editing, guided)
            if self._anew is not None:
                yield take(len(asked), self._anew(), guidance)

        # At the last switch nothing is edited, and a target without a name cannot be listened for.
        if switch == self.path.grid.steps or instrument not in self._listener.names:
            return editing.at(switch, target, guidance=guidance, strength=strength, run=running)
        best = first_heard(self._listener, editing.audio, editing.latent, takes(), instrument)
        return editing.decoded(best, strength=strength)
