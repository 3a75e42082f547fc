"""The steps of a song's bars."""

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
        beat_steps: Steps since the bar began.
        phases: Bars since the section began.
        ends: 1 in the last bar of a section.
        beats: Quarter notes of the bar.
        beat: Index of the beat among all beats of the song.
    """

    quarters: Floats
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
    for bar in bars:
        for number in range(bar.beats):
            for step, twelfth in enumerate(TWELFTHS):
                inside = number + twelfth / 12.0
                if inside < bar.quarters - NOTHING:
                    rows.append(
                        (
                            bar.start + inside,
                            number * STEPS_PER_QUARTER + step,
                            max(0, bar.phase),
                            int(bar.last),
                            bar.beats,
                            beat + number,
                        )
                    )
        beat += bar.beats
    table = np.array(rows, np.float64).reshape(-1, 6)
    whole = table[:, 1:].astype(np.int64)
    return Places(table[:, 0].astype(np.float32), *whole.T)
