"""Two styles at once: what their examples tell, mixed by a share of the second."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tonewright.models.style.encoding import SLOTS, Grid
from tonewright.models.style.examples import Told, told_of
from tonewright.models.style.parts import StylePart
from tonewright.models.style.places import Places


def blended(
    first: Sequence[StylePart], second: Sequence[StylePart], share: float, places: Places
) -> list[tuple[StylePart, Told]]:
    """Return parts between two styles; what only one has plays while that one prevails."""
    result: list[tuple[StylePart, Told]] = []
    left = list(second)
    for part in first:
        other = next((each for each in left if each.role is part.role), None)
        if other is None:
            if share <= 0.5:
                result.append((part, told_in(part, places)))
            continue
        left.remove(other)
        leading = part if share <= 0.5 else other
        register = leading.example.grid.register
        a = told_in(_in_register(part, register), places)
        b = told_in(_in_register(other, register), places)
        mixed = Told(
            a.aligned + np.float32(share) * (b.aligned - a.aligned),
            a.lengths if share <= 0.5 else b.lengths,
            a.usual + np.float32(share) * (b.usual - a.usual),
            a.masks if share <= 0.5 else b.masks,
            a.profile + np.float32(share) * (b.profile - a.profile),
            a.held if share <= 0.5 else b.held,
        )
        result.append((leading, mixed))
    if share >= 0.5:
        result += [(part, told_in(part, places)) for part in left]
    return result


def told_in(part: StylePart, places: Places) -> Told:
    """Return what a part's example tells at the places of a song."""
    return told_of(part.example, places.beat_steps, places.phases, places.ends)


def _in_register(part: StylePart, register: int) -> StylePart:
    """Return a part whose slots are counted from another register."""
    example = part.example
    moved = (example.grid.register - register) // 12 * 12
    if not moved:
        return part
    steps, slots = np.nonzero(example.grid.velocities)
    target = slots + moved
    # What would leave the slots stays inside by octaves.
    target = np.where(target < 0, target % 12, target)
    target = np.where(target >= SLOTS, SLOTS - 12 + target % 12, target)
    velocities = np.zeros_like(example.grid.velocities)
    velocities[steps, target] = example.grid.velocities[steps, slots]
    grid = Grid(velocities, example.grid.lengths, register)
    held = None
    if example.held is not None:
        held = np.zeros_like(example.held)
        held[steps, target] = example.held[steps, slots]
    return replace(part, example=replace(example, grid=grid, held=held))
