"""The line at the foot of the window: what is good to know now, and how far an import is."""

from PySide6.QtWidgets import QProgressBar, QStatusBar, QWidget

_MESSAGE_MS = 12_000


class StatusLine(QStatusBar):
    """Says one thing at a time; a newer one takes the place of an older one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Messages")
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Progress of the import")
        self.progress.setFixedWidth(160)
        self.progress.setTextVisible(False)
        self.progress.setMaximum(100)
        self.progress.hide()
        self.addPermanentWidget(self.progress)

    def tell(self, text: str) -> None:
        """Show one line for a while."""
        self.showMessage(text, _MESSAGE_MS)

    def show_progress(self, name: str, fraction: float) -> None:
        """Show which file is read, and the fraction of all that is done; from 1 on nothing is."""
        self.progress.setVisible(fraction < 1.0)
        self.progress.setValue(int(fraction * 100))
        if fraction < 1.0:
            self.tell(f"Reading {name}")
        else:
            self.clearMessage()
