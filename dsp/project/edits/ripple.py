"""Deleting time: what is behind it moves up.

A position is moved by as much deleted time as lies before it, so what starts inside a deleted
range lands where the range began. Musical positions move by ticks, clock positions by seconds; the
tempo map stays.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import replace

from tonewright.dsp.project.automation import value_at
from tonewright.dsp.project.document import (
    AutomationLane,
    AutomationPoint,
    ClockTime,
    Id,
    Marker,
    MusicalTime,
    Project,
    TempoMap,
    Time,
    TimeRange,
)
from tonewright.dsp.project.edits.access import changed, find_clips, find_track, with_clips
from tonewright.dsp.project.edits.clips import cut_track, delete_clips
from tonewright.dsp.project.edits.cut import TOUCHING_SECONDS
from tonewright.dsp.project.tempo import range_of, shifted, to_seconds, to_ticks


def ripple_delete_clips(project: Project, clip_ids: Iterable[Id]) -> Project:
    """Return the project without clips, the gaps on their tracks closed.

    | A | B | C |      ->      | A | C |

    Other tracks, markers and automation stay.

    Raises:
        ProjectError: If a clip is missing.
    """
    found = find_clips(project, clip_ids)
    if not found:
        return project
    deleted: dict[Id, list[TimeRange]] = {}
    for track, clip in found:
        deleted.setdefault(track.id, []).append(range_of(project, clip))
    project = delete_clips(project, [clip.id for _, clip in found])
    for track_id, ranges in deleted.items():
        move_up = _move_up(project.tempo_map, ranges)
        track = find_track(project, track_id)
        clips = [changed(clip, start=move_up(clip.start)) for clip in track.clips]
        project = with_clips(project, track, clips)
    return project


def ripple_delete_range(
    project: Project, start: Time, end: Time, *, track_ids: Iterable[Id] | None = None
) -> Project:
    """Return the project without a range of time on some tracks, or on all.

    | A A | B B B | C |      ->      | A | B | C |
        [   cut   )

    Clips are cut at both edges. The tracks' automation is cut too and, where ``track_ids`` is
    None, so are markers and the master's automation; a marker inside moves to the start of the
    range, a region is shortened by what it loses.

    Raises:
        ProjectError: If a track is missing.
        ValueError: If the range is empty or begins before the project.
    """
    tempo_map = project.tempo_map
    start_seconds, end_seconds = to_seconds(tempo_map, start), to_seconds(tempo_map, end)
    if not 0.0 <= start_seconds < end_seconds:
        raise ValueError(f"the range must be longer than 0, from 0 on, not {start} to {end}")
    start_ticks, end_ticks = round(to_ticks(tempo_map, start)), round(to_ticks(tempo_map, end))
    move_up = _move_up(tempo_map, [TimeRange(start_seconds, end_seconds)])
    ids = [track.id for track in project.tracks] if track_ids is None else list(track_ids)
    for track_id in ids:
        project = cut_track(cut_track(project, track_id, start), track_id, end)
        track = find_track(project, track_id)
        clips = []
        for clip in track.clips:
            sounds = range_of(project, clip)
            middle_seconds = (sounds.start_seconds + sounds.end_seconds) / 2
            if not start_seconds <= middle_seconds < end_seconds:
                clips.append(changed(clip, start=move_up(clip.start)))
        lanes = tuple(_lane_up(lane, start_ticks, end_ticks) for lane in track.automation)
        track = changed(track, automation=lanes)
        project = with_clips(project, track, clips)
    if track_ids is not None:
        return project
    return changed(
        project,
        markers=_markers_up(tempo_map, project.markers, move_up),
        master_automation=tuple(
            _lane_up(lane, start_ticks, end_ticks) for lane in project.master_automation
        ),
    )


def _move_up(tempo_map: TempoMap, ranges: Iterable[TimeRange]) -> Callable[[Time], Time]:
    """Return the function that moves a time by the deleted time that lies before it."""
    seconds: list[tuple[float, float]] = []
    for each in sorted(ranges, key=lambda each: each.start_seconds):
        start, end = each.start_seconds, each.end_seconds
        if seconds and start <= seconds[-1][1]:
            first, last = seconds.pop()
            start, end = first, max(last, end)
        seconds.append((start, end))
    ticks = [(to_ticks(tempo_map, start), to_ticks(tempo_map, end)) for start, end in seconds]

    def gone(spans: list[tuple[float, float]], place: float) -> float:
        return sum(max(0.0, min(end, place) - start) for start, end in spans)

    def move_up(time: Time) -> Time:
        if isinstance(time, ClockTime):
            return ClockTime(time.seconds - gone(seconds, time.seconds))
        return MusicalTime(round(time.ticks - gone(ticks, time.ticks)))

    return move_up


def _lane_up(lane: AutomationLane, start_ticks: int, end_ticks: int) -> AutomationLane:
    """Return a lane without a range; where its values at both edges differ, it jumps."""
    if start_ticks == end_ticks or not lane.points or lane.points[-1].ticks <= start_ticks:
        return lane
    before: tuple[AutomationPoint, ...] = ()
    if lane.points[0].ticks < end_ticks:
        before = tuple(each for each in _divided(lane, start_ticks) if each.ticks <= start_ticks)
    after = tuple(each for each in _divided(lane, end_ticks) if each.ticks >= end_ticks)
    if before and before[-1].value == after[0].value:
        before = before[:-1]
    moved = (replace(each, ticks=each.ticks - end_ticks + start_ticks) for each in after)
    return replace(lane, points=(*before, *moved))


def _divided(lane: AutomationLane, ticks: int) -> tuple[AutomationPoint, ...]:
    """Return the points of the same curve with one more at ``ticks``, if there is none yet."""
    points = lane.points
    index = bisect_left(points, ticks, key=lambda point: point.ticks)
    if index < len(points) and points[index].ticks == ticks:
        return points
    new = AutomationPoint(ticks, value_at(lane, ticks))
    if not 0 < index < len(points):
        return (*points[:index], new, *points[index:])
    left, right = points[index - 1], points[index]
    # A part of an exponential is one too, with as much of the exponent as the part is long.
    share = (ticks - left.ticks) / (right.ticks - left.ticks)
    return (
        *points[: index - 1],
        replace(left, bend=left.bend * share),
        replace(new, bend=left.bend * (1.0 - share)),
        *points[index:],
    )


def _markers_up(
    tempo_map: TempoMap, markers: tuple[Marker, ...], move_up: Callable[[Time], Time]
) -> tuple[Marker, ...]:
    """Return the markers moved up; a region of which nothing is left is gone."""
    moved = []
    for marker in markers:
        start = move_up(marker.start)
        if marker.length is None:
            moved.append(changed(marker, start=start))
            continue
        old_end = shifted(tempo_map, marker.start, marker.length)
        end = move_up(old_end)
        length_seconds = to_seconds(tempo_map, end) - to_seconds(tempo_map, start)
        length: Time = ClockTime(length_seconds)
        if isinstance(start, MusicalTime) and isinstance(end, MusicalTime):
            length = MusicalTime(end.ticks - start.ticks)
        if end == old_end:
            moved.append(marker)
        elif length_seconds > TOUCHING_SECONDS:
            moved.append(replace(marker, start=start, length=length))
    return tuple(moved)
