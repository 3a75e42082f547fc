"""The table of commands: each is there once, has its keys to itself, and does what it says."""

from collections import Counter

import pytest
from PySide6.QtGui import QKeySequence

from tonewright.desktop.app import start
from tonewright.desktop.timeline.view_state import Tool

MENUS = ["&File", "&Edit", "&Tracks", "&View", "&Go", "&Help"]


@pytest.fixture
def window(open_window):
    window = open_window()
    start(window, [], demo=True)
    return window


def test_every_command_has_an_id_words_and_keys_of_its_own(window):
    commands = window.commands
    assert list(dict.fromkeys(command.menu for command in commands)) == MENUS
    for field in ("id", "text"):
        counts = Counter(getattr(command, field) for command in commands)
        assert max(counts.values()) == 1
    keys = [QKeySequence(command.keys).toString() for command in commands if command.keys]
    assert all(keys)  # Qt understands them
    assert max(Counter(keys).values()) == 1


def test_no_two_of_a_menu_share_the_letter_that_chooses_them(window):
    for menu in MENUS:
        letters = Counter(
            command.text[command.text.index("&") + 1].lower()
            for command in window.commands
            if command.menu == menu and "&" in command.text
        )
        assert [letter for letter, count in letters.items() if count > 1] == []


def test_tools_exclude_each_other(window):
    actions, view = window.actions_by_id, window.view
    for name, tool in (("split", Tool.SPLIT), ("range", Tool.RANGE), ("select", Tool.SELECT)):
        actions[f"tool-{name}"].trigger()
        assert view.tool is tool
        assert sum(actions[f"tool-{each.value}"].isChecked() for each in Tool) == 1


def test_everything_that_edits_is_undone(window):
    """One command after another on a chosen clip; the history takes all of them back."""
    session, view = window.session, window.view
    before = session.project
    clip = before.tracks[0].clips[1]
    edits = [
        *("nudge-on", "mute-clip", "duplicate", "split", "add-audio", "add-midi", "add-group"),
        *("group", "add-marker", "crossfade", "cut", "paste", "ripple-delete", "delete"),
    ]
    for name in edits:
        if not view.selection:
            window.actions_by_id["select-all"].trigger()
        view.seek(8.0)
        window.actions_by_id[name].trigger()
        alive = {each.id for _, each in session.project.clips()}
        view.select({clip.id} & alive, focus=clip.id if clip.id in alive else None)
    assert session.undo_stack.count() >= 10
    while session.undo_stack.canUndo():
        window.actions_by_id["undo"].trigger()
    assert session.project is before
