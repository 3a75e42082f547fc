"""Takes: a bass is played in several ways, and the one that is most like its example is kept.

Which way is right differs from style to style. Some basses repeat a pattern, where the network
leaves that of a style that it was not trained on too easily; others walk, as chance has it. What is
compared is when notes follow each other and by which intervals (``measures.time_pitch``); it counts
as well, less, how many notes belong to their chords.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tonewright.dsp.midi.roles import Role
from tonewright.models.style.encoding import (
    ChordLine,
    Floats,
    Grid,
    Ints,
    bass_pitches,
    quarters_of,
    slot_pitches,
)
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


CHORD_TONES = 0.25
"""What the share of notes that belong to their chords counts, where likeness counts 1."""

_BASS = (Take(2.0), Take(5.0, 3.0), Take(5.0, 3.0), Take(50.0))


def takes_of(role: Role) -> Sequence[Take]:
    """Return the ways that a part is played in."""
    return _BASS if role is Role.BASS else (Take(),)


def nearest(grids: Sequence[Grid], line: ChordLine, example: Example) -> int:
    """Return which of some takes of a bass over a song's chords is the best."""
    if len(grids) == 1:
        return 0
    meant = time_pitch(_struck(example.grid, slot_pitches(example.line, example.grid.register)))
    scores = []
    for grid in grids:
        struck = _struck(grid, bass_pitches(line, grid.register))
        scores.append(fit(time_pitch(struck), meant) + CHORD_TONES * _chord_tones(grid, line))
    return int(np.argmax(scores))


def _struck(grid: Grid, pitches: Ints) -> Floats:
    """Return what begins: rows of beat, 0, pitch and velocity."""
    steps, slots = np.nonzero(grid.velocities)
    columns = (quarters_of(steps), np.zeros(len(steps)), pitches[steps, slots])
    return np.stack((*columns, grid.velocities[steps, slots]), axis=1).astype(np.float32)


def _chord_tones(grid: Grid, line: ChordLine) -> float:
    """Return the share of a bass's notes that belong to the chord at their step."""
    steps, slots = np.nonzero(grid.velocities)
    if not len(steps):
        return 0.0
    above = bass_pitches(line, grid.register)[steps, slots] - line.roots[steps]
    inside = line.masks[steps, above % 12] > 0.0
    return float(np.mean(inside | (above % 12 == (line.basses - line.roots)[steps] % 12)))
