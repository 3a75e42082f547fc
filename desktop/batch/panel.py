"""The panel of a batch: drop files, choose what is done to them, start, pause, see the reasons."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSortFilterProxyModel, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from tonewright.desktop.adapters.turns import Turns
from tonewright.desktop.batch.adapter import BatchRun, Ended
from tonewright.desktop.batch.choice import (
    Chain,
    Format,
    chains_of,
    formats_of,
    loudnesses,
    manifest_of,
)
from tonewright.desktop.batch.files import BatchFiles, media_in
from tonewright.desktop.docks import is_seen
from tonewright.desktop.session import Session
from tonewright.desktop.tasks import Tasks
from tonewright.dsp.batch.crew import Crew
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import TonewrightError
from tonewright.dsp.presets import presets_folder as users_presets
from tonewright.dsp.project.document import EffectSpec
from tonewright.dsp.rendering.job import Progress

_ROWS = 1000  # of the table that are added at once
_EMPTY = "Drop audio, MIDI or whole folders here, or add them"


class BatchPanel(QWidget):
    """The panel.

    Args:
        session: Its project's chains can be chosen.
        tasks: Looks through dropped folders.
        registry: The effects.
        make_crew: Makes those who do the work.
        presets_folder: Where presets are kept; the user's own if None.

    Signals:
        problem (str): One line for the user.

    Attributes:
        files: The files as a model.
        run: The batch that is going on.
    """

    problem = Signal(str)

    def __init__(
        self,
        session: Session,
        tasks: Tasks,
        registry: Registry,
        make_crew: Callable[[], Crew],
        *,
        presets_folder: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = tasks
        self._registry = registry
        self._presets = presets_folder or users_presets()
        self._page: Path | None = None
        self._turns = Turns(self)
        self.files = BatchFiles(self)
        self.run = BatchRun(registry, make_crew, self)
        self.setAcceptDrops(True)
        self.setAccessibleName("Batch")
        # Qt leaves tab bars of docks behind; they would be seen through.
        self.setAutoFillBackground(True)
        self._build()
        self.run.told.connect(self.files.hear)
        self.run.progress.connect(self._show_progress)
        self.run.ended.connect(self._show_end)
        self._show_state()

    # --- construction -----------------------------------------------------------------------

    def _build(self) -> None:
        self.chain, self.format, self.loudness = QComboBox(), QComboBox(), QComboBox()
        for box, name in (
            (self.chain, "Chain"),
            (self.format, "Format"),
            (self.loudness, "Loudness"),
        ):
            box.setAccessibleName(name)
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(18)
        self.out = QLineEdit()
        self.out.setAccessibleName("Folder of the outputs")
        self.out.setPlaceholderText("Folder of the outputs")
        self._browse = QPushButton("Choose...")
        self._browse.clicked.connect(self._ask_out)
        place = QHBoxLayout()
        place.addWidget(self.out, 1)
        place.addWidget(self._browse)
        form = QFormLayout()
        form.addRow("Chain", self.chain)
        form.addRow("Format", self.format)
        form.addRow("Loudness", self.loudness)
        form.addRow("Out", place)

        self.start_button, self.pause_button = QPushButton("Start"), QPushButton("Pause")
        self.stop_button, self.report_button = QPushButton("Stop"), QPushButton("Report")
        self.clear_button = QPushButton("Clear")
        buttons = QHBoxLayout()
        for button, act in (
            (self.start_button, self.start),
            (self.pause_button, self.pause_or_resume),
            (self.stop_button, self.run.stop),
            (self.report_button, self._open_report),
            (self.clear_button, self.clear),
        ):
            button.clicked.connect(lambda _checked=False, act=act: act())
            buttons.addWidget(button)

        self.summary = QLabel(_EMPTY)
        self.summary.setWordWrap(True)
        self.progress = QProgressBar()
        self.progress.setMaximum(1000)
        self.progress.setValue(0)
        self.progress.setAccessibleName("Progress of the batch")
        self.only_failed = QCheckBox("Only what failed")
        self.retry = QCheckBox("Try again what failed before")
        self._shown = QSortFilterProxyModel(self)
        self._shown.setSourceModel(self.files)
        self._shown.setFilterKeyColumn(1)
        self.only_failed.toggled.connect(self._filter)
        self.table = QTableView()
        self.table.setAccessibleName("Files of the batch")
        self.table.setModel(self._shown)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setAcceptDrops(False)  # drops are for the panel
        self.table.verticalHeader().hide()
        for changed in (
            self.table.selectionModel().selectionChanged,
            self._shown.modelReset,  # the selection goes without a word
        ):
            changed.connect(self._show_state)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.resizeSection(0, 260)
        header.resizeSection(1, 90)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)

        left = QVBoxLayout()
        left.addLayout(form)
        left.addWidget(self.retry)
        left.addLayout(buttons)
        left.addWidget(self.progress)
        left.addWidget(self.summary)
        left.addStretch(1)
        self.add_buttons = (QPushButton("Add files..."), QPushButton("Add a folder..."))
        foot = QHBoxLayout()
        for button, mode in zip(
            self.add_buttons,
            (QFileDialog.FileMode.ExistingFiles, QFileDialog.FileMode.Directory),
            strict=True,
        ):
            button.clicked.connect(lambda _checked=False, mode=mode: self._ask_files(mode))
            foot.addWidget(button)
        self.remove_button = QPushButton("Remove")
        self.remove_button.setToolTip("Take the selected files off the list")
        self.remove_button.clicked.connect(lambda _: self.remove())
        foot.addWidget(self.remove_button)
        foot.addStretch(1)
        foot.addWidget(self.only_failed)
        right = QVBoxLayout()
        right.addWidget(self.table)
        right.addLayout(foot)
        layout = QHBoxLayout(self)
        layout.addLayout(left, 2)
        layout.addLayout(right, 3)
        self.refresh()
        self._session.changed.connect(self._on_changed)

    def close_run(self) -> None:
        """End the batch that is going on; what is finished stays finished."""
        self.run.close()

    # --- what can be chosen -------------------------------------------------------------------

    def refresh(self) -> None:
        """List the chains and formats that there are now; what was chosen stays chosen."""
        self._listed = self._owners()
        try:
            chains = chains_of(self._session.project, self._registry, self._presets)
            formats = formats_of(self._presets)
        except TonewrightError as error:
            self.problem.emit(str(error))
            return
        _fill(self.chain, chains)
        _fill(self.format, formats)
        if not self.loudness.count():
            _fill(self.loudness, loudnesses())

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """List what may have been made meanwhile: presets."""
        super().showEvent(event)
        self.refresh()

    def _on_changed(self) -> None:
        # Chains matter only while they can be seen; a drag changes a project many times a second.
        if is_seen(self) and self._owners() != self._listed:
            self.refresh()

    def _owners(self) -> list[tuple[str, tuple[EffectSpec, ...]]]:
        """Return the chains of the project by whose they are."""
        project = self._session.project
        owners = [(track.name, track.channel.effects) for track in project.tracks]
        return [*owners, ("Master", project.master.effects)]

    # --- files --------------------------------------------------------------------------------

    def take(self, paths: list[Path]) -> None:
        """Add files and what is in folders."""
        self._tasks.run(lambda: media_in(paths), self._add)

    def remove(self) -> None:
        """Forget the files of the selected rows."""
        self._turns.finish(self)
        chosen = self.table.selectionModel().selectedRows()
        self.files.remove({self._shown.mapToSource(each).row() for each in chosen})
        self._show_count()

    def clear(self) -> None:
        """Forget all files."""
        self._turns.finish(self)
        self.files.clear()
        self._page = None
        self.progress.setValue(0)
        self._show_count()

    def _add(self, paths: list[Path]) -> None:
        """List files, some in each turn of the loop: there may be many thousands."""
        self._turns.finish(self)
        before = len(self.files.paths)
        some = [paths[at : at + _ROWS] for at in range(0, len(paths), _ROWS)]
        self._turns.run(
            self,
            [
                *(partial(self.files.add, each) for each in some),
                partial(self._added, paths, before),
            ],
        )

    def _added(self, paths: list[Path], before: int) -> None:
        if len(self.files.paths) == before:
            self.problem.emit("there is no new audio, MIDI or project among what was dropped")
        if paths and not self.out.text():
            self.out.setText(str(paths[0].parent / "batch"))
        self._show_count()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take files."""
        if event.mimeData().hasUrls() and not self.run.running:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Add the files that were dropped."""
        self.take([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])
        event.acceptProposedAction()

    def _ask_files(self, mode: QFileDialog.FileMode) -> None:
        dialog = self._dialog("Add to the batch", mode)
        dialog.filesSelected.connect(lambda names: self.take([Path(name) for name in names]))
        dialog.open()

    def _ask_out(self) -> None:
        dialog = self._dialog("Folder of the outputs", QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.out.setText)
        dialog.open()

    def _dialog(self, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
        dialog = QFileDialog(self, title, self.out.text())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        return dialog

    # --- the run --------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin; what is done already in the folder of the outputs is not done again."""
        if not self.chain.count():  # presets could not be read; perhaps they can be now
            self.refresh()
            if not self.chain.count():
                return
        chain: Chain = self.chain.currentData()
        format_: Format = self.format.currentData()
        loudness: Format = self.loudness.currentData()
        out = Path(self.out.text()).expanduser()
        if not out.is_absolute():
            self.summary.setText("choose the folder of the outputs")
            return
        self._turns.finish(self)
        export = {**format_.export, **loudness.export}
        make = partial(manifest_of, self.files.paths, out, chain, export, self._registry)
        self._page = None
        self.progress.setValue(0)
        self.files.forget_states()
        self.run.start(make, retry_failed=self.retry.isChecked())
        self.summary.setText("Looking at what there is to do")
        self._show_state()

    def pause_or_resume(self) -> None:
        """Let the batch rest, or go on."""
        self.run.pause(not self.run.paused)
        self._show_state()

    def _show_progress(self, progress: Progress) -> None:
        self.progress.setValue(round(1000 * progress.fraction))
        left = ""
        if progress.eta_seconds is not None:
            minutes, seconds = divmod(round(progress.eta_seconds), 60)
            left = f", {minutes}:{seconds:02} left"
        self.summary.setText(f"{progress.stage}{left}")

    def _show_end(self, ended: Ended) -> None:
        self._page = ended.page
        if ended.counts is None:
            self.summary.setText(ended.reason)
            self.problem.emit(ended.reason)
        else:
            counts = ended.counts
            self.summary.setText(
                f"{counts.done} done, {counts.failed} failed, {counts.skipped} done before"
            )
        self._show_state()

    def _open_report(self) -> None:
        if self._page is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._page)))

    def _filter(self, only_failed: bool) -> None:
        self._shown.setFilterFixedString("failed" if only_failed else "")

    def _show_state(self) -> None:
        running, files = self.run.running, bool(self.files.paths)
        self.start_button.setEnabled(files and not running)
        self.pause_button.setEnabled(running)
        self.pause_button.setText("Resume" if self.run.paused else "Pause")
        self.stop_button.setEnabled(running)
        self.clear_button.setEnabled(files and not running)
        self.report_button.setEnabled(self._page is not None)
        chosen = self.table.selectionModel().hasSelection()
        self.remove_button.setEnabled(chosen and not running)
        choices = (self.chain, self.format, self.loudness, self.out, self._browse, self.retry)
        for each in (*choices, *self.add_buttons):
            each.setEnabled(not running)

    def _show_count(self) -> None:
        count = len(self.files.paths)
        self.summary.setText(f"{count} files" if count else _EMPTY)
        self._show_state()


def _fill(box: QComboBox, choices: "list[Chain] | list[Format]") -> None:
    """List choices; the one that was chosen, by name, stays chosen."""
    if [box.itemData(index) for index in range(box.count())] == choices:
        return
    chosen = box.currentText()
    box.clear()
    for each in choices:
        box.addItem(each.name, each)
    box.setCurrentIndex(max(0, box.findText(chosen)))
