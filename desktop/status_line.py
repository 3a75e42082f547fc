"""The line at the foot of the window: what is good to know now, and how far an import is."""

from PySide6.QtWidgets import QProgressBar, QStatusBar, QToolButton, QWidget

from tonewright.desktop.imports import Imports

_MESSAGE_MS = 12_000


class StatusLine(QStatusBar):
    """Says one thing at a time; a newer one takes the place of an older one.

    Args:
        imports: What is read.
        parent: The parent widget.

    Attributes:
        progress: How far the import is that was asked for first, while there is one.
        stop_button: Stops it.
    """

    def __init__(self, imports: Imports, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Messages")
        self._imports = imports
        self._reading = ""
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Progress of the import")
        self.progress.setFixedWidth(160)
        self.progress.setTextVisible(False)
        self.progress.setMaximum(100)
        self.stop_button = QToolButton()
        self.stop_button.setText("Stop")
        self.stop_button.setAccessibleName("Stop the import")
        self.stop_button.setToolTip("Stop the import; nothing of it is added")
        self.stop_button.clicked.connect(self._stop)
        for each in (self.progress, self.stop_button):
            each.hide()
            self.addPermanentWidget(each)
        imports.jobs_changed.connect(self._show_import)

    def tell(self, text: str) -> None:
        """Show one line for a while."""
        self.showMessage(text, _MESSAGE_MS)

    def _show_import(self) -> None:
        jobs = self._imports.jobs
        for each in (self.progress, self.stop_button):
            each.setVisible(bool(jobs))
        if jobs:
            progress = jobs[0].progress
            self.progress.setValue(int(progress.fraction * 100))
            self._reading = f"Reading {progress.stage}" if progress.stage else jobs[0].label
            self.tell(self._reading)
        elif self.currentMessage() == self._reading:
            self.clearMessage()

    def _stop(self) -> None:
        jobs = self._imports.jobs
        if jobs:
            self._imports.cancel(jobs[0].key)
