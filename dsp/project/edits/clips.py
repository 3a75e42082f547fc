"""Edits of clips: ``Project -> Project``.

Times given in seconds move clips that are anchored to ticks to the nearest tick, so such a clip
stays musical. Audio is cut at samples of its medium, chosen so that what stays keeps its place on
the project's sample grid: cutting never makes a gap or a click of its own.
"""

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.document import (
    AudioClip,
    Clip,
    ClockTime,
    Fade,
    FadeCurve,
    Id,
    MidiClip,
    MusicalTime,
    Project,
    Time,
)
from tonewright.dsp.project.edits.access import (
    changed,
    find_clip,
    find_clips,
    find_medium,
    find_track,
    require_new_effects,
    swapped,
    with_clip,
    with_clips,
    with_track,
    without,
)
from tonewright.dsp.project.edits.cut import (
    TOUCHING_SECONDS,
    halves,
    with_audio_end,
    with_audio_start,
    with_fresh_ids,
    with_midi_start,
)
from tonewright.dsp.project.tempo import range_of, shifted, to_seconds, to_ticks
from tonewright.dsp.project.validate import check_routing


def add_clip(project: Project, track_id: Id, clip: Clip) -> Project:
    """Return the project with one more clip; it may overlap others.

    | A |       |      ->      | A | B |

    Its fades are shortened to its length.

    Raises:
        ProjectError: If the track or the medium is missing, the kinds differ, the source range
            leaves the medium, or the id is taken.
    """
    track = find_track(project, track_id)
    if any(other.id == clip.id for _, other in project.clips()):
        raise ProjectError(f"clip {clip.name!r} is in the project already: give the copy a new id")
    require_new_effects(project, clip.effects)
    project = with_clips(project, track, (*track.clips, clip))
    check_routing(project)
    return project


def set_clip(project: Project, clip_id: Id, **fields: Any) -> Project:
    """Return the project with fields of a clip set: name, gain, fades, mute, speed, notes, ...

    | A |      ->      | a |

    Fades are shortened to the clip's length; notes and events are sorted. Effects have edits of
    their own.

    Raises:
        ProjectError: If the clip or the medium is missing, or a value is out of range.
    """
    own = {"id", "effects"} & set(fields)
    if own:
        raise ValueError(f"set_clip does not set {', '.join(sorted(own))}")
    track, clip = find_clip(project, clip_id)
    for name in {"notes", "events"} & set(fields):
        fields[name] = tuple(sorted(fields[name], key=lambda each: each.start_ticks))
    return with_clip(project, track, changed(clip, **fields))


def move_clips(
    project: Project, clip_ids: Iterable[Id], *, delta: Time, to_track: Id | None = None
) -> Project:
    """Return the project with clips moved by a distance, and to another track if one is named.

    | A | B |   |      ->      |   | A | B |      delta = +1

    They move together: ``delta`` (ticks or seconds, of either sign) is shortened so that the
    first of them stays at or after the start of the project.

    Raises:
        ProjectError: If a clip or the track is missing, or the kinds differ.
    """
    found = find_clips(project, clip_ids)
    if not found:
        return project
    tempo_map = project.tempo_map
    if isinstance(delta, MusicalTime):
        first_ticks = min(to_ticks(tempo_map, clip.start) for _, clip in found)
        delta = MusicalTime(max(delta.ticks, -math.floor(first_ticks)))
    else:
        first_seconds = min(to_seconds(tempo_map, clip.start) for _, clip in found)
        delta = ClockTime(max(delta.seconds, -first_seconds))
    moved = {
        clip.id: changed(clip, start=shifted(tempo_map, clip.start, delta)) for _, clip in found
    }
    if to_track is None:
        for track in {track.id: track for track, _ in found}.values():
            project = with_clips(project, track, (moved.get(clip.id, clip) for clip in track.clips))
        return project
    target = find_track(project, to_track)
    if all(track is target for track, _ in found):
        return move_clips(project, moved, delta=delta)
    project = delete_clips(project, moved)
    target = find_track(project, to_track)
    return with_clips(project, target, (*target.clips, *moved.values()))


def trim_clip(
    project: Project, clip_id: Id, *, start: Time | None = None, end: Time | None = None
) -> Project:
    """Return the project with the edges of a clip moved, its content staying where it is.

    | A A A |      ->      |   A   |

    An edge stops at the medium's end, at the other edge (a sample or a tick remains) and at the
    start of the project. Fades and ranged effects keep their places, shortened to the clip. Notes
    before a new start are dropped, one that crosses it starts there; notes behind a new end stay,
    silent, and come back when it moves out again.

    Raises:
        ProjectError: If the clip or its medium is missing.
    """
    track, clip = find_clip(project, clip_id)
    if isinstance(clip, AudioClip):
        if start is not None:
            clip = with_audio_start(project, clip, to_seconds(project.tempo_map, start))
        if end is not None:
            clip = with_audio_end(project, clip, to_seconds(project.tempo_map, end))
    else:
        if start is not None:
            clip = with_midi_start(project, clip, to_ticks(project.tempo_map, start))
        if end is not None:
            length_ticks = to_ticks(project.tempo_map, end) - to_ticks(
                project.tempo_map, clip.start
            )
            clip = changed(clip, length_ticks=max(1, math.floor(length_ticks + 0.5)))
    return with_clip(project, track, clip)


def split_clip(project: Project, clip_id: Id, at: Time) -> Project:
    """Return the project with a clip cut in two at a time; the right half is a new clip.

    | A A A A |      ->      | A A | A A |

    Both halves together sound as the whole: effects go to both (with fresh ids on the right),
    ranged ones where their range is; the fade in stays left, the fade out right, shortened to the
    half; a note across the cut is divided. A time outside the clip changes nothing.

    Raises:
        ProjectError: If the clip or its medium is missing.
    """
    track, clip = find_clip(project, clip_id)
    parts = halves(project, clip, at)
    if parts is None:
        return project
    left, right = parts
    clips = swapped(track.clips, left)
    return with_clips(project, track, (*clips, right))


def slip_clip(project: Project, clip_id: Id, delta_samples: int) -> Project:
    """Return the project with the source moved under an audio clip whose edges stay.

    | b c d |      ->      | c d e |      delta_samples > 0: later material

    Clamped to the medium; ``delta_samples`` is in the medium's rate.

    Raises:
        ProjectError: If the clip or its medium is missing, or it is a MIDI clip.
    """
    track, clip = find_clip(project, clip_id)
    if isinstance(clip, MidiClip):
        raise ProjectError(f"MIDI clip {clip.name!r} cannot slip: move its notes")
    last = find_medium(project, clip.media_id).length_samples - clip.source_length_samples
    start_samples = min(max(clip.source_start_samples + delta_samples, 0), max(last, 0))
    return with_clip(project, track, changed(clip, source_start_samples=start_samples))


def duplicate_clips(
    project: Project, clip_ids: Iterable[Id], *, delta: Time | None = None
) -> Project:
    """Return the project with copies of clips, moved by a distance, on the same tracks.

    | A | B |       |      ->      | A | B | A'| B'|

    Without ``delta`` the copies follow directly behind: the distance is from the start of the
    first to the end of the last, in seconds, or in ticks if all of them are MIDI. Copies and their
    effects have fresh ids; ``diff`` tells which.

    Raises:
        ProjectError: If a clip is missing.
    """
    found = find_clips(project, clip_ids)
    if not found:
        return project
    if delta is None:
        delta = _span(project, [clip for _, clip in found])
    copies = [(track.id, with_fresh_ids(clip)) for track, clip in found]
    for track_id, copy in copies:
        track = find_track(project, track_id)
        project = with_track(project, replace(track, clips=(*track.clips, copy)))
    return move_clips(project, [copy.id for _, copy in copies], delta=delta)


def delete_clips(project: Project, clip_ids: Iterable[Id]) -> Project:
    """Return the project without clips; the others stay where they are.

    | A | B | C |      ->      | A |   | C |

    Raises:
        ProjectError: If a clip is missing.
    """
    gone = {clip.id for _, clip in find_clips(project, clip_ids)}
    if not gone:
        return project
    tracks = tuple(
        changed(track, clips=without(track.clips, gone)) if track.clips else track
        for track in project.tracks
    )
    return replace(project, tracks=tracks)


def crossfade(
    project: Project, left_id: Id, right_id: Id, *, length_seconds: float = 0.02
) -> Project:
    """Return the project with an equal-power crossfade between two audio clips of a track.

    | A A A|B B B |      ->      | A A A x B B B |

    Where they overlap, the overlap is the crossfade. Where they touch, each is first extended by
    half of ``length_seconds`` into the other, as far as its medium reaches.

    Raises:
        ProjectError: If a clip is missing or MIDI, they are on different tracks, there is a gap
            between them, one lies inside the other, or neither has material beyond the cut.
    """
    pair = {clip.id: (track, clip) for track, clip in find_clips(project, [left_id, right_id])}
    track, left = pair[left_id]
    other_track, right = pair[right_id]
    if isinstance(left, MidiClip) or isinstance(right, MidiClip):
        raise ProjectError("only audio clips can be crossfaded")
    if track is not other_track:
        raise ProjectError(f"{left.name!r} and {right.name!r} are on different tracks: move one")
    between = f"{left.name!r} and {right.name!r}"
    left_range, right_range = range_of(project, left), range_of(project, right)
    if right_range.start_seconds > left_range.end_seconds + TOUCHING_SECONDS:
        raise ProjectError(f"there is a gap between {between}: move or trim one until they touch")
    if (
        right_range.start_seconds <= left_range.start_seconds
        or right_range.end_seconds <= left_range.end_seconds
    ):
        raise ProjectError(f"{between} do not follow each other: trim one")
    if right_range.start_seconds >= left_range.end_seconds - TOUCHING_SECONDS:
        if length_seconds <= 0:
            raise ValueError(f"a crossfade must be longer than 0 seconds, not {length_seconds}")
        left = with_audio_end(project, left, left_range.end_seconds + length_seconds / 2)
        right = with_audio_start(project, right, right_range.start_seconds - length_seconds / 2)
    overlap_seconds = range_of(project, left).end_seconds - range_of(project, right).start_seconds
    if overlap_seconds <= TOUCHING_SECONDS:
        raise ProjectError(f"{between} have no material beyond the cut: trim one first")
    fade = Fade(overlap_seconds, FadeCurve.EQUAL_POWER)
    clips = swapped(track.clips, changed(left, fade_out=fade))
    return with_clips(project, track, swapped(clips, changed(right, fade_in=fade)))


def cut_track(project: Project, track_id: Id, at: Time) -> Project:
    """Return the project with every clip of a track that sounds across a time cut there.

    | A A | B B B |      ->      | A A | B | B B |

    Raises:
        ProjectError: If the track or a medium is missing.
    """
    track = find_track(project, track_id)
    clips: list[Clip] = []
    for clip in track.clips:
        clips.extend(halves(project, clip, at) or (clip,))
    return with_clips(project, track, clips)


def _span(project: Project, clips: list[Clip]) -> Time:
    """Return the distance from the start of the first clip to the end of the last."""
    ranges = [range_of(project, clip) for clip in clips]
    start_seconds = min(each.start_seconds for each in ranges)
    end_seconds = max(each.end_seconds for each in ranges)
    if any(isinstance(clip, AudioClip) for clip in clips):
        return ClockTime(end_seconds - start_seconds)
    ticks = to_ticks(project.tempo_map, end_seconds) - to_ticks(project.tempo_map, start_seconds)
    return MusicalTime(math.floor(ticks + 0.5))
