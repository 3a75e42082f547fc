"""Files become media, tracks and clips."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tonewright.dsp.audio.file import AudioReader
from tonewright.dsp.errors import MediaError
from tonewright.dsp.midi.exchange import import_midi
from tonewright.dsp.project.document import (
    AudioClip,
    ClockTime,
    Id,
    Marker,
    Media,
    MediaKind,
    Project,
    TempoMap,
    Time,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.project.edits import (
    add_clip,
    add_marker,
    add_media,
    add_track,
    set_project,
    set_tempo_map,
)
from tonewright.dsp.project.media_files import sha256_of

_START = ClockTime(0.0)


@dataclass(frozen=True, slots=True)
class Added:
    """A project with files added to it.

    Attributes:
        warnings: What of the files could not be kept as it was, one line each.
    """

    project: Project
    warnings: tuple[str, ...] = ()


def import_media(path: Path, *, told: Callable[[float], None] | None = None) -> Media:
    """Return an audio file, or the sound of a video, as a medium; it is read once to its end.

    Args:
        path: The file.
        told: Called with the fraction read, for every block; what it raises stops the reading.

    Raises:
        MediaError: If it cannot be read to its end, or holds NaN or infinity.
    """
    path = path.absolute()
    with AudioReader(path) as reader:
        length_samples = 0
        for block in reader.blocks():
            length_samples += block.shape[1]
            if told is not None:
                told(length_samples / max(1, reader.length_samples))
    return Media(
        id=new_id(),
        name=path.stem,
        path=str(path),
        sha256=sha256_of(path),
        sample_rate=reader.sample_rate,
        channels=reader.channels,
        length_samples=length_samples,
        size_bytes=path.stat().st_size,
    )


def import_soundfont(path: Path) -> Media:
    """Return a SoundFont as a medium.

    Raises:
        MediaError: If it cannot be read or is no SoundFont.
    """
    path = path.absolute()
    head = _head(path)
    if head[:4] != b"RIFF" or head[8:12] != b"sfbk":
        raise MediaError(f"{path}: no SoundFont; choose a .sf2 or .sf3 file")
    return Media(
        id=new_id(),
        name=path.stem,
        path=str(path),
        sha256=sha256_of(path),
        kind=MediaKind.SOUNDFONT,
        size_bytes=path.stat().st_size,
    )


def add_audio_file(
    project: Project, path: Path, *, track_id: Id | None = None, start: Time = _START
) -> Project:
    """Return the project with a clip of a whole audio file, on a track or on a new one.

    A file whose content the project has already is not added as a medium again.

    Raises:
        MediaError: If the file cannot be read.
        ProjectError: If the track is missing or no audio track.
    """
    imported = import_media(path)
    known = [medium for medium in project.media if medium.sha256 == imported.sha256]
    medium = known[0] if known else imported
    if not known:
        project = add_media(project, medium)
    if track_id is None:
        track = Track(new_id(), imported.name, TrackKind.AUDIO)
        project, track_id = add_track(project, track), track.id
    clip = AudioClip(new_id(), imported.name, start, medium.id, 0, medium.length_samples)
    return add_clip(project, track_id, clip)


def add_files(project: Project, paths: Sequence[Path]) -> Added:
    """Return the project with files added: a track a file, or as many as a MIDI file has.

    Audio files and the sound of videos start at 0, on the clock. If the project had no tracks, the
    first MIDI file gives it its tempo map and markers.

    Raises:
        MediaError: If a file cannot be read.
    """
    warnings: list[str] = []
    follows_first = not project.tracks
    for path in paths:
        if _head(path)[:4] != b"MThd":
            project = add_audio_file(project, path)
            continue
        midi = import_midi(path)
        warnings += midi.warnings
        if follows_first:
            project = _with_map(project, midi.tempo_map, midi.markers)
            follows_first = False
        elif midi.tempo_map != project.tempo_map:
            warnings.append(f"{path}: its tempo map is not used; the project keeps its own")
        for track in midi.tracks:
            name = track.name or path.stem
            project = add_track(project, replace(track, name=name))
    return Added(project, tuple(warnings))


def new_project_from_files(name: str, paths: Sequence[Path]) -> Added:
    """Return a new project with a track a file; see ``add_files``.

    Its sample rate is that of the first audio file, but at least 44,100 Hz; without one, 48,000.

    Raises:
        MediaError: If a file cannot be read.
    """
    added = add_files(Project(new_id(), name), paths)
    if not added.project.media:
        return added
    rate_hz = max(added.project.media[0].sample_rate, 44_100)
    return replace(added, project=set_project(added.project, sample_rate=rate_hz))


def _with_map(project: Project, tempo_map: TempoMap, markers: tuple[Marker, ...]) -> Project:
    project = set_tempo_map(project, tempo_map)
    for marker in markers:
        project = add_marker(project, marker)
    return project


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(12)
    except OSError as error:
        raise MediaError(f"{path}: cannot be read: {error.strerror}; check the path") from error
