"""The steps of a song's bars: six a beat, which is a dotted quarter note in compound time.

Patterns are of three or four beats. Two bars of two beats are told as one of four, so that a march
or a jig plays the whole pattern and not its first half twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tonewright.dsp.midi.bars import NOTHING, Bar
from tonewright.dsp.midi.chords import Chord
from tonewright.models.style.encoding import (
    STEPS_PER_QUARTER,
    TWELFTHS,
    ChordLine,
    Floats,
    Ints,
    chord_line,
    position_features,
)


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """The steps of bars; all arrays have one entry a step.

    Attributes:
        quarters: From the start of the song.
        beat_quarters: Length of the beat.
        beat_steps: Steps since the bar began.
        phases: Bars since the section began.
        ends: 1 in the last bar of a section.
        beats: Beats of the bar.
        beat: Index of the beat among all beats of the song.
    """

    quarters: Floats
    beat_quarters: Floats
    beat_steps: Ints
    phases: Ints
    ends: Ints
    beats: Ints
    beat: Ints

    @property
    def features(self) -> Floats:
        """What the network is told of them."""
        return position_features(self.beat_steps, self.beats, self.phases, self.ends)

    def line(self, chords: Sequence[Chord]) -> ChordLine:
        """Return the chord of each step from one chord for each beat."""
        every = chord_line(chords)[::STEPS_PER_QUARTER]
        return ChordLine(
            *(each[self.beat] for each in (every.roots, every.qualities, every.basses))
        )


def places_of(bars: Sequence[Bar]) -> Places:
    """Return the steps of bars."""
    rows = []
    beat = 0
    for index, bar in enumerate(bars):
        partner = _partner(bars, index)
        phase, first, beats, last = max(0, bar.phase), 0, bar.beats, bar.last
        if partner is not None:
            phase, first, beats = bar.phase // 2, 2 * (bar.phase % 2), 4
            last = bar.last or partner.last
        for number in range(bar.beats):
            for step, twelfth in enumerate(TWELFTHS):
                inside = (number + twelfth / 12.0) * bar.beat_quarters
                if inside < bar.quarters - NOTHING:
                    rows.append(
                        (
                            bar.start + inside,
                            bar.beat_quarters,
                            (first + number) * STEPS_PER_QUARTER + step,
                            phase,
                            int(last),
                            beats,
                            beat + number,
                        )
                    )
        beat += bar.beats
    table = np.array(rows, np.float64).reshape(-1, 7)
    quarters, beat_quarters = table[:, :2].astype(np.float32).T
    return Places(quarters, beat_quarters, *table[:, 2:].astype(np.int64).T)


def _partner(bars: Sequence[Bar], index: int) -> Bar | None:
    """Return the other half of a bar of two beats, if its section has one."""
    bar = bars[index]
    other = index + (1 if bar.phase % 2 == 0 else -1)
    if bar.phase < 0 or bar.beats != 2 or not 0 <= other < len(bars):
        return None
    partner = bars[other]
    return partner if partner.beats == 2 and partner.phase // 2 == bar.phase // 2 else None
