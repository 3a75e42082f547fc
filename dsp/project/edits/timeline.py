"""Edits of what belongs to the whole project: markers, tempo, settings, media."""

from dataclasses import replace
from typing import Any

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.document import (
    AudioClip,
    Id,
    Marker,
    Media,
    Project,
    TempoCurve,
    TempoEvent,
    TempoMap,
    TimeSignatureEvent,
)
from tonewright.dsp.project.edits.access import (
    changed,
    find,
    find_medium,
    inserted,
    swapped,
    without,
)
from tonewright.dsp.project.tempo import to_seconds
from tonewright.dsp.project.validate import check_marker, check_medium, validate


def set_project(project: Project, **fields: Any) -> Project:
    """Return the project with settings set: name, sample_rate, start_timecode, soundfont_id, ...

    "Untitled"      ->      "Song"

    Raises:
        ProjectError: If a value is out of range or the SoundFont is missing.
    """
    own = {"id", "format", "tempo_map", "markers", "tracks", "master", "master_automation", "media"}
    if own & set(fields):
        raise ValueError(f"set_project does not set {', '.join(sorted(own & set(fields)))}")
    after = changed(project, **fields)
    if after is not project:
        validate(after)
    return after


def add_marker(project: Project, marker: Marker) -> Project:
    """Return the project with one more marker or region; markers are sorted by start.

    |   v       |      ->      |   v   v   |

    Raises:
        ProjectError: If the id is taken or a value is out of range.
    """
    if any(other.id == marker.id for other in project.markers):
        raise ProjectError(f"marker {marker.name!r} is in the project already: give it a new id")
    check_marker(marker)
    return _with_markers(project, (*project.markers, marker))


def set_marker(project: Project, marker_id: Id, **fields: Any) -> Project:
    """Return the project with fields of a marker set: name, start, length, color, comment.

    |   v       |      ->      |       v   |

    Raises:
        ProjectError: If the marker is missing or a value is out of range.
    """
    if "id" in fields:
        raise ValueError("a marker keeps its id")
    marker = changed(find(project.markers, marker_id, "marker"), **fields)
    check_marker(marker)
    return _with_markers(project, swapped(project.markers, marker))


def remove_marker(project: Project, marker_id: Id) -> Project:
    """Return the project without a marker.

    |   v   v   |      ->      |   v       |

    Raises:
        ProjectError: If the marker is missing.
    """
    find(project.markers, marker_id, "marker")
    return changed(project, markers=without(project.markers, [marker_id]))


def set_tempo_map(project: Project, tempo_map: TempoMap) -> Project:
    """Return the project with another tempo map: what is anchored to ticks moves with it.

    | 120 |  A  |      ->      | 90 |    A    |      A in ticks
    """
    if tempo_map == project.tempo_map:
        return project
    project = replace(project, tempo_map=tempo_map)
    tracks = []
    for track in project.tracks:
        clips = sorted(track.clips, key=lambda clip: to_seconds(tempo_map, clip.start))
        tracks.append(changed(track, clips=tuple(clips)))
    return _with_markers(changed(project, tracks=tuple(tracks)), project.markers)


def set_tempo(
    project: Project, start_ticks: int, bpm: float | None, curve: TempoCurve = TempoCurve.CONSTANT
) -> Project:
    """Return the project with a tempo from ``start_ticks`` on; None removes the event there.

    | 120         |      ->      | 120 | 90    |

    Raises:
        ProjectError: If the event at tick 0 would be removed.
    """
    new = None if bpm is None else TempoEvent(start_ticks, bpm, curve)
    tempos = _with_event(project.tempo_map.tempos, start_ticks, new)
    return set_tempo_map(project, changed(project.tempo_map, tempos=tempos))


def set_time_signature(
    project: Project, start_ticks: int, numerator: int | None, denominator: int = 4
) -> Project:
    """Return the project with a signature from ``start_ticks`` on; None removes the event there.

    | 4/4         |      ->      | 4/4 | 3/4   |

    Raises:
        ProjectError: If the event at tick 0 would be removed.
    """
    new = None if numerator is None else TimeSignatureEvent(start_ticks, numerator, denominator)
    signatures = _with_event(project.tempo_map.time_signatures, start_ticks, new)
    return set_tempo_map(project, changed(project.tempo_map, time_signatures=signatures))


def add_media(project: Project, medium: Media) -> Project:
    """Return the project with one more medium, for clips to play.

    { m }      ->      { m, n }

    Raises:
        ProjectError: If the id is taken or a value is out of range.
    """
    if any(other.id == medium.id for other in project.media):
        raise ProjectError(f"medium {medium.name!r} is in the project already: give it a new id")
    check_medium(medium)
    return replace(project, media=inserted(project.media, medium, None))


def set_medium(project: Project, media_id: Id, **fields: Any) -> Project:
    """Return the project with fields of a medium set: name, path, recipe, ...

    { m }      ->      { m' }

    Raises:
        ProjectError: If the medium is missing, a value is out of range, or a clip would play
            beyond its end.
    """
    if "id" in fields:
        raise ValueError("a medium keeps its id")
    medium = changed(find_medium(project, media_id), **fields)
    after = changed(project, media=swapped(project.media, medium))
    if after is not project:
        validate(after)
    return after


def remove_unused_media(project: Project) -> Project:
    """Return the project without media that no clip plays and no instrument sounds through.

    { m, n }      ->      { m }      n unused
    """
    used: set[Id | None] = {project.soundfont_id}
    for track in project.tracks:
        if track.instrument is not None:
            used.add(track.instrument.soundfont_id)
        used.update(clip.media_id for clip in track.clips if isinstance(clip, AudioClip))
    return changed(project, media=tuple(each for each in project.media if each.id in used))


def _with_markers(project: Project, markers: tuple[Marker, ...]) -> Project:
    def start_seconds(marker: Marker) -> float:
        return to_seconds(project.tempo_map, marker.start)

    return changed(project, markers=tuple(sorted(markers, key=start_seconds)))


def _with_event(
    events: tuple[Any, ...], start_ticks: int, new: TempoEvent | TimeSignatureEvent | None
) -> tuple[Any, ...]:
    if new is None and start_ticks == 0:
        raise ProjectError("the event at the start of the project cannot be removed: set it")
    others = [event for event in events if event.start_ticks != start_ticks]
    return tuple(sorted([*others, *([new] if new else [])], key=lambda event: event.start_ticks))
