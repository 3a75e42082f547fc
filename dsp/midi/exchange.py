"""MIDI between projects and files: tracks, markers and the tempo map, both ways.

A file that is written begins with a track of the tempo map and the markers, named after the
project; then comes one track for each MIDI track. Of a region only the start is kept, as a marker;
clips merge into their track and a muted clip is left out. A track's instrument is written as bank
and program at its start, on the channels that it uses, instead of those of its clips; with
``drums`` all of it goes to the drum channel. Other players know channels, not tracks: of those with
an instrument each has one to itself, as long as there are free ones.

A file that is read gives one track with one clip for each track that sounds, and the markers. A
single track with several channels is divided, one track a channel. What a track without sound
holds (texts, key signatures) joins the first that has some, so that nothing is lost. Ticks become
the project's: exact if ``PPQ`` is a multiple of the file's resolution, else the nearest tick.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.midi.sequence import (
    CONTROL,
    DRUM_CHANNEL,
    MARKER,
    META,
    PROGRAM,
    SYSEX,
    MidiSequence,
    MidiTrack,
    clip_to_track,
    merged,
    track_to_clip,
)
from tonewright.dsp.midi.smf import read_smf, text_of, write_smf
from tonewright.dsp.project.document import (
    PPQ,
    Id,
    Instrument,
    Marker,
    MidiClip,
    MidiEvent,
    MusicalTime,
    Project,
    TempoMap,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.project.tempo import to_ticks

_BANK, _BANK_FINE = 0, 32
_MARKER_STATUS = bytes((META, MARKER))


@dataclass(frozen=True, slots=True)
class ImportedMidi:
    """What a MIDI file gives a project.

    Attributes:
        tracks: MIDI tracks, each with one clip at tick 0.
        warnings: What could not be kept as it was, one line each.
    """

    tempo_map: TempoMap
    markers: tuple[Marker, ...]
    tracks: tuple[Track, ...]
    warnings: tuple[str, ...]


def export_midi(project: Project, path: Path, track_ids: Collection[Id] | None = None) -> None:
    """Write MIDI tracks, the tempo map and the markers to a file of format 1.

    Args:
        project: Where they are.
        path: The file; its folder must exist.
        track_ids: Which tracks, in the project's order; every MIDI track if None.

    Raises:
        ProjectError: If one of the tracks is missing or no MIDI track.
        ExportError: If the file cannot be written or cannot hold the tempo map.
    """
    write_smf(project_sequence(project, track_ids), path)


def project_sequence(project: Project, track_ids: Collection[Id] | None = None) -> MidiSequence:
    """Return what ``export_midi`` writes."""
    midi = {track.id: track for track in project.tracks if track.kind is TrackKind.MIDI}
    wanted = midi.keys() if track_ids is None else track_ids
    for track_id in wanted:
        if track_id not in midi:
            raise ProjectError(f"{project.name}: there is no MIDI track with the id {track_id}")
    markers = tuple(
        MidiEvent(
            math.floor(to_ticks(project.tempo_map, marker.start) + 0.5),
            _MARKER_STATUS + marker.name.encode(errors="replace"),
        )
        for marker in project.markers
    )
    chosen = [track for track in midi.values() if track.id in wanted]
    fixed = [each.instrument is None or each.instrument.program is None for each in chosen]
    tracks = _apart([played(track, project.tempo_map) for track in chosen], fixed)
    return MidiSequence(PPQ, project.tempo_map, (MidiTrack(project.name, events=markers), *tracks))


def _apart(tracks: Sequence[MidiTrack], fixed: Sequence[bool]) -> list[MidiTrack]:
    """Return tracks on channels of their own, while there are free ones.

    Args:
        tracks: With their instruments.
        fixed: Which stay as they are: those that sound as their own messages say.
    """
    apart = list(tracks)
    free = set(range(16)) - {DRUM_CHANNEL}
    free -= set().union(*(channels_of(track) for track in tracks))
    taken: set[int] = set()
    for index in sorted(range(len(tracks)), key=lambda index: not fixed[index]):
        channels = channels_of(apart[index])
        if not fixed[index] and free and len(channels) == 1 and channels <= taken - {DRUM_CHANNEL}:
            apart[index] = _moved(apart[index], min(free))
            free.remove(min(free))
        taken |= channels
    return apart


def played(track: Track, tempo_map: TempoMap) -> MidiTrack:
    """Return what a project's MIDI track plays: its clips that are not muted, its instrument."""
    parts = [
        clip_to_track(clip, tempo_map)
        for clip in track.clips
        if isinstance(clip, MidiClip) and not clip.muted
    ]
    return with_instrument(merged(parts, track.name), track.instrument or Instrument())


def with_instrument(track: MidiTrack, instrument: Instrument) -> MidiTrack:
    """Return a track that plays through an instrument.

    Where bank or program is given, the track's own are left out, and it is set at the start of
    each channel used, and again behind each SysEx message, which may have reset the synthesizer.

    Raises:
        ProjectError: If the instrument's bank or program is not 0 to 127.
    """
    if instrument.drums:
        track = _moved(track, DRUM_CHANNEL)
    for name, value in (("bank", instrument.bank), ("program", instrument.program)):
        if value is not None and not 0 <= value <= 127:
            raise ProjectError(f"track {track.name!r}: the {name} must be 0 to 127, not {value}")
    replaced: set[tuple[int, int | None]] = set()
    setup: list[bytes] = []
    for channel in sorted(channels_of(track)):
        if instrument.bank is not None:
            replaced |= {(CONTROL | channel, _BANK), (CONTROL | channel, _BANK_FINE)}
            setup.append(bytes((CONTROL | channel, _BANK, instrument.bank)))
            setup.append(bytes((CONTROL | channel, _BANK_FINE, 0)))
        if instrument.program is not None:
            replaced.add((PROGRAM | channel, None))
            setup.append(bytes((PROGRAM | channel, instrument.program)))
    if not setup:
        return track
    events = [MidiEvent(0, data) for data in setup]
    for event in track.events:
        kind = event.data[0] & 0xF0
        if (event.data[0], event.data[1] if kind == CONTROL else None) in replaced:
            continue
        events.append(event)
        if event.data[0] == SYSEX:
            events += (MidiEvent(event.start_ticks, data) for data in setup)
    return replace(track, events=tuple(events))


def _moved(track: MidiTrack, channel: int) -> MidiTrack:
    """Return a track with all notes and messages on one channel."""
    return replace(
        track,
        notes=tuple(replace(note, channel=channel) for note in track.notes),
        events=tuple(
            replace(event, data=bytes((event.data[0] & 0xF0 | channel,)) + event.data[1:])
            if event.data[0] < SYSEX
            else event
            for event in track.events
        ),
    )


def channels_of(track: MidiTrack) -> set[int]:
    """Return the channels that a track's notes and messages use."""
    used = {note.channel for note in track.notes}
    return used | {event.data[0] & 0x0F for event in track.events if event.data[0] < SYSEX}


def import_midi(path: Path) -> ImportedMidi:
    """Return the tracks, markers and tempo map of a file, in the project's ticks.

    Raises:
        MediaError: If it is no MIDI file or a damaged one.
    """
    original = read_smf(path)
    warnings = list(original.warnings)
    if PPQ % original.ticks_per_quarter:
        warnings.append(
            f"{original.ticks_per_quarter} ticks a quarter note do not divide {PPQ}: "
            f"positions are rounded by up to {1 / (2 * PPQ):.5f} quarter notes"
        )
    sequence = original.rescaled(PPQ)
    marker_events = sorted(
        (event for track in sequence.tracks for event in track.events if _is_marker(event)),
        key=lambda event: event.start_ticks,
    )
    parts = [
        replace(track, events=tuple(event for event in track.events if not _is_marker(event)))
        for track in sequence.tracks
    ]
    sounding = [part for part in parts if channels_of(part)]
    silent_events = tuple(event for part in parts if not channels_of(part) for event in part.events)
    if len(sounding) == 1:
        sounding = _by_channel(sounding[0])
    if silent_events:
        first = sounding[0] if sounding else MidiTrack()
        first = replace(first, events=silent_events + first.events)
        sounding = [first, *sounding[1:]]
    warnings += _shared_channels(sounding)
    tracks = tuple(
        Track(
            id=new_id(),
            name=part.name or f"MIDI {number}",
            kind=TrackKind.MIDI,
            clips=(track_to_clip(part),),
            instrument=Instrument(drums=channels_of(part) == {DRUM_CHANNEL}),
        )
        for number, part in enumerate(sounding, start=1)
    )
    return ImportedMidi(
        sequence.tempo_map,
        tuple(
            Marker(new_id(), text_of(event.data[2:]), MusicalTime(event.start_ticks))
            for event in marker_events
        ),
        tracks,
        tuple(f"{path}: {warning}" for warning in warnings),
    )


def _is_marker(event: MidiEvent) -> bool:
    return event.data.startswith(_MARKER_STATUS)


def _by_channel(track: MidiTrack) -> list[MidiTrack]:
    """Return a track for each channel; what belongs to no channel goes to the first."""
    channels = sorted(channels_of(track))
    if len(channels) == 1:
        return [track]
    return [
        MidiTrack(
            f"{track.name} {channel + 1}".strip(),
            tuple(note for note in track.notes if note.channel == channel),
            tuple(
                event
                for event in track.events
                if (
                    event.data[0] & 0x0F == channel
                    if event.data[0] < SYSEX
                    else channel == channels[0]
                )
            ),
            track.length_ticks,
        )
        for channel in channels
    ]


def _shared_channels(tracks: Iterable[MidiTrack]) -> list[str]:
    """Return a warning for each channel that several tracks play on, controllers in some only."""
    tracks = tuple(tracks)
    warnings = []
    for channel in range(16):
        playing = [t for t in tracks if any(note.channel == channel for note in t.notes)]
        controlling = [t for t in tracks if channel in channels_of(replace(t, notes=()))]
        if controlling and any(track not in controlling for track in playing):
            names = ", ".join(repr(track.name) for track in playing)
            warnings.append(
                f"channel {channel + 1} is shared by {names}: each now follows only the "
                "controllers and programs of its own track"
            )
    return warnings
