"""The session's project on the disk: open, save, autosave and recovery.

Every state is written to the journal (``dsp.project.journal``) as soon as the one before it is, in
a thread that does nothing else, so a crash loses at most the last edit, saved project or not. What
a program that died, or that was closed without saving, left behind is brought back as an edit on
top of the last save: undoing it goes back to that save. A lock in the project's folder keeps a
second window from writing there.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal

from tonewright.desktop.adapters.latest import Latest
from tonewright.desktop.session import Session, empty_project
from tonewright.desktop.tasks import Tasks
from tonewright.dsp.errors import ProjectError, TonewrightError
from tonewright.dsp.project.document import Project
from tonewright.dsp.project.folder import AUTOSAVE_FOLDER, PROJECT_FILE, load, save
from tonewright.dsp.project.journal import Journal, Recovered, Recovery

RECOVERED = "Bring back unsaved changes"
"""What the history calls a recovery."""


class Storage(QObject):
    """Opens and saves the project of a session.

    Args:
        session: Whose project it is.
        tasks: Where the disk is touched.
        data_folder: Where a project that was never saved is kept; the user's data folder if None.

    Signals:
        notice (str): One line that is good to know, e.g. that something was brought back.
        problem (str): One line for the user, when something cannot be read or written.
        saved (): After each save.
    """

    notice = Signal(str)
    problem = Signal(str)
    saved = Signal()

    def __init__(
        self,
        session: Session,
        tasks: Tasks,
        parent: QObject | None = None,
        *,
        data_folder: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = tasks
        self._data_folder = data_folder
        self._place = _Place(None, data_folder)
        self._kept: Project | None = None
        self._asked: tuple[_Place, Project, bool] | None = None
        self._syncing = False
        self._stale: Recovery | None = None
        # What else is done in the background must not delay an autosave.
        self._keeper = Latest("autosave", self)
        self._keeper.failed.connect(self._not_kept)
        self._keeper.rested.connect(self._sync)
        session.undo_stack.indexChanged.connect(self._keep)

    @property
    def unsaved(self) -> bool:
        """Whether there are changes that are not saved."""
        return not self._session.undo_stack.isClean()

    def new(self, project: Project | None = None) -> None:
        """Show a new project, in no folder yet: ``project``, or else an empty one."""
        self._move_to(_Place(None, self._data_folder))
        self._session.open(project or empty_project())

    def open(self, path: Path) -> None:
        """Show the project of a folder, or of the ``project.json`` in it, when it is read."""
        folder = (path if path.is_dir() else path.parent).absolute()
        if folder == self._place.folder:
            return

        def work() -> _Opened:
            place = _Place(folder, self._data_folder)
            if not (folder / PROJECT_FILE).exists() and not (folder / AUTOSAVE_FOLDER).is_dir():
                load(path)  # says that there is none
            try:
                place.lock()
                recovered = place.journal.recover()
                if not recovered.states:
                    load(path)  # says what is wrong
                return _Opened(place, recovered)
            except TonewrightError:
                place.close()
                raise

        self._tasks.run(work, self._opened, failed=self._failed)

    def recover_unnamed(self) -> None:
        """Bring back a project that was never saved, if a program left one."""
        journal = self._place.journal

        def done(recovered: Recovered) -> None:
            if recovered.states:
                self._bring_back(recovered.states[0])
            self._tell(recovered)

        self._tasks.run(journal.recover, done, failed=self._failed)

    def save(self, folder: Path | None = None, *, then: Callable[[], None] | None = None) -> None:
        """Write the project to its folder, or to another one, where it stays.

        Args:
            folder: Must be given for a project that is in none.
            then: Called when it is saved.
        """
        folder = folder or self._session.folder
        if folder is None:
            raise ValueError("a project that was never saved needs a folder")
        folder = folder.absolute()
        project = self._session.project
        place = self._place if folder == self._place.folder else _Place(folder, self._data_folder)

        def work() -> Project:
            place.lock()
            return save(project, folder)

        def done(written: Project) -> None:
            if place is not self._place:
                self._place.keep(None)  # it is saved elsewhere now
            self._move_to(place)
            self._session.mark_saved(project, written, folder)
            self._keep()
            self.saved.emit()
            if then is not None:
                then()

        def failed(error: TonewrightError) -> None:
            if place is not self._place:
                place.close()
            self._failed(error)

        self._tasks.run(work, done, failed=failed)

    def close(self) -> None:
        """Let go of the folder; call it behind ``Tasks.close``.

        Changes that are not saved stay in the journal and come back when the project is opened.
        """
        self._keeper.close()
        try:
            self._place.keep(self._session.project if self.unsaved else None)
            self._place.journal.sync()
            self._forget_stale()
        except ProjectError as error:
            self._failed(error)
        self._place.close()

    def _opened(self, opened: "_Opened") -> None:
        saves = [state for state in opened.recovered.states if not state.autosave]
        unsaved = [state for state in opened.recovered.states if state.autosave]
        self._move_to(opened.place)
        base = saves[0].project if saves else unsaved[0].project
        self._session.open(base, opened.place.folder)
        if not saves:
            self._session.undo_stack.resetClean()
        if unsaved:
            self._bring_back(unsaved[0])
        self._tell(opened.recovered)

    def _bring_back(self, recovery: Recovery) -> None:
        self._stale = recovery
        self._session.apply(RECOVERED, lambda _: recovery.project)
        self.notice.emit("Unsaved changes were brought back. Undo returns to the last save.")

    def _tell(self, recovered: Recovered) -> None:
        """Say what is damaged, in one line and last: the window shows the newest line only."""
        if recovered.problems:
            self.problem.emit("; ".join(recovered.problems))

    def _move_to(self, place: "_Place") -> None:
        if place is self._place:
            return
        self._place.close()
        self._place = place

    def _keep(self) -> None:
        """Write the newest state to the journal, or delete what it holds if all is saved."""
        place, project, unsaved = state = self._place, self._session.project, self.unsaved
        if self._asked is not None and all(
            old is new for old, new in zip(self._asked, state, strict=True)
        ):
            return
        self._asked = state

        def work() -> None:
            place.keep(project if unsaved else None)
            self._forget_stale()
            self._kept = project

        self._keeper.run(work)

    def _not_kept(self, error: TonewrightError) -> None:
        self._asked = None  # the next change tries again
        self._failed(error)

    def _sync(self) -> None:
        """Put the autosave on the disk; that may take a while, and the next need not wait."""
        if self._syncing:
            return
        self._syncing = True

        def done(_: None) -> None:
            self._syncing = False

        self._tasks.run(self._place.journal.sync, done)

    def _forget_stale(self) -> None:
        """Delete what was recovered, now that the journal of this program holds it."""
        if self._stale is not None:
            self._place.journal.forget(self._stale)
            self._stale = None

    def _failed(self, error: TonewrightError) -> None:
        self.problem.emit(str(error))


class _Place:
    """A folder that is held, with its journal; or none, with the journal of unnamed projects."""

    def __init__(self, folder: Path | None, data_folder: Path | None) -> None:
        self.folder = folder
        self.journal = Journal(folder, data_folder=data_folder)
        self._lock: QLockFile | None = None
        self._closed = False
        self._mutex = threading.Lock()

    def lock(self) -> None:
        """Hold the folder.

        Raises:
            ProjectError: If another window holds it, or it cannot be written to.
        """
        with self._mutex:
            if self.folder is None or self._lock is not None:
                return
            held = self.folder / AUTOSAVE_FOLDER
            try:
                held.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise ProjectError(
                    f"{self.folder}: cannot be written to: {error.strerror}; choose another place"
                ) from error
            lock = QLockFile(str(held / "open.lock"))
            lock.setStaleLockTime(0)  # only a dead program's lock is stale
            if not lock.tryLock(0):
                raise ProjectError(
                    f"{self.folder}: the project is open in another window; close it there, or "
                    "copy the folder"
                )
            self._lock = lock

    def keep(self, project: Project | None) -> None:
        """Write a state to the journal, or delete what it holds; nothing once it is closed.

        Raises:
            ProjectError: If it cannot be written.
        """
        with self._mutex:
            if self._closed:
                return
            if project is not None:
                self.journal.write(project)
            else:
                self.journal.discard()

    def close(self) -> None:
        """Let go of the folder and of the journal, whose autosaves can be recovered then."""
        with self._mutex:
            self._closed = True
            self.journal.close()
            if self._lock is not None:
                self._lock.unlock()
                self._lock = None


@dataclass(frozen=True)
class _Opened:
    place: _Place
    recovered: Recovered
