"""Media that are not where they should be, and a search for them in a folder.

Files are known by their content, so a file is found whatever it is called now. The disk is asked in
a thread, for one that sleeps or is far away may not answer soon; what a search finds becomes one
entry of the history.
"""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QColor
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tonewright.desktop.session import Session
from tonewright.desktop.tables import listing
from tonewright.desktop.tasks import Tasks
from tonewright.desktop.theme import theme_of
from tonewright.dsp.errors import TonewrightError
from tonewright.dsp.project.document import AudioClip, Id, Media, Project
from tonewright.dsp.project.media_files import missing_media, relink


class MissingMediaDialog(QDialog):
    """The dialog, for one opening; modeless.

    Attributes:
        missing: What was missing when it looked last.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = Tasks(self, threads=1)
        self._closing = False
        self._searched = ""
        self.missing: tuple[Media, ...] = ()
        self.setWindowTitle("Missing media")
        self.setModal(False)
        self.note = QLabel("Looking for the files", self)
        self.note.setWordWrap(True)
        self.table = listing("Missing media", ("Medium", "Clips", "Was at"), self, wide=2)
        self.bar = QProgressBar(self)
        self.bar.setAccessibleName("Searching")
        self.bar.setRange(0, 0)
        self.bar.hide()
        self.folder_button = QPushButton("Search a folder …", self)
        self.folder_button.setDefault(True)
        self.folder_button.clicked.connect(lambda _: self._browse())
        close = QPushButton("Close", self)
        close.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.addWidget(self.bar)
        foot.addStretch(1)
        foot.addWidget(close)
        foot.addWidget(self.folder_button)
        layout = QVBoxLayout(self)
        layout.addWidget(self.note)
        layout.addWidget(self.table, 1)
        layout.addLayout(foot)
        session.changed.connect(lambda diff: self.refresh() if diff.media else None)
        self.refresh()
        self.resize(720, 360)

    def refresh(self) -> None:
        """Look again which media are missing, and list them a moment later."""
        project = self._session.project
        self._tasks.run(lambda: missing_media(project), self._list)

    def _list(self, missing: tuple[Media, ...]) -> None:
        self.missing = missing
        project = self._session.project
        clips = [clip.media_id for _, clip in project.clips() if isinstance(clip, AudioClip)]
        red = QColor(theme_of(self).danger)
        self.table.setRowCount(len(self.missing))
        for row, medium in enumerate(self.missing):
            texts = (medium.name, str(clips.count(medium.id)), medium.path)
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                if column == 0:
                    item.setForeground(red)
                self.table.setItem(row, column, item)
        count = len(self.missing)
        if count and self._searched:
            self.note.setText(f"{self._searched} {count} still missing: choose another folder.")
        elif count:
            files = "1 file is" if count == 1 else f"{count} files are"
            self.note.setText(
                f"{files} not where the project expects them. Their clips keep their places and "
                "are silent. Choose a folder: it is searched with all folders in it, and files "
                "are known by their content, whatever they are called now."
            )
        else:
            self.note.setText("All media are there.")
        self.folder_button.setEnabled(bool(count))

    def search(self, place: Path) -> None:
        """Search a folder, or one file, for what is missing."""
        project = self._session.project
        wanted = {medium.id for medium in self.missing}
        self.bar.show()
        self._searched = ""
        self.folder_button.setEnabled(False)

        def work() -> dict[Id, str]:
            after = relink(project, place)
            return {
                new.id: new.path
                for old, new in zip(project.media, after.media, strict=True)
                if new.id in wanted and new.path != old.path
            }

        self._tasks.run(work, self._found, failed=self._failed)

    def _found(self, paths: dict[Id, str]) -> None:
        self.bar.hide()

        def relinked(project: Project) -> Project:
            # The project may have been edited meanwhile; media that are gone stay gone.
            media = tuple(
                replace(medium, path=paths.get(medium.id, medium.path)) for medium in project.media
            )
            return project if media == project.media else replace(project, media=media)

        self._searched = f"{len(paths)} found." if paths else "Nothing found there."
        if not self._session.apply("Relink media", relinked):
            self.refresh()  # else the change of the project does
        self._close_if_wanted()

    def _failed(self, error: TonewrightError) -> None:
        self.bar.hide()
        self.folder_button.setEnabled(True)
        self.note.setText(str(error))
        self._close_if_wanted()

    def _close_if_wanted(self) -> None:
        if self._closing:
            self.close()

    def _browse(self) -> None:
        dialog = QFileDialog(self, "Search for missing media")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.search(Path(path)))
        dialog.open()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Close; a search that runs goes on out of sight, and what it finds counts."""
        if self.bar.isVisibleTo(self):
            self._closing = True
            self.hide()
            event.ignore()
            return
        self._tasks.close()
        super().closeEvent(event)
