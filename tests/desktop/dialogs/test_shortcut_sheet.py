import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMainWindow

from tonewright.desktop.actions import Command, install
from tonewright.desktop.dialogs.shortcut_sheet import ShortcutSheet
from tonewright.desktop.settings import Settings


@pytest.fixture
def sheet(qtbot, tmp_path):
    window = QMainWindow()
    qtbot.addWidget(window)
    commands = [
        Command("split", "&Edit", "&Split at playhead", "S", lambda: None),
        Command("relink", "&File", "&Find missing media...", "", lambda: None),
        Command("play", "&Go", "&Play or stop", "Space", lambda: None),
    ]
    settings = Settings(tmp_path / "settings.ini")
    actions, _ = install(commands, window, window.menuBar(), settings)
    actions["play"].setShortcut(QKeySequence("Ctrl+P"))
    yield ShortcutSheet(commands, actions, window)


def test_it_shows_the_keys_that_count_now_under_their_menus(sheet):
    text = sheet.text.toPlainText()
    assert text.index("Edit") < text.index("Split at playhead")
    assert "Ctrl+P" in text
    assert "Space" not in text


def test_commands_without_keys_are_left_out_and_gestures_are_there(sheet):
    text = sheet.text.toPlainText()
    assert "Find missing media" not in text
    assert "Zoom at the pointer" in text
