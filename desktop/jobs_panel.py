"""Every render that waits, runs or failed: what, how far, how long still, why not."""

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tonewright.desktop.adapters.jobs import JobView, RenderBridge
from tonewright.dsp.rendering.queue import State


class JobsPanel(QWidget):
    """The panel of a render bridge.

    Attributes:
        table: A row for each job: what, state, and a button to stop it or to try again.
    """

    def __init__(self, bridge: RenderBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.table = QTableWidget(0, 3)
        self.table.setAccessibleName("Renders")
        self.table.setHorizontalHeaderLabels(["Render", "State", ""])
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        self._summary = QLabel()
        top = QHBoxLayout()
        top.setContentsMargins(8, 6, 8, 0)
        top.addWidget(self._summary)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.table)
        bridge.jobs_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the jobs as they are now."""
        jobs = self._bridge.jobs
        open_jobs = [job for job in jobs if not job.state.final]
        self._summary.setText(
            f"{len(open_jobs)} to render" if open_jobs else "Everything is rendered"
        )
        if self.table.rowCount() != len(jobs):
            self.table.setRowCount(len(jobs))
        for row, job in enumerate(jobs):
            self._set(row, 0, job.label)
            self._set(row, 1, state_of(job))
            self._set_button(row, job)

    def _set(self, row: int, column: int, text: str) -> None:
        item = self.table.item(row, column)
        if item is None or item.text() != text:
            item = QTableWidgetItem(text)
            item.setToolTip(text)
            self.table.setItem(row, column, item)

    def _set_button(self, row: int, job: JobView) -> None:
        text = "Retry" if job.state.final else "Stop"
        button = self.table.cellWidget(row, 2)
        # A button keeps its job; one that is made anew at every step could not be clicked.
        if button is not None and button.objectName() == f"{text} {job.key}":
            return
        button = QPushButton(text)
        button.setObjectName(f"{text} {job.key}")
        button.setAccessibleName(f"{text}: {job.label}")
        act = self._bridge.retry if job.state.final else self._bridge.cancel
        button.clicked.connect(partial(_call, act, job.key))
        self.table.setCellWidget(row, 2, button)


def state_of(job: JobView) -> str:
    """Return the state of a job for people."""
    match job.state:
        case State.RUNNING:
            rest = job.progress.eta_seconds
            left = "" if rest is None else f", {rest:.0f} s left"
            return f"{job.progress.fraction * 100:.0f} %{left}"
        case State.FAILED:
            return f"failed: {job.error}"
        case State.CANCELLED:
            return "stopped"
        case _:
            return "waits"


def _call(act: Callable[[str], None], key: str, _checked: bool = False) -> None:
    act(key)
