"""Fills: what drums play where a section of eight bars ends, for styles that bring none.

In the second half of the example's last bar cymbals and snare make room for a run of the kit's own
snare and toms, of eighths and sixteenths, or of triplets where the style swings, that grows louder.
The foot plays on. A kit without a snare runs over its hand drums; one without these has no fill.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tonewright.dsp.midi.roles import Role
from tonewright.models.style.corpus import Notes, Part

SNARES = (38, 40, 37, 39)
TOMS = (48, 45, 41)
HAND_DRUMS = (60, 61, 62, 63, 64, 65, 66)
FEET = (35, 36, 44)
SOFTEST = 0.75
"""Velocity of a run's first stroke, as a share of its last."""

_STRAIGHT = ((0.0, 0.5), (0.0, 0.25, 0.5, 0.75))
_SWUNG = ((0.0, 2.0 / 3.0), (0.0, 1.0 / 3.0, 2.0 / 3.0))
_HITS_AND_TIME = frozenset((*range(37, 54), 59)) - frozenset(FEET)
"""Snares, toms, hi-hats and cymbals."""


ALIKE = 0.6
"""Share of strokes that two bars of drums have in common if they play the same pattern."""


def brings_fill(parts: Sequence[Part], beats: int, bars: int) -> bool:
    """Return whether the drums of whole bars leave their pattern in the last one only."""
    for part in parts:
        if part.role is Role.DRUMS and bars > 2:
            strokes = [_strokes(part.notes, bar * beats, (bar + 1) * beats) for bar in range(bars)]
            *plain, last = strokes
            if all(any(_alike(bar, other) for other in plain if other is not bar) for bar in plain):
                return bool(last) and not any(_alike(last, bar) for bar in plain)
    return False


def _strokes(notes: Notes, start: int, end: int) -> frozenset[tuple[int, int]]:
    """Return sixths of a quarter since the start of a bar, and drums."""
    inside = notes[(notes[:, 0] >= start - 0.1) & (notes[:, 0] < end - 0.1)]
    return frozenset((round((at - start) * 6.0), int(drum)) for at, _, drum, _ in inside.tolist())


def _alike(first: frozenset[tuple[int, int]], second: frozenset[tuple[int, int]]) -> bool:
    return len(first & second) >= ALIKE * len(first | second)


def with_fill(parts: Sequence[Part], beats: int, bars: int) -> tuple[tuple[Part, ...], bool]:
    """Return parts of whole bars with a fill in the last one, and whether there is one."""
    result = tuple(
        _filled(part, beats, bars) if part.role is Role.DRUMS else part for part in parts
    )
    return result, any(new is not old for new, old in zip(result, parts, strict=True))


def _filled(part: Part, beats: int, bars: int) -> Part:
    drums = part.notes[:, 2].astype(np.int64)
    kit = np.bincount(drums, minlength=128)
    snares = [drum for drum in SNARES if kit[drum]]
    hands = [drum for drum in HAND_DRUMS if kit[drum]]
    if not snares and len(hands) < 2:
        return part
    run_of = (max(snares, key=lambda drum: kit[drum]), *TOMS) if snares else hands
    gone = _HITS_AND_TIME if snares else frozenset(HAND_DRUMS)
    end = bars * beats
    places = _places(part.notes, end - beats // 2, end)
    loudest = float(np.percentile(part.notes[:, 3], 90))
    order = np.arange(len(places)) * len(run_of) // len(places)
    fill = np.stack(
        (
            places,
            np.full(len(places), 0.2),
            np.array(run_of)[order],
            np.round(np.linspace(SOFTEST, 1.0, len(places)) * loudest),
        ),
        axis=1,
    ).astype(np.float32)
    stays = (part.notes[:, 0] < places[0] - 0.1) | ~np.isin(drums, list(gone))
    notes = np.concatenate((part.notes[stays], fill))
    return replace(part, notes=notes[np.lexsort((notes[:, 2], notes[:, 0]))])


def _places(notes: Notes, start: int, end: int) -> Notes:
    """Return the quarters on which a run is struck, eighths first, faster in the last one."""
    inside = notes[:, 0] % 1.0
    swung = np.sum(np.abs(inside - 2.0 / 3.0) < 0.06) > np.sum(np.abs(inside - 0.5) < 0.06)
    early, last = _SWUNG if swung else _STRAIGHT
    places = [beat + place for beat in range(start, end - 1) for place in early]
    return np.array([*places, *(end - 1 + place for place in last)], np.float32)
