"""What only an external plugin has: a window of its own, and preset files."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QGridLayout, QToolButton, QWidget

from tonewright.desktop.session import Session
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.effects.vst3 import asking
from tonewright.dsp.effects.vst3.preset import SUFFIX, state_of
from tonewright.dsp.errors import TonewrightError
from tonewright.dsp.project.atomic import replacing
from tonewright.dsp.project.document import EffectSpec, Id, Value
from tonewright.dsp.project.edits import set_effect

_OPEN, _CLOSE = "Plugin's window", "Close plugin's window"
_FILTER = f"VST3 preset (*{SUFFIX})"


class PluginBar(QWidget):
    """The buttons. The plugin runs in a process of its own, and is asked in a thread.

    Args:
        session: The open project.
        effect: The plugin as it is now.
        registry: Loads it.

    Attributes:
        effect: As it is now.
    """

    def __init__(
        self, session: Session, effect: EffectSpec, registry: Registry, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._registry = registry
        self._window: asking.PluginWindow | None = None
        self.effect = effect
        layout = QGridLayout(self)  # in a row they would be wider than all else in a panel
        layout.setContentsMargins(0, 0, 0, 0)
        self.window_button = self._button(_OPEN, self.toggle_window)
        self.window_button.setToolTip("What is set there is taken over when it is closed")
        layout.addWidget(self.window_button, 0, 0)
        layout.addWidget(self._button(f"Load {SUFFIX}…", self._ask_what_to_load), 1, 0)
        layout.addWidget(self._button(f"Save {SUFFIX}…", self._ask_where_to_save), 1, 1)
        layout.setColumnStretch(2, 1)

    def toggle_window(self) -> None:
        """Show the plugin's own window, or close it and take over what was set there."""
        if self._window is not None:
            self._window.close()
            return
        self._window = asking.PluginWindow(self.effect, self._registry)
        self.window_button.setText(_CLOSE)
        self._asked("Set in the plugin's window", self._window.show).ended.connect(self._gone)

    def _gone(self) -> None:
        self._window = None
        self.window_button.setText(_OPEN)

    def load(self, path: Path) -> None:
        """Take over state and parameters from a preset file."""
        effect, registry = self.effect, self._registry

        def loaded() -> tuple[str, dict[str, Value]]:
            bare = replace(effect, params=(), state=state_of(path))
            return asking.state_of(bare, registry)

        self._asked(f"Preset {path.stem}", loaded)

    def save(self, path: Path) -> None:
        """Write state and parameters into a preset file."""
        effect, registry = self.effect, self._registry

        def saved() -> None:
            content = asking.preset_of(effect, registry)
            try:
                with replacing(path) as file:
                    file.write(content)
            except OSError as error:
                raise TonewrightError(f"{path}: cannot be written: {error.strerror}") from error

        self._asked("", saved)

    def _asked(
        self, label: str, work: Callable[[], tuple[str, dict[str, Value]] | None]
    ) -> "_Call":
        # It outlives this bar: another effect may be chosen while the window is open.
        call = _Call(self._session, self.effect.id, label, self._session)
        call.problem.connect(self._session.problem)
        call.start(work)
        return call

    def _button(self, text: str, run: Callable[[], object]) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.clicked.connect(lambda _: run())
        return button

    def _ask_what_to_load(self) -> None:
        self._choose(QFileDialog.AcceptMode.AcceptOpen, self.load)

    def _ask_where_to_save(self) -> None:
        self._choose(QFileDialog.AcceptMode.AcceptSave, self.save)

    def _choose(self, mode: QFileDialog.AcceptMode, chosen: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self, f"VST3 preset of {self.effect.type}", "", _FILTER)
        dialog.setAcceptMode(mode)
        dialog.setDefaultSuffix(SUFFIX)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: chosen(Path(path)))
        dialog.open()


class _Call(QObject):
    """One question to a plugin, whose answer becomes an edit.

    Signals:
        ended (): It was answered, or failed.
        problem (str): Why it failed.
    """

    ended = Signal()
    problem = Signal(str)
    _answered = Signal(object)
    _failed = Signal(str)

    def __init__(self, session: Session, effect_id: Id, label: str, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._effect_id = effect_id
        self._label = label
        self._answered.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._failed.connect(self._fail, Qt.ConnectionType.QueuedConnection)

    def start(self, work: Callable[[], tuple[str, dict[str, Value]] | None]) -> None:
        """Ask, in a thread that does not keep the program from ending."""

        def run() -> None:
            answer, why = None, ""
            try:
                answer = work()
            except TonewrightError as error:
                why = str(error)
            # Only now: an error that is at hand still holds the plugin that it came from.
            if why:
                self._failed.emit(why)
            else:
                self._answered.emit(answer)

        threading.Thread(target=run, name="plugin", daemon=True).start()

    def _take(self, answer: tuple[str, dict[str, Value]] | None) -> None:
        if answer is not None:
            state, params = answer
            effect_id, given = self._effect_id, tuple(sorted(params.items()))
            self._session.apply(
                self._label, lambda p: set_effect(p, effect_id, state=state, params=given)
            )
        self._end()

    def _fail(self, why: str) -> None:
        self.problem.emit(why)
        self._end()

    def _end(self) -> None:
        self.ended.emit()
        self.deleteLater()
