"""Bars of a sequence, and the sections that they make."""

from dataclasses import dataclass
from math import ceil

from tonewright.dsp.midi.sequence import MidiSequence

SECTION_BARS = 8
"""Music is taken to come in sections of this many bars, from the first whole bar on."""

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
        return ceil(self.quarters - NOTHING)


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
