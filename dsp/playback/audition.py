"""A small part of a project, alone: one note as it would sound on its track, or one clip."""

from dataclasses import replace

from tonewright.dsp.project.document import (
    Channel,
    Id,
    MidiClip,
    MusicalTime,
    Note,
    Project,
    TrackKind,
    new_id,
)
from tonewright.dsp.project.edits.access import find_clip, find_track
from tonewright.dsp.project.tempo import to_ticks

NOTE_SECONDS = 0.5


def audition(project: Project, track_id: Id, pitch: int, velocity: int) -> Project:
    """Return a project that is a single note on a MIDI track of another project.

    The track keeps its instrument, its effects, its fader and its pan, and the master its own; what
    other tracks would add or take away is left out: groups, sends, sidechains, solo and mute.

    Args:
        project: Where the track is.
        track_id: Of the MIDI track.
        pitch: 0 to 127.
        velocity: 1 to 127.

    Raises:
        ProjectError: If there is no such track.
        ValueError: If it is no MIDI track.
    """
    track = find_track(project, track_id)
    if track.kind is not TrackKind.MIDI:
        raise ValueError(f"{track.name} is no MIDI track: a note has no sound on it")
    length_ticks = max(1, round(to_ticks(project.tempo_map, NOTE_SECONDS)))
    note = Note(pitch, velocity, 0, length_ticks)
    clip = MidiClip(new_id(), "Audition", MusicalTime(0), length_ticks, (note,))
    channel = replace(_alone(track.channel), muted=False, soloed=False, sends=())
    alone = replace(track, parent_id=None, channel=channel, clips=(clip,), automation=())
    master = _alone(project.master)
    return replace(project, tracks=(alone,), master=master, markers=(), master_automation=())


def clip_alone(project: Project, clip_id: Id) -> Project:
    """Return a project that is a single audio clip of another project, in its place.

    It keeps its effects but those that listen to another track; those of its own track and of the
    master, faders and all else are left out.

    Raises:
        ProjectError: If there is no such clip.
    """
    track, clip = find_clip(project, clip_id)
    effects = tuple(each for each in clip.effects if each.sidechain_id is None)
    heard = replace(clip, muted=False, effects=effects)
    alone = replace(track, parent_id=None, channel=Channel(), clips=(heard,), automation=())
    return replace(project, tracks=(alone,), master=Channel(), markers=(), master_automation=())


def _alone(channel: Channel) -> Channel:
    """Return a channel without the effects that listen to another track."""
    effects = tuple(each for each in channel.effects if each.sidechain_id is None)
    return replace(channel, effects=effects)
