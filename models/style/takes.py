"""Takes: a bass is played in several ways, and put together from the best phrases of them.

Which way is right differs from style to style and from phrase to phrase. Some basses repeat a
pattern, where the network leaves that of a style that it was not trained on too easily; others
walk, as chance has it; and where a style leaves room, a bass can follow the song's own. What is
compared is, for the song as a whole, when notes follow each other and by which intervals
(``measures.time_pitch``), against the example and what its style makes of the song's chords; for
each phrase, how many of its notes belong to their chords, and how alike it is to what the song's
bass played there (``measures.content``).

The example alone is not the style: its intervals are those of its own few chords. The takes that do
not lean tell what becomes of them over the song's, so both count the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tonewright.dsp.midi.roles import Role
from tonewright.models.style import measures
from tonewright.models.style.encoding import (
    ChordLine,
    Floats,
    Grid,
    Ints,
    bass_pitches,
    quarters_of,
    slot_pitches,
)
from tonewright.models.style.examples import PATTERN_BARS
from tonewright.models.style.following import Followed
from tonewright.models.style.parts import StylePart, largest_leap
from tonewright.models.style.places import Places


@dataclass(frozen=True, slots=True)
class Take:
    """A way to play.

    Attributes:
        nats: How much it adds to the odds of notes that the example plays them.
        freedom: How many times as freely it is played as was asked for.
        lean_nats: How much it adds to the odds of notes that the song's own bass plays them.
    """

    nats: float = 0.0
    freedom: float = 1.0
    lean_nats: float = 0.0


CHORD_TONES = 0.25
"""What the share of notes that belong to their chords counts, where likeness counts 1."""

CONTENT = 1.0
"""What content counts for a bass that follows the song's own as closely as it can."""

_EARLY_QUARTERS = 0.1
"""How much before its phrase a note may be played."""

_WAYS = (Take(2.0), Take(5.0, 3.0), Take(5.0, 3.0), Take(50.0))
_LEANS_NATS = (0.0, 2.0, 4.0, 8.0)
_ROUNDS = 2


def takes_of(role: Role, *, follows: bool) -> Sequence[Take]:
    """Return the ways that a part is played in.

    Args:
        role: Who plays it.
        follows: Whether there is a bass of the song to follow.
    """
    if role is not Role.BASS:
        return (Take(),)
    leans = _LEANS_NATS if follows else _LEANS_NATS[:1]
    return [Take(way.nats, way.freedom, lean) for lean in leans for way in _WAYS]


@dataclass(frozen=True, slots=True, eq=False)
class _Phrases:
    """The phrases of every take.

    Attributes:
        histograms: What follows what, ``(takes, phrases, times, intervals)``.
        worth: Of each for itself, ``(takes, phrases)``.
        first: Its first pitch, ``(takes, phrases)``; not a number if it is silent.
        last: Its last pitch.
    """

    histograms: measures.Histogram
    worth: npt.NDArray[np.float64]
    first: npt.NDArray[np.float64]
    last: npt.NDArray[np.float64]

    def meant(self, example: measures.Histogram, free: Sequence[int]) -> measures.Histogram:
        """Return what the whole should be like.

        Args:
            example: What follows what in the example.
            free: The takes that are played by the style alone.
        """
        played = [_unit(self.histograms[take].sum(axis=0)) for take in free]
        return _unit(example) + _unit(np.sum(played, axis=0))

    def chosen(self, meant: measures.Histogram, leap: float) -> Ints:
        """Return the take for each phrase.

        The best take is improved phrase by phrase, by others from which no leap is too far.
        """
        whole = self.histograms.sum(axis=1)
        scores = [measures.fit(each, meant) for each in whole] + self.worth.mean(axis=1)
        best = int(np.argmax(scores))
        count = self.worth.shape[1]
        takes = np.full(count, best)
        total = whole[best]
        for phrase in list(range(count)) * _ROUNDS:
            total = total - self.histograms[takes[phrase], phrase]
            scores = np.array(
                [
                    measures.fit(total + histogram, meant) + worth / count
                    for histogram, worth in zip(
                        self.histograms[:, phrase], self.worth[:, phrase], strict=True
                    )
                ]
            )
            scores[~self._joined(takes, phrase, leap)] = -np.inf
            takes[phrase] = int(np.argmax(scores))
            total = total + self.histograms[takes[phrase], phrase]
        return takes

    def _joined(self, takes: Ints, phrase: int, leap: float) -> npt.NDArray[np.bool_]:
        """Return which takes leap no further from the phrase before, and to the one after."""
        result = np.ones(len(self.worth), np.bool_)
        if phrase > 0:
            before = self.last[takes[phrase - 1], phrase - 1]
            result &= ~(np.abs(self.first[:, phrase] - before) > leap)
        if phrase + 1 < len(takes):
            after = self.first[takes[phrase + 1], phrase + 1]
            result &= ~(np.abs(after - self.last[:, phrase]) > leap)
        result[takes[phrase]] = True
        return result


def composite(
    part: StylePart,
    ways: Sequence[Take],
    grids: Sequence[Grid],
    notes: Sequence[Floats],
    *,
    line: ChordLine,
    places: Places,
    followed: Followed | None = None,
) -> Grid:
    """Return a bass over a song's chords from the best phrases of some takes.

    Args:
        part: Who plays.
        ways: How each take was played.
        grids: The takes.
        notes: Each as rows of start and length in quarters, pitch and velocity.
        line: The chord at each step.
        places: The steps.
        followed: The bass that it follows, if any.
    """
    starts = phrases_of(places)
    ends = np.append(starts[1:], len(line))
    example = part.example
    struck = _struck(example.grid, slot_pitches(example.line, example.grid.register))
    found = _phrases(grids, notes, line, places, followed)
    free = [take for take, way in enumerate(ways) if way.lean_nats == 0.0]
    meant = found.meant(measures.time_pitch(struck), free)
    takes = found.chosen(meant, largest_leap(part))
    spans = [
        (grids[take], slice(start, end))
        for take, start, end in zip(takes, starts, ends, strict=True)
    ]
    return Grid(
        np.concatenate([grid.velocities[steps] for grid, steps in spans]),
        np.concatenate([grid.lengths[steps] for grid, steps in spans]),
        example.grid.register,
    )


def phrases_of(places: Places) -> Ints:
    """Return the step at which each phrase begins: each ``PATTERN_BARS`` bars of a section."""
    begins = (places.beat_steps == 0) & (places.phases % PATTERN_BARS == 0)
    begins[0] = True
    return np.flatnonzero(begins)


def _phrases(
    grids: Sequence[Grid],
    notes: Sequence[Floats],
    line: ChordLine,
    places: Places,
    followed: Followed | None,
) -> _Phrases:
    starts = phrases_of(places)
    ends = np.append(starts[1:], len(line))
    size = (len(grids), len(starts))
    worth, first, last = np.zeros(size), np.full(size, np.nan), np.full(size, np.nan)
    histograms = []
    for take, grid in enumerate(grids):
        pitches = bass_pitches(line, grid.register)
        for phrase, (start, end) in enumerate(zip(starts, ends, strict=True)):
            steps = slice(start, end)
            one = Grid(grid.velocities[steps], grid.lengths[steps], grid.register)
            struck = _struck(one, pitches[steps])
            histograms.append(measures.time_pitch(struck))
            worth[take, phrase] = CHORD_TONES * _chord_tones(one, pitches[steps], line[steps])
            if len(struck):
                first[take, phrase], last[take, phrase] = struck[0, 2], struck[-1, 2]
    if followed:
        quarters = np.append(places.quarters[starts], np.inf)
        for phrase, (start, end) in enumerate(pairwise(quarters.tolist())):
            own = _between(followed.notes, start, end)
            for take, rows in enumerate(notes):
                alike = measures.content(_between(rows, start, end), own) if len(own) else 0.0
                worth[take, phrase] += CONTENT * followed.share * alike
    shaped = np.array(histograms).reshape(*size, *histograms[0].shape)
    return _Phrases(shaped, worth, first, last)


def _unit(histogram: measures.Histogram) -> measures.Histogram:
    """Return a histogram of norm 1, or 0 if it is empty."""
    return np.asarray(histogram / max(1e-9, float(np.linalg.norm(histogram))))


def _between(notes: Floats, start: float, end: float) -> Floats:
    """Return the notes that begin in a span, from its start."""
    begins = notes[:, 0] + _EARLY_QUARTERS
    inside = notes[(begins >= start) & (begins < end)].copy()
    inside[:, 0] = np.maximum(0.0, inside[:, 0] - start)
    return inside


def _struck(grid: Grid, pitches: Ints) -> Floats:
    """Return what begins: rows of beat, 0, pitch and velocity."""
    steps, slots = np.nonzero(grid.velocities)
    columns = (quarters_of(steps), np.zeros(len(steps)), pitches[steps, slots])
    return np.stack((*columns, grid.velocities[steps, slots]), axis=1).astype(np.float32)


def _chord_tones(grid: Grid, pitches: Ints, line: ChordLine) -> float:
    """Return the share of a bass's notes that belong to the chord at their step."""
    steps, slots = np.nonzero(grid.velocities)
    if not len(steps):
        return 0.0
    above = pitches[steps, slots] - line.roots[steps]
    inside = line.masks[steps, above % 12] > 0.0
    return float(np.mean(inside | (above % 12 == (line.basses - line.roots)[steps] % 12)))
