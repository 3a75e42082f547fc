"""MIDI as one immutable value: what files hold, what MIDI effects change, what a synth plays.

Positions are absolute ticks from the start, in the sequence's own resolution. Notes are kept as
notes; every other message is a ``MidiEvent`` with its bytes: channel messages as on the wire,
SysEx with F0 and F7, the escape of Standard MIDI Files as F7 and its payload, a meta event as FF,
type and payload.

**Order at one tick**: note-offs, then other messages in the order in which they are held, then
notes of no length, then note-ons. **Notes of one key that overlap**: MIDI cannot say which of two
note-offs belongs to which note, so the first note that began is the first that ends
(``paired``); the messages stay the same.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from tonewright.dsp.project.document import (
    PPQ,
    MidiClip,
    MidiEvent,
    MusicalTime,
    Note,
    TempoMap,
    new_id,
)
from tonewright.dsp.project.tempo import to_ticks

DRUM_CHANNEL = 9
"""The channel that General MIDI plays drums on, counted from 0."""

NOTE_OFF, NOTE_ON, POLY_PRESSURE, CONTROL, PROGRAM, PRESSURE, BEND = range(0x80, 0xF0, 0x10)
"""Status bytes of channel messages, on channel 0."""

SYSEX, ESCAPE, META = 0xF0, 0xF7, 0xFF
"""Status bytes of the other messages."""

TRACK_NAME, MARKER, END_OF_TRACK, TEMPO, TIME_SIGNATURE = 0x03, 0x06, 0x2F, 0x51, 0x58
"""Types of meta events."""

CHANNEL_DATA_BYTES = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}
"""How many bytes follow a status byte on channel 0."""

MAX_TICKS_PER_QUARTER = 0x7FFF


@dataclass(frozen=True, slots=True)
class MidiTrack:
    """A track in absolute ticks.

    Notes are sorted by start, channel, pitch and length; events by start. ``length_ticks`` grows
    to hold all of them.

    Raises:
        ValueError: If a note or an event could not be sent as MIDI.
    """

    name: str = ""
    notes: tuple[Note, ...] = ()
    events: tuple[MidiEvent, ...] = ()
    length_ticks: int = 0

    def __post_init__(self) -> None:
        for note in self.notes:
            _check_note(note)
        for event in self.events:
            _check_event(event)
        notes = tuple(sorted(self.notes, key=_note_order))
        events = tuple(sorted(self.events, key=lambda event: event.start_ticks))
        ends = [note.start_ticks + note.length_ticks for note in notes]
        last = max([self.length_ticks, *ends, *(event.start_ticks for event in events[-1:])])
        object.__setattr__(self, "notes", notes)
        object.__setattr__(self, "events", events)
        object.__setattr__(self, "length_ticks", last)


@dataclass(frozen=True, slots=True)
class MidiSequence:
    """Tracks that share a tempo map, all in ticks of ``1 / ticks_per_quarter`` quarter notes.

    Attributes:
        warnings: What of the file it was read from could not be kept, one line each.
    """

    ticks_per_quarter: int = PPQ
    tempo_map: TempoMap = field(default_factory=TempoMap)
    tracks: tuple[MidiTrack, ...] = ()
    warnings: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if not 1 <= self.ticks_per_quarter <= MAX_TICKS_PER_QUARTER:
            raise ValueError(
                f"ticks_per_quarter must be 1 to {MAX_TICKS_PER_QUARTER}, "
                f"not {self.ticks_per_quarter}"
            )

    def rescaled(self, ticks_per_quarter: int) -> "MidiSequence":
        """Return the sequence in another resolution; each position goes to the nearest tick.

        It is exact if the new resolution is a multiple of the old one. Else notes shorter than
        half a tick lose their length, and of tempi or signatures that meet the last one stays.
        """
        if ticks_per_quarter == self.ticks_per_quarter:
            return self
        old = self.ticks_per_quarter

        def scaled(ticks: int) -> int:
            return (2 * ticks * ticks_per_quarter + old) // (2 * old)

        def scaled_note(note: Note) -> Note:
            start_ticks = scaled(note.start_ticks)
            end_ticks = scaled(note.start_ticks + note.length_ticks)
            return replace(note, start_ticks=start_ticks, length_ticks=end_ticks - start_ticks)

        def scaled_event(event: MidiEvent) -> MidiEvent:
            return replace(event, start_ticks=scaled(event.start_ticks))

        tempos = {scaled(each.start_ticks): each for each in self.tempo_map.tempos}
        signatures = {scaled(each.start_ticks): each for each in self.tempo_map.time_signatures}
        return replace(
            self,
            ticks_per_quarter=ticks_per_quarter,
            tempo_map=TempoMap(
                tuple(replace(each, start_ticks=ticks) for ticks, each in tempos.items()),
                tuple(replace(each, start_ticks=ticks) for ticks, each in signatures.items()),
            ),
            tracks=tuple(
                MidiTrack(
                    track.name,
                    tuple(map(scaled_note, track.notes)),
                    tuple(map(scaled_event, track.events)),
                    scaled(track.length_ticks),
                )
                for track in self.tracks
            ),
        )


def merged(tracks: Iterable[MidiTrack], name: str) -> MidiTrack:
    """Return one track that holds all notes and events of several; earlier tracks come first."""
    tracks = tuple(tracks)
    return MidiTrack(
        name,
        tuple(note for track in tracks for note in track.notes),
        tuple(event for track in tracks for event in track.events),
        max((track.length_ticks for track in tracks), default=0),
    )


def clip_to_track(clip: MidiClip, tempo_map: TempoMap) -> MidiTrack:
    """Return what a clip plays, in ticks from the start of the project.

    Notes are cut at the clip's end; notes and events that begin at or behind it are left out. A
    clip that is tied to the clock starts at the nearest tick.

    | A==  B====  C= |  D=      ->      . . A==  B====  C= |
    """
    offset_ticks = math.floor(to_ticks(tempo_map, clip.start) + 0.5)
    notes = tuple(
        replace(
            note,
            start_ticks=offset_ticks + note.start_ticks,
            length_ticks=min(note.length_ticks, clip.length_ticks - note.start_ticks),
        )
        for note in clip.notes
        if note.start_ticks < clip.length_ticks
    )
    events = tuple(
        replace(event, start_ticks=offset_ticks + event.start_ticks)
        for event in clip.events
        if event.start_ticks < clip.length_ticks
    )
    return MidiTrack(clip.name, notes, events, offset_ticks + clip.length_ticks)


def track_to_clip(track: MidiTrack) -> MidiClip:
    """Return a new clip at tick 0 that plays the whole track.

    What stands at the track's very end is inside too: the clip is then one tick longer.
    """
    starts = [note.start_ticks for note in track.notes[-1:]]
    starts += (event.start_ticks for event in track.events[-1:])
    return MidiClip(
        id=new_id(),
        name=track.name,
        start=MusicalTime(0),
        length_ticks=max([track.length_ticks, 1, *(start + 1 for start in starts)]),
        notes=track.notes,
        events=track.events,
    )


def messages(track: MidiTrack) -> list[tuple[int, bytes]]:
    """Return (tick, bytes) of all that a track sends, in the order of this module."""
    timed = [(event.start_ticks, 1, index, event.data) for index, event in enumerate(track.events)]
    for index, note in enumerate(track.notes):
        end_ticks = note.start_ticks + note.length_ticks
        on = bytes((NOTE_ON | note.channel, note.pitch, note.velocity))
        off = bytes((NOTE_OFF | note.channel, note.pitch, note.release_velocity))
        rank = 3 if note.length_ticks else 2
        timed.append((note.start_ticks, rank, 2 * index, on))
        timed.append((end_ticks, 0 if note.length_ticks else 2, 2 * index + 1, off))
    timed.sort()
    return [(ticks, data) for ticks, _, _, data in timed]


def paired(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Return notes whose messages are the same, of one key the first to begin the first to end.

    Notes that do not overlap on one key, or end in the order in which they began, stay as they
    are.

    A========                A====
      B==           ->         B======
    """
    keys: defaultdict[tuple[int, int], list[Note]] = defaultdict(list)
    for note in sorted(notes, key=_note_order):
        keys[note.channel, note.pitch].append(note)
    result: list[Note] = []
    for begun in keys.values():
        ended = sorted(begun, key=lambda note: note.start_ticks + note.length_ticks)
        result += (
            replace(
                on,
                length_ticks=off.start_ticks + off.length_ticks - on.start_ticks,
                release_velocity=off.release_velocity,
            )
            for on, off in zip(begun, ended, strict=True)
        )
    return tuple(sorted(result, key=_note_order))


def without_overlaps(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Return the notes, each cut where the next one of its key begins; equal starts stay.

    A======                  A===
        B====       ->           B====
    """
    keys: defaultdict[tuple[int, int], list[Note]] = defaultdict(list)
    for note in sorted(notes, key=_note_order):
        keys[note.channel, note.pitch].append(note)
    result: list[Note] = []
    for begun in keys.values():
        starts = sorted({note.start_ticks for note in begun})
        room_ticks = {start: following - start for start, following in pairwise(starts)}
        result += (
            replace(
                note,
                length_ticks=min(
                    note.length_ticks, room_ticks.get(note.start_ticks, note.length_ticks)
                ),
            )
            for note in begun
        )
    return tuple(sorted(result, key=_note_order))


def _note_order(note: Note) -> tuple[int, int, int, int]:
    return note.start_ticks, note.channel, note.pitch, note.length_ticks


def _check_note(note: Note) -> None:
    if not (
        0 <= note.pitch <= 127
        and 1 <= note.velocity <= 127
        and 0 <= note.release_velocity <= 127
        and 0 <= note.channel <= 15
        and note.start_ticks >= 0
        and note.length_ticks >= 0
    ):
        raise ValueError(f"no MIDI note: {note}")


def _check_event(event: MidiEvent) -> None:
    data, status = event.data, event.data[0] if event.data else 0
    if status in (SYSEX, ESCAPE):
        valid = True
    elif status == META:
        valid = len(data) >= 2 and data[1] != END_OF_TRACK
    else:
        kind = status & 0xF0
        expected = None if kind in (NOTE_OFF, NOTE_ON) else CHANNEL_DATA_BYTES.get(kind)
        valid = expected == len(data) - 1 and max(data[1:]) < 0x80
    if not valid or event.start_ticks < 0:
        raise ValueError(f"no MIDI message: {data.hex(' ')!r} at tick {event.start_ticks}")
