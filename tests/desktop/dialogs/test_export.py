"""The export dialog, from settings to files on the disk."""

import threading

import pytest
import soundfile
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from tonewright.desktop.dialogs.export import ExportDialog
from tonewright.desktop.dialogs.export_presets import LAST
from tonewright.dsp.errors import RenderError
from tonewright.dsp.exporting.settings import Depth, ExportSettings
from tonewright.dsp.presets import Presets
from tonewright.dsp.project.document import Id
from tonewright.dsp.project.edits import set_project, set_track
from tonewright.dsp.rendering.renderer import Renderer

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def presets(tmp_path):
    return Presets(tmp_path / "presets.json")


@pytest.fixture
def make_dialog(qtbot, session, presets, renderer, tmp_path):
    opened = []

    def make(renderer=renderer):
        dialog = ExportDialog(session, presets=presets, folder=tmp_path / "out", renderer=renderer)
        qtbot.addWidget(dialog)
        dialog.show()
        opened.append(dialog)
        qtbot.waitUntil(lambda: dialog.plan is not None)
        return dialog

    yield make
    for dialog in opened:
        dialog.close()


@pytest.fixture
def dialog(make_dialog):
    return make_dialog()


class Stuck(Renderer):
    """Waits until it is cancelled."""

    def __init__(self, executor, cancelled):
        super().__init__(executor=executor)
        self._cancelled = cancelled

    def prepare(self, *_args, report, cancel, **_options):
        assert self._cancelled.wait(10)
        cancel.check()
        raise AssertionError("it was not cancelled")


class Broken(Renderer):
    """Fails."""

    def prepare(self, *_args, **_options):
        raise RenderError("reverb on Voice: the disk is full; free some space")


def names(dialog):
    return [dialog.table.item(row, 0).text() for row in range(dialog.table.rowCount())]


def test_the_table_is_the_engines_dry_run(dialog):
    assert names(dialog) == ["Song 00 Mix.wav"]
    assert dialog.total.text().startswith("1 file, at least ")
    assert dialog.plan.files[0].path.name == "Song 00 Mix.wav"


def test_the_table_follows_the_form_and_the_project(qtbot, session, dialog):
    dialog.form.stems.setChecked(True)
    qtbot.waitUntil(lambda: len(names(dialog)) == 3)
    session.apply("Rename", lambda p: set_track(p, Id("keys"), name="Piano"))
    qtbot.waitUntil(lambda: "Song 02 Piano.wav" in names(dialog))
    session.apply("Rename", lambda p: set_project(p, name="Tune"))
    qtbot.waitUntil(lambda: names(dialog)[0] == "Tune 00 Mix.wav")


def test_a_contradiction_is_said_and_nothing_can_be_exported(dialog):
    dialog.form.mix.setChecked(False)
    dialog.update_plan()
    assert "nothing to export" in dialog.problems.text()
    assert not dialog.export_button.isEnabled()
    assert names(dialog) == []
    dialog.start()
    assert not dialog.running


def test_a_file_in_the_way_is_a_problem_until_it_may_be_replaced(qtbot, dialog, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "Song 00 Mix.wav").write_bytes(b"")
    dialog.start()
    qtbot.waitUntil(lambda: "is there already" in dialog.problems.text())
    assert not dialog.running
    dialog.overwrite.setChecked(True)
    qtbot.waitUntil(dialog.problems.isHidden)
    assert dialog.export_button.isEnabled()


def test_an_export_ends_with_files_and_a_report(qtbot, dialog, tmp_path):
    dialog.form.stems.setChecked(True)
    with qtbot.waitSignal(dialog.exported):
        qtbot.mouseClick(dialog.export_button, LEFT)
        assert dialog.running
        assert not dialog.isModal()
    assert not dialog.running
    assert dialog.report.null.passed
    audio, _ = soundfile.read(tmp_path / "out" / "Song 00 Mix.wav")
    assert abs(audio).max() > 0.1
    assert dialog.pages.currentWidget() is dialog.text
    assert "Song 00 Mix.wav" in dialog.text.toPlainText()
    assert not dialog.problems.isVisible()  # that the files are there is no news now
    dialog.form.dry.setChecked(True)
    assert dialog.pages.currentWidget() is dialog.table


def test_settings_are_remembered(qtbot, make_dialog, presets):
    dialog = make_dialog()
    dialog.form.set_settings(ExportSettings(depth=Depth.INT16))
    with qtbot.waitSignal(dialog.exported):
        dialog.start()
    assert ExportSettings.from_json(presets.get(LAST)).depth is Depth.INT16
    assert make_dialog().form.settings().depth is Depth.INT16


def test_presets_are_saved_and_loaded(dialog):
    dialog.form.set_settings(ExportSettings(stems=True))
    dialog.presets.save("Stems")
    dialog.form.set_settings(ExportSettings())
    box = dialog.presets.box
    box.activated.emit(box.findData("Stems"))
    assert dialog.form.settings().stems


def test_a_preset_is_deleted(qtbot, dialog, presets):
    dialog.presets.save("Stems")
    assert dialog.presets.box.currentText() == "Stems"
    qtbot.mouseClick(dialog.presets.delete_button, LEFT)
    assert presets.names() == ()
    assert dialog.presets.box.findData("Stems") < 0
    assert not dialog.presets.delete_button.isEnabled()


def test_a_preset_of_another_version_is_said(dialog, presets):
    presets.save("Odd", {"colour": "red"})
    dialog.presets.save("Mine")
    box = dialog.presets.box
    box.activated.emit(box.findData("Odd"))
    assert "colour" in dialog.status.text()


@pytest.mark.parametrize("close", [False, True])
def test_cancel_stops_and_leaves_nothing(qtbot, make_dialog, renderer, tmp_path, close):
    cancelled = threading.Event()
    dialog = make_dialog(lambda: Stuck(renderer().executor, cancelled))
    dialog.start()
    assert dialog.running
    if close:
        dialog.close()
        assert dialog.isVisible()  # until it has stopped
    else:
        qtbot.mouseClick(dialog.close_button, LEFT)
    cancelled.set()
    qtbot.waitUntil(lambda: not dialog.running)
    assert dialog.isVisible() is not close
    assert "nothing was written" in dialog.status.text()
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_a_failure_is_said_and_the_dialog_can_be_used_again(qtbot, make_dialog, renderer):
    dialog = make_dialog(lambda: Broken(executor=renderer().executor))
    dialog.start()
    qtbot.waitUntil(lambda: not dialog.running)
    assert "the disk is full" in dialog.problems.text()
    assert "nothing was written" in dialog.status.text()
    assert dialog.export_button.isEnabled()


def test_every_control_has_a_name(dialog):
    reached = [
        widget
        for widget in dialog.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and not widget.objectName().startswith("qt_")
    ]
    assert reached
    for widget in reached:
        assert widget.accessibleName() or getattr(widget, "text", str)(), widget
