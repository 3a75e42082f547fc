"""Edits of the list of tracks and of tracks themselves: ``Project -> Project``."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.document import (
    Channel,
    EffectSpec,
    Id,
    Project,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.project.edits.access import (
    changed,
    find_track,
    inserted,
    with_track,
    without,
)
from tonewright.dsp.project.validate import check_routing, check_track, validate


def add_track(project: Project, track: Track, *, index: int | None = None) -> Project:
    """Return the project with one more track, at the end unless ``index`` says where.

    A            A
    B     ->     B
                 C

    Raises:
        ProjectError: If the id is taken, something of it is out of range, or what it plays,
            sounds through or listens to is missing.
    """
    project = replace(project, tracks=inserted(project.tracks, track, index))
    validate(project)
    return project


def set_track(project: Project, track_id: Id, **fields: Any) -> Project:
    """Return the project with fields of a track set: name, color, parent_id, instrument, ...

    A     ->     a

    Clips, automation and the channel have edits of their own.

    Raises:
        ProjectError: If the track or the parent is missing, the parent is no group, the track
            would sound through itself, or a value is out of range.
    """
    own = {"id", "kind", "clips", "automation", "channel"} & set(fields)
    if own:
        raise ValueError(f"set_track does not set {', '.join(sorted(own))}")
    track = changed(find_track(project, track_id), **fields)
    check_track(track, {medium.id: medium for medium in project.media})
    project = with_track(project, track)
    check_routing(project)
    return project


def move_track(project: Project, track_id: Id, index: int) -> Project:
    """Return the project with a track at another place of the list, clamped to it.

    A            B
    B     ->     A           index = 1
    C            C

    Raises:
        ProjectError: If the track is missing.
    """
    track = find_track(project, track_id)
    others = without(project.tracks, [track_id])
    place = min(max(index, 0), len(others))
    return changed(project, tracks=inserted(others, track, place))


def delete_tracks(project: Project, track_ids: Iterable[Id]) -> Project:
    """Return the project without tracks, and without what pointed at them.

    A            A
    B     ->     C
    C

    Tracks of a deleted group sound through what the group sounded through; sends to it go; a
    sidechain that listened to a deleted track listens to nothing. Media stay.

    Raises:
        ProjectError: If a track is missing.
    """
    gone = {find_track(project, track_id).id for track_id in track_ids}
    parents = {track.id: track.parent_id for track in project.tracks}

    def kept_parent(parent_id: Id | None) -> Id | None:
        while parent_id in gone:
            parent_id = parents[parent_id]
        return parent_id

    tracks = tuple(
        changed(
            track,
            parent_id=kept_parent(track.parent_id),
            channel=_unhooked(track.channel, gone),
            clips=tuple(
                changed(clip, effects=_deafened(clip.effects, gone)) for clip in track.clips
            ),
        )
        for track in without(project.tracks, gone)
    )
    return changed(project, tracks=tracks, master=_unhooked(project.master, gone))


def group_tracks(project: Project, track_ids: Iterable[Id], name: str) -> Project:
    """Return the project with a new group, above the first of the tracks, that they sound through.

    A            G
    B     ->       A
    C              B
                 C

    The group sounds through what the first of them did. A group among the tracks takes its own
    tracks with it.

    Raises:
        ProjectError: If a track is missing, or a track would sound through itself.
    """
    wanted = {find_track(project, track_id).id for track_id in track_ids}
    if not wanted:
        return project
    tops = [track for track in project.tracks if track.id in wanted]
    tops = [track for track in tops if wanted.isdisjoint(_ancestors(project, track))]
    group = Track(new_id(), name, TrackKind.GROUP, parent_id=tops[0].parent_id)
    place = project.tracks.index(tops[0])
    for track in tops:
        project = with_track(project, replace(track, parent_id=group.id))
    project = replace(project, tracks=inserted(project.tracks, group, place))
    check_routing(project)
    return project


def ungroup(project: Project, group_id: Id) -> Project:
    """Return the project without a group, its tracks sounding through what it sounded through.

    G            A
      A   ->     B
      B

    The group's channel (gain, effects, automation) goes with it.

    Raises:
        ProjectError: If there is no such group.
    """
    group = find_track(project, group_id)
    if group.kind is not TrackKind.GROUP:
        raise ProjectError(f"track {group.name!r} is no group: there is nothing to ungroup")
    return delete_tracks(project, [group_id])


def _ancestors(project: Project, track: Track) -> set[Id]:
    found: set[Id] = set()
    while track.parent_id is not None:
        found.add(track.parent_id)
        track = find_track(project, track.parent_id)
    return found


def _unhooked(channel: Channel, gone: set[Id]) -> Channel:
    """Return a channel that neither sends nor listens to tracks that are gone."""
    sends = tuple(send for send in channel.sends if send.target_id not in gone)
    return changed(channel, sends=sends, effects=_deafened(channel.effects, gone))


def _deafened(effects: tuple[EffectSpec, ...], gone: set[Id]) -> tuple[EffectSpec, ...]:
    return tuple(
        replace(effect, sidechain_id=None) if effect.sidechain_id in gone else effect
        for effect in effects
    )
