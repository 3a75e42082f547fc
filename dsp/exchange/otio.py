"""Audio timelines as OpenTimelineIO, out and in; the library is the extra ``exchange``.

OpenTimelineIO knows neither musical time nor MIDI, gains or fades: positions become seconds at the
project's sample rate, and what it has no word for goes into the metadata ``tonewright``, which
other programs keep. Clips of a track must not overlap there; those that do go to tracks of their
own.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from tonewright.dsp.errors import ExportError, MediaError, ProjectError
from tonewright.dsp.exchange.dawproject.reader import Imported
from tonewright.dsp.project.atomic import replacing
from tonewright.dsp.project.document import (
    AudioClip,
    ClockTime,
    Fade,
    FadeCurve,
    Marker,
    Media,
    Project,
    TempoEvent,
    TempoMap,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.project.media import import_media
from tonewright.dsp.project.tempo import range_of, to_seconds

KEY = "tonewright"


def library() -> Any:
    """Return ``opentimelineio``; ExportError, with the remedy, if it is not installed."""
    try:
        import opentimelineio
    except ImportError as error:
        raise ExportError(
            "OpenTimelineIO is not installed: pip install 'tonewright[exchange]'"
        ) from error
    return opentimelineio


def write_otio(project: Project, path: Path) -> list[str]:
    """Write the audio clips of a project and return what was left out.

    Raises:
        ExportError: If the library is missing, or the file cannot be written.
    """
    otio = library()
    rate = project.sample_rate
    left: list[str] = []
    timeline = otio.schema.Timeline(project.name)
    for marker in project.markers:
        start = round(to_seconds(project.tempo_map, marker.start) * rate)
        timeline.tracks.markers.append(
            otio.schema.Marker(marker.name, _range(otio, start, 0, rate), comment=marker.comment)
        )
    for track in project.tracks:
        clips = [each for each in track.clips if isinstance(each, AudioClip)]
        if len(clips) < len(track.clips):
            left.append(f"{track.name}: {len(track.clips) - len(clips)} MIDI clips")
        if track.channel.effects:
            left.append(f"{track.name}: {', '.join(each.type for each in track.channel.effects)}")
        if track.automation:
            left.append(f"{track.name}: automation")
        for lane in _lanes(project, clips):
            written = otio.schema.Track(track.name, kind=otio.schema.TrackKind.Audio)
            position = 0
            for clip in lane:
                start = round(range_of(project, clip).start_seconds * rate)
                if start > position:
                    gap = otio.schema.Gap(source_range=_range(otio, 0, start - position, rate))
                    written.append(gap)
                item = _clip(otio, project, clip)
                if clip.effects:
                    left.append(
                        f"{track.name}: {clip.name}: {', '.join(e.type for e in clip.effects)}"
                    )
                written.append(item)
                position = start + round(item.source_range.duration.value)
            timeline.tracks.append(written)
    try:
        with replacing(path) as file:
            file.write(otio.adapters.write_to_string(timeline, "otio_json").encode())
    except OSError as error:
        raise ExportError(f"{path}: cannot be written: {error}") from error
    return left


def read_otio(path: Path) -> Imported:
    """Return the audio tracks of a timeline as a project.

    Raises:
        ExportError: If the library is missing.
        ProjectError: If the file is no timeline.
    """
    otio = library()
    try:
        timeline = otio.adapters.read_from_file(str(path))
    except (otio.exceptions.OTIOError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise ProjectError(f"{path}: cannot be read as a timeline: {reason}") from error
    if not isinstance(timeline, otio.schema.Timeline):
        raise ProjectError(f"{path}: holds a {type(timeline).__name__}, not a timeline")
    left: list[str] = []
    media: dict[str, Media] = {}
    tracks = []
    for track in timeline.tracks:
        if not isinstance(track, otio.schema.Track) or track.kind != otio.schema.TrackKind.Audio:
            left.append(f"{track.name or 'a track'}: is no audio track")
            continue
        clips = []
        for child in track:
            if isinstance(child, otio.schema.Clip):
                clips.append(_read_clip(otio, child, path, media, left))
            elif not isinstance(child, otio.schema.Gap):
                left.append(f"{track.name}: a {type(child).__name__}")
        tracks.append(Track(new_id(), track.name, TrackKind.AUDIO, clips=tuple(clips)))
    markers = [
        Marker(
            new_id(),
            each.name,
            ClockTime(_seconds(each.marked_range.start_time)),
            comment=each.comment,
        )
        for each in timeline.tracks.markers
    ]
    rates = [each.sample_rate for each in media.values()]
    project = Project(
        new_id(),
        timeline.name or path.stem,
        sample_rate=max(set(rates), key=rates.count) if rates else 48_000,
        tempo_map=TempoMap((TempoEvent(0, 120.0),)),
        markers=tuple(markers),
        tracks=tuple(tracks),
        media=tuple(media.values()),
    )
    return Imported(project, tuple(left))


def _lanes(project: Project, clips: Sequence[AudioClip]) -> list[list[AudioClip]]:
    """Return clips in as few lanes as hold them without overlap, at least one."""
    lanes: list[list[AudioClip]] = [[]]
    for clip in sorted(clips, key=lambda each: range_of(project, each).start_seconds):
        start = range_of(project, clip).start_seconds
        for lane in lanes:
            if not lane or range_of(project, lane[-1]).end_seconds <= start + 1e-9:
                lane.append(clip)
                break
        else:
            lanes.append([clip])
    return lanes


def _clip(otio: Any, project: Project, clip: AudioClip) -> Any:
    medium = project.medium(clip.media_id)
    rate = medium.sample_rate
    reference = otio.schema.ExternalReference(
        Path(medium.path).absolute().as_uri(), _range(otio, 0, medium.length_samples, rate)
    )
    place = range_of(project, clip)
    length = round((place.end_seconds - place.start_seconds) * project.sample_rate)
    first = round(clip.source_start_samples * project.sample_rate / rate)
    item = otio.schema.Clip(clip.name, reference, _range(otio, first, length, project.sample_rate))
    item.enabled = not clip.muted
    if clip.speed_ratio != 1.0:
        item.effects.append(otio.schema.LinearTimeWarp(time_scalar=clip.speed_ratio))
    item.metadata[KEY] = {
        "source_start_samples": clip.source_start_samples,
        "source_length_samples": clip.source_length_samples,
        "gain_db": clip.gain_db,
        "fade_in": [clip.fade_in.length_seconds, str(clip.fade_in.curve)],
        "fade_out": [clip.fade_out.length_seconds, str(clip.fade_out.curve)],
    }
    return item


def _read_clip(
    otio: Any, item: Any, path: Path, media: dict[str, Media], left: list[str]
) -> AudioClip:
    span = item.trimmed_range()
    reference = item.media_reference
    url = getattr(reference, "target_url", "") or ""
    if url not in media:
        media[url] = _medium(item, url, path, left)
    medium = media[url]
    speed = 1.0
    for effect in item.effects:
        if isinstance(effect, otio.schema.LinearTimeWarp) and effect.time_scalar > 0:
            speed = effect.time_scalar
        else:
            left.append(f"{item.name}: {type(effect).__name__}")
    first = _seconds(span.start_time)
    if reference.available_range is not None:
        first -= _seconds(reference.available_range.start_time)
    clip = AudioClip(
        new_id(),
        item.name,
        ClockTime(_seconds(item.range_in_parent().start_time)),
        medium.id,
        max(0, round(first * medium.sample_rate)),
        max(1, round(_seconds(span.duration) * speed * medium.sample_rate)),
        speed,
        muted=not item.enabled,
    )
    own = item.metadata.get(KEY)
    if not own:
        return clip
    try:
        return _restored(clip, own)
    except (KeyError, TypeError, ValueError):
        left.append(f"{item.name}: its gain and fades are damaged")
        return clip


def _restored(clip: AudioClip, own: Any) -> AudioClip:
    """Return a clip with what this library has no word for."""
    fades = [
        Fade(float(seconds), FadeCurve(curve))
        for seconds, curve in (own["fade_in"], own["fade_out"])
    ]
    speed = clip.speed_ratio
    # Exact in the media's own samples, as long as the clip was not trimmed elsewhere.
    exact = abs(own["source_length_samples"] - clip.source_length_samples) <= speed + 1 and (
        abs(own["source_start_samples"] - clip.source_start_samples) <= speed + 1
    )
    if exact:
        clip = replace(
            clip,
            source_start_samples=int(own["source_start_samples"]),
            source_length_samples=int(own["source_length_samples"]),
        )
    return replace(clip, gain_db=float(own["gain_db"]), fade_in=fades[0], fade_out=fades[1])


def _medium(item: Any, url: str, path: Path, left: list[str]) -> Media:
    parsed = urlparse(url)
    file = Path(unquote(parsed.path if parsed.scheme in ("", "file") else url))
    place = file if file.is_absolute() else path.parent / file
    try:
        return import_media(place)
    except MediaError:
        left.append(f"{item.name}: {place} is missing; relink it")
    available = item.media_reference.available_range or item.trimmed_range()
    rate = round(available.duration.rate) if available.duration.rate >= 8_000 else 48_000
    length = round(_seconds(available.duration) * rate)
    return Media(new_id(), place.stem, str(place.absolute()), "0" * 64, rate, 2, max(1, length))


def _range(otio: Any, start: int, length: int, rate: int) -> Any:
    time = otio.opentime.RationalTime
    return otio.opentime.TimeRange(time(start, rate), time(length, rate))


def _seconds(time: Any) -> float:
    return float(time.value / time.rate)
