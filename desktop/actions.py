"""Every user command once: its id, words, keys, menu and function; ``install`` makes actions of it.

Keys that the user has given an action in the settings replace the ones given here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from tonewright.desktop.settings import Settings


@dataclass(frozen=True, slots=True)
class Command:
    """A thing that the user can do.

    Attributes:
        id: Its name in the settings.
        menu: The menu it is in.
        text: What the menu says.
        keys: Its shortcut, as Qt writes it; empty for none.
        function: Called without arguments; a checkable one gets its state.
        checked: The state of a checkable command at the start; None if it is not checkable.
        separated: Whether a line goes before it in its menu.
    """

    id: str
    menu: str
    text: str
    keys: str
    function: Callable[..., object]
    checked: bool | None = None
    separated: bool = False


def install(
    commands: Sequence[Command], window: QWidget, menus: QMenuBar, settings: Settings
) -> tuple[dict[str, QAction], dict[str, QMenu]]:
    """Return an action for each command, by id, and the menus they are in, by title.

    Raises:
        ValueError: If two commands have the same id.
    """
    actions: dict[str, QAction] = {}
    made: dict[str, QMenu] = {}
    for command in commands:
        if command.id in actions:
            raise ValueError(f"two commands have the id {command.id}")
        action = QAction(command.text, window)
        action.setObjectName(command.id)
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        keys = settings.shortcut(command.id)
        action.setShortcut(QKeySequence(command.keys if keys is None else keys))
        shown_keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        plain = command.text.replace("&", "").rstrip(".")
        action.setToolTip(f"{plain} ({shown_keys})" if shown_keys else plain)
        if command.checked is None:
            action.triggered.connect(lambda _=False, run=command.function: run())
        else:
            action.setCheckable(True)
            action.setChecked(command.checked)
            action.toggled.connect(command.function)
        if command.menu not in made:
            made[command.menu] = menus.addMenu(command.menu)
        if command.separated:
            made[command.menu].addSeparator()
        made[command.menu].addAction(action)
        actions[command.id] = action
    return actions, made


def clip_menu(actions: Mapping[str, QAction], parent: QWidget) -> QMenu:
    """Return the menu of what is done to clips most."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for action_id in ("cut", "copy", "paste", "duplicate", "delete", "ripple-delete"):
        menu.addAction(actions[action_id])
    menu.addSeparator()
    for action_id in ("split", "crossfade", "mute-clip", "explore", "group", "loop-selection"):
        menu.addAction(actions[action_id])
    return menu
