"""Several takes of one edit, from gentle to bold: the first in which the target is heard is kept.

The less an edit is guided to the target, the more of what is played stays; the more, the surer the
target is heard, and how much is needed differs from recording to recording. So a gentle take is
tried first, and a bolder one only if the target is not heard well enough in its sound.

Takes differ in their inversion, too (``takes_of``). The last one may begin from mere noise: what
sounds like nothing that the model knows leaves traces in the noise that inversion finds, and is
heard through the edit. If the target is heard in none, the best take is the one in which it is
likeliest, times the square of how much of what is played is kept. The classifier that reports has
no say in it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from torch import Tensor

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.rendering.job import share
from tonewright.models.diff_tone.algorithm import Rule, Run, Trace
from tonewright.models.diff_tone.backend import Listener
from tonewright.models.diff_tone.editing import Editing
from tonewright.models.diff_tone.instruments import named_in
from tonewright.models.diff_tone.inversion import Inversion, Path

GENTLE = 0.5
"""How far beyond 1 the gentlest take is guided, of what is asked for."""

HEARD = 0.65
"""How probable the target must be in a take that is good enough: more cost notes, less were heard
less often, on development cases and on samples (``resources/weights/diff_tone.md``)."""

PATH_SHARE = 0.3
"""How far a take is when its path is found."""


@dataclass(frozen=True, slots=True)
class Take:
    """How a recording is edited once.

    Attributes:
        inversion: How its noise is found.
        guidance: As ``Editing.at`` is asked for.
    """

    inversion: Inversion
    guidance: float


def takes_of(count: int, guidance: float, inversion: Inversion | None = None) -> list[Take]:
    """Return takes from gentle to bold.

    The first is edit-friendly, which gives back exactly what an edit leaves alone; the last forgets
    the source's sound, and has as bold a one of DDIM's before it.

    Args:
        count: At least 1.
        guidance: Of the boldest.
        inversion: One for all; None for the above.
    """
    if count == 1:
        return [Take(inversion or Inversion.EDIT_FRIENDLY, guidance)]
    if inversion is None:
        ways = [Inversion.EDIT_FRIENDLY, *[Inversion.DDIM] * (count - 2), Inversion.SDEDIT]
        boldest = max(1, count - 2)
    else:
        ways, boldest = [inversion] * count, count - 1
    gentle = 1.0 + GENTLE * (guidance - 1.0)
    return [
        Take(way, gentle + min(1.0, number / boldest) * (guidance - gentle))
        for number, way in enumerate(ways)
    ]


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
        invert: Returns the recording on its path, the same one when asked again.
        listener: Says which take is good.
        count: How many takes there are at most.
        inversion: Of all of them; None to have ``takes_of`` choose.
        run: Told of the first inversion.

    Attributes:
        path: Of the recording, as the first take has it.
    """

    def __init__(
        self,
        invert: Callable[[Inversion, Run], Editing],
        listener: Listener,
        count: int,
        *,
        inversion: Inversion | None = None,
        run: Run | None = None,
    ) -> None:
        self._invert = invert
        self._listener = listener
        self._count = count
        self._inversion = inversion
        gentlest, *_ = takes_of(count, 1.0, inversion)
        self._first = invert(gentlest.inversion, run or Run())
        self.path: Path = self._first.path

    @property
    def trace(self) -> Trace:
        """What the listener says of the path."""
        return self._first.trace

    def switch(self, rule: Rule) -> int:
        """Return where a rule switches."""
        return self._first.switch(rule)

    def reconstruction_error(self) -> float:
        """Return how far the path ends from the recording."""
        return self._first.reconstruction_error()

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
        first, instrument = self._first, named_in(target)
        running = run or Run()

        def told(begin: float, end: float) -> Run:
            part = share(running.report, begin / self._count, end / self._count)
            return Run(part, running.cancel)

        def takes() -> Iterator[Tensor]:
            for number, take in enumerate(takes_of(self._count, guidance, self._inversion)):
                begun = number + (PATH_SHARE if number else 0.0)
                editing = self._invert(take.inversion, told(number, begun)) if number else first
                part = told(begun, number + 1)
                yield editing.latent_at(switch, target, guidance=take.guidance, run=part)

        # At the last switch nothing is edited, and a target without a name cannot be listened for.
        alike = switch == self.path.grid.steps or instrument not in self._listener.names
        if alike or self._count == 1:
            return first.at(switch, target, guidance=guidance, strength=strength, run=running)
        best = first_heard(self._listener, first.audio, first.latent, takes(), instrument)
        return first.decoded(best, strength=strength)
