"""Files that are dropped or chosen become tracks and clips; they are read off the main thread."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from tonewright.desktop.adapters.jobs import JobView
from tonewright.desktop.session import Session
from tonewright.desktop.tasks import Tasks
from tonewright.dsp.errors import CancelledError, TonewrightError
from tonewright.dsp.midi.exchange import ImportedMidi, import_midi
from tonewright.dsp.project.document import (
    AudioClip,
    ClockTime,
    Id,
    Media,
    Project,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.project.edits import (
    add_clip,
    add_marker,
    add_media,
    add_track,
    move_clips,
    set_project,
    set_tempo_map,
)
from tonewright.dsp.project.media import import_media
from tonewright.dsp.rendering.job import CancelToken, Progress, with_eta
from tonewright.dsp.rendering.queue import State

COLORS = ("#4f8cc9", "#59a887", "#c98f4f", "#a676c4", "#c96a7c", "#6a9e3f", "#4fa9b8", "#b8a04f")
"""The colours that new tracks get, in turn."""

_MIDI_ENDINGS = {".mid", ".midi", ".smf"}
_MIN_RATE_HZ = 44_100


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of the files, and one line for each that could not be."""

    read: tuple[Media | ImportedMidi, ...]
    paths: tuple[Path, ...]
    problems: tuple[str, ...]


class Imports(QObject):
    """Imports files into a session.

    Attributes:
        jobs: The imports that wait or run, in the order they were asked for.

    Signals:
        jobs_changed (): ``jobs`` are others, for each import at most once a percent.
        problem (str): One line for a file that cannot be read.
        notice (str): One line on what of a file could not be kept.
    """

    jobs_changed = Signal()
    problem = Signal(str)
    notice = Signal(str)
    _told = Signal(str, object)

    def __init__(self, session: Session, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = tasks
        self._jobs: dict[str, JobView] = {}
        self._cancels: dict[str, CancelToken] = {}
        self._told.connect(self._hear)

    @property
    def jobs(self) -> tuple[JobView, ...]:
        """The imports that wait or run."""
        return tuple(self._jobs.values())

    def start(
        self, paths: Sequence[Path], *, start_seconds: float = 0.0, track_id: Id | None = None
    ) -> None:
        """Read files, and add them in one edit when all are read.

        Args:
            paths: Audio, video and MIDI files.
            start_seconds: Where their clips start.
            track_id: An audio track for the first audio file; the others get new tracks.
        """
        key, cancel = new_id(), CancelToken()
        label = f"Import of {_named(paths)}"
        self._jobs[key] = JobView(key, label, False, State.QUEUED, Progress(0.0))
        self._cancels[key] = cancel
        self.jobs_changed.emit()
        self._tasks.run(
            lambda: self._read(key, tuple(paths), cancel),
            lambda read: self._add(key, read, start_seconds, track_id),
        )

    def cancel(self, key: str) -> None:
        """Stop an import; nothing is added."""
        if key in self._jobs:
            stopped = self._forget(key)
            self.notice.emit(f"{stopped.label}: stopped, nothing was added")

    def close(self) -> None:
        """Stop every import without a word."""
        for key in tuple(self._jobs):
            self._forget(key)

    def _forget(self, key: str) -> JobView:
        self._cancels.pop(key).cancel()
        job = self._jobs.pop(key)
        self.jobs_changed.emit()
        return job

    def _hear(self, key: str, progress: Progress) -> None:
        """Show how far an import is that has not been stopped meanwhile."""
        if key in self._jobs:
            self._jobs[key] = replace(self._jobs[key], state=State.RUNNING, progress=progress)
            self.jobs_changed.emit()

    def _read(self, key: str, paths: tuple[Path, ...], cancel: CancelToken) -> Read:
        read: list[Media | ImportedMidi] = []
        good: list[Path] = []
        problems: list[str] = []
        percent = -1
        tell = with_eta(lambda progress: self._told.emit(key, progress))
        for index, path in enumerate(paths):

            def told(fraction: float, index: int = index, name: str = path.name) -> None:
                nonlocal percent
                cancel.check()
                done = (index + min(fraction, 1.0)) / len(paths)
                if int(done * 100) > percent:
                    percent = int(done * 100)
                    tell(Progress(min(done, 0.99), name))

            told(0.0)
            try:
                if path.suffix.lower() in _MIDI_ENDINGS:
                    read.append(import_midi(path))
                else:
                    read.append(import_media(path, told=told))
                good.append(path)
            except CancelledError:
                raise
            except TonewrightError as error:
                problems.append(str(error))
        return Read(tuple(read), tuple(good), tuple(problems))

    def _add(self, key: str, read: Read, start_seconds: float, track_id: Id | None) -> None:
        if key not in self._jobs:  # stopped when all was read
            return
        self._forget(key)
        if read.read:
            what = _named(read.paths)
            before = len(self._session.project.tracks)
            self._session.apply(
                f"Import {what}", lambda project: added(project, read, start_seconds, track_id)
            )
            new = len(self._session.project.tracks) - before
            if before and new:
                self.notice.emit(f"{what}: {_count(new, 'new track')} below the others")
        for each in read.read:
            for warning in each.warnings if isinstance(each, ImportedMidi) else ():
                self.notice.emit(warning)
        if read.problems:  # the window shows one line
            others = _count(len(read.problems) - 1, "more file")
            more = f"; {others} cannot be read either" if len(read.problems) > 1 else ""
            self.problem.emit(read.problems[0] + more)


def _named(paths: Sequence[Path]) -> str:
    return paths[0].name if len(paths) == 1 else f"{len(paths)} files"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def added(project: Project, read: Read, start_seconds: float, track_id: Id | None) -> Project:
    """Return the project with what was read: a track a file, or as many as a MIDI file has.

    A project without media takes the sample rate of its first, one without tracks the tempo map
    and the markers of the first MIDI file.
    """
    target = track_id
    for each, path in zip(read.read, read.paths, strict=True):
        if isinstance(each, ImportedMidi):
            project = _with_midi(project, each, path, start_seconds)
        else:
            project = _with_audio(project, each, start_seconds, target)
            target = None
    return project


def _with_midi(project: Project, midi: ImportedMidi, path: Path, start_seconds: float) -> Project:
    if not project.tracks:
        project = set_tempo_map(project, midi.tempo_map)
        for marker in midi.markers:
            project = add_marker(project, marker)
    for track in midi.tracks:
        named = replace(track, name=track.name or path.stem, color=next_color(project))
        project = add_track(project, named)
        if start_seconds > 0.0:
            ids = [clip.id for clip in named.clips]
            project = move_clips(project, ids, delta=ClockTime(start_seconds))
    return project


def _with_audio(
    project: Project, imported: Media, start_seconds: float, track_id: Id | None
) -> Project:
    known = [medium for medium in project.media if medium.sha256 == imported.sha256]
    medium = known[0] if known else imported
    if not project.media:
        project = set_project(project, sample_rate=max(imported.sample_rate, _MIN_RATE_HZ))
    if not known:
        project = add_media(project, medium)
    tracks = {track.id: track for track in project.tracks}
    if track_id not in tracks or tracks[track_id].kind is not TrackKind.AUDIO:
        track = Track(new_id(), imported.name, TrackKind.AUDIO, color=next_color(project))
        project, track_id = add_track(project, track), track.id
    clip = AudioClip(
        new_id(), imported.name, ClockTime(start_seconds), medium.id, 0, medium.length_samples
    )
    return add_clip(project, track_id, clip)


def next_color(project: Project) -> str:
    """Return the colour of the next new track."""
    return COLORS[len(project.tracks) % len(COLORS)]
