"""Keeps the actions of the window in step with what they do: words, ticks, icons."""

from collections.abc import Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from tonewright.desktop.docks import Side
from tonewright.desktop.playing import Playing
from tonewright.desktop.session import Session
from tonewright.desktop.settings import Settings
from tonewright.desktop.theme import icon
from tonewright.desktop.timeline.view_state import ViewState

_ICONS = {
    "go-start": "start",
    "loop-selection": "loop",
    "undo": "undo",
    "redo": "redo",
    "tool-select": "select",
    "tool-split": "split",
    "tool-slip": "slip",
    "tool-range": "range",
    "snap": "snap",
    "follow": "follow",
    "zoom-all": "zoom-all",
    "import": "import",
    "export": "export",
}


class ActionStates(QObject):
    """Follows the history, the tools, the transport, the comparison and the panels.

    Args:
        actions: By the id of their command.
        session: Its history.
        view: Its tool, snapping and following.
        playing: Its transport and comparison.
        settings: The theme, for the colour of the icons.
        sides: The panels that an action folds away, by the action's id.
    """

    def __init__(
        self,
        actions: Mapping[str, QAction],
        *,
        session: Session,
        view: ViewState,
        playing: Playing,
        settings: Settings,
        sides: Mapping[str, Side],
    ) -> None:
        super().__init__(view)
        self._actions = actions
        self._stack = session.undo_stack
        self._view = view
        self._playing = playing
        self._settings = settings
        actions["compare"].setIconText("A/B")
        self._stack.undoTextChanged.connect(self._show_history)
        self._stack.redoTextChanged.connect(self._show_history)
        view.tool_changed.connect(self._show_tool)
        playing.player.state_changed.connect(self._show_transport)
        playing.comparing.changed.connect(
            lambda: actions["compare"].setChecked(playing.comparing.active)
        )
        for action_id, side in sides.items():
            side.shown_changed.connect(actions[action_id].setChecked)
        self._show_history()
        self.draw_icons()

    def draw_icons(self) -> None:
        """Draw all icons in the colour of the theme."""
        for action_id, name in _ICONS.items():
            self._actions[action_id].setIcon(icon(name, self._settings.theme))
        self._show_transport()

    def _show_history(self) -> None:
        stack = self._stack
        for action_id, can, text in (
            ("undo", stack.canUndo(), stack.undoText()),
            ("redo", stack.canRedo(), stack.redoText()),
        ):
            action = self._actions[action_id]
            action.setEnabled(can)
            action.setText(f"&{action_id.title()} {text.lower()}".rstrip())

    def _show_tool(self) -> None:
        view = self._view
        self._actions[f"tool-{view.tool.value}"].setChecked(True)
        self._actions["snap"].setChecked(view.snap_on)
        self._actions["follow"].setChecked(view.follow)

    def _show_transport(self) -> None:
        name = "stop" if self._playing.player.playing else "play"
        self._actions["play"].setIcon(icon(name, self._settings.theme))
