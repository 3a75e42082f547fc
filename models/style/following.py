"""Following: a new bass keeps to the notes of the song's own bass, as far as is asked for.

Where a song has inversions, a pedal point or a line that leads somewhere, an arranger keeps them.
Here the pitch classes that the song's bass plays around a beat make the slots likelier that have
them; rhythm, register and how the bass moves stay the style's. A note of no chord counts less,
for it was on its way in the song's own rhythm, and a long note counts more, for it is more of what
is heard.
"""

from dataclasses import dataclass

import numpy as np

from tonewright.models.style.encoding import SLOTS, ChordLine, Floats
from tonewright.models.style.parts import StylePart, pitches_of
from tonewright.models.style.places import Places

AROUND = (1.0, 2.0, 1.0)
"""What the beat before, the beat and the one after count. In the measure of content, whose windows
are of two beats and one beat apart, a note meets just these."""

OUTSIDE_CHORD = 0.4
"""What a pitch counts that is not of the chord; one that is counts 1."""

LONGEST = 2.0
"""No note counts more than so many times what one of usual length does, or less than 1 / this."""


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """A song's own bass, for a new one to follow.

    Attributes:
        notes: Rows of start and length in quarters, pitch and velocity.
        share: How closely, 0 (not at all) to 1.
    """

    notes: Floats
    share: float

    def __bool__(self) -> bool:
        return len(self.notes) > 0 and self.share > 0.0


def heard_around(notes: Floats, places: Places) -> Floats:
    """Return how much each pitch class sounds around each step, ``(steps, 12)``, of norm 1 or 0."""
    first = np.flatnonzero(np.append(True, np.diff(places.beat) != 0))
    begins = places.quarters[first]
    ends = np.append(begins[1:], begins[-1] + places.beat_quarters[first[-1]])
    chroma = np.zeros((len(first) + 2, 12), np.float32)
    for start, length, pitch, _ in notes.tolist():
        inside = np.minimum(ends, start + length) - np.maximum(begins, start)
        chroma[1:-1, int(pitch) % 12] += np.maximum(0.0, inside)
    before, here, after = AROUND
    around = before * chroma[:-2] + here * chroma[1:-1] + after * chroma[2:]
    norms = np.linalg.norm(around, axis=1, keepdims=True)
    beats = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(places.beat))))
    return np.asarray((around / np.maximum(norms, 1e-9))[beats], np.float32)


def leaning(
    notes: Floats, part: StylePart, line: ChordLine, places: Places, held: Floats | None
) -> Floats:
    """Return how much each slot of a bass is of what the song's own plays, ``(steps, SLOTS)``.

    Args:
        notes: Of the song's bass.
        part: The new one.
        line: The chord at each step.
        places: The steps.
        held: How long, in beats, the example holds what it begins at each step, or 0.
    """
    pitches = pitches_of(part, line)
    heard = np.take_along_axis(heard_around(notes, places), pitches % 12, axis=1)
    above = (pitches - line.roots[:, None]) % 12
    inside = np.take_along_axis(line.masks, above, axis=1) > 0.0
    result = heard * np.where(inside, 1.0, OUTSIDE_CHORD)
    if held is not None and held.any():
        longest = held.max(axis=1, keepdims=True)
        times = np.clip(longest / held[held > 0.0].mean(), 1.0 / LONGEST, LONGEST)
        result *= np.where(longest > 0.0, times, 1.0)
    return result.astype(np.float32).reshape(-1, SLOTS)
