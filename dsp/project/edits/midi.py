"""Cutting a MIDI clip in two, so that both parts play what the whole played.

A note that sounds across the cut is divided: its second part starts (again) at the cut. The second
part also starts with the state that the channel had there (program, bank, controllers, bend,
pressure), so that it sounds the same wherever it is moved.
"""

from dataclasses import replace

from tonewright.dsp.project.document import MidiClip, MidiEvent, Note

_POLY_PRESSURE, _CONTROL, _PROGRAM, _PRESSURE, _BEND = 0xA0, 0xB0, 0xC0, 0xD0, 0xE0
_DATA_ENTRY = {6, 38, 96, 97}  # act on whichever parameter is selected: no state of their own
_CHANNEL_MODE = 120  # from here on, controllers are commands


def cut_notes(notes: tuple[Note, ...], at_ticks: int) -> tuple[tuple[Note, ...], tuple[Note, ...]]:
    """Return the notes before and from ``at_ticks`` on, the latter counted from there."""
    before, after = [], []
    for note in notes:
        if note.start_ticks >= at_ticks:
            after.append(replace(note, start_ticks=note.start_ticks - at_ticks))
            continue
        over_ticks = note.start_ticks + note.length_ticks - at_ticks
        if over_ticks <= 0:
            before.append(note)
            continue
        before.append(replace(note, length_ticks=note.length_ticks - over_ticks))
        after.append(replace(note, start_ticks=0, length_ticks=over_ticks))
    after.sort(key=lambda note: note.start_ticks)
    return tuple(before), tuple(after)


def state_at(events: tuple[MidiEvent, ...], at_ticks: int) -> tuple[MidiEvent, ...]:
    """Return the events before ``at_ticks`` that still matter there, moved to tick 0.

    They keep the order in which they came, so a bank is selected before its program.
    """
    last: dict[bytes, MidiEvent] = {}
    for event in events:
        if event.start_ticks >= at_ticks:
            break
        key = _state_key(event.data)
        if key:
            last.pop(key, None)
            last[key] = replace(event, start_ticks=0)
    return tuple(last.values())


def cut_midi_clip(clip: MidiClip, at_ticks: int) -> tuple[MidiClip, MidiClip]:
    """Return both parts of a clip; the second still has the id and the start of the whole.

    | A==  B====  C= |      ->      | A==  B= | B==  C= |

    Args:
        clip: The clip.
        at_ticks: Where, inside the clip, from its start.
    """
    notes_before, notes_after = cut_notes(clip.notes, at_ticks)
    events_before = tuple(event for event in clip.events if event.start_ticks < at_ticks)
    events_after = tuple(
        replace(event, start_ticks=event.start_ticks - at_ticks)
        for event in clip.events[len(events_before) :]
    )
    before = replace(clip, length_ticks=at_ticks, notes=notes_before, events=events_before)
    after = replace(
        clip,
        length_ticks=clip.length_ticks - at_ticks,
        notes=notes_after,
        events=state_at(clip.events, at_ticks) + events_after,
    )
    return before, after


def _state_key(data: bytes) -> bytes:
    """Return what of a channel an event sets; empty if it sets no lasting state."""
    kind = data[0] & 0xF0
    if kind in (_PROGRAM, _PRESSURE, _BEND):
        return data[:1]
    if kind == _POLY_PRESSURE or (
        kind == _CONTROL and data[1] not in _DATA_ENTRY and data[1] < _CHANNEL_MODE
    ):
        return data[:2]
    return b""
