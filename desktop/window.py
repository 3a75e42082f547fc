"""The main window: timeline in the middle, panels around it, tools above, messages below."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QSize
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QUndoView

from tonewright.desktop.action_states import ActionStates
from tonewright.desktop.actions import clip_menu, install
from tonewright.desktop.adapters.turns import Turns
from tonewright.desktop.batch.panel import BatchPanel
from tonewright.desktop.commands import commands_of
from tonewright.desktop.docks import (
    add_docks,
    bring,
    hide_stray_tab_bars,
    sides_of,
    size_docks,
    when_seen,
)
from tonewright.desktop.explorer.panel import ExplorerPanel
from tonewright.desktop.files import Files
from tonewright.desktop.imports import Imports
from tonewright.desktop.inspector.chain_editor import ChainEditor
from tonewright.desktop.jobs_panel import JobsPanel
from tonewright.desktop.mixer.view import Mixer
from tonewright.desktop.pianoroll.view import PianoRoll
from tonewright.desktop.playing import Playing
from tonewright.desktop.session import Session
from tonewright.desktop.settings import Settings
from tonewright.desktop.spectrograms import Spectrograms
from tonewright.desktop.status_line import StatusLine
from tonewright.desktop.storage import Storage
from tonewright.desktop.tasks import Tasks
from tonewright.desktop.theme import DARK, LIGHT, apply_theme
from tonewright.desktop.timeline import view_file
from tonewright.desktop.timeline.commands import TimelineCommands
from tonewright.desktop.timeline.range_tool import range_from_loop
from tonewright.desktop.timeline.view import TimelineView
from tonewright.desktop.timeline.view_state import Tool, ViewState
from tonewright.desktop.timeline.waveforms import Waveforms
from tonewright.desktop.toolbar import ToolBar
from tonewright.desktop.track_commands import TrackCommands
from tonewright.desktop.window_dialogs import Dialogs
from tonewright.dsp.batch.crew import LocalCrew, default_memory_bytes, default_workers
from tonewright.dsp.errors import ProjectError
from tonewright.dsp.playback.feeder import OpenSink, Status
from tonewright.dsp.project.document import Id, MidiClip
from tonewright.dsp.project.edits.access import find_clip
from tonewright.dsp.rendering.queue import RenderQueue

_SIZE = QSize(1600, 960)  # on a screen that is as large
_FRAME = QSize(8, 40)  # what a window manager may put around it


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
        files: What the user opens, drops and saves.
        dialogs: What opens its dialogs.
        sides: Its panels, by the command that folds them away.
        commands: All that the user can do by menu or key.
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
        self.files = Files(
            session,
            self.view,
            storage=self.storage,
            imports=self.imports,
            tasks=tasks,
            settings=settings,
            window=self,
        )
        self.timeline_commands = TimelineCommands(session, self.view, self)
        self._tasks = tasks
        self._leaving = False
        self._render_queue = render_queue
        self.dialogs = Dialogs(self, render_queue)
        self.playing = Playing(session, self.view, tasks, render_queue, open_sink)
        self._waveforms = Waveforms(session, tasks, self, cache_folder=cache_folder)
        turns = Turns(self)
        self.timeline = TimelineView(session, self.view, self._waveforms, turns)
        self.piano_roll = PianoRoll(session)
        self.mixer = Mixer(session, turns)
        self.chain_editor = ChainEditor(session, tasks=tasks)
        self.track_commands = TrackCommands(session, self.timeline.headers, self.chain_editor, self)
        self.spectrograms = Spectrograms(session, self.view, tasks, render_queue)
        self.explorer = ExplorerPanel(
            session,
            self.view,
            tasks,
            render_queue=render_queue,
            auditioning=self.playing.auditioning,
        )
        self.batch_panel = BatchPanel(session, tasks, render_queue.registry, self._make_crew)
        self.history = QUndoView(session.undo_stack)
        self.history.setEmptyLabel("As opened")
        self.history.setAccessibleName("History")
        self.setCentralWidget(self.timeline)
        self.docks = add_docks(
            self,
            {
                "effects": self.chain_editor,
                "jobs": JobsPanel(self.playing.bridge, self.imports),
                "history": self.history,
                "notes": self.piano_roll,
                "mixer": self.mixer,
                "spectrum": self.spectrograms,
                "explorer": self.explorer,
                "batch": self.batch_panel,
            },
        )
        self.sides = sides_of(self, self.docks)
        self.commands = commands_of(self)
        self.actions_by_id, self._menus = install(self.commands, self, self.menuBar(), settings)
        self._menus["&File"].insertMenu(self.actions_by_id["save"], self.files.recent)
        self._action_states = ActionStates(
            self.actions_by_id,
            session=session,
            view=self.view,
            playing=self.playing,
            settings=settings,
            sides=self.sides,
        )
        self._status = StatusLine(self.imports)
        self.setStatusBar(self._status)
        self._toolbar = ToolBar(session, self.view, self.actions_by_id, self)
        self.addToolBar(self._toolbar)
        self._connect()
        self._show_title()
        self.resize(_SIZE.boundedTo(self.screen().availableSize() - _FRAME))
        size_docks(self, self.docks)
        layout = settings.layout()
        if layout is not None:
            self.restoreGeometry(layout[0])
            self.restoreState(layout[1])
            for side in self.sides.values():
                side.tell()
        hide_stray_tab_bars(self)

    # --- construction -----------------------------------------------------------------------

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
        for line in (
            *(session.problem, self.storage.problem, self.imports.problem, self.files.problem),
            *(self._tasks.problem, self.playing.problem, self.track_commands.problem),
            *(self.chain_editor.problem, self.batch_panel.problem, self.explorer.problem),
            *(self.storage.notice, self.imports.notice, self._waveforms.notice),
        ):
            line.connect(self.tell)
        self.playing.rendered.connect(self._show_renders)
        self.playing.comparing.changed.connect(self._show_comparing)
        self.playing.comparing.heard.connect(
            lambda gain_db: self.tell(f"Dry, {gain_db:+.1f} dB to be as loud; D: back")
        )
        self.chain_editor.compare_button.setDefaultAction(self.actions_by_id["compare"])
        self.playing.player.levels.connect(self._show_levels)
        self.playing.player.state_changed.connect(self._show_playing)
        self.chain_editor.owner_changed.connect(
            lambda: self.spectrograms.show_owner(self.chain_editor.owner_id)
        )
        for heard in (self.playing.bridge.graph_ready, self.playing.bridge.levels_moved):
            heard.connect(self.spectrograms.refresh)
        for name, refresh in (
            ("spectrum", self.spectrograms.refresh),
            ("explorer", self.explorer.refresh),
            ("batch", self.batch_panel.refresh),
        ):
            when_seen(self.docks[name], refresh)
        self.chain_editor.retry_requested.connect(self.playing.retry)
        self.view.selection_changed.connect(self._on_selection)
        self.view.range_changed.connect(self._on_range)
        self.timeline.files_dropped.connect(self.files.take)
        self.files.many_taken.connect(self._take_many)
        self.timeline.clip_opened.connect(self.open_clip)
        self.timeline.layer_chosen.connect(self._show_effect)
        self.chain_editor.effect_changed.connect(self.view.set_effect)
        self.timeline.track_chosen.connect(self.chain_editor.show_owner)
        self.timeline.menu_requested.connect(self._show_menu)
        self.piano_roll.auditioned.connect(self._audition)
        self.mixer.effects_requested.connect(self._show_chain)

    # --- what commands call -------------------------------------------------------------------

    def tell(self, text: str) -> None:
        """Show one line to the user."""
        self._status.tell(text)

    def _take_many(self, paths: list[Path]) -> None:
        self.show_batch()
        self.batch_panel.take(paths)
        self.tell(f"{len(paths)} files are many for a timeline: they are listed for a batch")

    def show_batch(self) -> None:
        """Show the panel for many files at once."""
        bring(self.docks["batch"])

    def show_explorer(self) -> None:
        """Show the panel that changes the instrument of the chosen clip."""
        bring(self.docks["explorer"])
        self.explorer.form.target.setFocus()

    def close_now(self) -> None:
        """Close without asking."""
        self._leaving = True
        self.close()

    def open_clip(self, clip_id: str) -> None:
        """Show a clip's notes, or its effects."""
        _, clip = find_clip(self.session.project, Id(clip_id))
        if isinstance(clip, MidiClip):
            bring(self.docks["notes"])
            self.piano_roll.show_clip(clip.id)
            self.piano_roll.canvas.setFocus()
        else:
            self._show_chain(clip.id)

    def set_theme(self, light: bool) -> None:
        """Dress the program in the light theme, or in the dark one."""
        self.settings.theme = LIGHT if light else DARK
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, self.settings.theme)
        self._action_states.draw_icons()

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

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Look for the media again when the user comes back: they may be elsewhere now."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow():
            self._waveforms.look_again()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Ask once if something is not saved; then let go of everything."""
        if not self._leaving and self.storage.unsaved:
            event.ignore()
            self.files.leave(self.close_now)
            return
        busy = self.dialogs.close()
        if busy is not None:
            self._leaving = True
            busy.destroyed.connect(self.close)
            event.ignore()
            return
        self.settings.set_layout(self.saveGeometry(), self.saveState())
        self._write_view()
        self.imports.close()
        self.batch_panel.close_run()
        self.explorer.close_run()
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
        if not self.view.selection:
            try:
                view_file.restore(self.view, folder)
            except ProjectError as error:
                self.tell(str(error))

    def _write_view(self) -> None:
        folder = self.session.folder
        if folder is None:
            return
        try:
            view_file.keep(self.view, folder)
        except ProjectError as error:
            self.tell(str(error))

    def _on_selection(self) -> None:
        focus = self.view.focus
        if focus is None:
            return
        _, clip = find_clip(self.session.project, focus)
        self.chain_editor.show_owner(clip.id)
        if isinstance(clip, MidiClip):
            self.piano_roll.show_clip(clip.id)

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
        bring(self.docks["effects"])
        self.chain_editor.show_owner(owner_id)

    def _show_effect(self, owner_id: str, effect_id: str) -> None:
        self._show_chain(Id(owner_id))
        self.chain_editor.show_effect(Id(effect_id))

    def _show_menu(self, place: QPoint) -> None:
        clip_menu(self.actions_by_id, self).popup(place)

    def _show_renders(self) -> None:
        states = self.playing.states()
        self.chain_editor.show_states(states)
        self.timeline.canvas.show_states(states)

    def _show_levels(self, status: Status) -> None:
        peaks: dict[Id | None, Sequence[float]] = {None: status.levels.peak_dbfs}
        for track_id, pair in status.track_peaks_dbfs.items():
            peaks[track_id] = pair
        self.mixer.set_levels(peaks)
        self.timeline.headers.set_levels(status.track_peaks_dbfs)
        self._toolbar.show_levels(status.levels)

    def _show_comparing(self) -> None:
        if not self.playing.comparing.active:
            self._status.clearMessage()

    def _show_playing(self) -> None:
        player, project = self.playing.player, self.session.project
        if not player.playing:
            self.view.set_playhead(player.position_samples / project.sample_rate)

    def _show_title(self) -> None:
        self.setWindowTitle(f"{self.files.project_name}[*] – Tonewright")
        self.setWindowModified(self.storage.unsaved)
