"""Edits that gestures on the timeline are made of: ``Project -> Project``, for many clips."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tonewright.dsp.project.diff import diff
from tonewright.dsp.project.document import AudioClip, Clip, ClockTime, Id, Project, Track
from tonewright.dsp.project.edits import (
    add_clip,
    crossfade,
    duplicate_clips,
    move_clips,
    split_clip,
)
from tonewright.dsp.project.edits.access import find_clips
from tonewright.dsp.project.edits.cut import with_fresh_ids
from tonewright.dsp.project.tempo import range_of, to_seconds


@dataclass(frozen=True, slots=True)
class Copied:
    """Clips on the clipboard, each with the track it came from, and where the first starts."""

    clips: tuple[tuple[Id, Clip], ...]
    start_seconds: float


def moved(
    project: Project, clip_ids: Collection[Id], delta_seconds: float, rows: int = 0
) -> Project:
    """Return the project with clips moved in time and by so many tracks down.

    | A |   |      ->      |   |   |      rows = 1
    |   |   |              |   | A |

    They keep their distances: the first stops at the start of the project, and if one of them
    would leave the list of tracks or land on a track of another kind, none changes its track.
    """
    found = find_clips(project, clip_ids)
    if not found:
        return project
    first_seconds = min(to_seconds(project.tempo_map, clip.start) for _, clip in found)
    delta = ClockTime(max(delta_seconds, -first_seconds))
    target = {track.id: _below(project, track, rows) for track, _ in found}
    if rows == 0 or None in target.values():
        return move_clips(project, clip_ids, delta=delta)
    for track_id, below in target.items():
        ids = [clip.id for track, clip in found if track.id == track_id]
        project = move_clips(project, ids, delta=delta, to_track=below)
    return project


def duplicated(project: Project, clip_ids: Collection[Id]) -> tuple[Project, tuple[Id, ...]]:
    """Return the project with copies on top of clips, and the ids of the copies."""
    after = duplicate_clips(project, clip_ids, delta=ClockTime(0.0))
    return after, tuple(clip_id for _, clip_id in diff(project, after).clips_added)


def crossfaded(project: Project, clip_ids: Collection[Id]) -> Project:
    """Return the project with a crossfade wherever one of the audio clips overlaps a neighbour.

    | A A A|        |              | A A x B B |
           | B B B |       ->

    A clip that lies inside another is left as it is.
    """
    for track in project.tracks:
        clips = [clip for clip in track.clips if isinstance(clip, AudioClip)]
        for left in clips:
            for right in clips:
                if left is not right and {left.id, right.id} & set(clip_ids):
                    a, b = range_of(project, left), range_of(project, right)
                    # A hundredth of a second and less is no overlap that anyone meant.
                    if (
                        a.start_seconds < b.start_seconds < a.end_seconds - 0.01
                        and a.end_seconds < b.end_seconds
                    ):
                        project = crossfade(project, left.id, right.id)
    return project


def split(project: Project, clip_ids: Collection[Id], seconds: float) -> Project:
    """Return the project with those of the clips cut that sound across a time.

    | A A | B B |      ->      | A A | B | B |
    """
    for clip_id in clip_ids:
        project = split_clip(project, clip_id, ClockTime(seconds))
    return project


def copied(project: Project, clip_ids: Collection[Id]) -> Copied:
    """Return clips for the clipboard."""
    found = find_clips(project, clip_ids)
    starts = [to_seconds(project.tempo_map, clip.start) for _, clip in found]
    return Copied(tuple((track.id, clip) for track, clip in found), min(starts, default=0.0))


def pasted(
    project: Project, clipboard: Copied, seconds: float, track_id: Id | None = None
) -> tuple[Project, tuple[Id, ...]]:
    """Return the project with the clips of a clipboard at a time, and their new ids.

    |   |   |      ->      |   | A |

    Args:
        project: The project; media that it does not have are a ``ProjectError``.
        clipboard: What was copied.
        seconds: Where the first of them starts.
        track_id: Where they go if they came from one track; else each to where it came from.
    """
    sources = {source for source, _ in clipboard.clips}
    delta = ClockTime(seconds - clipboard.start_seconds)
    new_ids = []
    for source, clip in clipboard.clips:
        copy = with_fresh_ids(clip)
        target = track_id if track_id is not None and len(sources) == 1 else source
        project = add_clip(project, target, copy)
        project = move_clips(project, [copy.id], delta=delta)
        new_ids.append(copy.id)
    return project, tuple(new_ids)


def start_of(project: Project, clip: Clip) -> float:
    """Return where a clip starts, in seconds."""
    return to_seconds(project.tempo_map, clip.start)


def _below(project: Project, track: Track, rows: int) -> Id | None:
    tracks: Sequence[Track] = project.tracks
    index = tracks.index(track) + rows
    if not 0 <= index < len(tracks) or tracks[index].kind is not track.kind:
        return None
    return tracks[index].id
