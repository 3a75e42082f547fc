import gc

import pytest
from PySide6.QtCore import QEvent, QRect
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget

from tonewright.desktop import accessible
from tonewright.desktop.accessible import Item

NAME = QAccessible.Text.Name


class Shelf(QWidget):
    """Boxes side by side, 10 pixels wide."""

    names = ("drum", "flute", "harp")
    focus = "flute"

    def accessible_items(self):
        return [
            Item(name, f"a {name}", QRect(10 * at, 0, 10, 10), False, name == self.focus)
            for at, name in enumerate(self.names)
        ]

    def accessible_place(self):
        return self


@pytest.fixture(autouse=True, scope="module")
def reader(qapp):
    """A screen reader runs."""
    accessible.install()
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


@pytest.fixture
def shelf(qtbot):
    widget = Shelf()
    qtbot.addWidget(widget)
    widget.show()
    return widget


def face(widget):
    return QAccessible.queryAccessibleInterface(widget)


def named(found):
    return [found.child(index).text(NAME) for index in range(found.childCount())]


def test_what_is_painted_is_a_list_of_named_things(shelf):
    found = face(shelf)
    assert named(found) == ["a drum", "a flute", "a harp"]
    assert found.role() is QAccessible.Role.List
    assert found.child(1).role() is QAccessible.Role.ListItem
    assert found.child(1).state().focused
    assert not found.child(0).state().focused
    assert found.child(1).parent() is found
    assert found.indexOfChild(found.child(2)) == 2
    assert found.child(3) is None


def test_a_thing_is_found_at_its_place_on_the_screen(shelf):
    corner = shelf.mapToGlobal(shelf.rect().topLeft())
    assert face(shelf).childAt(corner.x() + 25, corner.y() + 5).text(NAME) == "a harp"
    assert face(shelf).childAt(corner.x() + 35, corner.y() + 5) is None
    assert face(shelf).child(2).rect() == QRect(corner.x() + 20, corner.y(), 10, 10)


def test_a_thing_keeps_its_object_and_one_that_has_gone_loses_it(shelf):
    found = face(shelf)
    harp = found.child(2)
    shelf.names = ("drum", "harp")
    QApplication.processEvents()
    gc.collect()
    assert named(found) == ["a drum", "a harp"]
    assert found.child(1) is harp


def test_focus_is_told_and_a_canvas_that_dies_takes_its_things_along(qtbot):
    widget = Shelf()
    widget.show()
    harp = face(widget).child(2)
    accessible.tell_focus(widget)
    accessible.announce(widget, "three things")
    widget.close()
    widget.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not harp.isValid()
