"""Commands become actions: in menus, under keys, told in tool tips."""

import pytest
from PySide6.QtWidgets import QMainWindow

from tonewright.desktop.actions import Command, clip_menu, install
from tonewright.desktop.settings import Settings


@pytest.fixture
def window(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path / "settings.ini")


def test_a_command_runs_from_its_menu_and_a_checkable_one_gets_its_state(window, settings):
    ran = []
    commands = [
        Command("play", "&Go", "&Play...", "Space", lambda: ran.append("play")),
        Command("loop", "&Go", "&Loop", "", ran.append, checked=True, separated=True),
    ]
    actions, menus = install(commands, window, window.menuBar(), settings)
    first, line, second = menus["&Go"].actions()
    assert line.isSeparator()
    first.trigger()
    second.trigger()
    assert ran == ["play", False]
    assert actions["play"].toolTip() == "Play (Space)"
    assert actions["loop"].toolTip() == "Loop"


def test_the_keys_of_the_user_go_before_those_of_the_program(window, settings):
    settings.set_shortcut("play", "P")
    settings.set_shortcut("stop", "")
    commands = [
        Command("play", "&Go", "Play", "Space", print),
        Command("stop", "&Go", "Stop", "Esc", print),
    ]
    actions, _ = install(commands, window, window.menuBar(), settings)
    assert actions["play"].shortcut().toString() == "P"
    assert actions["stop"].shortcut().isEmpty()


def test_two_commands_of_one_id_are_refused(window, settings):
    twice = [Command("play", "&Go", "Play", "", print)] * 2
    with pytest.raises(ValueError, match="play"):
        install(twice, window, window.menuBar(), settings)


def test_the_menu_of_a_clip_holds_the_actions_of_the_window(open_window):
    window = open_window()
    menu = clip_menu(window.actions_by_id, window)
    texts = [each.objectName() for each in menu.actions() if not each.isSeparator()]
    assert {"cut", "split", "mute-clip"} <= set(texts)
    window.timeline_commands.select_all()
    menu.deleteLater()
