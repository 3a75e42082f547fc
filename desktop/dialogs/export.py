"""The export dialog: settings at the left, at the right the files that they will make.

The plan is made anew, in a thread, whenever a setting or the project changes, and nothing is
rendered for it. The export runs in a thread too; the project may be edited meanwhile, the export
keeps the one it began with. Settings are remembered as the preset ``LAST`` of ``export_presets``.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tonewright.desktop.dialogs.export_form import ExportForm
from tonewright.desktop.dialogs.export_presets import ExportPresets
from tonewright.desktop.session import Session
from tonewright.desktop.tables import listing
from tonewright.desktop.tasks import Tasks
from tonewright.desktop.theme import theme_of
from tonewright.dsp.errors import CancelledError, TonewrightError
from tonewright.dsp.exporting.mixdown import carry_out
from tonewright.dsp.exporting.plan import ExportPlan, plan_export
from tonewright.dsp.exporting.report import ExportReport
from tonewright.dsp.exporting.table import megabytes
from tonewright.dsp.presets import Presets, export_presets, presets_folder
from tonewright.dsp.rendering.job import CancelToken, Progress, with_eta
from tonewright.dsp.rendering.renderer import Renderer

_COLUMNS = ("File", "Kind", "Length", "Samples", "Size", "")
_QUIET_MS = 120
_PROGRESS_MS = 70
_FORM_PIXELS = 420


class ExportDialog(QDialog):
    """The dialog, for one opening; modeless, so that work goes on while it exports.

    Args:
        session: The open project.
        parent: The window.
        presets: Where settings are kept; the user's own if None.
        folder: Where files go at first; ``Exports`` beside the project if None.
        renderer: Makes what renders; it is closed after the export.

    Attributes:
        plan: What the settings make; None until that is known, and if they contradict each other.
        report: Of the last export that ended well.

    Signals:
        exported (ExportReport): An export ended well.
    """

    exported = Signal(object)

    def __init__(
        self,
        session: Session,
        parent: QWidget | None = None,
        *,
        presets: Presets | None = None,
        folder: Path | None = None,
        renderer: Callable[[], Renderer] = Renderer,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._renderer = renderer
        self._tasks = Tasks(self, threads=2)  # a plan does not wait for an export
        self._cancel: CancelToken | None = None
        self._progress = Progress(0.0)
        self._closing = False
        self._planning = self._stale = False
        self.plan: ExportPlan | None = None
        self.report: ExportReport | None = None
        self.setWindowTitle("Export")
        self.setModal(False)
        self.form = ExportForm(session.project, self)
        kept = presets or export_presets(presets_folder())
        self.presets = ExportPresets(self.form, kept, self)
        self._build(folder or (session.folder or Path.home()) / "Exports")
        self._replan = QTimer(self)
        self._replan.setSingleShot(True)
        self._replan.setInterval(_QUIET_MS)
        self._replan.timeout.connect(self.update_plan)
        self._poll = QTimer(self)
        self._poll.setInterval(_PROGRESS_MS)
        self._poll.timeout.connect(self._show_progress)
        self.presets.problem.connect(self.status.setText)
        self.presets.restore_last()
        self.form.changed.connect(self._changed)
        self.folder.textChanged.connect(lambda _: self._changed())
        self.overwrite.toggled.connect(lambda _: self._changed())
        session.changed.connect(self._project_changed)
        self.update_plan()
        self.resize(1080, 680)

    @property
    def running(self) -> bool:
        """Whether it exports."""
        return self._cancel is not None

    # --- the plan ------------------------------------------------------------------------------

    def update_plan(self) -> None:
        """Work out what the settings make now, and show it; the newest wish counts."""
        self._replan.stop()
        self._stale = self._planning
        if self._planning:
            return
        wanted = self._wanted()
        if wanted is not None:
            self._planning = True
            self._tasks.run(wanted, self._planned, failed=self._unplanned)

    def _wanted(self) -> Callable[[], ExportPlan] | None:
        """Return what works out the plan; None, and the reason shown, if there can be none."""
        try:
            settings = self.form.settings()
        except TonewrightError as error:
            self._show_plan(None, str(error))
            return None
        folder = Path(self.folder.text()).expanduser().absolute()
        return partial(
            plan_export,
            self._session.project,
            settings,
            folder,
            overwrite=self.overwrite.isChecked(),
        )

    def _planned(self, plan: ExportPlan) -> None:
        self._planning = False
        self._show_plan(plan)
        if self._stale:
            self.update_plan()

    def _unplanned(self, error: TonewrightError) -> None:
        self._planning = False
        self._show_plan(None, str(error))
        if self._stale:
            self.update_plan()

    def _show_plan(self, plan: ExportPlan | None, problem: str = "") -> None:
        self.plan = plan
        lines = plan.problems if plan is not None else (problem,)
        warnings = plan.warnings if plan is not None else ()
        self._fill_table()
        self.problems.setText("\n".join(lines))
        self.problems.setVisible(bool(lines))
        self.warnings.setText("\n".join(warnings))
        self.warnings.setVisible(bool(warnings))
        self.export_button.setEnabled(plan is not None and not lines and not self.running)

    def _fill_table(self) -> None:
        files = () if self.plan is None else self.plan.files
        root = Path(self.folder.text()).expanduser().absolute()
        self.table.setRowCount(len(files))
        for row, file in enumerate(files):
            path, *rest = file.row()
            name = file.path.relative_to(root) if file.path.is_relative_to(root) else file.path
            for column, text in enumerate((str(name), *rest)):
                item = QTableWidgetItem(text)
                item.setToolTip(path)
                if column in (2, 3, 4):
                    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    item.setTextAlignment(right)
                self.table.setItem(row, column, item)
        total = megabytes(sum(file.size_bytes for file in files))
        more = "at least " if any(file.open_ended for file in files) else ""
        plural = "" if len(files) == 1 else "s"
        self.total.setText(f"{len(files)} file{plural}, {more}{total}" if files else "No files")

    def _changed(self) -> None:
        """Plan when no other setting follows; the report of the last export has been read."""
        self.pages.setCurrentWidget(self.table)
        self._replan.start()

    def _project_changed(self) -> None:
        self.form.show_project(self._session.project)
        self._replan.start()

    # --- the export ----------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to export what the settings say now; what stands in the way of it is shown."""
        wanted = self._wanted()
        if wanted is None or self.running:
            return
        self.presets.remember()
        self._cancel = cancel = CancelToken()
        self._progress = Progress(0.0)
        make = self._renderer

        def note(progress: Progress) -> None:
            # Read by a timer: a signal for each block would flood the event loop.
            self._progress = progress

        def work() -> ExportReport | ExportPlan | None:
            try:
                plan = wanted()
                if plan.problems:
                    return plan
                with make() as renderer:
                    return carry_out(plan, renderer=renderer, report=with_eta(note), cancel=cancel)
            except CancelledError:
                return None

        self._set_running()
        self._poll.start()
        self._tasks.run(work, self._done, failed=self._failed)

    def cancel(self) -> None:
        """Stop the export; nothing is left behind."""
        if self._cancel is not None:
            self._cancel.cancel()
            self.status.setText("Stopping …")

    def _done(self, made: ExportReport | ExportPlan | None) -> None:
        self._end()
        if isinstance(made, ExportReport):
            self.report = made
            self.status.setText("Finished")
            self.text.setPlainText(made.to_text())
            self.pages.setCurrentWidget(self.text)
            self.exported.emit(made)
        elif made is None:
            self.status.setText("Cancelled; nothing was written")
        else:
            self._show_plan(made)
        if self._closing:
            self.close()

    def _failed(self, error: TonewrightError) -> None:
        self._end()
        self.problems.setText(str(error))
        self.problems.show()
        self.status.setText("Failed; nothing was written")
        self.export_button.setEnabled(self.plan is not None)
        if self._closing:
            self.close()

    def _end(self) -> None:
        self._cancel = None
        self._poll.stop()
        self._set_running()

    def _set_running(self) -> None:
        self.bar.setVisible(self.running)
        self.bar.setValue(0)
        self.status.setText("")
        self.form.setEnabled(not self.running)
        self.export_button.setEnabled(not self.running)
        self.close_button.setText("Cancel" if self.running else "Close")
        self.pages.setCurrentWidget(self.table)

    def _show_progress(self) -> None:
        progress = self._progress
        self.bar.setValue(round(progress.fraction * 1000))
        eta = progress.eta_seconds
        rest = "" if eta is None else f", {eta:.0f} s left"
        if self._cancel is not None and not self._cancel.cancelled:
            self.status.setText(f"{progress.stage or 'Preparing'}{rest}")

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Close; an export that runs is cancelled first."""
        if self.running:
            self._closing = True
            self.cancel()
            event.ignore()
            return
        self._replan.stop()
        self._tasks.close()
        event.accept()  # QDialog would call ``reject``, which comes back here

    def reject(self) -> None:
        """Cancel a running export, or close."""
        if self.running:
            self.cancel()
        else:
            self.close()

    # --- building ------------------------------------------------------------------------------

    def _build(self, folder: Path) -> None:
        area = QScrollArea(self)
        area.setAccessibleName("Settings")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.form)
        area.setMinimumWidth(_FORM_PIXELS)
        left = QVBoxLayout()
        left.addWidget(self.presets)
        left.addWidget(area, 1)
        columns = QHBoxLayout()
        columns.addLayout(left)
        columns.addLayout(self._build_plan(folder), 1)
        layout = QVBoxLayout(self)
        layout.addLayout(columns, 1)
        layout.addLayout(self._build_foot())

    def _build_plan(self, folder: Path) -> QVBoxLayout:
        self.folder = QLineEdit(str(folder), self)
        self.folder.setAccessibleName("Folder")
        browse = QToolButton(self)
        browse.setText("…")
        browse.setAccessibleName("Choose the folder")
        browse.clicked.connect(lambda _: self._browse())
        self.overwrite = QCheckBox("Replace files that are there", self)
        place = QHBoxLayout()
        place.addWidget(QLabel("To", self))
        place.addWidget(self.folder, 1)
        place.addWidget(browse)
        place.addWidget(self.overwrite)
        self.table = listing("Files that will be written", _COLUMNS, self)
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Report of the export")
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setStyleSheet("font-family: monospace;")
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.table)
        self.pages.addWidget(self.text)
        self.total = QLabel(self)
        self.warnings = QLabel(self)
        self.problems = QLabel(self)
        theme = theme_of(self)
        for label, color in ((self.warnings, theme.playhead), (self.problems, theme.danger)):
            label.setWordWrap(True)
            label.setStyleSheet(f"color: {color};")
        right = QVBoxLayout()
        right.addLayout(place)
        right.addWidget(self.pages, 1)
        for label in (self.total, self.warnings, self.problems):
            right.addWidget(label)
        return right

    def _build_foot(self) -> QHBoxLayout:
        self.status = QLabel(self)
        self.bar = QProgressBar(self)
        self.bar.setAccessibleName("Progress of the export")
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(220)
        self.bar.hide()
        self.export_button = QPushButton("Export", self)
        self.export_button.setDefault(True)
        self.export_button.clicked.connect(self.start)
        self.close_button = QPushButton("Close", self)
        self.close_button.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addWidget(self.bar)
        foot.addWidget(self.status, 1)
        foot.addWidget(self.close_button)
        foot.addWidget(self.export_button)
        return foot

    def _browse(self) -> None:
        dialog = QFileDialog(self, "Export to", self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.open()
