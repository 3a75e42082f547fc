"""What the user opens, drops, saves and leaves: the questions between the window and the disk."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from tonewright.desktop.imports import Imports
from tonewright.desktop.session import Session
from tonewright.desktop.settings import Settings
from tonewright.desktop.storage import Storage
from tonewright.desktop.tasks import Tasks
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.dsp.batch.draft import AUDIO_SUFFIXES, MIDI_SUFFIXES
from tonewright.dsp.project.document import Id
from tonewright.dsp.project.folder import PROJECT_FILE

MANY_FILES = 100
"""More than these at once are not for the timeline."""

_MEDIA_SUFFIXES = (*AUDIO_SUFFIXES, ".mov", *MIDI_SUFFIXES)
_MEDIA_FILES = f"Media ({' '.join(f'*{each}' for each in _MEDIA_SUFFIXES)});;All files (*)"


class Files(QObject):
    """The files of a session.

    Args:
        session: What they are opened in.
        view: Where the playhead is, for what is imported.
        storage: Opens and saves projects.
        imports: Reads media.
        tasks: Looks into folders.
        settings: Remembers projects.
        window: What dialogs belong to.

    Attributes:
        recent: The menu of the projects that were open last.

    Signals:
        many_taken (list[Path]): Files that are too many for a timeline.
        problem (str): One line for the user, when there is nothing in what was taken.
    """

    many_taken = Signal(object)
    problem = Signal(str)

    def __init__(
        self,
        session: Session,
        view: ViewState,
        *,
        storage: Storage,
        imports: Imports,
        tasks: Tasks,
        settings: Settings,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._session = session
        self._view = view
        self._storage = storage
        self._imports = imports
        self._tasks = tasks
        self._settings = settings
        self._window = window
        self.recent = QMenu("Open &recent", window)
        self.recent.aboutToShow.connect(self._list_recent)

    @property
    def project_name(self) -> str:
        """What the project is called: its folder, or its name if it is in none."""
        folder = self._session.folder
        return self._session.project.name if folder is None else folder.name

    def take(
        self, paths: Sequence[Path], start_seconds: float = 0.0, track_id: Id | None = None
    ) -> None:
        """Open a project among the files, or else import them.

        More than ``MANY_FILES``, in folders too, are no song: ``many_taken`` tells them.
        """
        if len(paths) > MANY_FILES:
            self.many_taken.emit(list(paths))
            return
        for path in paths:
            if path.name == PROJECT_FILE or (path / PROJECT_FILE).is_file():
                self.leave(partial(self._storage.open, path))
                return

        def done(files: list[Path]) -> None:
            if len(files) > MANY_FILES:
                self.many_taken.emit(files)
            elif not files:
                self.problem.emit(f"{paths[0]}: there is no audio, video or MIDI in this folder")
            else:
                self._imports.start(files, start_seconds=start_seconds, track_id=track_id)

        self._tasks.run(lambda: _files_in(paths), done)

    def ask_import(self) -> None:
        """Ask which files to import, at the playhead."""
        dialog = self._dialog("Import", QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilter(_MEDIA_FILES)
        dialog.filesSelected.connect(
            lambda names: self._imports.start(
                [Path(name) for name in names], start_seconds=self._view.playhead_seconds
            )
        )
        dialog.open()

    def ask_open(self) -> None:
        """Ask which project to open."""
        dialog = self._dialog("Open project", QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(
            lambda name: self.leave(partial(self._storage.open, Path(name)))
        )
        dialog.open()

    def save(self, then: Callable[[], None] | None = None) -> None:
        """Save the project; ask where if it has no folder."""
        if self._session.folder is None:
            self.save_as(then)
        else:
            self._storage.save(then=then)

    def save_as(self, then: Callable[[], None] | None = None) -> None:
        """Ask for a folder and save the project there."""
        dialog = self._dialog("Save project as", QFileDialog.FileMode.AnyFile)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(self._session.project.name)
        dialog.fileSelected.connect(lambda name: self._storage.save(Path(name), then=then))
        dialog.open()

    def leave(self, then: Callable[[], None]) -> None:
        """Do something that puts another project here; ask first if this one is not saved."""
        if not self._storage.unsaved:
            then()
            return
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(f"Save the changes to “{self.project_name}”?")
        box.setInformativeText("What is not saved is kept, and comes back when it is opened again.")
        save = QMessageBox.StandardButton.Save
        discard = QMessageBox.StandardButton.Discard
        box.setStandardButtons(save | discard | QMessageBox.StandardButton.Cancel)
        box.button(discard).setText("Don’t save")
        box.buttonClicked.connect(lambda button: self._left(box.standardButton(button), then))
        box.open()

    def _left(self, answer: QMessageBox.StandardButton, then: Callable[[], None]) -> None:
        if answer == QMessageBox.StandardButton.Save:
            self.save(then)
        elif answer == QMessageBox.StandardButton.Discard:
            then()

    def _list_recent(self) -> None:
        self.recent.clear()
        for folder in self._settings.recent:
            self.recent.addAction(
                str(folder), partial(self.leave, partial(self._storage.open, folder))
            )
        if self.recent.isEmpty():
            self.recent.addAction("None yet").setEnabled(False)

    def _dialog(self, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
        dialog = QFileDialog(self._window, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        return dialog


def _files_in(paths: Sequence[Path]) -> list[Path]:
    """Return the files among paths, and behind them the media in the folders among them."""
    files = [path for path in paths if not path.is_dir()]
    for folder in (path for path in paths if path.is_dir()):
        files += sorted(
            path
            for path in folder.rglob("*")
            if path.suffix.lower() in _MEDIA_SUFFIXES and path.is_file()
        )
    return files
