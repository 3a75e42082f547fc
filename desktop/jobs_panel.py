"""Every import and render that waits, runs or failed: what, how far, how long still, why not."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tonewright.desktop.adapters.jobs import JobView, RenderBridge
from tonewright.desktop.imports import Imports
from tonewright.desktop.tables import listing
from tonewright.desktop.theme import faded, theme_of
from tonewright.dsp.rendering.queue import State

_FRACTION = Qt.ItemDataRole.UserRole
_FAILED = Qt.ItemDataRole.UserRole + 1
_ROW_PIXELS = 30


class JobsPanel(QWidget):
    """The panel of what runs beside the window.

    Args:
        bridge: Renders.
        imports: Reads files.
        parent: The parent widget.

    Attributes:
        table: A row for each job: what, how far, and a button to stop it or to try again.
        stop_all: Stops what waits or runs.
        retry_all: Tries again what failed or was stopped.
    """

    def __init__(
        self, bridge: RenderBridge, imports: Imports, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._imports = imports
        self.setAccessibleName("Jobs panel")
        self.table = listing("Jobs", ("Job", "State", ""))
        self.table.setItemDelegateForColumn(1, _Bar(self.table))
        self.table.setWordWrap(False)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self._summary = QLabel()
        top = QHBoxLayout()
        top.setContentsMargins(8, 6, 8, 0)
        top.addWidget(self._summary, 1)
        self.stop_all = QPushButton("Stop all")
        self.retry_all = QPushButton("Retry all")
        for button, act, final in (
            (self.stop_all, self._stop, False),
            (self.retry_all, bridge.retry, True),
        ):
            button.clicked.connect(partial(self._each, act, final))
            top.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.table)
        for source in (bridge, imports):
            source.jobs_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the jobs as they are now."""
        imports, renders = self._imports.jobs, self._bridge.jobs
        jobs = (*imports, *renders)
        ended = sum(job.state.final for job in renders)
        parts = [
            f"{count} {what}"
            for count, what in (
                (len(imports), "to import"),
                (len(renders) - ended, "to render"),
                (ended, "not rendered"),
            )
            if count
        ]
        self._summary.setText(", ".join(parts) or "Everything is rendered")
        self.stop_all.setVisible(len(jobs) > ended)
        self.retry_all.setVisible(bool(ended))
        if self.table.rowCount() != len(jobs):
            self.table.setRowCount(len(jobs))
        for row, job in enumerate(jobs):
            self._set(row, 0, job.label)
            self._set(row, 1, state_of(job))
            self._set_look(row, job)
            self._set_button(row, job)

    def _set(self, row: int, column: int, text: str) -> None:
        item = self.table.item(row, column)
        if item is None or item.text() != text:
            item = QTableWidgetItem(text)
            item.setToolTip(text)
            self.table.setItem(row, column, item)

    def _set_look(self, row: int, job: JobView) -> None:
        item, failed = self.table.item(row, 1), job.state is State.FAILED
        assert item is not None
        item.setData(_FRACTION, job.progress.fraction if job.state is State.RUNNING else 0.0)
        item.setData(_FAILED, failed)
        height = _ROW_PIXELS
        if failed:  # the reason takes as many lines as it needs
            room = QRect(0, 0, self.table.columnWidth(1) - 16, 10_000)
            wrapped = self.table.fontMetrics().boundingRect(
                room, Qt.TextFlag.TextWordWrap, state_of(job)
            )
            height = max(height, wrapped.height() + 12)
        if self.table.rowHeight(row) != height:
            self.table.setRowHeight(row, height)

    def _stop(self, key: str) -> None:
        imported = any(job.key == key for job in self._imports.jobs)
        (self._imports if imported else self._bridge).cancel(key)

    def _each(self, act: Callable[[str], None], final: bool, _checked: bool = False) -> None:
        for job in (*self._imports.jobs, *self._bridge.jobs):
            if job.state.final is final:
                act(job.key)

    def _set_button(self, row: int, job: JobView) -> None:
        text = "Retry" if job.state.final else "Stop"
        before = self.table.cellWidget(row, 2)
        # A button keeps its job; one that is made anew at every step could not be clicked.
        if before is not None and before.objectName() == f"{text} {job.key}":
            return
        if before is not None:
            before.hide()  # the table deletes it later
        button = QPushButton(text)
        button.setObjectName(f"{text} {job.key}")
        button.setAccessibleName(f"{text}: {job.label}")
        act = self._bridge.retry if job.state.final else self._stop
        button.clicked.connect(partial(_call, act, job.key))
        self.table.setCellWidget(row, 2, button)


class _Bar(QStyledItemDelegate):
    """Paints the state of a job over a bar of how far it is; a failure in red."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one cell."""
        theme = theme_of(self.parent())  # type: ignore[arg-type]
        fraction = index.data(_FRACTION) or 0.0
        place = QRectF(option.rect).adjusted(2, 5, -2, -5)
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        if fraction > 0.0:
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(place, 3, 3)
            painter.setBrush(faded(theme.accent, 120))
            painter.drawRoundedRect(place.adjusted(0, 0, -place.width() * (1 - fraction), 0), 3, 3)
        painter.setPen(QColor(theme.danger if index.data(_FAILED) else theme.text))
        text = place.adjusted(6, -3, -6, 3)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if index.data(_FAILED):
            painter.drawText(text, left | Qt.TextFlag.TextWordWrap, index.data())
        else:
            elided = painter.fontMetrics().elidedText(
                index.data(), Qt.TextElideMode.ElideRight, int(text.width())
            )
            painter.drawText(text, left, elided)
        painter.restore()


def state_of(job: JobView) -> str:
    """Return the state of a job for people."""
    match job.state:
        case State.RUNNING:
            rest = job.progress.eta_seconds
            left = "" if rest is None else f", {rest:.0f} s left"
            stage = job.progress.stage
            what = f" · {stage}" if stage and stage != job.label else ""
            return f"{job.progress.fraction * 100:.0f} %{left}{what}"
        case State.FAILED:
            return f"failed: {job.error}"
        case State.CANCELLED:
            return "stopped"
        case _:
            return "waits"


def _call(act: Callable[[str], None], key: str, _checked: bool = False) -> None:
    act(key)
