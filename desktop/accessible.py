"""What screen readers find on a canvas: an accessible object for each thing that is painted there.

A canvas that offers ``accessible_items`` is a list to them, and each clip, note or point an item
with a name, a place and a state, which can be reached, hit and focused as if it were a widget.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import shiboken6
from PySide6.QtCore import QObject, QRect, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAccessibleEvent,
    QAccessibleInterface,
)
from PySide6.QtWidgets import QAccessibleWidget, QWidget


@dataclass(frozen=True, slots=True)
class Item:
    """A thing on a canvas.

    Attributes:
        key: What stays while the thing does, such as the id of a clip.
        name: All that is said of it: name, kind, place, length.
        rect: Where it is, in pixels of the canvas.
        selected: Whether it is selected.
        focused: Whether the keyboard is on it.
    """

    key: Hashable
    name: str
    rect: QRect
    selected: bool = False
    focused: bool = False


class Canvas(Protocol):
    """A widget that paints things."""

    def accessible_items(self) -> Sequence[Item]:
        """Return what is on it, in the order of reading."""
        ...

    def accessible_place(self) -> QWidget:
        """Return the widget that the places of the items count from."""
        ...


class _CanvasFace(QAccessibleWidget):
    """A canvas as a list of items."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget, QAccessible.Role.List)
        self._faces: dict[Hashable, _ItemFace] = {}
        self._listed: list[_ItemFace] | None = None

    @property
    def canvas(self) -> Canvas:
        """The widget."""
        return cast(Canvas, self.object())

    def faces(self) -> list["_ItemFace"]:
        """Return an object for each item; a thing keeps its object as long as it is there."""
        if self._listed is not None:
            return self._listed
        items = self.canvas.accessible_items()
        alive = {item.key for item in items}
        for key in self._faces.keys() - alive:
            gone = self._faces.pop(key)
            QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(gone))
        for item in items:
            face = self._faces.get(item.key)
            if face is None:
                face = self._faces[item.key] = _ItemFace(self)
                QAccessible.registerAccessibleInterface(face)
            face.item = item
        self._listed = [self._faces[item.key] for item in items]
        # A reader asks for each in turn, and thousands of notes must not be listed each time.
        QTimer.singleShot(0, self._forget)
        return self._listed

    def _forget(self) -> None:
        self._listed = None

    def childCount(self) -> int:  # noqa: N802
        """Return how many things there are."""
        return len(self.faces())

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return one of them."""
        faces = self.faces()
        return faces[index] if 0 <= index < len(faces) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:  # noqa: N802
        """Return which one an object stands for; -1 if none."""
        faces = self.faces()
        return faces.index(child) if child in faces else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]  # noqa: N802
        """Return the topmost thing at a place of the screen."""
        hit = [face for face in self.faces() if face.rect().contains(x, y)]
        return hit[-1] if hit else None

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]  # noqa: N802
        """Return the thing that the keyboard is on, or the canvas itself."""
        if not cast(QWidget, self.object()).hasFocus():
            return None
        return next((face for face in self.faces() if face.item.focused), self)


class _ItemFace(QAccessibleInterface):
    """One thing on a canvas."""

    item: Item

    def __init__(self, owner: _CanvasFace) -> None:
        super().__init__()
        self._owner = owner

    def isValid(self) -> bool:  # noqa: N802
        """Return whether its canvas is there."""
        return shiboken6.isValid(self._owner) and self._owner.isValid()

    def object(self) -> QObject | None:  # type: ignore[override]
        """Return None: it is painted, not a widget."""
        return None

    def parent(self) -> QAccessibleInterface:
        """Return its canvas."""
        return self._owner

    def child(self, index: int) -> None:  # type: ignore[override]
        """Return nothing."""

    def childAt(self, x: int, y: int) -> None:  # type: ignore[override]  # noqa: N802
        """Return nothing."""

    def childCount(self) -> int:  # noqa: N802
        """Return 0."""
        return 0

    def indexOfChild(self, child: QAccessibleInterface) -> int:  # noqa: N802
        """Return -1."""
        return -1

    def rect(self) -> QRect:
        """Return where it is on the screen."""
        place = self._owner.canvas.accessible_place()
        return QRect(place.mapToGlobal(self.item.rect.topLeft()), self.item.rect.size())

    def role(self) -> QAccessible.Role:
        """Return that it is an item of a list."""
        return QAccessible.Role.ListItem

    def state(self) -> QAccessible.State:
        """Return whether it is selected and focused."""
        state = QAccessible.State()
        state.selectable = state.focusable = True
        state.selected = self.item.selected
        state.focused = self.item.focused
        place = self._owner.canvas.accessible_place()
        state.offscreen = not place.rect().intersects(self.item.rect)
        return state

    def text(self, kind: QAccessible.Text) -> str:
        """Return its name."""
        return self.item.name if kind is QAccessible.Text.Name else ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:  # noqa: N802
        """Do nothing: names are changed by commands."""


def install() -> None:
    """Let screen readers see the canvases; call it once, before they are shown."""
    QAccessible.installFactory(_face_of)


def _face_of(_: str, thing: QObject) -> QAccessibleInterface | None:
    if isinstance(thing, QWidget) and hasattr(thing, "accessible_items"):
        return _CanvasFace(thing)
    return None


def announce(owner: QObject, text: str) -> None:
    """Have a screen reader say something, if one runs."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(owner, text))


def tell_focus(canvas: QWidget) -> None:
    """Tell a screen reader, if one runs, that the keyboard is on another thing of a canvas."""
    if not QAccessible.isActive():
        return
    face = QAccessible.queryAccessibleInterface(canvas)
    if isinstance(face, _CanvasFace):
        for index, each in enumerate(face.faces()):
            if each.item.focused:
                event = QAccessibleEvent(canvas, QAccessible.Event.Focus)
                event.setChild(index)
                QAccessible.updateAccessibility(event)
