"""The panel of one effect, built from its parameters."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tonewright.desktop.controls.fader import Fader
from tonewright.desktop.controls.travel import Linear
from tonewright.desktop.inspector.effect_menu import EffectMenu
from tonewright.desktop.inspector.parameter_editor import ParameterEditor, editor_for
from tonewright.desktop.inspector.plugin_bar import PluginBar
from tonewright.desktop.inspector.render_state import RenderStage, RenderState
from tonewright.desktop.inspector.room_readout import HEARS_ROOMS, RoomReadout, Rooms
from tonewright.desktop.session import Session
from tonewright.desktop.theme import theme_of
from tonewright.dsp.effects.protocol import EffectType, Family, RunsIn
from tonewright.dsp.effects.registry import Registry, complete_params
from tonewright.dsp.errors import EffectError
from tonewright.dsp.project.document import EffectSpec, Id, Project, Value
from tonewright.dsp.project.edits import set_effect, set_effect_param
from tonewright.dsp.project.edits.takes import add_take, choose_take, delete_take, takes_of

_COLUMNS = 3
_SHRINKS = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon


class EffectPanel(QFrame):
    """The panel; it follows the document.

    Args:
        session: The open project.
        effect: The effect as it is now; later the panel is told by ``show_effect``.
        registry: Describes its parameters.
        presets_folder: Where the user's presets are.
        rooms: Hears the rooms of recordings; without it none is told.

    Signals:
        retry_requested (): The user wants a failed render tried again.
        problem (str): One line for the user.
    """

    retry_requested = Signal()
    problem = Signal(str)

    def __init__(
        self,
        session: Session,
        effect: EffectSpec,
        registry: Registry,
        presets_folder: Path,
        parent: QWidget | None = None,
        *,
        rooms: Rooms | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._effect = effect
        self._presets_folder = presets_folder
        self.effect_type: EffectType | None = None
        self.editors: dict[str, ParameterEditor] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 6, 8, 8)
        self._column.setSpacing(8)
        if effect.type not in registry:
            self._build_missing()
            return
        self.effect_type = registry.get(effect.type)
        self.setAccessibleName(f"Effect {self.effect_type.name}")
        self._build_head(self.effect_type)
        self.plugin_bar = PluginBar(session, effect, registry, self)
        self.plugin_bar.setVisible(self.effect_type.stateful)
        self._column.addWidget(self.plugin_bar)
        self._build_state()
        self._build_takes(self.effect_type)
        self._build_parameters(self.effect_type)
        self.room: RoomReadout | None = None
        if rooms is not None and effect.type in HEARS_ROOMS:
            self.room = RoomReadout(session, rooms, effect, self)
            self._column.addWidget(self.room)
        self._build_foot(self.effect_type)
        self.show_effect(effect)

    @property
    def effect_id(self) -> Id:
        """The effect that it shows."""
        return self._effect.id

    def show_effect(self, effect: EffectSpec) -> None:
        """Show an effect as it is now; it is of the same type."""
        self._effect = effect
        if self.effect_type is None:
            return
        self.menu.effect = effect
        self.plugin_bar.effect = effect
        self._show_params(self.effect_type, dict(effect.params))
        if self.room is not None:
            self.room.show_effect(effect)
        with QSignalBlocker(self.enabled):
            self.enabled.setChecked(effect.enabled)
        self.mix.set_number(effect.mix)
        self._mix_text.setText(_percent(effect.mix))
        self.takes.clear()
        for number, seed in enumerate(takes_of(effect), 1):
            self.takes.addItem(f"Take {number} (seed {seed})", seed)
        self.takes.setCurrentIndex(self.takes.findData(effect.seed))
        self._delete_take.setEnabled(self.takes.count() > 1)
        self._range.setVisible(effect.range is not None)
        if effect.range is not None:
            start, end = effect.range.start_seconds, effect.range.end_seconds
            self._range_text.setText(f"Only from {start:.2f} to {end:.2f} s")
        self._show_sidechain(self._session.project)

    def _show_params(self, effect_type: EffectType, given: dict[str, Value]) -> None:
        for name, editor in self.editors.items():
            value, fault = given.get(name, editor.parameter.default), ""
            try:
                complete_params(effect_type, {name: value})
            except EffectError as error:  # from a file that another version wrote
                value, fault = editor.parameter.default, str(error)
            editor.set_value(value)
            editor.set_fault(fault)

    def set_state(self, state: RenderState | None) -> None:
        """Show how far the sound of the effect is; None if it is not known, or runs live."""
        if self.effect_type is None:
            return
        text = "Rendered in the background" if state is None else state.to_text()
        failed = state is not None and state.stage is RenderStage.FAILED
        theme = theme_of(self)
        self.state.setText(text)
        self.state.setToolTip(text)
        self.state.setStyleSheet(f"color: {theme.danger if failed else theme.dim};")
        self._retry.setVisible(failed)
        self._state_line.setVisible(failed or self.effect_type.runs_in is RunsIn.RENDERED)

    # --- building ------------------------------------------------------------------------------

    def _build_missing(self) -> None:
        effect = self._effect
        self.setAccessibleName(f"Missing effect {effect.type}")
        text = QLabel(
            f"{effect.type} is not installed here. It is kept as it is; install what brings it, "
            "or remove it.",
            self,
        )
        text.setWordWrap(True)
        text.setStyleSheet(f"color: {theme_of(self).danger};")
        self._column.addWidget(text)
        for name, value in effect.params:
            self._column.addWidget(QLabel(f"{name}: {value}", self))

    def _build_head(self, effect_type: EffectType) -> None:
        self.enabled = QCheckBox(effect_type.name, self)
        self.enabled.setToolTip("Off: the effect is bypassed")
        self.enabled.setAccessibleName(f"{effect_type.name} on")
        self.enabled.setStyleSheet("font-weight: bold;")
        self.enabled.toggled.connect(
            lambda on: self._set("Bypass" if not on else "Switch on", enabled=on)
        )
        self.menu = EffectMenu(self._session, self._effect, effect_type, self._presets_folder, self)
        self.menu.problem.connect(self.problem)
        button = QToolButton(self)
        button.setText("Presets")
        button.setAccessibleName("Presets and more")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(self.menu)
        head = QHBoxLayout()
        head.addWidget(self.enabled, 1)
        head.addWidget(button)
        self._column.addLayout(head)
        if effect_type.description:
            about = QLabel(effect_type.description, self)
            about.setWordWrap(True)
            about.setProperty("role", "second")
            self._column.addWidget(about)

    def _build_state(self) -> None:
        self.state = QLabel(self)
        self.state.setWordWrap(True)
        self._retry = QToolButton(self)
        self._retry.setText("Retry")
        self._retry.clicked.connect(lambda _: self.retry_requested.emit())
        self._retry.setAccessibleName("Try the render again")
        self._state_line = self._line(self.state, self._retry)
        self.set_state(None)

    def _build_takes(self, effect_type: EffectType) -> None:
        self.takes = QComboBox(self)
        self.takes.setSizeAdjustPolicy(_SHRINKS)
        self.takes.setAccessibleName("Take")
        self.takes.activated.connect(
            lambda index: self._edit("Choose take", choose_take, self.takes.itemData(index))
        )
        new = QToolButton(self)
        new.setText("New take")
        new.setToolTip("Run again with another seed; the other takes are kept")
        new.clicked.connect(lambda _: self._edit("New take", add_take))
        self._delete_take = QToolButton(self)
        self._delete_take.setText("×")
        self._delete_take.setToolTip("Delete this take")
        self._delete_take.setAccessibleName("Delete this take")
        self._delete_take.clicked.connect(
            lambda _: self._edit("Delete take", delete_take, self._effect.seed)
        )
        self._line(self.takes, new, self._delete_take).setVisible(effect_type.seeded)

    def _build_parameters(self, effect_type: EffectType) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        place = 0
        for parameter in effect_type.parameters:
            editor = editor_for(parameter, self)
            name = parameter.name
            editor.edited.connect(lambda value, key, name=name: self._set_param(name, value, key))
            self.editors[name] = editor
            if editor.wide:
                self._column.addWidget(editor)
            else:
                grid.addWidget(editor, place // _COLUMNS, place % _COLUMNS)
                place += 1
        for column in range(_COLUMNS):
            grid.setColumnStretch(column, 1)
        self._column.addLayout(grid)

    def _build_foot(self, effect_type: EffectType) -> None:
        self._range_text = QLabel(self)
        whole = QToolButton(self)
        whole.setText("Everywhere")
        whole.setToolTip("Let the effect work on the whole")
        whole.clicked.connect(lambda _: self._set("Effect range", range=None))
        self._range = self._line(self._range_text, whole)
        self.sidechain = QComboBox(self)
        self.sidechain.setSizeAdjustPolicy(_SHRINKS)
        self.sidechain.setAccessibleName("Listens to")
        self.sidechain.activated.connect(self._choose_sidechain)
        listens = QLabel("Listens to", self)
        self._line(self.sidechain, label=listens).setVisible(effect_type.sidechain)
        self.mix = Fader("Dry/wet", Linear(0.0, 1.0), 1.0, _percent, self)
        self.mix.setOrientation(Qt.Orientation.Horizontal)
        self.mix.turned.connect(lambda value, key: self._set("Dry/wet", key, mix=value))
        self._mix_text = QLabel(self)
        self._mix_text.setMinimumWidth(40)
        line = self._line(self.mix, self._mix_text, label=QLabel("Dry/wet", self))
        line.setVisible(effect_type.family is Family.AUDIO)
        self._column.addStretch(1)

    def _line(self, *widgets: QWidget, label: QLabel | None = None) -> QWidget:
        line = QWidget(self)
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        if label is not None:
            layout.addWidget(label)
        for widget in widgets:
            layout.addWidget(widget, 1 if widget is widgets[0] else 0)
        self._column.addWidget(line)
        return line

    # --- changes -------------------------------------------------------------------------------

    def _set(self, label: str, merge_key: str | None = None, **fields: Any) -> None:
        effect_id = self.effect_id
        self._session.apply(
            label, lambda p: set_effect(p, effect_id, **fields), merge_key=merge_key
        )

    def _set_param(self, name: str, value: Value | None, merge_key: str) -> None:
        effect_id, label = self.effect_id, self.editors[name].label.text()
        self._session.apply(
            label, lambda p: set_effect_param(p, effect_id, name, value), merge_key=merge_key
        )

    def _edit(self, label: str, edit: Callable[..., Project], *args: Any) -> None:
        effect_id = self.effect_id
        self._session.apply(label, lambda p: edit(p, effect_id, *args))

    def _choose_sidechain(self, index: int) -> None:
        self._set("Listens to", sidechain_id=self.sidechain.itemData(index))
        # What the engine refuses, a circle, is not shown as done.
        self._show_sidechain(self._session.project)

    def _show_sidechain(self, project: Project) -> None:
        self.sidechain.clear()
        self.sidechain.addItem("nothing", None)
        for track in project.tracks:
            self.sidechain.addItem(track.name, track.id)
        index = self.sidechain.findData(self._effect.sidechain_id)
        self.sidechain.setCurrentIndex(max(0, index))


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"
