"""The files of an export before they exist: what they hold, their names and their sizes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

from tonewright.dsp.audio.writer import Encoding
from tonewright.dsp.errors import ExportError
from tonewright.dsp.exporting.naming import check_pattern, expand, numbered, same_name
from tonewright.dsp.exporting.settings import Container, ExportSettings
from tonewright.dsp.exporting.table import duration, megabytes
from tonewright.dsp.exporting.timecode import StartTime
from tonewright.dsp.project.document import Id, MidiClip, Project, Track, TrackKind

CHANNELS = 2
"""Of every audio file."""


class FileKind(StrEnum):
    """What a file is."""

    MIX = "mix"
    STEM = "stem"
    MIDI = "midi"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file holds: the mix, one track or group as a stem, or MIDI tracks."""

    kind: FileKind
    name: str
    number: str
    track_ids: tuple[Id, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file that an export will write.

    Attributes:
        path: Where.
        contents: What it holds.
        region: The region it is cut from; empty for none.
        encoding: How; None for MIDI.
        sample_rate: In Hz; 0 for MIDI.
        start: On the clock of the picture.
        length_samples: At its own rate; 0 for MIDI.
        open_ended: It lasts until silence: length and size are the least they will be.
        size_bytes: Exact but for some text in WAV and AIFF, an estimate in FLAC, OGG and MIDI.
        exists: A file of that name is there already.
    """

    path: Path
    contents: Contents
    region: str
    encoding: Encoding | None
    sample_rate: int
    start: StartTime
    length_samples: int
    open_ended: bool
    size_bytes: int
    exists: bool

    def to_json(self) -> dict[str, Any]:
        """Return the file as JSON values."""
        return {
            "path": str(self.path),
            "kind": str(self.contents.kind),
            "track": self.contents.name,
            "track_ids": list(self.contents.track_ids),
            "region": self.region,
            "sample_rate": self.sample_rate,
            "length_samples": self.length_samples,
            "length_is": "at least, until silence" if self.open_ended else "exact",
            "size_bytes": self.size_bytes,
            "timecode": self.start.timecode,
            "exists": self.exists,
        }

    def row(self) -> tuple[str, ...]:
        """Return the file as a line of the plan's table."""
        more = "≥ " if self.open_ended else ""
        length = duration(self.length_samples / self.sample_rate) if self.sample_rate else ""
        return (
            str(self.path),
            str(self.contents.kind),
            f"{more}{length}",
            f"{more}{self.length_samples}" if self.sample_rate else "",
            f"{more}{megabytes(self.size_bytes)}",
            "exists" if self.exists else "",
        )


def mix_contents() -> Contents:
    """Return the contents of the mix."""
    return Contents(FileKind.MIX, "Mix", "00")


def stem_contents(project: Project, settings: ExportSettings) -> tuple[Contents, ...]:
    """Return the contents of every stem, in the order of the project.

    Raises:
        ExportError: If a selected track is not there, or there is none.
    """
    if settings.tracks is None:
        wanted = {track.id for track in project.tracks if track.parent_id is None}
    else:
        wanted = set(settings.tracks)
    if missing := wanted - {track.id for track in project.tracks}:
        raise ExportError(f"{project.name}: has no track with the id {min(missing)}")
    if not wanted:
        raise ExportError(f"{project.name}: has no tracks; add some first")
    return tuple(
        Contents(FileKind.STEM, track.name, number, (track.id,))
        for number, track in _numbered_tracks(project)
        if track.id in wanted
    )


def midi_contents(project: Project, settings: ExportSettings) -> tuple[Contents, ...]:
    """Return the contents of each MIDI track that is selected or in a selected group."""
    chosen = {
        track.id
        for track in project.tracks
        if settings.tracks is None or any(each in settings.tracks for each in line(project, track))
    }
    return tuple(
        Contents(FileKind.MIDI, track.name, number, (track.id,))
        for number, track in _numbered_tracks(project)
        if track.kind is TrackKind.MIDI and track.id in chosen
    )


def line(project: Project, track: Track) -> Iterator[Id]:
    """Yield the id of a track and of the groups above it."""
    parents = {each.id: each.parent_id for each in project.tracks}
    above: Id | None = track.id
    for _ in project.tracks:  # so that a group inside itself ends too
        if above is None:
            return
        yield above
        above = parents[above]


def _numbered_tracks(project: Project) -> list[tuple[str, Track]]:
    width = max(2, len(str(len(project.tracks))))
    return [(str(index).zfill(width), each) for index, each in enumerate(project.tracks, 1)]


class Names:
    """Gives every file of a plan a name of its own.

    Args:
        project: Whose files they are.
        pattern: See ``naming``.
        now: For ``{date}``.
        take: For ``{take}``.
    """

    def __init__(self, project: Project, pattern: str, now: datetime, take: int) -> None:
        check_pattern(pattern)
        self._pattern = pattern
        self._values = {
            "project": project.name,
            "date": f"{now:%Y-%m-%d}",
            "take": str(take),
        }
        self._taken: set[str] = set()
        self.changed: list[Path] = []

    def claim(self, path: Path) -> Path:
        """Return a path, or the next numbered one that no other file of the plan has."""
        for name in numbered(PurePosixPath(path.name)):
            free = path.with_name(str(name))
            key = same_name(PurePosixPath(free))
            if key not in self._taken:
                self._taken.add(key)
                if free != path:
                    self.changed.append(free)
                return free
        raise AssertionError("numbers do not end")

    def path(
        self, folder: Path, contents: Contents, region: str, start: StartTime, extension: str
    ) -> Path:
        """Return the path of a file in a folder."""
        values = self._values | {
            "track": contents.name,
            "number": contents.number,
            "kind": str(contents.kind),
            "region": region,
            "timecode": start.timecode.replace(":", "-").replace(";", "-"),
            "format": extension,
        }
        return self.claim(folder / expand(self._pattern, values, extension))


def encoding_of(settings: ExportSettings, mix_file: Path | None = None) -> Encoding:
    """Return how files are written; the extension of a file named by the user decides for it.

    Raises:
        ExportError: If the extension is unknown or cannot hold the depth.
    """
    container: str = settings.container
    if mix_file is not None:
        extension = mix_file.suffix[1:].lower()
        container = "aiff" if extension == "aif" else extension
        if container not in set(Container):
            known = ", ".join(f".{each}" for each in Container)
            raise ExportError(f"{mix_file}: there is no format {mix_file.suffix!r}; use {known}")
    try:
        return Encoding(str(container), str(settings.depth), settings.quality)
    except ValueError as error:
        raise ExportError(f"{mix_file}: {error}") from error


def audio_size_bytes(encoding: Encoding, length_samples: int, sample_rate: int) -> int:
    """Return about how large an audio file will be."""
    if encoding.container == "ogg":
        # Vorbis aims at about 64 kbit/s in stereo at quality 0 and eight times that at 1.
        return round(length_samples / sample_rate * 8000 * 8**encoding.quality)
    bytes_per_value = {"16": 2, "24": 3, "32f": 4}[encoding.depth]
    samples = length_samples * CHANNELS * bytes_per_value
    if encoding.container == "flac":
        return round(0.65 * samples)  # what music usually shrinks to
    return samples + 1024  # headers and bext


def midi_size_bytes(project: Project, track_ids: tuple[Id, ...]) -> int:
    """Return about how large a MIDI file will be: running status and short deltas."""
    size = 256
    for track, clip in project.clips():
        if track.id in track_ids and isinstance(clip, MidiClip):
            size += 8 * len(clip.notes) + sum(4 + len(event.data) for event in clip.events)
    return size


def existing_ancestor(folder: Path) -> Path:
    """Return the nearest folder above, or itself, that is there."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def device(folder: Path) -> int:
    """Return the disk that a folder is on, or will be."""
    return existing_ancestor(folder).stat().st_dev
