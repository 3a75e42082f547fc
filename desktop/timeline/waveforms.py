"""The outlines of media for drawing, kept in the user's cache and built off the main thread.

A file of peaks is named after the content of the medium (its SHA-256), so it serves every project
and never goes stale.
"""

from pathlib import Path

import platformdirs
from PySide6.QtCore import QObject, Signal

from tonewright.desktop.session import Session
from tonewright.desktop.tasks import Tasks
from tonewright.dsp.audio import peaks
from tonewright.dsp.audio.file import AudioReader
from tonewright.dsp.audio.peaks import PeakPyramid
from tonewright.dsp.errors import ExportError, MediaError, TonewrightError
from tonewright.dsp.project.diff import ProjectDiff
from tonewright.dsp.project.document import Id, Media, MediaKind
from tonewright.dsp.project.media_files import missing_media


class Waveforms(QObject):
    """The peaks of the media of a session, and which media are missing.

    Args:
        session: Whose media they are.
        tasks: Where files are read.
        cache_folder: Where peaks are kept; the user's cache if None.

    Signals:
        changed (): Peaks have come, or media were found missing or found again.
        notice (str): One line on media that were found missing.
    """

    changed = Signal()
    notice = Signal(str)

    def __init__(
        self,
        session: Session,
        tasks: Tasks,
        parent: QObject | None = None,
        *,
        cache_folder: Path | None = None,
    ) -> None:
        super().__init__(parent)
        cache = cache_folder or platformdirs.user_cache_path("tonewright", appauthor=False)
        self._folder = cache / "peaks"
        self._session = session
        self._tasks = tasks
        self._peaks: dict[str, PeakPyramid | None] = {}
        self._missing: frozenset[Id] = frozenset()
        session.changed.connect(self._on_changed)
        self.look_again()

    @property
    def missing(self) -> frozenset[Id]:
        """The ids of media whose files are not there."""
        return self._missing

    def peaks(self, medium: Media) -> PeakPyramid | None:
        """Return the peaks of a medium; None until they are built, or if it cannot be read."""
        if medium.sha256 not in self._peaks and medium.kind is MediaKind.AUDIO:
            self._peaks[medium.sha256] = None
            self._tasks.run(
                lambda: _loaded(medium, self._folder),
                lambda built: self._keep(medium, built),
                failed=self._unreadable,
            )
        return self._peaks.get(medium.sha256)

    def look_again(self) -> None:
        """Look which media are missing."""
        project = self._session.project

        def done(missing: tuple[Media, ...]) -> None:
            ids = frozenset(medium.id for medium in missing)
            if ids == self._missing:
                return
            for medium in project.media:
                if medium.id in self._missing - ids and not self._peaks.get(medium.sha256):
                    self._peaks.pop(medium.sha256, None)
            fresh = len(ids - self._missing)
            self._missing = ids
            self.changed.emit()
            if fresh:
                files = (
                    "1 file is missing, its clips are"
                    if fresh == 1
                    else (f"{fresh} files are missing, their clips are")
                )
                self.notice.emit(f"{files} red and silent: File, Find missing media")

        if project.media or self._missing:
            self._tasks.run(lambda: missing_media(project), done)

    def _on_changed(self, changes: ProjectDiff) -> None:
        if changes.media:
            self.look_again()

    def _keep(self, medium: Media, built: PeakPyramid) -> None:
        self._peaks[medium.sha256] = built
        self.changed.emit()

    def _unreadable(self, error: TonewrightError) -> None:
        # A file that is not there is shown red; one that is damaged is told.
        if not self._missing:
            self._tasks.problem.emit(str(error))


def _loaded(medium: Media, folder: Path) -> PeakPyramid:
    """Return the peaks of a medium, from the cache if they are there."""
    path = folder / f"{medium.sha256}.peaks"
    try:
        return peaks.load(path)
    except MediaError:
        pass  # not there, or not whole: they are built now
    with AudioReader(medium.path) as reader:
        built = peaks.build(reader.blocks(), reader.channels)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        built.save(path)
    except (OSError, ExportError):
        return built  # without a cache they are built again the next time
    return built
