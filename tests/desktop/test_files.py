"""Projects that were open before, and the question before one is left."""

import numpy as np
import soundfile
from PySide6.QtWidgets import QMessageBox

from tonewright.dsp.project.edits import set_project
from tonewright.dsp.project.folder import save


def listed(window):
    window.files.recent.aboutToShow.emit()
    return window.files.recent.actions()


def test_recent_projects_are_listed_and_open(open_window, qtbot, demo_folder):
    window = open_window()
    (none,) = listed(window)
    assert not none.isEnabled()
    window.settings.add_recent(demo_folder)
    (entry,) = listed(window)
    assert entry.text() == str(demo_folder)
    with qtbot.waitSignal(window.session.opened):
        entry.trigger()
    assert window.session.folder == demo_folder
    assert window.windowTitle().startswith(demo_folder.name)


def test_a_project_that_is_gone_is_told_and_the_one_that_is_open_stays(
    open_window, qtbot, demo_folder, tmp_path
):
    window = open_window()
    window.settings.add_recent(tmp_path / "gone")
    project = window.session.project
    (entry,) = listed(window)
    with qtbot.waitSignal(window.storage.problem) as told:
        entry.trigger()
    assert "gone" in told.args[0]
    assert window.session.project is project


def test_unsaved_changes_are_asked_about_before_another_project_opens(
    open_window, qtbot, demo_folder, tmp_path
):
    window = open_window()
    with qtbot.waitSignal(window.session.opened):
        window.files.take([demo_folder])
    window.actions_by_id["add-audio"].trigger()
    other = tmp_path / "other"
    save(window.session.project, other)
    window.files.take([other])
    (box,) = window.findChildren(QMessageBox)
    assert demo_folder.name in box.text()
    with qtbot.waitSignals([window.storage.saved, window.session.opened]):
        box.button(QMessageBox.StandardButton.Save).click()
    qtbot.waitUntil(lambda: window.session.folder == other)


def test_the_history_lists_every_step_without_end_and_goes_back_to_any(open_window):
    window = open_window()
    for number in range(1, 121):
        window.session.apply("Rename", lambda p, name=str(number): set_project(p, name=name))
    history = window.history
    assert history.model().rowCount() == 121
    history.setCurrentIndex(history.model().index(40, 0))
    assert window.session.project.name == "40"
    history.setCurrentIndex(history.model().index(120, 0))
    assert window.session.project.name == "120"


def test_of_a_folder_the_media_are_imported_and_nothing_else(open_window, qtbot, tmp_path):
    window = open_window()
    folder = tmp_path / "takes"
    (folder / "deep").mkdir(parents=True)
    for name in ("a.wav", "deep/b.WAV"):
        soundfile.write(folder / name, np.full(441, len(name) / 100), 44_100, format="WAV")
    (folder / "notes.txt").write_text("text")
    with qtbot.waitSignal(window.session.changed):
        window.files.take([folder])
    assert [track.name for track in window.session.project.tracks] == ["a", "b"]
    empty = tmp_path / "empty"
    empty.mkdir()
    with qtbot.waitSignal(window.files.problem) as told:
        window.files.take([empty])
    assert told.args == [f"{empty}: there is no audio, video or MIDI in this folder"]
