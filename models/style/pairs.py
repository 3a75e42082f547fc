"""Training pairs: bars of a part over one chart, and an example of the same part elsewhere."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tonewright.dsp.midi.bars import SECTION_BARS
from tonewright.dsp.midi.roles import ACCOMPANIMENT, Role
from tonewright.models.style.corpus import Rendition
from tonewright.models.style.encoding import (
    SLOTS,
    STEPS_PER_QUARTER,
    ChordLine,
    Floats,
    Grid,
    Ints,
    chord_features,
    chord_line,
    grid_of,
    last_begun,
    position_features,
)
from tonewright.models.style.examples import PATTERN_BARS, Example, Told, told_of
from tonewright.models.style.network import PROFILE_FEATURES, Steps
from tonewright.models.style.weights import KINDS

TARGET_BARS = 4
EXCHANGED = 0.6
"""Share of the pairs of drums that are played on other drums."""

MOVED, OTHER_TONES = 0.3, 0.15
"""Shares of the pairs of basses that are moved by an octave, and that play other tones."""

TARGET_STEPS = TARGET_BARS * 4 * STEPS_PER_QUARTER


@dataclass(frozen=True, slots=True, eq=False)
class PlayedPart:
    """A part of a rendition on steps."""

    role: Role
    grid: Grid
    line: ChordLine
    chords: Floats
    last: npt.NDArray[np.bool_]
    beats: int
    has_fill: bool

    @property
    def bars(self) -> int:
        """How many there are."""
        return len(self.line) // (self.beats * STEPS_PER_QUARTER)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Pairs for the network.

    Attributes:
        steps: What it is told.
        velocities: What it shall answer, 0 to 1, ``(batch, steps, SLOTS)``.
        lengths: Index of the length, ``(batch, steps)``.
        valid: False behind the end of short bars.
    """

    steps: Steps
    velocities: Tensor
    lengths: Tensor
    valid: Tensor


def places(bars: Ints, beats: int) -> tuple[Ints, Ints, Ints]:
    """Return steps in the bar, bars in the section and ends of sections of whole bars."""
    bar_steps = beats * STEPS_PER_QUARTER
    beat_steps = np.tile(np.arange(bar_steps), len(bars))
    phases = (bars % SECTION_BARS).repeat(bar_steps)
    return beat_steps, phases, (phases == SECTION_BARS - 1).astype(np.int64)


class Pairs:
    """All parts of some renditions, to draw pairs from.

    Args:
        renditions: At least two charts of a groove make it useful.
        roles: The parts' roles.
    """

    def __init__(self, renditions: Iterable[Rendition], roles: Sequence[Role]) -> None:
        found: defaultdict[str, defaultdict[tuple[Role, int], list[PlayedPart]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for rendition in renditions:
            line = chord_line(rendition.chart.chords)
            chords = chord_features(line)
            for part in rendition.parts:
                if part.role not in roles or len(part.notes) < 16:
                    continue
                grid = grid_of(part.notes, part.role, line)
                found[rendition.groove.key][part.role, part.program].append(
                    PlayedPart(
                        part.role,
                        grid,
                        line,
                        chords,
                        last_begun(grid, part.role, line),
                        rendition.chart.beats,
                        bool(rendition.groove.fill),
                    )
                )
        self.roles = roles
        self.grooves = {name: list(parts.values()) for name, parts in found.items()}
        self.names = sorted(self.grooves)

    def draw(self, numbers: np.random.Generator, count: int, *, exchange: bool = False) -> Batch:
        """Return pairs: a groove, one of its parts, bars of it, and an example from elsewhere.

        Args:
            numbers: Where chance comes from.
            count: Of pairs.
            exchange: Whether drums and basses play other drums and tones, in training.
        """
        drawn = []
        for _ in range(count):
            groove = self.grooves[self.names[numbers.integers(len(self.names))]]
            played = groove[numbers.integers(len(groove))]
            target = played[numbers.integers(len(played))]
            first = int(numbers.integers(target.bars // TARGET_BARS)) * TARGET_BARS
            example = draw_example(numbers, played[numbers.integers(len(played))])
            drawn.append(_pair(target, first, example))
        batch = _batch(drawn)
        if exchange and self.roles != KINDS["pitched"]:
            return _exchanged(batch, numbers, drums=Role.DRUMS in self.roles)
        return batch


def draw_example(numbers: np.random.Generator, part: PlayedPart) -> Example:
    """Return an example of one, two, four or eight bars; eight end with the groove's fill."""
    bars = int(numbers.choice((1, 2, PATTERN_BARS, SECTION_BARS), p=(0.1, 0.2, 0.3, 0.4)))
    first = int(numbers.integers(part.bars // SECTION_BARS)) * SECTION_BARS
    return example_of(part, first, bars)


def example_of(part: PlayedPart, first: int, bars: int) -> Example:
    """Return bars of a part as an example."""
    bar_steps = part.beats * STEPS_PER_QUARTER
    steps = slice(first * bar_steps, (first + bars) * bar_steps)
    grid = Grid(part.grid.velocities[steps], part.grid.lengths[steps], part.grid.register)
    return Example(grid, part.line[steps], part.beats, part.has_fill and bars == SECTION_BARS)


def _other_drums(numbers: np.random.Generator) -> Ints:
    """Return for each slot of drums which other it gets, at random.

    Patterns then go with other drums than they do in the corpus, and what an example plays has to
    be taken from it.
    """
    order = np.arange(SLOTS)
    if numbers.random() < EXCHANGED:
        # Only some are exchanged, so that the rest keeps its meaning.
        some = numbers.choice(SLOTS, numbers.integers(8, SLOTS), replace=False)
        order[some] = numbers.permutation(some)
    return order


def _other_bass(numbers: np.random.Generator, used: npt.NDArray[np.bool_]) -> Ints:
    """Return for each slot of a bass which other it gets, at random.

    Some play an octave higher or lower, some other numbers of the frame than they do in the corpus,
    in all octaves; the root stays.
    """
    order = np.arange(SLOTS)
    if numbers.random() < MOVED:
        octave = int(numbers.choice((-12, 12)))
        lost = used[-octave:] if octave > 0 else used[:-octave]
        if not lost.any():
            order = np.roll(order, octave)
    if numbers.random() < OTHER_TONES:
        some = numbers.choice(np.arange(1, 12), 4, replace=False)
        tones = np.arange(12)
        tones[some] = numbers.permutation(some)
        order = order // 12 * 12 + tones[order % 12]
    return order


def _exchanged(batch: Batch, numbers: np.random.Generator, *, drums: bool) -> Batch:
    """Return the pairs with slots exchanged, in the example as in what it is answered by."""
    steps = batch.steps
    used = ((batch.velocities > 0.0) | (steps.aligned > 0.0) | (steps.usual > 0.0)).any(1).numpy()
    used |= steps.last.numpy().any(1)
    rows = [_other_drums(numbers) if drums else _other_bass(numbers, row) for row in used]
    order = torch.from_numpy(np.stack(rows))

    def exchanged(slots: Tensor) -> Tensor:
        return slots.gather(2, order[:, None].expand_as(slots))

    profile = steps.profile.clone()
    profile[:, -SLOTS:] = profile[:, -SLOTS:].gather(1, order)
    return replace(
        batch,
        steps=replace(
            steps,
            aligned=exchanged(steps.aligned),
            usual=exchanged(steps.usual),
            last=exchanged(steps.last),
            profile=profile,
        ),
        velocities=exchanged(batch.velocities),
    )


_Pair = tuple[PlayedPart, slice, Floats, Told]


def _pair(part: PlayedPart, first: int, example: Example) -> _Pair:
    bar_steps = part.beats * STEPS_PER_QUARTER
    steps = slice(first * bar_steps, (first + TARGET_BARS) * bar_steps)
    bars = np.arange(first, first + TARGET_BARS)
    beat_steps, phases, ends = places(bars, part.beats)
    positions = position_features(beat_steps, np.full(len(phases), part.beats), phases, ends)
    return part, steps, positions, told_of(example, beat_steps, phases, ends)


def _batch(pairs: list[_Pair]) -> Batch:
    count = len(pairs)

    def empty(*shape: int) -> Floats:
        return np.zeros((count, *shape), np.float32)

    aligned, usual = empty(TARGET_STEPS, SLOTS), empty(TARGET_STEPS, SLOTS)
    last, velocities = empty(TARGET_STEPS, SLOTS), empty(TARGET_STEPS, SLOTS)
    masks = empty(TARGET_STEPS, 12)
    chords = empty(TARGET_STEPS, pairs[0][0].chords.shape[1])
    positions = empty(TARGET_STEPS, pairs[0][2].shape[1])
    profile = empty(PROFILE_FEATURES)
    told_lengths, lengths = np.zeros((2, count, TARGET_STEPS), np.int64)
    valid = np.zeros((count, TARGET_STEPS), np.bool_)
    for row, (part, steps, place, told) in enumerate(pairs):
        size = steps.stop - steps.start
        aligned[row, :size] = told.aligned
        usual[row, :size] = told.usual
        told_lengths[row, :size] = told.lengths
        profile[row] = told.profile
        positions[row, :size] = place
        last[row, :size] = part.last[steps]
        velocities[row, :size] = part.grid.velocities[steps] / np.float32(127.0)
        lengths[row, :size] = part.grid.lengths[steps]
        valid[row, :size] = True
        if part.role is not Role.DRUMS:
            masks[row, :size] = told.masks
            chords[row, :size] = part.chords[steps]
    roles = np.array([ACCOMPANIMENT.index(pair[0].role) for pair in pairs])
    tensor = torch.from_numpy
    return Batch(
        Steps(
            tensor(aligned), tensor(told_lengths), tensor(usual), tensor(masks), tensor(chords),
            tensor(positions), tensor(last), tensor(profile), tensor(roles),
        ),
        tensor(velocities),
        tensor(lengths),
        tensor(valid),
    )  # fmt: skip
