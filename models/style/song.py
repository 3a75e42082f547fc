"""The bars of a song, and their steps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tonewright.dsp.midi.sequence import MidiSequence
from tonewright.models.style.charts import SECTION_BARS
from tonewright.models.style.chords import Chord
from tonewright.models.style.encoding import (
    STEPS_PER_QUARTER,
    TWELFTHS,
    ChordLine,
    Floats,
    Ints,
    chord_line,
    position_features,
)

NOTHING = 1e-4
"""Positions in quarter notes that are nearer than this are the same."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar.

    Attributes:
        start: In quarter notes from the start of the song.
        quarters: Its length in quarter notes.
        phase: Bars since its section began; negative in a pick-up.
        last: Whether it ends a section.
    """

    start: float
    quarters: float
    phase: int
    last: bool

    @property
    def beats(self) -> int:
        """Quarter notes that begin in it."""
        return int(np.ceil(self.quarters - NOTHING))


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


def bars_of(sequence: MidiSequence) -> tuple[Bar, ...]:
    """Return the bars of a sequence up to its last note; a short first bar is a pick-up."""
    ticks = sequence.ticks_per_quarter
    ends = [n.start_ticks + n.length_ticks for track in sequence.tracks for n in track.notes]
    end = max(ends, default=0) / ticks
    signatures = sequence.tempo_map.time_signatures
    found: list[tuple[float, float]] = []
    for index, signature in enumerate(signatures):
        full = signature.numerator * 4.0 / signature.denominator
        at = signature.start_ticks / ticks
        following = (
            signatures[index + 1].start_ticks / ticks if index + 1 < len(signatures) else end
        )
        while at < following - NOTHING:
            # A change of signature may come inside a bar, which is then short.
            length = full if index + 1 == len(signatures) else min(full, following - at)
            found.append((at, length))
            at += length
    pick_up = len(found) > 1 and found[0][1] < found[1][1] - NOTHING
    first = 1 if pick_up else 0
    count = len(found) - first
    return tuple(
        Bar(
            start,
            length,
            index - first if index < first else (index - first) % SECTION_BARS,
            index >= first and ((index - first) % SECTION_BARS == SECTION_BARS - 1 and count > 1),
        )
        for index, (start, length) in enumerate(found)
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
