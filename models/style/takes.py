"""Takes: a bass is played in several ways, and the one that is most like its example is kept.

Which way is right differs from style to style. Some basses repeat a pattern, where the network
leaves that of a style that it was not trained on too easily; others walk, as chance has it. What is
compared is when notes follow each other and by which intervals (``measures.time_pitch``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tonewright.dsp.midi.roles import Role
from tonewright.models.style.encoding import ChordLine, Floats, Grid, quarters_of, slot_pitches
from tonewright.models.style.examples import Example
from tonewright.models.style.measures import fit, time_pitch


@dataclass(frozen=True, slots=True)
class Take:
    """A way to play.

    Attributes:
        nats: How much it adds to the odds of notes that the example plays them.
        freedom: How many times as freely it is played as was asked for.
    """

    nats: float = 0.0
    freedom: float = 1.0


_BASS = (Take(2.0), Take(5.0, 3.0), Take(5.0, 3.0), Take(50.0))


def takes_of(role: Role) -> Sequence[Take]:
    """Return the ways that a part is played in."""
    return _BASS if role is Role.BASS else (Take(),)


def nearest(grids: Sequence[Grid], line: ChordLine, example: Example) -> int:
    """Return which of some takes over a song's chords is most like the example."""
    if len(grids) == 1:
        return 0
    meant = time_pitch(_struck(example.grid, example.line))
    return int(np.argmax([fit(time_pitch(_struck(each, line)), meant) for each in grids]))


def _struck(grid: Grid, line: ChordLine) -> Floats:
    """Return what begins: rows of beat, 0, pitch and velocity."""
    steps, slots = np.nonzero(grid.velocities)
    pitches = slot_pitches(line, grid.register)[steps, slots]
    columns = (quarters_of(steps), np.zeros(len(steps)), pitches, grid.velocities[steps, slots])
    return np.stack(columns, axis=1).astype(np.float32)
