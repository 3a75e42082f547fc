"""The menu of an effect: its presets, and what made its sound."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QInputDialog, QMenu, QMessageBox, QWidget

from tonewright.desktop.inspector.wording import command_line, made_by
from tonewright.desktop.session import Session
from tonewright.dsp.effects.protocol import EffectType
from tonewright.dsp.effects.registry import complete_params
from tonewright.dsp.errors import TonewrightError
from tonewright.dsp.presets import effect_presets
from tonewright.dsp.project.document import EffectSpec, Project
from tonewright.dsp.project.edits import set_effect


class EffectMenu(QMenu):
    """The menu; it is filled whenever it opens.

    Attributes:
        effect: The effect as it is now.

    Signals:
        problem (str): One line for the user.
    """

    problem = Signal(str)

    def __init__(
        self,
        session: Session,
        effect: EffectSpec,
        effect_type: EffectType,
        presets_folder: Path,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.effect = effect
        self._type = effect_type
        self._presets = effect_presets(effect.type, presets_folder)
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """List the presets as they are now."""
        self.clear()
        names: tuple[str, ...] = ()
        try:
            names = self._presets.names()
        except TonewrightError as error:
            self.problem.emit(str(error))
        forget = QMenu("Delete preset", self)
        for name in names:
            self._action(self, name, partial(self.load_preset, name))
            self._action(forget, name, partial(self._try, self._presets.delete, name))
        if names:
            self.addSeparator()
        self._action(self, "Save preset…", self._ask_name)
        if names:
            self.addMenu(forget)
        self._action(self, "Reset all parameters", self.reset_all)
        self.addSeparator()
        self._action(self, "What made this…", self.show_origin)
        self._action(self, "Copy command line", self.copy_command)

    def _action(self, menu: QMenu, text: str, run: Callable[[], Any]) -> None:
        action = QAction(text, menu)
        action.triggered.connect(lambda _: run())
        menu.addAction(action)

    def _ask_name(self) -> None:
        dialog = QInputDialog(self.parentWidget())
        dialog.setWindowTitle("Save preset")
        dialog.setLabelText("Name of the preset")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.textValueSelected.connect(self.save_preset)
        dialog.open()

    def save_preset(self, name: str) -> None:
        """Keep the parameters under a name."""
        self._try(self._presets.save, name, dict(self.effect.params))

    def load_preset(self, name: str) -> None:
        """Set the parameters to those of a preset."""
        effect_type, presets, effect_id = self._type, self._presets, self.effect.id

        def loaded(project: Project) -> Project:
            values = presets.get(name)
            complete_params(effect_type, values)  # refuses what this version does not take
            return set_effect(project, effect_id, params=tuple(sorted(values.items())))

        self._session.apply(f"Preset {name}", loaded)

    def reset_all(self) -> None:
        """Set all parameters to their defaults."""
        effect_id = self.effect.id
        self._session.apply("Reset parameters", lambda p: set_effect(p, effect_id, params=()))

    def copy_command(self) -> None:
        """Copy a command line that makes the same effect."""
        QGuiApplication.clipboard().setText(command_line(self.effect, self._type))

    def show_origin(self) -> None:
        """Say what makes the sound of this effect."""
        box = QMessageBox(self.parentWidget())
        box.setWindowTitle("What made this")
        box.setText(made_by(self.effect, self._type))
        box.setInformativeText(command_line(self.effect, self._type))
        box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setModal(False)
        box.show()

    def _try(self, work: Callable[..., Any], *args: Any) -> None:
        try:
            work(*args)
        except TonewrightError as error:
            self.problem.emit(str(error))
