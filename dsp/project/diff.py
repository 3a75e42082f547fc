"""What changed between two projects, found by identity.

An edit shares all it did not touch, so two objects that are the same object are equal without a
look inside, and finding one moved clip among thousands takes microseconds. Objects that are equal
but not the same (loaded twice, say) count as changed: nothing that changed is ever missed.
"""

from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from tonewright.dsp.project.document import Id, Media, Project, Track

TrackClip = tuple[Id, Id]
"""A clip's id behind its track's."""


@dataclass(frozen=True, slots=True)
class ProjectDiff:
    """What to repaint, render again or read again.

    Attributes:
        tracks_moved: Tracks whose place among those in both projects differs.
        tracks_changed: Tracks of which anything but the clips differs.
        clips_added: (track id, clip id); clips of added tracks are among them, and a clip that
            changed its track is added to the one and removed from the other.
        media: Ids of media that were added, removed or changed.
        settings: Whether name, sample rate, SoundFont, timecode or extra fields differ.
    """

    tracks_added: tuple[Id, ...] = ()
    tracks_removed: tuple[Id, ...] = ()
    tracks_moved: tuple[Id, ...] = ()
    tracks_changed: tuple[Id, ...] = ()
    clips_added: tuple[TrackClip, ...] = ()
    clips_removed: tuple[TrackClip, ...] = ()
    clips_changed: tuple[TrackClip, ...] = ()
    media: tuple[Id, ...] = ()
    tempo: bool = False
    markers: bool = False
    master: bool = False
    settings: bool = False

    def __bool__(self) -> bool:
        return self != _NOTHING


_NOTHING = ProjectDiff()

_BY_LEVEL = {"tempo_map", "markers", "tracks", "master", "master_automation", "media"}
_settings_of = attrgetter(*(each.name for each in fields(Project) if each.name not in _BY_LEVEL))
_track_fields = attrgetter(*(each.name for each in fields(Track) if each.name != "clips"))


def diff(before: Project, after: Project) -> ProjectDiff:
    """Return what is different in ``after``."""
    if before is after:
        return _NOTHING
    tracks_changed: list[Id] = []
    clips_added: list[TrackClip] = []
    clips_removed: list[TrackClip] = []
    clips_changed: list[TrackClip] = []
    olds = {track.id: track for track in before.tracks}
    news = {track.id: track for track in after.tracks}
    for track_id in (olds | news) if before.tracks is not after.tracks else ():
        old, new = olds.get(track_id), news.get(track_id)
        if old is new:
            continue
        if old is not None and new is not None and not _same(old, new):
            tracks_changed.append(track_id)
        old_clips = {clip.id: clip for clip in old.clips} if old else {}
        new_clips = {clip.id: clip for clip in new.clips} if new else {}
        for clip_id, clip in new_clips.items():
            old_clip = old_clips.get(clip_id)
            if old_clip is None:
                clips_added.append((track_id, clip_id))
            elif old_clip is not clip:
                clips_changed.append((track_id, clip_id))
        clips_removed += [(track_id, each) for each in old_clips if each not in new_clips]
    stayed_before = [each for each in olds if each in news]
    stayed_after = [each for each in news if each in olds]
    return ProjectDiff(
        tracks_added=tuple(each for each in news if each not in olds),
        tracks_removed=tuple(each for each in olds if each not in news),
        tracks_moved=tuple(
            now for was, now in zip(stayed_before, stayed_after, strict=True) if was != now
        ),
        tracks_changed=tuple(tracks_changed),
        clips_added=tuple(clips_added),
        clips_removed=tuple(clips_removed),
        clips_changed=tuple(clips_changed),
        media=_media(before.media, after.media),
        tempo=before.tempo_map is not after.tempo_map,
        markers=before.markers is not after.markers,
        master=before.master is not after.master
        or before.master_automation is not after.master_automation,
        settings=_settings_of(before) != _settings_of(after),
    )


def _same(old: Track, new: Track) -> bool:
    """Tell whether two tracks share everything but their clips."""
    pairs: Any = zip(_track_fields(old), _track_fields(new), strict=True)
    return all(a is b for a, b in pairs)


def _media(before: tuple[Media, ...], after: tuple[Media, ...]) -> tuple[Id, ...]:
    if before is after:
        return ()
    olds = {medium.id: medium for medium in before}
    news = {medium.id: medium for medium in after}
    return tuple(each for each in olds | news if olds.get(each) is not news.get(each))
