"""The main window: timeline in the middle, panels around it, tools above, messages below."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QFileDialog,
    QMainWindow,
    QMenu,
    QMessageBox,
    QProgressBar,
    QUndoView,
)

from tonewright.desktop.actions import install
from tonewright.desktop.batch.panel import BatchPanel
from tonewright.desktop.commands import commands_of
from tonewright.desktop.dialogs.arrange import ARRANGER, ArrangeDialog
from tonewright.desktop.dialogs.export import ExportDialog
from tonewright.desktop.dialogs.missing_media import MissingMediaDialog
from tonewright.desktop.dialogs.preferences import PreferencesDialog
from tonewright.desktop.dialogs.shortcut_sheet import ShortcutSheet
from tonewright.desktop.imports import Imports
from tonewright.desktop.inspector.chain_editor import ChainEditor
from tonewright.desktop.jobs_panel import JobsPanel
from tonewright.desktop.mixer.view import Mixer
from tonewright.desktop.pianoroll.view import PianoRoll
from tonewright.desktop.playing import Playing
from tonewright.desktop.session import Session
from tonewright.desktop.settings import Settings
from tonewright.desktop.spectrograms import Spectrograms
from tonewright.desktop.storage import Storage
from tonewright.desktop.tasks import Tasks
from tonewright.desktop.theme import DARK, LIGHT, apply_theme, icon
from tonewright.desktop.timeline.commands import TimelineCommands
from tonewright.desktop.timeline.range_tool import range_from_loop
from tonewright.desktop.timeline.view import TimelineView
from tonewright.desktop.timeline.view_state import Tool, ViewState
from tonewright.desktop.timeline.waveforms import Waveforms
from tonewright.desktop.toolbar import ToolBar
from tonewright.dsp.batch.crew import LocalCrew, default_memory_bytes, default_workers
from tonewright.dsp.errors import ProjectError, TonewrightError
from tonewright.dsp.playback.feeder import OpenSink, Status
from tonewright.dsp.project.atomic import replacing
from tonewright.dsp.project.document import Id, MidiClip
from tonewright.dsp.project.edits.access import find_clip
from tonewright.dsp.project.folder import PROJECT_FILE
from tonewright.dsp.project.json_text import dumps
from tonewright.dsp.project.json_text import read as read_json
from tonewright.dsp.rendering.queue import RenderQueue

VIEW_FILE = "view.json"
MANY_FILES = 100
"""More than these at once are not for the timeline."""

_MESSAGE_MS = 12_000
_MEDIA_FILES = (
    "Media (*.wav *.aif *.aiff *.flac *.ogg *.opus *.mp3 *.m4a *.mp4 *.mov *.mkv *.webm *.mid"
    " *.midi);;All files (*)"
)


class Window(QMainWindow):
    """The window of one session.

    Args:
        session: What it shows and edits.
        tasks: Closed with the window.
        settings: Where it remembers its layout.
        render_queue: Renders; closed with the window.
        open_sink: Opens the sound device.
        data_folder: Where a project that was never saved is kept; the user's data folder if None.
        cache_folder: Where peaks are kept; the user's cache if None.

    Attributes:
        session: What it shows.
        view: How it shows it.
        storage: What opens and saves it.
        actions_by_id: Every action, by the id of its command.
    """

    def __init__(
        self,
        session: Session,
        tasks: Tasks,
        settings: Settings,
        render_queue: RenderQueue,
        open_sink: OpenSink,
        *,
        data_folder: Path | None = None,
        cache_folder: Path | None = None,
    ) -> None:
        super().__init__()
        self.session = session
        self.view = ViewState(self)
        self.settings = settings
        self.storage = Storage(session, tasks, self, data_folder=data_folder)
        self.imports = Imports(session, tasks, self)
        self.timeline_commands = TimelineCommands(session, self.view, self)
        self._tasks = tasks
        self._leaving = False
        self._render_queue = render_queue
        self.playing = Playing(session, self.view, tasks, render_queue, open_sink)
        self._waveforms = Waveforms(session, tasks, self, cache_folder=cache_folder)
        self.timeline = TimelineView(session, self.view, self._waveforms)
        self.piano_roll = PianoRoll(session)
        self.mixer = Mixer(session)
        self.chain_editor = ChainEditor(session)
        self.spectrograms = Spectrograms(session, self.view, tasks, render_queue)
        self.batch_panel = BatchPanel(session, tasks, render_queue.registry, self._make_crew)
        self.history = QUndoView(session.undo_stack)
        self.history.setEmptyLabel("As opened")
        self.setCentralWidget(self.timeline)
        self.docks = self._make_docks()
        self._commands = commands_of(self)
        self.actions_by_id, self._menus = install(self._commands, self, self.menuBar(), settings)
        self._recent = QMenu("Open &recent", self)
        self._recent.aboutToShow.connect(self._list_recent)
        self._menus["&File"].insertMenu(self.actions_by_id["save"], self._recent)
        self._progress = QProgressBar()
        self._progress.setFixedWidth(160)
        self._progress.setTextVisible(False)
        self._progress.setMaximum(100)
        self._progress.hide()
        self.statusBar().addPermanentWidget(self._progress)
        self._toolbar = ToolBar(session, self.view, self.actions_by_id, self)
        self.addToolBar(self._toolbar)
        self._draw_icons()
        self._connect()
        self._show_title()
        docked = self.layout()
        assert docked is not None
        docked.activate()  # the docks lay side by side before they were tabs
        self.resize(1360, 820)
        layout = settings.layout()
        if layout is not None:
            self.restoreGeometry(layout[0])
            self.restoreState(layout[1])

    # --- construction -----------------------------------------------------------------------

    def _make_docks(self) -> dict[str, QDockWidget]:
        docks = {}
        right, below = Qt.DockWidgetArea.RightDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea
        for name, title, widget, area in (
            ("effects", "Effects", self.chain_editor, right),
            ("jobs", "Renders", JobsPanel(self.playing.bridge), right),
            ("history", "History", self.history, right),
            ("notes", "Piano roll", self.piano_roll, below),
            ("mixer", "Mixer", self.mixer, below),
            ("spectrum", "Spectrum", self.spectrograms, below),
            ("batch", "Batch", self.batch_panel, below),
        ):
            dock = QDockWidget(title, self)
            dock.setObjectName(name)
            dock.setWidget(widget)
            self.addDockWidget(area, dock)
            docks[name] = dock
        self.tabifyDockWidget(docks["effects"], docks["jobs"])
        self.tabifyDockWidget(docks["jobs"], docks["history"])
        self.tabifyDockWidget(docks["notes"], docks["mixer"])
        self.tabifyDockWidget(docks["mixer"], docks["spectrum"])
        self.tabifyDockWidget(docks["mixer"], docks["batch"])
        docks["effects"].raise_()
        docks["mixer"].raise_()
        self.resizeDocks([docks["effects"]], [320], Qt.Orientation.Horizontal)
        self.resizeDocks([docks["mixer"]], [260], Qt.Orientation.Vertical)
        return docks

    def _make_crew(self) -> LocalCrew:
        """Return the workers of a batch; they leave a core to playing and editing."""
        workers = max(1, default_workers() - 1)
        return LocalCrew(
            self._render_queue.store,
            self._render_queue.registry,
            workers=workers,
            memory_bytes=default_memory_bytes(workers),
        )

    def _connect(self) -> None:
        session, stack = self.session, self.session.undo_stack
        session.opened.connect(self._on_opened)
        stack.cleanChanged.connect(self._show_title)
        stack.undoTextChanged.connect(self._show_undo)
        stack.redoTextChanged.connect(self._show_undo)
        self._show_undo()
        for source in (session, self.storage, self.imports, self._tasks):
            source.problem.connect(self.tell)
        for source in (self.storage, self.imports):
            source.notice.connect(self.tell)
        self.playing.problem.connect(self.tell)
        self.playing.rendered.connect(self._show_renders)
        self.playing.comparing.changed.connect(self._show_comparing)
        self.playing.comparing.heard.connect(
            lambda gain_db: self.tell(f"Dry, {gain_db:+.1f} dB to be as loud; D: back")
        )
        self.actions_by_id["compare"].setIconText("A/B")
        self.chain_editor.compare_button.setDefaultAction(self.actions_by_id["compare"])
        self.playing.player.levels.connect(self._show_levels)
        self.playing.player.state_changed.connect(self._show_playing)
        self.chain_editor.owner_changed.connect(
            lambda: self.spectrograms.show_owner(self.chain_editor.owner_id)
        )
        self.playing.bridge.graph_ready.connect(self.spectrograms.refresh)
        self.chain_editor.retry_requested.connect(self.playing.retry)
        self.chain_editor.problem.connect(self.tell)
        self.batch_panel.problem.connect(self.tell)
        self.imports.progress.connect(self._show_progress)
        self.view.selection_changed.connect(self._on_selection)
        self.view.tool_changed.connect(self._show_tool)
        self.view.range_changed.connect(self._on_range)
        self.timeline.files_dropped.connect(self.take_files)
        self.timeline.clip_opened.connect(self.open_clip)
        self.timeline.track_chosen.connect(self.chain_editor.show_owner)
        self.timeline.menu_requested.connect(self._show_menu)
        self.piano_roll.auditioned.connect(self._audition)
        self.mixer.effects_requested.connect(self._show_chain)

    # --- what commands call -------------------------------------------------------------------

    def tell(self, text: str) -> None:
        """Show one line to the user."""
        self.statusBar().showMessage(text, _MESSAGE_MS)

    def take_files(
        self, paths: Sequence[Path], start_seconds: float = 0.0, track_id: Id | None = None
    ) -> None:
        """Open a project among the files, or else import them.

        More than ``MANY_FILES``, in folders too, are no song: they go to the batch panel.
        """
        if len(paths) > MANY_FILES:
            self._take_many(paths)
            return
        for path in paths:
            if path.name == PROJECT_FILE or (path / PROJECT_FILE).is_file():
                self.leave(partial(self.storage.open, path))
                return

        def done(files: list[Path]) -> None:
            if len(files) > MANY_FILES:
                self._take_many(files)
            else:
                self.imports.start(files, start_seconds=start_seconds, track_id=track_id)

        self._tasks.run(lambda: _files_in(paths), done)

    def _take_many(self, paths: Sequence[Path]) -> None:
        self.show_batch()
        self.batch_panel.take(list(paths))
        self.tell(f"{len(paths)} files are many for a timeline: they are listed for a batch")

    def ask_files(self) -> None:
        """Ask which files to import, at the playhead."""
        dialog = self._dialog("Import", QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilter(_MEDIA_FILES)
        dialog.filesSelected.connect(
            lambda names: self.imports.start(
                [Path(name) for name in names], start_seconds=self.view.playhead_seconds
            )
        )
        dialog.open()

    def ask_open(self) -> None:
        """Ask which project to open."""
        dialog = self._dialog("Open project", QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda name: self.leave(partial(self.storage.open, Path(name))))
        dialog.open()

    def arrange(self) -> None:
        """Show what is heard in MIDI tracks, and arrange them in another style."""
        if ARRANGER not in self._render_queue.registry:
            self.tell("Arranging needs the networks: pip install tonewright[models]")
            return
        dialog = ArrangeDialog(self.session, self.view, self._render_queue, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def show_batch(self) -> None:
        """Show the panel for many files at once."""
        self.docks["batch"].show()
        self.docks["batch"].raise_()

    def show_missing(self) -> None:
        """Show which media are missing, and look for them."""
        dialog = MissingMediaDialog(self.session, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def export(self) -> None:
        """Show what can be exported."""
        dialog = ExportDialog(self.session, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def show_preferences(self) -> None:
        """Show the theme, and the keys of every command."""
        dialog = PreferencesDialog(self.settings, self._commands, self.actions_by_id, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        light = self.actions_by_id["light"]
        dialog.theme_chosen.connect(lambda theme: light.setChecked(theme is LIGHT))
        dialog.show()

    def show_shortcuts(self) -> None:
        """Show all keys and gestures."""
        sheet = ShortcutSheet(self._commands, self.actions_by_id, self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.show()

    def save(self, then: Callable[[], None] | None = None) -> None:
        """Save the project; ask where if it has no folder."""
        if self.session.folder is None:
            self.save_as(then)
        else:
            self.storage.save(then=then)

    def save_as(self, then: Callable[[], None] | None = None) -> None:
        """Ask for a folder and save the project there."""
        dialog = self._dialog("Save project as", QFileDialog.FileMode.AnyFile)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(self.session.project.name)
        dialog.fileSelected.connect(lambda name: self.storage.save(Path(name), then=then))
        dialog.open()

    def leave(self, then: Callable[[], None]) -> None:
        """Do something that puts another project here; ask first if this one is not saved."""
        if not self.storage.unsaved:
            then()
            return
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(f"Save the changes to “{self._name()}”?")
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

    def close_now(self) -> None:
        """Close without asking."""
        self._leaving = True
        self.close()

    def open_clip(self, clip_id: str) -> None:
        """Show a clip's notes, or its effects."""
        _, clip = find_clip(self.session.project, Id(clip_id))
        if isinstance(clip, MidiClip):
            self.docks["notes"].show()
            self.docks["notes"].raise_()
            self.piano_roll.notes.show(clip.id)
            self.piano_roll.canvas.setFocus()
        else:
            self._show_chain(clip.id)

    def set_theme(self, light: bool) -> None:
        """Dress the program in the light theme, or in the dark one."""
        self.settings.theme = LIGHT if light else DARK
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, self.settings.theme)
        self._draw_icons()

    def compare(self, on: bool) -> None:
        """Hear what is shown in the chain editor without its effects, as loud as with them."""
        if on:
            self.playing.comparing.start(self.chain_editor.owner_id)
        else:
            self.playing.comparing.stop()

    def set_tool(self, tool: Tool, on: bool) -> None:
        """Choose what the mouse does; the other tools are turned off by themselves."""
        if on:
            self.view.set_tool(tool=tool)

    # --- events -------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Ask once if something is not saved; then let go of everything."""
        if not self._leaving and self.storage.unsaved:
            event.ignore()
            self.leave(self.close_now)
            return
        self.settings.set_layout(self.saveGeometry(), self.saveState())
        self._write_view()
        self.imports.cancel()
        self.batch_panel.close_run()
        self.playing.close()
        self._tasks.close()
        self._render_queue.close()
        self.storage.close()
        # A history says that it is empty while it is taken down, when views may be gone.
        self.session.undo_stack.blockSignals(True)
        event.accept()

    def _on_opened(self) -> None:
        self._show_title()
        folder = self.session.folder
        if folder is None:
            return
        self.settings.add_recent(folder)
        path = folder / VIEW_FILE
        if path.is_file() and not self.view.selection:
            try:
                self.view.restore(read_json(path))
            except (ValueError, ProjectError):
                self.tell(f"{path}: the view is damaged; the standard one is shown")

    def _write_view(self) -> None:
        folder = self.session.folder
        if folder is None:
            return
        try:
            with replacing(folder / VIEW_FILE) as file:
                file.write(dumps(self.view.to_json()))
        except TonewrightError as error:
            self.tell(str(error))

    def _on_selection(self) -> None:
        focus = self.view.focus
        if focus is None:
            return
        _, clip = find_clip(self.session.project, focus)
        self.chain_editor.show_owner(clip.id)
        if isinstance(clip, MidiClip):
            self.piano_roll.notes.show(clip.id)

    def _audition(self, pitch: int, velocity: int) -> None:
        clip = self.piano_roll.notes.clip
        if clip is not None:
            track, _ = find_clip(self.session.project, clip.id)
            self.playing.auditioning.play(track.id, pitch, velocity)

    def _on_range(self) -> None:
        chosen = self.view.range
        if chosen is not None and chosen.owner_id != self.chain_editor.owner_id:
            self.chain_editor.show_owner(chosen.owner_id)
        self.chain_editor.set_range(chosen.where if chosen is not None else None)

    def choose_range(self) -> None:
        """Put the next effect on what of the focused clip is in the loop."""
        if not range_from_loop(self.session.project, self.view):
            self.tell("Choose a clip first, and a loop that lies on it")

    def _show_chain(self, owner_id: Id | None) -> None:
        self.docks["effects"].show()
        self.docks["effects"].raise_()
        self.chain_editor.show_owner(owner_id)

    def _show_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action_id in ("cut", "copy", "paste", "duplicate", "delete", "ripple-delete"):
            menu.addAction(self.actions_by_id[action_id])
        menu.addSeparator()
        for action_id in ("split", "crossfade", "mute-clip", "group", "loop-selection"):
            menu.addAction(self.actions_by_id[action_id])
        menu.popup(place)

    def _show_undo(self) -> None:
        stack = self.session.undo_stack
        for action_id, can, text in (
            ("undo", stack.canUndo(), stack.undoText()),
            ("redo", stack.canRedo(), stack.redoText()),
        ):
            action = self.actions_by_id[action_id]
            action.setEnabled(can)
            action.setText(f"&{action_id.title()} {text.lower()}".rstrip())

    def _show_tool(self) -> None:
        view = self.view
        self.actions_by_id[f"tool-{view.tool.value}"].setChecked(True)
        self.actions_by_id["snap"].setChecked(view.snap_on)
        self.actions_by_id["follow"].setChecked(view.follow)

    def _show_progress(self, name: str, fraction: float) -> None:
        self._progress.setVisible(fraction < 1.0)
        self._progress.setValue(int(fraction * 100))
        if fraction < 1.0:
            self.tell(f"Reading {name}")
        else:
            self.statusBar().clearMessage()

    def _show_renders(self) -> None:
        self.chain_editor.show_states(self.playing.states())
        self.timeline.canvas.states = self.playing.states()
        self.timeline.canvas.update()

    def _show_levels(self, status: Status) -> None:
        peaks: dict[Id | None, Sequence[float]] = {None: status.levels.peak_dbfs}
        for track_id, pair in status.track_peaks_dbfs.items():
            peaks[track_id] = pair
        self.mixer.set_levels(peaks)
        self.timeline.headers.set_levels(status.track_peaks_dbfs)
        self._toolbar.show_levels(status.levels)

    def _show_comparing(self) -> None:
        active = self.playing.comparing.active
        self.actions_by_id["compare"].setChecked(active)
        if not active:
            self.statusBar().clearMessage()

    def _show_playing(self) -> None:
        player, project = self.playing.player, self.session.project
        name = "stop" if player.playing else "play"
        self.actions_by_id["play"].setIcon(icon(name, self.settings.theme.text))
        if not player.playing:
            self.view.set_playhead(player.position_samples / project.sample_rate)

    def _show_title(self) -> None:
        self.setWindowTitle(f"{self._name()}[*] – Tonewright")
        self.setWindowModified(self.storage.unsaved)

    def _name(self) -> str:
        folder = self.session.folder
        return self.session.project.name if folder is None else folder.name

    def _list_recent(self) -> None:
        self._recent.clear()
        for folder in self.settings.recent:
            self._recent.addAction(
                str(folder), partial(self.leave, partial(self.storage.open, folder))
            )
        self._recent.setEnabled(True)

    def _draw_icons(self) -> None:
        for action_id, name in (
            ("go-start", "start"),
            ("loop-selection", "loop"),
            ("play", "stop" if self.playing.player.playing else "play"),
            ("undo", "undo"),
            ("redo", "redo"),
            ("tool-select", "select"),
            ("tool-split", "split"),
            ("tool-slip", "slip"),
            ("tool-range", "range"),
            ("snap", "snap"),
            ("follow", "follow"),
            ("zoom-all", "zoom-all"),
            ("import", "import"),
            ("export", "export"),
        ):
            self.actions_by_id[action_id].setIcon(icon(name, self.settings.theme.text))

    def _dialog(self, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
        dialog = QFileDialog(self, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        return dialog


def _files_in(paths: Sequence[Path]) -> list[Path]:
    """Return the files among paths, and behind them those in the folders among them."""
    files = [path for path in paths if not path.is_dir()]
    for folder in (path for path in paths if path.is_dir()):
        files += sorted(path for path in folder.iterdir() if path.is_file())
    return files
