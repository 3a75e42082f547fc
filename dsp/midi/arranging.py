"""An effect on all notes of a project, its result as new tracks beside the old ones.

An effect in a chain sees one track; one that arranges wants all of them at once. What it gives
back is compared with what went in: a track whose notes it left alone stays as it is, one whose
notes it changed or took is muted, not deleted, and comes back on a new track with what it plays
now, and each track that it added is a new one. A new track has fader, pan, sends and group of the
track that it stands for: its own, or of those that were replaced the one that plays at its height.
Effects stay with the instrument that they were made for.

    A                      A
    B            ->        B (muted)
    C                      C
                           B'
                           D
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from tonewright.dsp.effects.protocol import MidiEffect
from tonewright.dsp.errors import ProjectError
from tonewright.dsp.midi.exchange import channels_of, project_sequence
from tonewright.dsp.midi.sequence import DRUM_CHANNEL, MidiSequence, MidiTrack, track_to_clip
from tonewright.dsp.project.document import (
    Channel,
    Id,
    Instrument,
    Project,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.project.edits import add_track, set_channel


@dataclass(frozen=True, slots=True)
class Material:
    """What is to be arranged.

    Attributes:
        track_ids: The tracks that are heard.
        sequence: What they play, a track each, in the same order.
    """

    track_ids: tuple[Id, ...]
    sequence: MidiSequence


def material_of(project: Project, track_ids: Collection[Id] | None = None) -> Material:
    """Return what MIDI tracks play, each on a channel of its own.

    Args:
        project: Where they are.
        track_ids: Which of them; all if None. Those that are muted are not heard.

    Raises:
        ProjectError: If none of them sounds.
    """
    heard = [
        track
        for track in project.tracks
        if track.kind is TrackKind.MIDI
        and not track.channel.muted
        and (track_ids is None or track.id in track_ids)
    ]
    if not heard:
        raise ProjectError(f"{project.name}: no MIDI track sounds; add one, or unmute it")
    sequence = project_sequence(project, [track.id for track in heard])
    tracks = tuple(
        _on_channel(track, channel)
        for track, channel in zip(sequence.tracks[1:], _own_channels(heard), strict=True)
    )
    return Material(tuple(track.id for track in heard), replace(sequence, tracks=tracks))


def arranged(project: Project, effect: MidiEffect) -> Project:
    """Return the project with what an effect makes of its MIDI tracks as new tracks.

    Tracks that are muted are not heard. It is one edit, and so one step to undo.

    Raises:
        ProjectError: If no MIDI track sounds.
    """
    material = material_of(project)
    return with_arrangement(project, material, effect.process_midi(material.sequence))


def with_arrangement(
    project: Project, material: Material, *takes: MidiSequence, names: Sequence[str] = ()
) -> Project:
    """Return the project with what was made of some of its tracks as new tracks.

    Args:
        project: As it is now; tracks of the material that have gone since are left out.
        material: What was arranged.
        takes: What was made of it. The first is heard, the tracks of others are muted.
        names: Of the takes, put behind the names of their tracks; none if empty.
    """
    present = {track.id: track for track in project.tracks}
    before = material.sequence.tracks
    for number, take in enumerate(takes):
        new: list[Track] = []
        replaced: list[tuple[Track, MidiTrack]] = []
        for index, track in enumerate(take.tracks):
            old = present.get(material.track_ids[index]) if index < len(before) else None
            if index < len(before):
                if track.notes == before[index].notes:
                    continue
                if old is not None:
                    replaced.append((old, before[index]))
                    if number == 0:
                        project = set_channel(project, old.id, muted=True)
            if track.notes:
                made = _new_track(track, old.instrument if old is not None else None)
                new.append(_placed(made, old or _most_alike(track, replaced)))
        for each in new:
            added = replace(each, name=f"{each.name} {names[number]}") if names else each
            project = add_track(project, added)
            if number:
                project = set_channel(project, added.id, muted=True)
    return project


def _own_channels(tracks: list[Track]) -> list[int | None]:
    """Return a channel for each track, as long as there are some; drums keep the drum channel.

    Tracks of a project have instruments of their own, and most are on channel 1.
    """
    free = [number for number in range(16) if number != DRUM_CHANNEL]
    if len(tracks) > len(free):
        return [None] * len(tracks)
    return [
        None if track.instrument is not None and track.instrument.drums else free[index]
        for index, track in enumerate(tracks)
    ]


def _on_channel(track: MidiTrack, channel: int | None) -> MidiTrack:
    """Return a track of one channel on another; a track of several, or of drums, stays."""
    used = channels_of(track)
    if channel is None or len(used) != 1 or DRUM_CHANNEL in used:
        return track
    return replace(
        track,
        notes=tuple(replace(note, channel=channel) for note in track.notes),
        events=tuple(
            replace(event, data=bytes((event.data[0] & 0xF0 | channel,)) + event.data[1:])
            if event.data[0] < 0xF0
            else event
            for event in track.events
        ),
    )


def _new_track(track: MidiTrack, instrument: Instrument | None) -> Track:
    drums = channels_of(track) == {DRUM_CHANNEL}
    return Track(
        id=new_id(),
        name=track.name or "MIDI",
        kind=TrackKind.MIDI,
        clips=(track_to_clip(track),),
        instrument=instrument or Instrument(drums=drums),
    )


def _most_alike(track: MidiTrack, others: Sequence[tuple[Track, MidiTrack]]) -> Track | None:
    """Return the track whose notes lie nearest to those of another; drums are like drums only."""
    drums = channels_of(track) == {DRUM_CHANNEL}
    away = {
        index: abs(_height(played) - _height(track))
        for index, (_, played) in enumerate(others)
        if (channels_of(played) == {DRUM_CHANNEL}) is drums and played.notes
    }
    return others[min(away, key=lambda index: away[index])][0] if away else None


def _height(track: MidiTrack) -> float:
    return fmean(note.pitch for note in track.notes)


def _placed(track: Track, like: Track | None) -> Track:
    """Return a track where another stands in the mix."""
    if like is None:
        return track
    sends = tuple(replace(send, id=new_id()) for send in like.channel.sends)
    channel = Channel(gain_db=like.channel.gain_db, pan=like.channel.pan, sends=sends)
    return replace(track, parent_id=like.parent_id, channel=channel)
