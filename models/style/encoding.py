"""Parts on a grid of steps, their pitches written in the frame of the chord.

Six steps a quarter note, at 0, 3, 4, 6, 8 and 9 twelfths of it: sixteenths and triplets, so that
straight and swung patterns keep their places. At a step a part has, for each of 48 slots, a
velocity (0: nothing begins), and one length for what begins there. A slot of a pitched part is an
octave and a number of the chord's frame, above the part's register; of drums it is a key. In this
form a pattern is the same over every chord, and so is what the network has to learn of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tonewright.dsp.midi.chords import QUALITIES, Chord
from tonewright.dsp.midi.roles import Role
from tonewright.models.style.frames import frame_of

STEPS_PER_QUARTER = 6
TWELFTHS = np.array([0, 3, 4, 6, 8, 9], np.float32)
SLOTS = 48
LENGTHS = np.array([1, 2, 3, 4, 6, 8, 9, 12, 18, 24, 36, 48, 72, 96], np.float32)
"""The lengths that a step can have, in twelfths of a quarter note."""

FIRST_DRUM = 35
"""The key of the first drum slot; General MIDI's kit is 35 to 81."""

STRUM_QUARTERS = 0.05
"""Notes of a chord that follow each other this fast are one stroke."""

CHORD_FEATURES = 53
POSITION_FEATURES = 18

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Velocities = npt.NDArray[np.uint8]

_NAMES = tuple(QUALITIES)
_FRAMES = np.array([frame_of(name) for name in _NAMES])
_SEMITONES = np.argsort(_FRAMES, axis=1)
_MASKS = np.zeros((len(_NAMES), 12), np.float32)
for _index, _tones in enumerate(QUALITIES.values()):
    _MASKS[_index, list(_tones)] = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class ChordLine:
    """Chords by the step, as numbers.

    Attributes:
        roots: Pitch classes.
        qualities: Places in ``QUALITIES``.
        basses: Pitch classes.
    """

    roots: Ints
    qualities: Ints
    basses: Ints

    def __len__(self) -> int:
        return len(self.roots)

    def __getitem__(self, steps: slice) -> "ChordLine":
        return ChordLine(self.roots[steps], self.qualities[steps], self.basses[steps])

    @property
    def masks(self) -> Floats:
        """The chords' tones as semitones above the root, ``(steps, 12)``."""
        return _MASKS[self.qualities]


def chord_line(quarters: Sequence[Chord]) -> ChordLine:
    """Return the steps of chords by the quarter note."""
    rows = [
        (each.root, _NAMES.index(each.quality), each.root if each.bass is None else each.bass)
        for each in quarters
    ]
    table = np.array(rows, np.int64).reshape(-1, 3).repeat(STEPS_PER_QUARTER, axis=0)
    return ChordLine(table[:, 0], table[:, 1], table[:, 2])


def chord_features(line: ChordLine) -> Floats:
    """Return what a network is told of the chord at each step and the one that follows.

    The chord's tones, its bass, the next root from here, the next chord's tones, and how many
    quarters off it is, of shape ``(steps, CHORD_FEATURES)``. No feature knows the key.
    """
    steps = len(line)
    changed = np.flatnonzero(np.diff(line.roots) | np.diff(line.qualities)) + 1
    ends = np.append(changed, steps)
    # Where a step's chord ends, and the chord there; the last one is followed by itself.
    end = ends[np.searchsorted(changed, np.arange(steps), side="right")]
    following = np.minimum(end, steps - 1)
    away = np.minimum((end - np.arange(steps) - 1) // STEPS_PER_QUARTER, 4)
    one = np.eye(12, dtype=np.float32)
    return np.concatenate(
        (
            line.masks,
            one[(line.basses - line.roots) % 12],
            one[(line.roots[following] - line.roots) % 12],
            line.masks[following],
            np.eye(5, dtype=np.float32)[away],
        ),
        axis=1,
    )


def steps_of(quarters: Floats) -> Ints:
    """Return the nearest step of each position in quarter notes."""
    whole = np.floor(quarters)
    middles = (np.append(TWELFTHS[1:], 12.0) + TWELFTHS) / 2.0
    inside = np.searchsorted(middles, (quarters - whole) * 12.0, side="right")
    return (whole.astype(np.int64) * STEPS_PER_QUARTER) + inside


def unstrummed(starts: Floats) -> Floats:
    """Return sorted starts, those of one strummed chord at its first note."""
    if not len(starts):
        return starts
    begins = np.append(True, np.diff(starts) > STRUM_QUARTERS)
    return starts[np.maximum.accumulate(np.where(begins, np.arange(len(starts)), 0))]


def quarters_of(steps: Ints) -> Floats:
    """Return the position of each step in quarter notes."""
    position = steps // STEPS_PER_QUARTER + TWELFTHS[steps % STEPS_PER_QUARTER] / 12.0
    return np.asarray(position, np.float32)


def register_of(pitches: Ints, line: ChordLine, steps: Ints) -> int:
    """Return the octave, as a multiple of 12, that a part's slots are counted from."""
    if not len(pitches):
        return 48
    low = np.percentile(pitches - _from_c(line.roots[steps]), 10)
    return int(np.floor(low / 12.0)) * 12


def _from_c(roots: Ints) -> Ints:
    """Return roots as semitones from the nearest C: F# lies above it, G below, as in the corpus."""
    return (roots + 5) % 12 - 5


def slots_of(pitches: Ints, line: ChordLine, steps: Ints, register: int) -> Ints:
    """Return the slot of each pitch over the chord at its step; far ones move by octaves."""
    above = pitches - _from_c(line.roots[steps]) - register
    octave = np.clip(above // 12 + 1, 0, SLOTS // 12 - 1)
    return octave * 12 + _FRAMES[line.qualities[steps], above % 12]


def slot_pitches(line: ChordLine, register: int) -> Ints:
    """Return the pitch of every slot at each step, ``(steps, SLOTS)``."""
    base = _from_c(line.roots) + register
    octaves = np.repeat(np.arange(SLOTS // 12) - 1, 12) * 12
    tiled = np.tile(_SEMITONES[line.qualities], SLOTS // 12)
    return base[:, None] + octaves + tiled


def bass_pitches(line: ChordLine, register: int) -> Ints:
    """Return ``slot_pitches`` of a bass: over C/E it plays E where its pattern has the root."""
    pitches = slot_pitches(line, register)
    pitches[:, ::12] += ((line.basses - line.roots + 5) % 12 - 5)[:, None]
    return pitches


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A part on steps.

    Attributes:
        velocities: ``(steps, SLOTS)``, 0 where nothing begins.
        lengths: Index into ``LENGTHS`` of what begins at each step.
        register: See ``register_of``; 0 of drums.
    """

    velocities: Velocities
    lengths: Velocities
    register: int = 0


def grid_of(notes: Floats, role: Role, line: ChordLine, register: int | None = None) -> Grid:
    """Return notes, rows of start and length in quarters, pitch and velocity, on steps."""
    notes, steps, slots, register = _slotted(notes, role, line, register)
    velocities = np.zeros((len(line), SLOTS), np.uint8)
    np.maximum.at(velocities, (steps, slots), np.clip(notes[:, 3], 1, 127).astype(np.uint8))
    longest = np.zeros(len(line), np.float32)
    np.maximum.at(longest, steps, notes[:, 1] * 12.0)
    lengths = np.abs(np.log(LENGTHS)[None] - np.log(np.maximum(longest, 0.5))[:, None]).argmin(1)
    return Grid(velocities, lengths.astype(np.uint8), register)


def held_of(notes: Floats, role: Role, line: ChordLine, grid: Grid) -> Floats:
    """Return how long, in beats, what a grid begins was really held, ``(steps, SLOTS)``."""
    notes, steps, slots, _ = _slotted(notes, role, line, grid.register)
    result = np.zeros((len(line), SLOTS), np.float32)
    np.maximum.at(result, (steps, slots), notes[:, 1])
    return result


def _slotted(
    notes: Floats, role: Role, line: ChordLine, register: int | None
) -> tuple[Floats, Ints, Ints, int]:
    """Return the notes that have a place on the steps of a line, their steps, slots and register.

    Args:
        notes: Sorted rows.
        role: Who plays them; drums outside General MIDI's kit have no place.
        line: The chord at each step.
        register: Where slots are counted from; found in the notes if None.
    """
    drums = role is Role.DRUMS
    steps = steps_of(notes[:, 0] if drums else unstrummed(notes[:, 0]))
    inside = (steps >= 0) & (steps < len(line))
    if drums:
        inside &= (notes[:, 2] >= FIRST_DRUM) & (notes[:, 2] < FIRST_DRUM + SLOTS)
    notes, steps = notes[inside], steps[inside]
    pitches = notes[:, 2].astype(np.int64)
    if drums:
        return notes, steps, pitches - FIRST_DRUM, 0
    if register is None:
        register = register_of(pitches, line, steps)
    return notes, steps, slots_of(pitches, line, steps, register), register


def last_begun(grid: Grid, role: Role, line: ChordLine) -> npt.NDArray[np.bool_]:
    """Return, in each step's own frame, what began last before it, ``(steps, SLOTS)``."""
    steps = len(line)
    begun = grid.velocities.any(axis=1)
    latest = np.maximum.accumulate(np.where(begun, np.arange(steps), -1))
    before = np.append(-1, latest[:-1])
    result = np.zeros((steps, SLOTS), np.bool_)
    here = np.flatnonzero(before >= 0)
    if role is Role.DRUMS:
        result[here] = grid.velocities[before[here]] > 0
        return result
    pitches = slot_pitches(line, grid.register)
    rows, slots = np.nonzero(grid.velocities[before[here]])
    at = here[rows]
    result[at, slots_of(pitches[before[at], slots], line, at, grid.register)] = True
    return result


def position_features(beat_steps: Ints, beats: Ints, phases: Ints, ends: Ints) -> Floats:
    """Return what a network is told of the place of each step.

    Args:
        beat_steps: Steps since the bar began.
        beats: Quarter notes of the bar.
        phases: Bars since the section began.
        ends: 1 in the last bar of a section, else 0.
    """
    return np.concatenate(
        (
            np.eye(6, dtype=np.float32)[beat_steps % STEPS_PER_QUARTER],
            np.eye(4, dtype=np.float32)[beat_steps // STEPS_PER_QUARTER % 4],
            np.stack((beats == 3, beats == 4), axis=1).astype(np.float32),
            np.eye(4, dtype=np.float32)[phases % 4],
            np.stack((ends == 1, phases == 0), axis=1).astype(np.float32),
        ),
        axis=1,
    )
