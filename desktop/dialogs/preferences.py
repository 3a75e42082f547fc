"""Preferences: the theme, and the keys of every command, which is the sheet of shortcuts too.

Every change counts at once and is kept in the settings.
"""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tonewright.desktop.actions import Command
from tonewright.desktop.settings import Settings
from tonewright.desktop.tables import listing
from tonewright.desktop.theme import THEMES, theme_of

_COLUMNS = ("Menu", "Command", "Keys")


class PreferencesDialog(QDialog):
    """The dialog; modeless.

    Args:
        settings: Where choices are kept.
        commands: Every command, with its own keys.
        actions: The action of each command, by its id; their shortcuts are changed.
        parent: The window.

    Attributes:
        editors: The field for the keys of each command, by its id.

    Signals:
        theme_chosen (Theme): Another theme is to be put on.
    """

    theme_chosen = Signal(object)

    def __init__(
        self,
        settings: Settings,
        commands: Sequence[Command],
        actions: Mapping[str, QAction],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._commands = {command.id: command for command in commands}
        self._actions = actions
        self.editors: dict[str, QKeySequenceEdit] = {}
        self.setWindowTitle("Preferences")
        self.setModal(False)
        self.theme = QComboBox(self)
        self.theme.setAccessibleName("Theme")
        for name, theme in THEMES.items():
            self.theme.addItem(name.capitalize(), theme.name)
        self.theme.setCurrentIndex(self.theme.findData(settings.theme.name))
        self.theme.activated.connect(self._choose_theme)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Find a command or keys")
        self.search.setAccessibleName("Find a command")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self._build_table()  # Tab goes through it before the buttons
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.note.setStyleSheet(f"color: {theme_of(self).danger};")
        own = QPushButton("All keys as they came", self)
        own.setAutoDefault(False)
        own.clicked.connect(lambda _: self.reset_keys())
        close = QPushButton("Close", self)
        close.setAutoDefault(False)
        close.clicked.connect(self.close)
        form = QFormLayout()
        form.addRow("Theme", self.theme)
        form.addRow("Keys", self.search)
        foot = QHBoxLayout()
        foot.addWidget(own)
        foot.addStretch(1)
        foot.addWidget(close)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.note)
        layout.addLayout(foot)
        self.resize(560, 620)

    def set_keys(self, command_id: str, keys: QKeySequence) -> None:
        """Give a command other keys; none if they are empty.

        Keys that another command has are refused, and the note says which one.
        """
        text = keys.toString(QKeySequence.SequenceFormat.PortableText)
        holder = next(
            (
                each
                for each, action in self._actions.items()
                if each != command_id and text and action.shortcut() == keys
            ),
            None,
        )
        if holder is not None:
            shown = keys.toString(QKeySequence.SequenceFormat.NativeText)
            self.note.setText(f"{shown} is {_plain(self._commands[holder])!r}: take it off there")
            self.editors[command_id].setKeySequence(self._actions[command_id].shortcut())
            return
        self.note.setText("")
        own = QKeySequence(self._commands[command_id].keys)
        self._settings.set_shortcut(command_id, None if keys == own else text)
        self._show_keys(command_id, keys)

    def reset_keys(self) -> None:
        """Give every command its own keys again."""
        self.note.setText("")
        for command in self._commands.values():
            self._settings.set_shortcut(command.id, None)
            self._show_keys(command.id, QKeySequence(command.keys))

    def _show_keys(self, command_id: str, keys: QKeySequence) -> None:
        action = self._actions[command_id]
        action.setShortcut(keys)
        shown = keys.toString(QKeySequence.SequenceFormat.NativeText)
        plain = _plain(self._commands[command_id])
        action.setToolTip(f"{plain} ({shown})" if shown else plain)
        self.editors[command_id].setKeySequence(keys)

    def _build_table(self) -> None:
        self.table = listing("Keys of the commands", _COLUMNS, self, wide=1)
        self.table.setRowCount(len(self._commands))
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table.setTabKeyNavigation(False)  # Tab goes from editor to editor
        for row, command in enumerate(self._commands.values()):
            menu = command.menu.replace("&", "")
            self.table.setItem(row, 0, QTableWidgetItem(menu))
            self.table.setItem(row, 1, QTableWidgetItem(_plain(command)))
            editor = QKeySequenceEdit(self._actions[command.id].shortcut(), self.table)
            editor.setMaximumSequenceLength(1)
            editor.setClearButtonEnabled(True)
            editor.setAccessibleName(f"Keys of {_plain(command)}")
            editor.editingFinished.connect(
                lambda each=command.id, editor=editor: self.set_keys(each, editor.keySequence())
            )
            self.editors[command.id] = editor
            self.table.setCellWidget(row, 2, editor)
            self.table.setRowHeight(row, 32)

    def _filter(self, text: str) -> None:
        wanted = text.casefold()
        for row, (command_id, command) in enumerate(self._commands.items()):
            keys = self._actions[command_id].shortcut()
            shown = keys.toString(QKeySequence.SequenceFormat.NativeText)
            said = f"{command.menu} {command.text} {shown}".replace("&", "")
            self.table.setRowHidden(row, wanted not in said.casefold())

    def _choose_theme(self, index: int) -> None:
        theme = THEMES[self.theme.itemData(index)]
        self._settings.theme = theme
        self.theme_chosen.emit(theme)


def _plain(command: Command) -> str:
    return command.text.replace("&", "").rstrip(".")
