"""What there is to say about a project, as JSON and as text."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tonewright.dsp.exporting.table import duration, table
from tonewright.dsp.project.document import EffectSpec, Marker, Project, Track
from tonewright.dsp.project.media_files import missing_media
from tonewright.dsp.project.tempo import (
    bar_beat_tick,
    end_of,
    range_of,
    shifted,
    to_seconds,
    to_ticks,
)


def folder_of(path: Path) -> Path:
    """Return the folder of a project that was named by it or by the file inside."""
    return path if path.is_dir() else path.parent


def document(project: Project) -> dict[str, Any]:
    """Return a project's summary as a JSON document."""
    missing = missing_media(project)
    return {
        "kind": "project",
        "name": project.name,
        "format": project.format,
        "sample_rate": project.sample_rate,
        "length_seconds": end_of(project),
        "start_timecode": project.start_timecode,
        "frame_rate": project.frame_rate,
        "tempos": project.tempo_map.tempos,
        "time_signatures": project.tempo_map.time_signatures,
        "markers": [_marker(project, each) for each in project.markers],
        "tracks": [_track(project, number, each) for number, each in _numbered(project)],
        "master": {
            "gain_db": project.master.gain_db,
            "effects": effect_documents(project.master.effects),
        },
        "media": [
            {
                "name": each.name,
                "kind": each.kind,
                "path": each.path,
                "sample_rate": each.sample_rate,
                "channels": each.channels,
                "length_samples": each.length_samples,
                "missing": each in missing,
            }
            for each in project.media
        ],
    }


def text(project: Project) -> str:
    """Return a project's summary for people."""
    tempos = project.tempo_map.tempos
    signatures = project.tempo_map.time_signatures
    lines = [
        f"{project.name}: {len(project.tracks)} tracks, {duration(end_of(project))}, "
        f"{project.sample_rate} Hz",
        f"tempo {tempos[0].bpm:g} bpm{_changes(tempos)}, "
        f"{signatures[0].numerator}/{signatures[0].denominator}{_changes(signatures)}",
    ]
    if project.tracks:
        header = ("", "track", "kind", "clips", "end", "gain", "effects", "")
        rows = [_row(project, number, each) for number, each in _numbered(project)]
        lines += ["", table(header, rows)]
    if project.master.effects:
        lines.append(f"master: {_names(project.master.effects)}")
    if project.markers:
        marks = [_marker_row(project, each) for each in project.markers]
        lines += ["", table(("bar", "time", "length", "marker"), marks)]
    lines += [
        f"missing: {each.path} ({each.name}); its clips are silent"
        for each in missing_media(project)
    ]
    return "\n".join(lines)


def _numbered(project: Project) -> Sequence[tuple[int, Track]]:
    return list(enumerate(project.tracks, 1))


def _end_seconds(project: Project, track: Track) -> float:
    return max((range_of(project, clip).end_seconds for clip in track.clips), default=0.0)


def _track(project: Project, number: int, track: Track) -> dict[str, Any]:
    channel = track.channel
    parent = None if track.parent_id is None else project.track(track.parent_id).name
    return {
        "number": number,
        "name": track.name,
        "kind": track.kind,
        "group": parent,
        "clips": len(track.clips),
        "end_seconds": _end_seconds(project, track),
        "gain_db": channel.gain_db,
        "pan": channel.pan,
        "muted": channel.muted,
        "soloed": channel.soloed,
        "effects": effect_documents(channel.effects),
        "sends": [
            {"to": project.track(each.target_id).name, "gain_db": each.gain_db}
            for each in channel.sends
        ],
    }


def _row(project: Project, number: int, track: Track) -> tuple[str, ...]:
    channel = track.channel
    states = [("muted", channel.muted), ("soloed", channel.soloed)]
    if track.parent_id is not None:
        states.append((f"in {project.track(track.parent_id).name}", True))
    return (
        str(number),
        track.name,
        track.kind,
        str(len(track.clips)),
        duration(_end_seconds(project, track)),
        f"{channel.gain_db:+.1f} dB",
        _names(channel.effects),
        ", ".join(name for name, holds in states if holds),
    )


def effect_documents(effects: Sequence[EffectSpec]) -> list[dict[str, Any]]:
    """Return the effects of a chain as JSON documents."""
    return [
        {
            "type": each.type,
            "enabled": each.enabled,
            "mix": each.mix,
            "seed": each.seed,
            "range": each.range,
            "params": dict(each.params),
        }
        for each in effects
    ]


def _names(effects: Sequence[EffectSpec]) -> str:
    return ", ".join(each.type if each.enabled else f"({each.type})" for each in effects)


def _changes(events: Sequence[object]) -> str:
    more = len(events) - 1
    return f" and {more} change{'s' if more > 1 else ''}" if more else ""


def _marker_seconds(project: Project, marker: Marker) -> tuple[float, float | None]:
    start = to_seconds(project.tempo_map, marker.start)
    if marker.length is None:
        return start, None
    ticks_or_seconds = shifted(project.tempo_map, marker.start, marker.length)
    return start, to_seconds(project.tempo_map, ticks_or_seconds) - start


def _marker(project: Project, marker: Marker) -> dict[str, Any]:
    start_seconds, length_seconds = _marker_seconds(project, marker)
    return {
        "name": marker.name,
        "start_seconds": start_seconds,
        "length_seconds": length_seconds,
    }


def _marker_row(project: Project, marker: Marker) -> tuple[str, ...]:
    start_seconds, length_seconds = _marker_seconds(project, marker)
    place = bar_beat_tick(project.tempo_map, round(to_ticks(project.tempo_map, marker.start)))
    return (
        f"{place.bar}|{place.beat}",
        duration(start_seconds),
        "" if length_seconds is None else duration(length_seconds),
        marker.name,
    )
