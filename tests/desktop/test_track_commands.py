"""Tracks by the keyboard: the one whose chain is shown, or that of the clip with the focus."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QColorDialog

from tonewright.desktop.app import start


@pytest.fixture
def window(open_window):
    window = open_window()
    start(window, [], demo=True)
    return window


def names(window):
    return [track.name for track in window.session.project.tracks]


def choose(window, name):
    track = next(each for each in window.session.project.tracks if each.name == name)
    window.chain_editor.show_owner(track.id)
    return track.id


def test_a_track_is_renamed_where_its_name_stands(window):
    track_id = choose(window, "Bass")
    window.actions_by_id["rename-track"].trigger()
    field = window.timeline.headers.header(track_id).name
    assert field.selectedText() == "Bass"
    QTest.keyClicks(field, "Double bass")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert window.session.project.track(track_id).name == "Double bass"
    window.actions_by_id["undo"].trigger()
    assert field.text() == "Bass"


def test_a_track_moves_with_its_header_and_stops_at_the_ends(window):
    track_id = choose(window, "Drums")
    before = names(window)
    window.actions_by_id["raise-track"].trigger()
    assert names(window) == before
    window.actions_by_id["lower-track"].trigger()
    assert names(window)[:2] == [before[1], "Drums"]
    headers = window.timeline.headers
    other = headers.header(window.session.project.tracks[0].id)
    assert headers.header(track_id).y() > other.y()


def test_the_track_of_the_focused_clip_is_meant(window):
    bass = next(each for each in window.session.project.tracks if each.name == "Bass")
    window.view.select([bass.clips[0].id])
    window.actions_by_id["delete-track"].trigger()
    assert "Bass" not in names(window)
    assert window.session.undo_stack.undoText() == "Delete track"


def test_a_colour_is_chosen_in_a_dialog_that_is_an_entry_of_the_history(window):
    track_id = choose(window, "Bass")
    window.actions_by_id["color-track"].trigger()
    (dialog,) = window.findChildren(QColorDialog)
    dialog.colorSelected.emit(dialog.currentColor().fromString("#123456"))
    assert window.session.project.track(track_id).color == "#123456"
    dialog.close()


def test_without_a_track_one_line_says_what_to_do(window):
    window.chain_editor.show_owner(None)
    window.actions_by_id["delete-track"].trigger()
    assert "choose a track first" in window.statusBar().currentMessage()
