"""The chain of a clip, a track or the master: its effects in order, and the panel of one."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidgetItem,
    QMenu,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tonewright.desktop.inspector.effect_list import EffectList
from tonewright.desktop.inspector.effect_panel import EffectPanel
from tonewright.desktop.inspector.render_state import RenderStage, RenderState
from tonewright.desktop.inspector.room_readout import Rooms
from tonewright.desktop.session import Session
from tonewright.desktop.tasks import Tasks
from tonewright.desktop.theme import theme_of
from tonewright.dsp.effects.protocol import EffectType, Family, RunsIn
from tonewright.dsp.effects.registry import Registry, default_registry
from tonewright.dsp.presets import presets_folder as users_presets
from tonewright.dsp.project.document import (
    AudioClip,
    Clip,
    EffectSpec,
    Id,
    TimeRange,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.project.edits import add_effect, move_effect, remove_effect, set_effect

_WIDTH_PIXELS = 360  # that every panel fits into
_ROW_PIXELS = 26
_LEAST_ROWS, _MOST_ROWS = 2, 8  # that show of a chain that has more


class ChainEditor(QWidget):
    """The editor.

    Args:
        session: The open project.
        registry: Where effect types are found; what is installed if None.
        presets_folder: Where presets are kept; the user's own if None.
        tasks: Where the rooms of recordings are heard; without it none is told.

    Attributes:
        owner_id: The track or clip whose chain it shows; None is the master.
        time_range: What a new effect is put on, in seconds from the owner's start; everything if
            None. The window sets it from the selection.
        panel: The panel of the current effect; None if there is none.
        compare_button: The window gives it what it does.

    Signals:
        owner_changed (): It shows another chain.
        effect_changed (Id | None): It shows the panel of another effect, or of none.
        retry_requested (Id): An effect whose render failed is to be tried again.
        problem (str): One line for the user.
    """

    owner_changed = Signal()
    effect_changed = Signal(object)
    retry_requested = Signal(object)
    problem = Signal(str)

    def __init__(
        self,
        session: Session,
        registry: Registry | None = None,
        presets_folder: Path | None = None,
        parent: QWidget | None = None,
        *,
        tasks: Tasks | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._rooms = None if tasks is None else Rooms(tasks, self)
        self._registry = registry or default_registry()
        self._presets_folder = presets_folder or users_presets()
        self.owner_id: Id | None = None
        self.time_range: TimeRange | None = None
        self.panel: EffectPanel | None = None
        self._states: dict[Id, RenderState] = {}
        self._shown: tuple[object, ...] = ()
        self.setAccessibleName("Effects")
        self.title = QLabel(self)
        self.title.setStyleSheet("font-weight: bold;")
        self.add_button = QToolButton(self)
        self.add_button.setText("+ Add effect")
        self.add_button.setAccessibleName("Add effect")
        self.add_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add_button.setMenu(QMenu(self.add_button))
        self.compare_button = QToolButton(self)
        self.compare_button.setAccessibleName("Hear it dry")
        self.list = EffectList(self)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.currentRowChanged.connect(lambda _: self._show_panel())
        self.list.itemChanged.connect(self._switch)
        self.list.move_requested.connect(self._move)
        self.list.removal_requested.connect(self._remove)
        self._hint = QLabel("No effects yet: add one.", self)
        self._hint.setProperty("role", "second")
        self._area = QScrollArea(self)
        self._area.setAccessibleName("Panel of the effect")
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(_WIDTH_PIXELS)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.compare_button)
        head.addWidget(self.add_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addLayout(head)
        layout.addWidget(self._hint)
        layout.addWidget(self.list)
        layout.addWidget(self._area, 1)
        session.changed.connect(lambda _: self._update())
        self.show_owner(None)

    @property
    def effects(self) -> tuple[EffectSpec, ...]:
        """The chain as it is now."""
        owner = self._owner()
        if owner is None:
            return self._session.project.master.effects
        return owner.channel.effects if isinstance(owner, Track) else owner.effects

    def show_owner(self, owner_id: Id | None) -> None:
        """Show the chain of a track or a clip, or of the master (None)."""
        if owner_id != self.owner_id:
            self._drop_panel()
        self.owner_id = owner_id
        self.time_range = None
        self._update()
        self._fill_menu()
        self.owner_changed.emit()

    def show_effect(self, effect_id: Id) -> None:
        """Show the panel of an effect of the chain; nothing if it is not in it."""
        rows = [effect.id for effect in self.effects]
        if effect_id in rows:
            self.list.setCurrentRow(rows.index(effect_id))

    def set_range(self, where: TimeRange | None) -> None:
        """Put new effects on a part of the owner, or on all of it."""
        self.time_range = where
        self._update()

    def show_states(self, states: Mapping[Id, RenderState]) -> None:
        """Show how far effects that run RENDERED are, by their ids."""
        self._states = dict(states)
        for row in range(self.list.count()):
            self._show_state(self.list.item(row))
        if self.panel is not None:
            self.panel.set_state(self._states.get(self.panel.effect_id))

    def add(self, effect_type: EffectType) -> None:
        """Put a new effect at the end of the chain, on ``time_range``."""
        owner_id = self.owner_id
        effect = EffectSpec(new_id(), effect_type.id, effect_type.version, range=self.time_range)
        label = f"Add {effect_type.name}"
        if self._session.apply(label, lambda p: add_effect(p, owner_id, effect)):
            self.list.setCurrentRow(self.list.count() - 1)

    # --- following the document ----------------------------------------------------------------

    def _owner(self) -> Track | Clip | None:
        for track in self._session.project.tracks:
            if track.id == self.owner_id:
                return track
            for clip in track.clips:
                if clip.id == self.owner_id:
                    return clip
        return None

    def _update(self) -> None:
        owner = self._owner()
        if owner is None and self.owner_id is not None:  # it was deleted
            self.show_owner(None)
            return
        kind = "Track" if isinstance(owner, Track) else "Clip"
        title = "Master" if owner is None else f"{kind} · {owner.name}"
        if self.time_range is not None:
            start, end = self.time_range.start_seconds, self.time_range.end_seconds
            title += f", {start:.2f} to {end:.2f} s"
        effects = self.effects
        names = [track.name for track in self._session.project.tracks]
        shown = (self.owner_id, title, effects, names)
        if shown == self._shown:  # something else changed, perhaps with every step of a drag
            return
        self._shown = shown
        self.title.setText(title)
        current = self.panel.effect_id if self.panel is not None else None
        with QSignalBlocker(self.list):
            self.list.clear()
            for effect in effects:
                self.list.addItem(self._item(effect))
            rows = [effect.id for effect in effects]
            row = rows.index(current) if current in rows else min(0, len(rows) - 1)
            self.list.setCurrentRow(row)
        self.list.setVisible(bool(effects))
        # A long chain must not make a window higher than a small screen.
        self.list.setMinimumHeight(min(len(effects), _LEAST_ROWS) * _ROW_PIXELS + 4)
        self.list.setMaximumHeight(min(len(effects), _MOST_ROWS) * _ROW_PIXELS + 4)
        self._hint.setVisible(not effects)
        self._show_panel()

    def _item(self, effect: EffectSpec) -> QListWidgetItem:
        item = QListWidgetItem()
        item.setData(Qt.ItemDataRole.UserRole, effect.id)
        flags = item.flags() | Qt.ItemFlag.ItemIsUserCheckable
        item.setFlags(flags & ~Qt.ItemFlag.ItemIsDropEnabled)
        checked = Qt.CheckState.Checked if effect.enabled else Qt.CheckState.Unchecked
        item.setCheckState(checked)
        item.setSizeHint(QSize(0, _ROW_PIXELS))
        self._show_state(item, effect)
        return item

    def _show_state(self, item: QListWidgetItem, effect: EffectSpec | None = None) -> None:
        effect_id = Id(item.data(Qt.ItemDataRole.UserRole))
        effect = effect or next(each for each in self.effects if each.id == effect_id)
        theme = theme_of(self)
        if effect.type not in self._registry:
            text, color = f"{effect.type} (missing)", theme.danger
        else:
            text = self._registry.get(effect.type).name
            color = theme.text if effect.enabled else theme.dim
            state = self._states.get(effect.id)
            if state is not None and state.stage is not RenderStage.READY:
                text = f"{text} · {_short(state)}"
        if effect.range is not None:
            text = f"{text} · {effect.range.start_seconds:.1f} to {effect.range.end_seconds:.1f} s"
        with QSignalBlocker(self.list):
            item.setText(text)
            item.setForeground(QColor(color))

    def _show_panel(self) -> None:
        row = self.list.currentRow()
        effects = self.effects
        if not 0 <= row < len(effects):
            self._drop_panel()
            return
        effect = effects[row]
        if self.panel is not None and self.panel.effect_id == effect.id:
            self.panel.show_effect(effect)
            return
        self._drop_panel()
        self.panel = EffectPanel(
            self._session,
            effect,
            self._registry,
            self._presets_folder,
            self._area,
            rooms=self._rooms,
        )
        self.panel.retry_requested.connect(lambda: self.retry_requested.emit(effect.id))
        self.panel.problem.connect(self.problem)
        self.panel.set_state(self._states.get(effect.id))
        self._area.setWidget(self.panel)
        self.effect_changed.emit(effect.id)

    def _drop_panel(self) -> None:
        if self.panel is not None:
            self._area.takeWidget()
            self._area.setWidget(QWidget())  # without one, the scroll bar would stay
            self.panel.hide()
            # Later: the change may come from a signal of the panel itself.
            self.panel.deleteLater()
            self.panel = None
            self.effect_changed.emit(None)

    # --- changes -------------------------------------------------------------------------------

    def _switch(self, item: QListWidgetItem) -> None:
        effect_id = Id(item.data(Qt.ItemDataRole.UserRole))
        on = item.checkState() is Qt.CheckState.Checked
        label = "Switch on" if on else "Bypass"
        self._session.apply(label, lambda p: set_effect(p, effect_id, enabled=on))

    def _move(self, effect_id: Id, index: int) -> None:
        self._session.apply("Reorder effects", lambda p: move_effect(p, effect_id, index))

    def _remove(self, effect_id: Id) -> None:
        self._session.apply("Remove effect", lambda p: remove_effect(p, effect_id))

    # --- adding --------------------------------------------------------------------------------

    def _fill_menu(self) -> None:
        menu = self.add_button.menu()
        menu.clear()
        owner = self._owner()
        families = _families(owner)
        for family, runs_in, title in (
            (Family.MIDI, RunsIn.REALTIME, "Notes"),
            (Family.MIDI, RunsIn.RENDERED, "Notes, made in the background"),
            (Family.AUDIO, RunsIn.REALTIME, "Sound"),
            (Family.AUDIO, RunsIn.RENDERED, "Rendered in the background"),
        ):
            types = [
                each
                for each in self._registry
                if each.family is family in families and each.runs_in is runs_in
            ]
            if not types:
                continue
            part = QMenu(title, menu)
            for effect_type in sorted(types, key=lambda each: each.name.casefold()):
                action = QAction(effect_type.name, part)
                action.setToolTip(effect_type.description)
                action.triggered.connect(lambda _, each=effect_type: self.add(each))
                part.addAction(action)
            part.setToolTipsVisible(True)
            menu.addMenu(part)


def _families(owner: Track | Clip | None) -> frozenset[Family]:
    """Return what can be in a chain: on MIDI tracks, notes and the sound they make."""
    if owner is None or isinstance(owner, AudioClip):
        return frozenset((Family.AUDIO,))
    if isinstance(owner, Track):
        is_midi = owner.kind is TrackKind.MIDI
        return frozenset(Family) if is_midi else frozenset((Family.AUDIO,))
    return frozenset((Family.MIDI,))


def _short(state: RenderState) -> str:
    if state.stage is RenderStage.COMPUTING:
        return f"{state.fraction * 100:.0f} %"
    return str(state.stage)
