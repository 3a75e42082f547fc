"""The panel with a crew that answers in its place: no process, no sound."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog

from tonewright.desktop.adapters import turns
from tonewright.desktop.batch import panel as batch_panel
from tonewright.desktop.batch.panel import BatchPanel
from tonewright.desktop.session import Session
from tonewright.desktop.tasks import Tasks
from tonewright.dsp.effects.registry import default_registry


@pytest.fixture
def panel(qtbot, tmp_path, crew):
    tasks = Tasks()
    made = BatchPanel(
        Session(), tasks, default_registry(), lambda: crew, presets_folder=tmp_path / "presets"
    )
    qtbot.addWidget(made)
    yield made
    made.close_run()
    tasks.close()


def drop(panel, paths):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    panel.dropEvent(QDropEvent(QPoint(1, 1), copy, mime, left, none))


def begun(panel, qtbot, takes, chain="Gain"):
    drop(panel, [takes[0].parent])
    qtbot.waitUntil(lambda: panel.files.rowCount() == len(takes))
    panel.chain.setCurrentIndex(panel.chain.findText(chain))
    panel.start()


def test_dropped_files_are_done_and_failures_have_their_reason(panel, qtbot, crew, takes):
    begun(panel, qtbot, takes)
    assert not panel.start_button.isEnabled()
    with qtbot.waitSignal(panel.run.ended):
        for bad in (False, True, False):
            member, task = crew.given.get(timeout=20)
            assert [each.type for each in task.recipe.effects] == ["gain"]
            member.answer(task, bad)
    states = [panel.files.index(row, 1).data() for row in range(3)]
    assert states == ["done", "failed", "done"]
    assert panel.files.index(1, 2).data().endswith("b.wav: holds no sound")
    assert panel.summary.text() == "2 done, 1 failed, 0 done before"
    assert (takes[0].parent / "batch/report.html").is_file()
    assert panel.report_button.isEnabled()
    panel.only_failed.setChecked(True)
    assert panel.table.model().rowCount() == 1


def test_many_files_are_listed_in_turns_and_none_is_forgotten(panel, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(batch_panel, "_ROWS", 10)
    monkeypatch.setattr(turns, "BUDGET_MS", 0.0)
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        for number in range(35):
            (folder / f"{number:02}.wav").touch()
    inserts = []
    panel.files.rowsInserted.connect(lambda _, first, last: inserts.append(last - first + 1))
    for folder in folders:
        drop(panel, [folder])
    qtbot.waitUntil(lambda: panel.summary.text() == "70 files")
    assert inserts == [10, 10, 10, 5] * 2
    panel.clear()
    assert panel.summary.text().startswith("Drop")


@pytest.mark.parametrize("button", [0, 1])
def test_files_and_folders_are_added_without_a_mouse(panel, qtbot, takes, button):
    panel.show()
    panel.add_buttons[button].setFocus()
    qtbot.keyClick(panel.add_buttons[button], Qt.Key.Key_Space)
    (dialog,) = panel.findChildren(QFileDialog)
    chosen = [takes[0].parent] if button else takes
    dialog.filesSelected.emit([str(path) for path in chosen])
    dialog.close()
    qtbot.waitUntil(lambda: panel.files.rowCount() == len(takes))


def test_the_selected_files_are_removed_and_the_others_stay(panel, qtbot, takes):
    panel.show()
    drop(panel, takes)
    qtbot.waitUntil(lambda: panel.files.rowCount() == len(takes))
    assert not panel.remove_button.isEnabled()
    panel.table.selectRow(1)
    qtbot.mouseClick(panel.remove_button, Qt.MouseButton.LeftButton)
    assert panel.files.paths == (takes[0], takes[2])
    assert panel.summary.text() == "2 files"
    assert not panel.remove_button.isEnabled()


def test_a_batch_rests_and_goes_on_and_is_stopped(panel, qtbot, crew, takes):
    begun(panel, qtbot, takes)
    member, task = crew.given.get(timeout=20)
    panel.pause_button.click()
    assert panel.pause_button.text() == "Resume"
    assert crew.held.get(timeout=20) is True
    member.answer(task)
    # While it rests nothing new is begun.
    qtbot.waitUntil(lambda: panel.files.index(0, 1).data() == "done", timeout=20_000)
    assert crew.given.empty()
    panel.pause_button.click()
    crew.given.get(timeout=20)
    with qtbot.waitSignal(panel.run.ended):
        panel.stop_button.click()
    assert panel.summary.text().startswith("Stopped")
    # What was done is not done again.
    panel.start()
    with qtbot.waitSignal(panel.run.ended):
        for _ in range(2):
            member, task = crew.given.get(timeout=20)
            assert task.source != takes[0]
            member.answer(task)


def test_what_cannot_begin_is_told(panel, qtbot, takes):
    with qtbot.waitSignal(panel.run.ended):
        begun(panel, qtbot, takes, chain="Quantize")
    assert not panel.run.running
    assert "plays no audio" in panel.summary.text()
    panel.out.setText("somewhere")
    panel.start()
    assert panel.summary.text() == "choose the folder of the outputs"


def test_presets_that_cannot_be_read_are_told_and_nothing_begins(panel, qtbot, takes, tmp_path):
    drop(panel, [takes[0].parent])
    qtbot.waitUntil(lambda: panel.files.rowCount() == len(takes))
    panel.chain.clear()
    presets = tmp_path / "presets"
    presets.mkdir(exist_ok=True)
    (presets / "exports.json").write_text("no presets")
    with qtbot.waitSignal(panel.problem) as told:
        panel.start()
    assert "exports.json" in told.args[0]
    assert not panel.run.running
    (presets / "exports.json").unlink()
    panel.start()
    assert panel.run.running
