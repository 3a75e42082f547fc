"""A part of a style, and the notes that it plays.

A note ends where a chord begins that it does not belong to, and where its key is struck again, so
that there is no event that MIDI could not hold.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tonewright.dsp.midi.chords import QUALITIES
from tonewright.dsp.midi.roles import Role
from tonewright.models.style.encoding import (
    FIRST_DRUM,
    LENGTHS,
    SLOTS,
    STEPS_PER_QUARTER,
    ChordLine,
    Floats,
    Grid,
    Ints,
    bass_pitches,
    slot_pitches,
)
from tonewright.models.style.examples import Example
from tonewright.models.style.network import MOST_NOTES
from tonewright.models.style.places import Places

LARGEST_LEAP = 12
DRUM_QUARTERS = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class StylePart:
    """One part of a style.

    Attributes:
        program: General MIDI program.
        example: What it plays in the style.
        strum_quarters: Time from one note of a chord to the next.
        lengths: How long, in beats, the part really holds each of ``LENGTHS``.
        offsets: How late, in beats, it plays at each step of a beat.
    """

    role: Role
    program: int
    example: Example
    strum_quarters: float = 0.0
    lengths: tuple[float, ...] = tuple(float(each) / 12.0 for each in LENGTHS)
    offsets: tuple[float, ...] = (0.0,) * STEPS_PER_QUARTER


def pitches_of(part: StylePart, line: ChordLine) -> Ints:
    """Return the pitch of each slot of a part at each step."""
    if part.role is Role.DRUMS:
        return np.broadcast_to(np.arange(SLOTS) + FIRST_DRUM, (len(line), SLOTS))
    register = part.example.grid.register
    return (bass_pitches if part.role is Role.BASS else slot_pitches)(line, register)


def most_notes(part: StylePart) -> int:
    """Return how many notes of a part may begin at once."""
    return min(MOST_NOTES, max(1, int((part.example.grid.velocities > 0).sum(axis=1).max())))


def largest_leap(part: StylePart) -> float:
    """Return how far a part may leap: an octave, or as far as its example does."""
    grid = part.example.grid
    pitches = slot_pitches(part.example.line, grid.register)
    begun = [
        float(pitches[step, grid.velocities[step] > 0].mean())
        for step in map(int, np.flatnonzero(grid.velocities.any(axis=1)))
    ]
    return max([LARGEST_LEAP, *(abs(b - a) for a, b in pairwise(begun))])


def repeated_share(part: StylePart) -> float:
    """Return how often a part's example begins again what it began just before, 0 to 1."""
    grid = part.example.grid
    pitches = slot_pitches(part.example.line, grid.register)
    begun = [
        pitches[step, grid.velocities[step] > 0].tolist()
        for step in map(int, np.flatnonzero(grid.velocities.any(axis=1)))
    ]
    return float(np.mean([a == b for a, b in pairwise(begun)])) if len(begun) > 1 else 1.0


_TONES = tuple(frozenset(tones) for tones in QUALITIES.values())


def notes_of_grid(
    grid: Grid, part: StylePart, line: ChordLine, places: Places, held: Floats | None = None
) -> Floats:
    """Return the notes of a grid: rows of start and length in quarters, pitch and velocity.

    Args:
        grid: What begins.
        part: Who plays it.
        line: The chord at each step.
        places: The steps.
        held: How long, in beats, the example holds what it begins at each step, or 0.
    """
    drums = part.role is Role.DRUMS
    pitches = pitches_of(part, line)
    changes = np.flatnonzero((np.diff(line.roots) != 0) | (np.diff(line.qualities) != 0)) + 1
    end_quarters = float(places.quarters[-1]) + 0.25

    def end_in_chord(pitch: int, step: int, end: float) -> float:
        for change in changes[np.searchsorted(changes, step, side="right") :]:
            at = float(places.quarters[change])
            if at >= end:
                break
            tones = _TONES[line.qualities[change]]
            if (pitch - line.roots[change]) % 12 not in tones and pitch % 12 != line.basses[change]:
                return at
        return end

    rows: list[tuple[float, float, int, int]] = []
    for step in map(int, np.flatnonzero(grid.velocities.any(axis=1))):
        beat = float(places.beat_quarters[step])
        late = part.offsets[places.beat_steps[step] % STEPS_PER_QUARTER] * beat
        start = max(0.0, float(places.quarters[step]) + late)
        length = DRUM_QUARTERS if drums else part.lengths[grid.lengths[step]] * beat
        own = np.zeros(SLOTS, np.float32) if drums or held is None else held[step] * beat
        if own.any():
            length = float(own.max())
        slots = np.flatnonzero(grid.velocities[step])
        # Over another bass the root and that bass are one pitch.
        _, first = np.unique(pitches[step, slots], return_index=True)
        for order, slot in enumerate(slots[np.sort(first)]):
            pitch = int(pitches[step, slot])
            lasts = float(own[slot]) or length
            end = min(start + lasts, max(end_quarters, start + 0.1))
            if not drums:
                end = end_in_chord(pitch, step, end)
            begin = max(start, min(start + order * part.strum_quarters, end - 0.05))
            rows.append((begin, end - begin, pitch, int(grid.velocities[step, slot])))
    return _cut(np.array(sorted(rows), np.float32).reshape(-1, 4))


def _cut(notes: Floats) -> Floats:
    """Return sorted notes, each ended where its key is struck again."""
    following: dict[float, float] = {}
    for row in range(len(notes) - 1, -1, -1):
        start, length, pitch, _ = notes[row].tolist()
        notes[row, 1] = min(length, following.get(pitch, np.inf) - start)
        following[pitch] = start
    return notes
