"""An effect on all notes of a project, its result as new tracks beside the old ones.

An effect in a chain sees one track; one that arranges wants all of them at once. What it gives
back is compared with what went in: a track whose notes it left alone stays as it is, one whose
notes it changed or took is muted, not deleted, and comes back on a new track with what it plays
now, and each track that it added is a new one.

    A                      A
    B            ->        B (muted)
    C                      C
                           B'
                           D
"""

from dataclasses import replace

from tonewright.dsp.effects.protocol import MidiEffect
from tonewright.dsp.errors import ProjectError
from tonewright.dsp.midi.exchange import channels_of, project_sequence
from tonewright.dsp.midi.sequence import DRUM_CHANNEL, MidiTrack, track_to_clip
from tonewright.dsp.project.document import Instrument, Project, Track, TrackKind, new_id
from tonewright.dsp.project.edits import add_track, set_channel


def arranged(project: Project, effect: MidiEffect) -> Project:
    """Return the project with what an effect makes of its MIDI tracks as new tracks.

    Tracks that are muted are not heard. It is one edit, and so one step to undo.

    Raises:
        ProjectError: If no MIDI track sounds.
    """
    heard = [t for t in project.tracks if t.kind is TrackKind.MIDI and not t.channel.muted]
    if not heard:
        raise ProjectError(f"{project.name}: no MIDI track sounds; add one, or unmute it")
    channels = _own_channels(heard)
    sequence = project_sequence(project, [track.id for track in heard])
    before = [
        _on_channel(track, channel)
        for track, channel in zip(sequence.tracks[1:], channels, strict=True)
    ]
    after = effect.process_midi(replace(sequence, tracks=tuple(before))).tracks
    new: list[Track] = []
    for index, track in enumerate(after):
        if index < len(before):
            if track.notes == before[index].notes:
                continue
            project = set_channel(project, heard[index].id, muted=True)
        if track.notes:
            instrument = heard[index].instrument if index < len(before) else None
            new.append(_new_track(track, instrument))
    for added in new:
        project = add_track(project, added)
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
