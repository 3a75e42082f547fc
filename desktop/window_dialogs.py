"""The dialogs of the window. None of them is modal: what computes goes on, and so does the user."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog

from tonewright.desktop.dialogs.arrange import ARRANGER, ArrangeDialog
from tonewright.desktop.dialogs.export import ExportDialog
from tonewright.desktop.dialogs.missing_media import MissingMediaDialog
from tonewright.desktop.dialogs.preferences import PreferencesDialog
from tonewright.desktop.dialogs.shortcut_sheet import ShortcutSheet
from tonewright.desktop.theme import LIGHT
from tonewright.dsp.rendering.queue import RenderQueue

if TYPE_CHECKING:
    from tonewright.desktop.window import Window


class Dialogs(QObject):
    """Opens the dialogs of a window.

    Args:
        window: Whose they are.
        render_queue: Works for those that need networks.
    """

    def __init__(self, window: "Window", render_queue: RenderQueue) -> None:
        super().__init__(window)
        self._window = window
        self._render_queue = render_queue

    def arrange(self) -> None:
        """Show what is heard in MIDI tracks, and arrange them in another style."""
        window = self._window
        if ARRANGER not in self._render_queue.registry:
            window.tell("Arranging needs the networks: pip install tonewright[models]")
            return
        self._show(ArrangeDialog(window.session, window.view, self._render_queue, window))

    def missing(self) -> None:
        """Show which media are missing, and look for them."""
        self._show(MissingMediaDialog(self._window.session, self._window))

    def export(self) -> None:
        """Show what can be exported."""
        self._show(ExportDialog(self._window.session, self._window))

    def preferences(self) -> None:
        """Show the theme, and the keys of every command."""
        window = self._window
        dialog = PreferencesDialog(window.settings, window.commands, window.actions_by_id, window)
        light = window.actions_by_id["light"]
        dialog.theme_chosen.connect(lambda theme: light.setChecked(theme is LIGHT))
        self._show(dialog)

    def shortcuts(self) -> None:
        """Show all keys and gestures."""
        self._show(ShortcutSheet(self._window.commands, self._window.actions_by_id, self._window))

    def close(self) -> QDialog | None:
        """Close the dialogs that work in threads.

        Returns:
            One that has to end its work first: it calls it off, and is destroyed when it is gone.
        """
        working: list[QDialog] = [
            *self._window.findChildren(ExportDialog),
            *self._window.findChildren(MissingMediaDialog),
        ]
        busy = [each for each in working if not each.close()]
        return busy[0] if busy else None

    @staticmethod
    def _show(dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()
