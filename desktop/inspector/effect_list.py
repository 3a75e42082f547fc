"""The list of the effects of a chain: a check box for each, dragged or moved by keys."""

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QDropEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QWidget

from tonewright.dsp.project.document import Id

_REMOVE_KEYS = frozenset((Qt.Key.Key_Delete, Qt.Key.Key_Backspace))
_ALT_KEYS = frozenset((Qt.Key.Key_Up, Qt.Key.Key_Down))
_KEYS = _REMOVE_KEYS | {Qt.Key.Key_Space}  # which switches the current effect


class EffectList(QListWidget):
    """The list; rows hold the id of their effect as user data.

    It only tells what the user wants: the document decides, and the list is filled again.

    Signals:
        move_requested (Id, int): An effect and the place it is to have.
        removal_requested (Id): An effect.
    """

    move_requested = Signal(object, int)
    removal_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Effects of the chain")
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setSizeAdjustPolicy(QListWidget.SizeAdjustPolicy.AdjustToContents)
        self.setToolTip("Drag to reorder, or Alt+Up and Alt+Down; Delete removes")

    def effect_at(self, row: int) -> Id:
        """Return the effect of a row."""
        return Id(self.item(row).data(Qt.ItemDataRole.UserRole))

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Ask for the move; the list itself is left alone."""
        row = self.currentRow()
        target = self._row_under(event)
        # Ignored, or Qt would remove the row when the drag ends.
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        if row >= 0:
            self.move_requested.emit(self.effect_at(row), target - (target > row))

    def event(self, event: QEvent) -> bool:
        """Claim its keys before the shortcuts of the window take them."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride:
            alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            if event.key() in _KEYS or (alt and event.key() in _ALT_KEYS):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Move or remove the current effect."""
        row = self.currentRow()
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if row >= 0 and alt and event.key() in _ALT_KEYS:
            target = row + (1 if event.key() == Qt.Key.Key_Down else -1)
            if 0 <= target < self.count():
                self.move_requested.emit(self.effect_at(row), target)
        elif row >= 0 and event.key() in _REMOVE_KEYS:
            self.removal_requested.emit(self.effect_at(row))
        else:
            super().keyPressEvent(event)

    def _row_under(self, event: QDropEvent) -> int:
        """Return the row before which the pointer is."""
        place = event.position().toPoint()
        index: QModelIndex = self.indexAt(place)
        if not index.isValid():
            return self.count()
        return index.row() + (place.y() > self.visualRect(index).center().y())
