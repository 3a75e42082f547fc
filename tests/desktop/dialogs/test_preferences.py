"""Choices count at once and are there again at the next start."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication

from tonewright.desktop.actions import Command
from tonewright.desktop.dialogs.preferences import PreferencesDialog
from tonewright.desktop.settings import Settings
from tonewright.desktop.theme import LIGHT

COMMANDS = [
    Command("split", "&Edit", "&Split at playhead", "S", lambda: None),
    Command("export", "&File", "&Export...", "Ctrl+Shift+E", lambda: None),
    Command("group", "&Tracks", "Group", "", lambda: None),
]


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path / "settings.ini")


@pytest.fixture
def actions(qapp):
    actions = {each.id: QAction(each.text) for each in COMMANDS}
    for each in COMMANDS:
        actions[each.id].setShortcut(QKeySequence(each.keys))
    return actions


@pytest.fixture
def dialog(qtbot, settings, actions):
    dialog = PreferencesDialog(settings, COMMANDS, actions)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def keys_of(actions):
    return {name: action.shortcut().toString() for name, action in actions.items()}


def test_keys_are_typed_and_kept(qtbot, dialog, settings, actions):
    editor = dialog.editors["group"]
    qtbot.keyClick(editor, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    editor.editingFinished.emit()
    assert keys_of(actions)["group"] == "Ctrl+G"
    assert settings.shortcut("group") == "Ctrl+G"
    assert actions["group"].toolTip() == "Group (Ctrl+G)"


def test_keys_of_another_command_are_refused_and_it_is_named(dialog, settings, actions):
    dialog.set_keys("group", QKeySequence("S"))
    assert "Split at playhead" in dialog.note.text()
    assert keys_of(actions)["group"] == ""
    assert dialog.editors["group"].keySequence().isEmpty()
    assert settings.shortcut("group") is None
    dialog.set_keys("split", QKeySequence())
    dialog.set_keys("group", QKeySequence("S"))
    assert keys_of(actions) == {"split": "", "export": "Ctrl+Shift+E", "group": "S"}
    assert settings.shortcut("split") == ""
    assert dialog.note.text() == ""


def test_its_own_keys_are_no_setting(dialog, settings):
    dialog.set_keys("split", QKeySequence("Ctrl+B"))
    dialog.set_keys("split", QKeySequence("S"))
    assert settings.shortcut("split") is None


def test_all_keys_go_back(dialog, settings, actions):
    before = keys_of(actions)
    dialog.set_keys("split", QKeySequence("F9"))
    dialog.set_keys("export", QKeySequence())
    dialog.reset_keys()
    assert keys_of(actions) == before
    assert all(settings.shortcut(each.id) is None for each in COMMANDS)


def test_the_sheet_is_searched_by_words_and_by_keys(dialog):
    def shown():
        return [not dialog.table.isRowHidden(row) for row in range(3)]

    dialog.search.setText("playhead")
    assert shown() == [True, False, False]
    dialog.search.setText("ctrl+shift+e")
    assert shown() == [False, True, False]
    dialog.search.setText("")
    assert shown() == [True, True, True]


def test_a_theme_is_told_and_kept(dialog, settings):
    told = QSignalSpy(dialog.theme_chosen)
    dialog.theme.activated.emit(dialog.theme.findData("light"))
    assert told.at(0) == [LIGHT]
    assert settings.theme is LIGHT


def test_it_is_not_modal(dialog):
    assert dialog.windowModality() is Qt.WindowModality.NonModal


def test_tab_goes_from_the_search_through_the_keys_and_scrolls_along(dialog, qtbot):
    dialog.resize(560, 190)  # one row shows
    with qtbot.waitActive(dialog):
        dialog.activateWindow()
    dialog.search.setFocus()
    for editor in dialog.editors.values():
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert editor.hasFocus()
        assert not editor.visibleRegion().isEmpty()
