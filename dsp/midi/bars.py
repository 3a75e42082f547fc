"""Bars of a sequence, and the sections that they make.

In six, nine or twelve eighths a beat is a dotted quarter note, in three eighths an eighth; else it
is a quarter note. Sections are counted from the first bar in whose first half something begins:
what comes before is silence, a pick-up, or a bar or two of drums that count in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from tonewright.dsp.midi.sequence import DRUM_CHANNEL, MidiSequence
from tonewright.dsp.project.document import TimeSignatureEvent

SECTION_BARS = 8
"""Music is taken to come in sections of this many bars, from the first whole bar on."""

COUNT_IN_BARS = 2
"""Drums alone for longer than this are an introduction, not a count-in."""

NOTHING = 1e-4
"""Positions in quarter notes that are nearer than this are the same."""

_EARLY_QUARTERS = 0.1
"""How much before its beat a note may be played."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar.

    Attributes:
        start: In quarter notes from the start of the song.
        quarters: Its length in quarter notes.
        phase: Bars since its section began; negative before the first one.
        last: Whether it ends a section.
        beat_quarters: The length of a beat in quarter notes.
    """

    start: float
    quarters: float
    phase: int
    last: bool
    beat_quarters: float = 1.0

    @property
    def beats(self) -> int:
        """Beats that begin in it."""
        return ceil(self.quarters / self.beat_quarters - NOTHING)


def bars_of(sequence: MidiSequence) -> tuple[Bar, ...]:
    """Return the bars of a sequence up to its last note."""
    ticks = sequence.ticks_per_quarter
    ends = [n.start_ticks + n.length_ticks for track in sequence.tracks for n in track.notes]
    end = max(ends, default=0) / ticks
    signatures = sequence.tempo_map.time_signatures
    found: list[tuple[float, float, float]] = []
    for index, signature in enumerate(signatures):
        full = signature.numerator * 4.0 / signature.denominator
        at = signature.start_ticks / ticks
        following = (
            signatures[index + 1].start_ticks / ticks if index + 1 < len(signatures) else end
        )
        while at < following - NOTHING:
            # A change of signature may come inside a bar, which is then short.
            length = full if index + 1 == len(signatures) else min(full, following - at)
            found.append((at, length, _beat_quarters(signature)))
            at += length
    first = _first_of_form(sequence, found)
    count = len(found) - first
    return tuple(
        Bar(
            start,
            length,
            index - first if index < first else (index - first) % SECTION_BARS,
            index >= first and ((index - first) % SECTION_BARS == SECTION_BARS - 1 and count > 1),
            beat,
        )
        for index, (start, length, beat) in enumerate(found)
    )


def _beat_quarters(signature: TimeSignatureEvent) -> float:
    if signature.denominator < 8 or signature.numerator % 3:
        return 1.0
    return (1.0 if signature.numerator == 3 else 3.0) * 4.0 / signature.denominator


def _first_of_form(sequence: MidiSequence, bars: Sequence[tuple[float, float, float]]) -> int:
    """Return the index of the bar that the first section begins with."""
    if not bars:
        return 0
    ticks = sequence.ticks_per_quarter
    notes = [note for track in sequence.tracks for note in track.notes]
    pitched = {n.start_ticks / ticks for n in notes if n.channel != DRUM_CHANNEL}
    first = _first_begun(bars, {note.start_ticks / ticks for note in notes})
    entry = _first_begun(bars, pitched) if pitched else first
    if entry - first <= COUNT_IN_BARS:
        first = entry
    # A first bar that is shorter than the next is written as a pick-up.
    if first == 0 and len(bars) > 1 and bars[0][1] < bars[1][1] - NOTHING:
        return 1
    return first


def _first_begun(bars: Sequence[tuple[float, float, float]], starts: set[float]) -> int:
    """Return the first bar in whose first half something begins; 0 if there is none."""
    for index, (start, length, _) in enumerate(bars):
        early = start - _EARLY_QUARTERS
        if any(early <= each < start + length / 2.0 - NOTHING for each in starts):
            return index
    return 0
