"""A style example for a song: which of its bars each of the song's bars is told of."""

from dataclasses import dataclass

import numpy as np

from tonewright.models.style.encoding import (
    SLOTS,
    STEPS_PER_QUARTER,
    ChordLine,
    Floats,
    Grid,
    Ints,
)

PATTERN_BARS = 4
"""Patterns are as long as this, or half or a quarter of it."""

_BAR_STEPS = 4 * STEPS_PER_QUARTER


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """Bars of one part in the wanted style.

    Attributes:
        grid: The part, bar after bar.
        line: The chords that it was played over.
        beats: Quarter notes a bar.
        fill: Whether the last bar is a fill.
        held: How long each note is held, in beats, ``(steps, SLOTS)``; None if it is not known.
    """

    grid: Grid
    line: ChordLine
    beats: int
    fill: bool = False
    held: Floats | None = None

    @property
    def bars(self) -> int:
        """How many bars it has."""
        return len(self.line) // (self.beats * STEPS_PER_QUARTER)


def aligned_bars(bars: int, fill: bool, phases: Ints, ends: Ints) -> Ints:
    """Return the bar of an example for each bar of a song.

    Args:
        bars: Of the example.
        fill: Whether its last bar is a fill, which then plays at the ends of sections only.
        phases: Bars since the section began.
        ends: 1 in the last bar of a section.
    """
    plain = bars - 1 if fill and bars > 1 else bars
    chosen = phases % bars
    # A bar where the fill stands takes the one half an example earlier, or the first.
    chosen = np.where(chosen >= plain, np.minimum(phases % PATTERN_BARS, plain - 1), chosen)
    return np.where((ends == 1) & fill, bars - 1, chosen)


def aligned_steps(example_beats: int, chosen: Ints, beat_steps: Ints) -> Ints:
    """Return the step of an example for each step of a song.

    Args:
        example_beats: Quarter notes a bar of the example.
        chosen: The example's bar at each step.
        beat_steps: Steps since the song's bar began; beats that the example's bar has not are
            played as its second and later ones again.
    """
    beat = beat_steps // STEPS_PER_QUARTER
    over = beat >= example_beats
    again = 1 + (beat - example_beats) % max(1, example_beats - 1)
    beat = np.where(over, np.minimum(again, example_beats - 1), beat)
    inside = beat * STEPS_PER_QUARTER + beat_steps % STEPS_PER_QUARTER
    return chosen * example_beats * STEPS_PER_QUARTER + inside


def usual_of(example: Example) -> Floats:
    """Return how often each slot is begun at each step of a bar, ``(steps of a bar, SLOTS)``."""
    bar_steps = example.beats * STEPS_PER_QUARTER
    plain = example.bars - (1 if example.fill and example.bars > 1 else 0)
    begun = example.grid.velocities[: plain * bar_steps] > 0
    return begun.reshape(plain, bar_steps, SLOTS).mean(axis=0, dtype=np.float32)


def profile_of(example: Example) -> Floats:
    """Return the example as a whole: notes and velocity by the step of the bar, use of slots."""
    usual = usual_of(example)
    velocities = example.grid.velocities[: example.bars * len(usual)]
    loud = velocities.max(axis=1).reshape(example.bars, len(usual)) / np.float32(127.0)
    slots = (velocities > 0).sum(axis=0, dtype=np.float32)
    result = np.zeros(2 * _BAR_STEPS + SLOTS, np.float32)
    result[: len(usual)] = usual.sum(axis=1) / 2.0
    result[_BAR_STEPS : _BAR_STEPS + len(usual)] = loud.mean(axis=0)
    result[2 * _BAR_STEPS :] = slots / max(1.0, slots.max())
    return result


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What an example tells at each step of a song; see ``network.Steps``.

    Attributes:
        held: How long, in beats, what is begun here is held; None if it is not known.
    """

    aligned: Floats
    lengths: Ints
    usual: Floats
    masks: Floats
    profile: Floats
    held: Floats | None = None


def told_of(example: Example, beat_steps: Ints, phases: Ints, ends: Ints) -> Told:
    """Return what an example tells at the places of a song."""
    chosen = aligned_bars(example.bars, example.fill, phases, ends)
    steps = aligned_steps(example.beats, chosen, beat_steps)
    bar_steps = example.beats * STEPS_PER_QUARTER
    return Told(
        example.grid.velocities[steps].astype(np.float32) / np.float32(127.0),
        example.grid.lengths[steps].astype(np.int64),
        usual_of(example)[steps % bar_steps],
        example.line.masks[steps],
        profile_of(example),
        None if example.held is None else example.held[steps],
    )
