"""The sustain pedal: how long notes sound that it holds."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tonewright.dsp.midi.sequence import CONTROL
from tonewright.dsp.project.document import MidiEvent, Note

SUSTAIN = 64
"""The controller; 64 and more is down."""


def held(
    notes: Sequence[Note], events: Iterable[MidiEvent], channel: int, *, longest_ticks: int
) -> tuple[Note, ...]:
    """Return notes that end where they stop to sound.

    A note that is let go while the pedal is down sounds until the pedal comes up or its key is
    struck again.

    Args:
        notes: Of one channel, sorted by start.
        events: Of the same track.
        channel: 0 to 15.
        longest_ticks: No note sounds on for longer than this, however long the pedal stays down.

    ::

        pedal    |-----------|
        A====                      ->    A===========
              B==                              B=====
    """
    pedal = [
        (event.start_ticks, event.data[2] >= 64)
        for event in sorted(events, key=lambda each: each.start_ticks)
        if event.data[0] == CONTROL | channel and event.data[1] == SUSTAIN
    ]
    if not any(down for _, down in pedal):
        return tuple(notes)
    times = [ticks for ticks, _ in pedal]
    result: list[Note] = []
    following: dict[int, int] = {}
    for note in reversed(notes):
        end = note.start_ticks + note.length_ticks
        at = bisect_right(times, end) - 1
        if at >= 0 and pedal[at][1]:
            up = next((ticks for ticks, down in pedal[at + 1 :] if not down), end + longest_ticks)
            until = min(up, end + longest_ticks, following.get(note.pitch, up))
            result.append(replace(note, length_ticks=max(end, until) - note.start_ticks))
        else:
            result.append(note)
        following[note.pitch] = note.start_ticks
    return tuple(reversed(result))
