"""Missing files are named, found by content, and one undo takes it back."""

import threading

import pytest
from PySide6.QtCore import Qt

from tonewright.desktop.dialogs.missing_media import MissingMediaDialog
from tonewright.dsp.project.edits import set_project


@pytest.fixture
def moved(voice, tmp_path):
    place = tmp_path / "elsewhere" / "deep"
    place.mkdir(parents=True)
    return voice.rename(place / "renamed.wav")


@pytest.fixture
def dialog(qtbot, session, moved):
    dialog = MissingMediaDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: len(dialog.missing) == 1)
    yield dialog
    dialog.close()


def test_what_is_missing_is_listed_with_its_clips(dialog, voice):
    assert [dialog.table.item(0, column).text() for column in range(3)] == [
        "voice",
        "1",
        str(voice),
    ]
    assert dialog.note.text().startswith("1 file is not where")


def test_a_folder_is_searched_with_all_in_it_as_one_entry(qtbot, session, dialog, moved, tmp_path):
    dialog.search(tmp_path / "elsewhere")
    qtbot.waitUntil(lambda: len(dialog.missing) == 0)
    assert session.project.media[0].path == str(moved)
    assert session.undo_stack.count() == 1
    assert dialog.note.text() == "All media are there."
    session.undo_stack.undo()
    qtbot.waitUntil(lambda: len(dialog.missing) == 1)


def test_the_disk_is_not_asked_on_the_main_thread(qtbot, session, moved, monkeypatch):
    asked = []

    def missing(project):
        asked.append(threading.current_thread())
        return ()

    monkeypatch.setattr("tonewright.desktop.dialogs.missing_media.missing_media", missing)
    dialog = MissingMediaDialog(session)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog.note.text() == "All media are there.")
    assert threading.main_thread() not in asked
    dialog.close()


def test_edits_made_while_it_searches_stay(qtbot, session, dialog, tmp_path):
    dialog.search(tmp_path / "elsewhere")
    session.apply("Rename", lambda p: set_project(p, name="Tune"))
    qtbot.waitUntil(lambda: len(dialog.missing) == 0)
    assert session.project.name == "Tune"


def test_nothing_found_is_said_and_another_folder_can_be_tried(qtbot, session, dialog, tmp_path):
    (tmp_path / "empty").mkdir()
    dialog.search(tmp_path / "empty")
    qtbot.waitUntil(lambda: "Nothing found" in dialog.note.text())
    assert session.undo_stack.count() == 0
    assert dialog.folder_button.isEnabled()


def test_a_folder_that_is_not_there_is_said(qtbot, dialog, tmp_path):
    dialog.search(tmp_path / "nowhere")
    qtbot.waitUntil(lambda: "nowhere" in dialog.note.text())
    assert dialog.folder_button.isEnabled()


def test_closing_while_it_searches_keeps_what_it_finds(qtbot, session, dialog, moved, tmp_path):
    dialog.search(tmp_path / "elsewhere")
    dialog.close()
    assert not dialog.isVisible()
    qtbot.waitUntil(lambda: session.project.media[0].path == str(moved))


def test_it_is_not_modal(dialog):
    assert dialog.windowModality() is Qt.WindowModality.NonModal
