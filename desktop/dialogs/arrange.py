"""The dialog that arranges MIDI tracks in another style: what is heard, the style, and the run.

What is heard in the tracks is shown before anything is made, and can be corrected. The run is a
job of the worker process, one for each take; its notes become new tracks beside the old ones, as
one entry of the history. The project may be edited meanwhile.
"""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from tonewright.desktop.dialogs.heard_view import HeardView
from tonewright.desktop.inspector.parameter_editor import ParameterEditor, editor_for
from tonewright.desktop.session import Session
from tonewright.desktop.tasks import Tasks
from tonewright.desktop.theme import theme_of
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.dsp.effects.protocol import EffectType
from tonewright.dsp.errors import TonewrightError
from tonewright.dsp.midi.analysis import Analysis, analysed
from tonewright.dsp.midi.arranging import Material, material_of, with_arrangement
from tonewright.dsp.midi.chords import parse_chord
from tonewright.dsp.midi.sequence import MidiSequence
from tonewright.dsp.project.document import Id, MidiClip, Project, Value
from tonewright.dsp.rendering.chains import bound_on_notes
from tonewright.dsp.rendering.noted import Noted
from tonewright.dsp.rendering.queue import Job, RenderQueue, State

ARRANGER = "style_translate"
"""The effect that arranges; it has parameters ``style``, ``roles``, ``chords``, ``variation``."""

MOST_TAKES = 8
_OURS = ("roles", "chords", "variation")
_KNOBS_A_LINE = 3
_STYLE_PIXELS = 380


class ArrangeDialog(QDialog):
    """The dialog, for one opening; modeless.

    Args:
        session: The open project.
        view: Its selection says which tracks are meant.
        render_queue: Has the worker process, and the effect.
        parent: The window.
        arranger: The effect, with the parameters of ``ARRANGER``.

    Attributes:
        heard: What was heard, to be corrected.
        editors: Of the effect's parameters, by their names.

    Signals:
        arranged (): New tracks have come.
    """

    arranged = Signal()
    _told = Signal()

    def __init__(
        self,
        session: Session,
        view: ViewState,
        render_queue: RenderQueue,
        parent: QWidget | None = None,
        *,
        arranger: str = ARRANGER,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._queue = render_queue
        self._tasks = Tasks(self, threads=1)
        self._type: EffectType = render_queue.registry.get(arranger)
        self._values: dict[str, Value] = {}
        self._material: Material | None = None
        self._arranged: Material | None = None
        self._listening = self._stale = self._closing = False
        self._running: list[Noted] = []
        self._jobs: tuple[Job, ...] = ()
        self.editors: dict[str, ParameterEditor] = {}
        self._selected = _tracks_of(session, view)
        self.setWindowTitle("Arrange in another style")
        self.setModal(False)
        self._build()
        self.heard.corrected.connect(self.listen)
        self.heard.problem.connect(self._say)
        self._told.connect(self._look, Qt.ConnectionType.QueuedConnection)
        session.changed.connect(self._project_changed)
        self.listen()
        self.resize(1220, 640)  # as wide as a small screen: eight bars a line

    @property
    def running(self) -> bool:
        """Whether something is being made."""
        return bool(self._running)

    # --- what is heard -------------------------------------------------------------------------

    def listen(self) -> None:
        """Hear the tracks again."""
        self._stale = self._listening
        if self._listening:
            return
        chosen = self._selected if self.only_selected.isChecked() else None
        try:
            material = material_of(self._session.project, chosen)
        except TonewrightError as error:
            self._material = None
            self._say(str(error))
            self._show_running()
            return
        self._material = material
        roles = {
            index: self.heard.roles[track_id]
            for index, track_id in enumerate(material.track_ids)
            if track_id in self.heard.roles
        }
        chords = {
            bar: [parse_chord(name) for name in text.split()]
            for bar, text in self.heard.chords.items()
        }
        self._listening = True
        self._tasks.run(
            lambda: analysed(material.sequence, roles, chords), self._show_heard, failed=self._deaf
        )

    def _show_heard(self, heard: Analysis) -> None:
        self._listening = False
        if self._material is not None:
            names = {track.id: track.name for track in self._session.project.tracks}
            self.heard.show_analysis(
                heard, {each: names.get(each, "") for each in self._material.track_ids}
            )
        self._show_running()
        if self._stale:
            self.listen()

    def _deaf(self, error: TonewrightError) -> None:
        self._listening = False
        self._say(str(error))

    # --- the run -------------------------------------------------------------------------------

    def run(self) -> None:
        """Make the takes, in the worker process."""
        material = self._material
        if self.running or material is None:
            return
        params = dict(self._values)
        params["roles"] = self.heard.roles_text(material.track_ids)
        params["chords"] = self.heard.chords_text()
        try:
            self._running = [
                Noted(
                    material.sequence,
                    bound_on_notes(
                        self._type, params | {"variation": take}, seed=self.seed.value()
                    ),
                    f"{self._type.name}, take {take + 1}",
                )
                for take in range(self.takes.value())
            ]
        except TonewrightError as error:
            self._say(str(error))
            return
        self._say("")
        self._arranged = material
        self._jobs = self._queue.submit(
            self._running, priority=1.0, listener=lambda _: self._told.emit()
        )
        self._show_running()
        self._told.emit()  # what is in the store already says nothing

    def cancel(self) -> None:
        """Stop; nothing is changed."""
        self._queue.cancel([each.key for each in self._running])

    def _look(self) -> None:
        """Look how far the jobs are."""
        if not self.running or not all(job.state.final for job in self._jobs):
            return
        running, self._running = self._running, []
        failed = next((job for job in self._jobs if job.state is not State.DONE), None)
        self._show_running()
        if self._closing:
            self.close()
            return
        if failed is not None:
            self._say(str(failed.error) if failed.error is not None else "Stopped.")
            return
        takes = [each.find(self._queue.store) for each in running]
        made = [each for each in takes if each is not None]
        if len(made) < len(takes):
            self._say("The notes are gone from the store; run again.")
        else:
            self._put(made)

    def _put(self, takes: list[MidiSequence]) -> None:
        material = self._arranged
        assert material is not None
        count = len(takes)
        names = [f"take {number}" for number in range(1, count + 1)] if count > 1 else []

        def edit(project: Project) -> Project:
            return with_arrangement(project, material, *takes, names=names)

        if self._session.apply(f"Arrange as {self._named()}", edit):
            self._say("Done: the new tracks are below, what they replace is muted; one undo.")
            self.arranged.emit()

    def _named(self) -> str:
        example = str(self._values.get("example", ""))
        if example:
            return example.replace("\\", "/").rpartition("/")[2]
        return str(self._values.get("style", self.editors["style"].parameter.default))

    # --- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        self.heard = HeardView(self)
        self.only_selected = QCheckBox("Only the tracks of the selected clips", self)
        self.only_selected.setChecked(bool(self._selected))
        self.only_selected.setEnabled(bool(self._selected))
        self.only_selected.toggled.connect(lambda _: self.listen())
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.bar = QProgressBar(self)
        self.bar.setAccessibleName("Arranging")
        self.bar.setRange(0, 0)
        self.bar.hide()
        self.run_button = QPushButton("Arrange", self)
        self.run_button.setDefault(True)
        self.run_button.clicked.connect(lambda _: self.run())
        self.stop_button = QPushButton("Stop", self)
        self.stop_button.clicked.connect(lambda _: self.cancel())
        close = QPushButton("Close", self)
        close.clicked.connect(self.close)
        left = QVBoxLayout()
        left.addWidget(self.only_selected)
        left.addWidget(self.heard, 1)
        both = QHBoxLayout()
        both.addLayout(left, 1)
        both.addWidget(self._style_form())
        foot = QHBoxLayout()
        foot.addWidget(self.note, 1)
        for widget in (self.bar, self.stop_button, close, self.run_button):
            foot.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.addLayout(both, 1)
        layout.addLayout(foot)
        self._show_running()

    def _style_form(self) -> QScrollArea:
        form = QWidget()
        column = QVBoxLayout(form)
        knobs = QGridLayout()
        place = 0
        for parameter in self._type.parameters:
            if parameter.name in _OURS:
                continue
            editor = editor_for(parameter, form)
            editor.set_value(parameter.default)
            editor.edited.connect(partial(self._edited, parameter.name))
            self.editors[parameter.name] = editor
            if editor.wide:
                column.addWidget(editor)
            else:
                knobs.addWidget(editor, place // _KNOBS_A_LINE, place % _KNOBS_A_LINE)
                place += 1
        column.addLayout(knobs)
        self.takes = QSpinBox(form)
        self.takes.setRange(1, MOST_TAKES)
        self.takes.setAccessibleName("Takes")
        self.takes.setToolTip("So many variations; the tracks of all but the first come muted")
        self.seed = QSpinBox(form)
        self.seed.setRange(0, 2**31 - 1)
        self.seed.setAccessibleName("Seed")
        numbers = QFormLayout()
        numbers.addRow("Takes", self.takes)
        numbers.addRow("Seed", self.seed)
        column.addLayout(numbers)
        column.addStretch(1)
        area = QScrollArea(self)
        area.setAccessibleName("Style")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(form)
        area.setFixedWidth(_STYLE_PIXELS)
        return area

    def _edited(self, name: str, value: Value | None, _: str) -> None:
        editor = self.editors[name]
        if value is None:
            self._values.pop(name, None)
        else:
            self._values[name] = value
        editor.set_value(editor.parameter.default if value is None else value)

    def _show_running(self) -> None:
        self.bar.setVisible(self.running)
        self.stop_button.setVisible(self.running)
        self.run_button.setEnabled(not self.running and self._material is not None)

    def _say(self, text: str) -> None:
        theme = theme_of(self)
        self.note.setText(text)
        done = text.startswith("Done")
        self.note.setStyleSheet(f"color: {theme.text if done else theme.danger};")

    # --- events --------------------------------------------------------------------------------

    def _project_changed(self) -> None:
        if not self.running:
            self.listen()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Close; what runs is stopped, and waited for out of sight."""
        if self.running:
            self._closing = True
            self.hide()
            self.cancel()
            event.ignore()
            return
        self._session.changed.disconnect(self._project_changed)
        self._tasks.close()
        super().closeEvent(event)


def _tracks_of(session: Session, view: ViewState) -> frozenset[Id]:
    """Return the MIDI tracks that selected clips are on."""
    return frozenset(
        track.id
        for track, clip in session.project.clips()
        if isinstance(clip, MidiClip) and clip.id in view.selection
    )
