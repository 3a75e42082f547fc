import time

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from tonewright import resources
from tonewright.desktop.app import start
from tonewright.desktop.dialogs.export import ExportDialog
from tonewright.desktop.dialogs.preferences import PreferencesDialog
from tonewright.desktop.settings import Settings
from tonewright.desktop.theme import DARK, LIGHT, apply_theme
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.presets import Presets
from tonewright.dsp.project.document import EffectSpec, MidiClip, new_id
from tonewright.dsp.project.edits import add_effect, set_project
from tonewright.dsp.project.folder import load
from tonewright.dsp.rendering.renderer import Renderer


def test_the_demo_opens_and_is_not_asked_about(open_window):
    window = open_window()
    start(window, [], demo=True)
    assert len(window.session.project.tracks) > 5
    assert not window.storage.unsaved
    assert window.close()


def test_files_that_are_dropped_are_imported_where_they_fall(open_window, qtbot):
    window = open_window()
    window.view.set_tool(snap_on=False)
    sea = resources.path("demo", "media", "sea.ogg")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(sea))])
    place = QPointF(window.timeline.canvas.mapTo(window.timeline, QPointF(80, 20).toPoint()))
    event = QDropEvent(
        place,
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(window.session.changed):
        window.timeline.dropEvent(event)
    clip = window.session.project.tracks[0].clips[0]
    assert clip.name == "sea"
    assert clip.start.seconds == pytest.approx(80 / window.view.pixels_per_second)


def test_files_by_the_thousand_are_listed_for_a_batch_and_make_no_tracks(
    open_window, qtbot, tmp_path
):
    folder = tmp_path / "library"
    folder.mkdir()
    paths = [folder / f"{number:05}.wav" for number in range(2_000)]
    for path in paths:
        path.touch()
    window = open_window()
    files = window.batch_panel.files
    window.files.take([folder])
    qtbot.waitUntil(lambda: files.rowCount() == len(paths))
    files.clear()
    window.files.take(paths)
    qtbot.waitUntil(lambda: files.rowCount() == len(paths))
    assert files.index(0, 0).data() == "00000.wav"
    assert window.session.project.tracks == ()
    assert window.batch_panel.isVisible()


def test_edits_saved_and_opened_again_are_the_same(open_window, qtbot, demo_folder):
    window = open_window()
    with qtbot.waitSignal(window.session.opened):
        start(window, [demo_folder])
    window.timeline_commands.select_all()
    window.actions_by_id["delete"].trigger()
    assert window.isWindowModified()
    with qtbot.waitSignal(window.storage.saved):
        window.actions_by_id["save"].trigger()
    assert not window.isWindowModified()
    assert list(load(demo_folder).clips()) == []
    assert window.settings.recent == [demo_folder]


@pytest.mark.parametrize("answer", ["Save", "Discard", "Cancel"])
def test_closing_asks_once(open_window, qtbot, demo_folder, answer):
    window = open_window()
    with qtbot.waitSignal(window.session.opened):
        start(window, [demo_folder])
    window.timeline_commands.select_all()
    window.actions_by_id["delete"].trigger()
    window.close()
    assert window.isVisible()
    (box,) = window.findChildren(QMessageBox)
    box.button(QMessageBox.StandardButton[answer]).click()
    if answer == "Cancel":
        assert window.isVisible()
    else:
        qtbot.waitUntil(lambda: not window.isVisible())
        assert bool(list(load(demo_folder).clips())) == (answer == "Discard")


def test_what_was_not_saved_comes_back_in_the_next_window(open_window, qtbot, demo_folder):
    window = open_window()
    with qtbot.waitSignal(window.session.opened):
        start(window, [demo_folder])
    window.timeline_commands.select_all()
    window.actions_by_id["delete"].trigger()
    window.close_now()
    again = open_window()
    with qtbot.waitSignal(again.storage.notice):
        start(again, [demo_folder])
    assert list(again.session.project.clips()) == []
    assert "brought back" in again.statusBar().currentMessage()
    again.actions_by_id["undo"].trigger()
    assert list(again.session.project.clips())


def test_a_damaged_autosave_is_told_where_an_older_one_is_brought_back(
    open_window, qtbot, demo_folder
):
    window = open_window()
    with qtbot.waitSignal(window.session.opened):
        start(window, [demo_folder])
    for name in ("older", "newer"):
        window.session.apply("Rename", lambda p, name=name: set_project(p, name=name))
        qtbot.waitUntil(lambda: window.storage._kept is window.session.project)
    window.close_now()
    newest = max((demo_folder / "autosave").glob("*/*.json"))
    newest.write_bytes(newest.read_bytes()[:-10])
    again = open_window()
    with qtbot.waitSignal(again.storage.problem):
        start(again, [demo_folder])
    assert again.session.project.name == "older"
    assert "the autosave is damaged" in again.statusBar().currentMessage()


def test_undo_says_what_it_undoes(open_window):
    window = open_window()
    assert not window.actions_by_id["undo"].isEnabled()
    window.actions_by_id["add-midi"].trigger()
    assert window.actions_by_id["undo"].text() == "&Undo add track"
    window.actions_by_id["undo"].trigger()
    assert window.session.project.tracks == ()


def test_it_plays_without_a_device_and_says_so_in_one_line(open_window, qtbot):
    window = open_window()
    start(window, [], demo=True)
    window.view.seek(1.0)
    with qtbot.waitSignal(window.playing.player.problem):
        window.actions_by_id["play"].trigger()  # before anything of the song can be played
    assert "no sound device" in window.statusBar().currentMessage()
    qtbot.waitUntil(lambda: window.view.playhead_seconds > 1.0)
    window.actions_by_id["play"].trigger()
    qtbot.waitUntil(lambda: not window.playing.player.playing)


@pytest.fixture
def hum(tmp_path):
    path = tmp_path / "hum.wav"
    soundfile.write(path, 0.2 * np.sin(np.arange(22_050) * 0.1), 22_050)
    return path


def test_one_key_plays_it_dry_and_as_loud_and_back_again(open_window, qtbot, hum):
    window = open_window()
    with qtbot.waitSignal(window.session.changed):
        start(window, [hum])
    track_id = window.session.project.tracks[0].id
    effect = EffectSpec(new_id(), "gain", params=(("gain_db", -6.0),))
    window.session.apply("Add", lambda project: add_effect(project, track_id, effect))
    window.chain_editor.show_owner(track_id)
    with qtbot.waitActive(window):
        window.activateWindow()
    window.timeline.canvas.setFocus()
    with qtbot.waitSignal(window.playing.comparing.heard) as heard:
        QTest.keyClick(window.timeline.canvas, Qt.Key.Key_D)
    assert heard.args[0] == pytest.approx(-6.0, abs=0.05)
    assert window.chain_editor.compare_button.isChecked()
    assert window.statusBar().currentMessage() == "Dry, -6.0 dB to be as loud; D: back"
    QTest.keyClick(window.timeline.canvas, Qt.Key.Key_D)
    assert not window.playing.comparing.active
    assert not window.chain_editor.compare_button.isChecked()
    assert window.statusBar().currentMessage() == ""


def test_a_file_that_is_moved_meanwhile_is_missed_when_the_user_comes_back(open_window, qtbot, hum):
    window = open_window()
    with qtbot.waitSignal(window.session.changed):
        start(window, [hum])
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    with qtbot.waitActive(other):
        other.activateWindow()
    hum.rename(hum.with_name("elsewhere.wav"))
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.waitUntil(lambda: "1 file is missing" in window.statusBar().currentMessage())


def test_a_second_press_calls_playing_off_that_has_not_begun(open_window, qtbot):
    window = open_window()
    start(window, [], demo=True)
    window.actions_by_id["play"].trigger()
    window.actions_by_id["play"].trigger()
    bridge = window.playing.bridge
    qtbot.waitUntil(lambda: bridge.ready)
    assert not window.playing.player.playing


def test_a_note_that_is_drawn_is_heard(open_window, qtbot):
    window = open_window()
    start(window, [], demo=True)
    clip = next(clip for _, clip in window.session.project.clips() if isinstance(clip, MidiClip))
    window.open_clip(clip.id)
    canvas = window.piano_roll.canvas
    canvas.drawing = True
    qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    qtbot.waitUntil(lambda: window.playing.auditioning.sounding)


def test_the_keyboard_splits_at_the_playhead(open_window, qtbot):
    window = open_window()
    start(window, [], demo=True)
    before = len(list(window.session.project.clips()))
    window.view.set_playhead(5.0)
    with qtbot.waitActive(window):
        window.activateWindow()
    window.timeline.canvas.setFocus()
    QTest.keyClick(window.timeline.canvas, Qt.Key.Key_S)
    assert len(list(window.session.project.clips())) > before


def test_a_shortcut_of_the_user_replaces_ours(open_window, tmp_path):
    Settings(tmp_path / "settings.ini").set_shortcut("split", "Ctrl+K")
    window = open_window()
    assert window.actions_by_id["split"].shortcut().toString() == "Ctrl+K"
    keys = [action.shortcut().toString() for action in window.actions_by_id.values()]
    used = [key for key in keys if key]
    assert len(set(used)) == len(used)


def test_the_layout_and_the_theme_are_remembered(open_window, qapp):
    window = open_window()
    window.docks["mixer"].hide()
    window.actions_by_id["light"].setChecked(True)
    window.close()
    again = open_window()
    assert again.docks["mixer"].isHidden()
    assert again.settings.theme is LIGHT
    apply_theme(qapp, DARK)


def test_a_new_window_fits_a_small_screen(open_window):
    window = open_window()
    assert window.width() <= 1366


def test_preferences_change_the_theme(open_window):
    window = open_window()
    window.actions_by_id["preferences"].trigger()
    (dialog,) = window.findChildren(PreferencesDialog)
    dialog.theme.setCurrentIndex(dialog.theme.findData("light"))
    dialog.theme.activated.emit(dialog.theme.currentIndex())
    assert window.actions_by_id["light"].isChecked()
    assert window.settings.theme.name == "light"
    dialog.close()


def test_an_effect_on_a_range_is_put_there_with_the_mouse(open_window, qtbot):
    window = open_window()
    start(window, [], demo=True)
    row = next(i for i, t in enumerate(window.session.project.tracks) if t.name == "Guitar")
    clip = window.session.project.tracks[row].clips[0]
    window.view.select([clip.id], focus=clip.id)
    window.actions_by_id["effect-range"].trigger()
    whole = window.view.range.where
    canvas = window.timeline.canvas
    window.view.set_tool(snap_on=False)
    window.actions_by_id["tool-range"].trigger()
    window.view.show_range(canvas.places.sounding(clip), canvas.width())
    rect = canvas.places.clip_rect(row, clip)
    canvas.places.scroll_y = round(rect.top() - 20)
    rect = canvas.places.clip_rect(row, clip)
    middle = rect.center().toPoint()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(canvas, middle + QPoint(10, 0))
    QTest.mouseMove(canvas, middle + QPoint(60, 0))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=middle + QPoint(60, 0))
    part = window.view.range.where
    assert whole.start_seconds < part.start_seconds < part.end_seconds < whole.end_seconds
    assert " to " in window.chain_editor.title.text()
    before = {each.id for each in window.chain_editor.effects}
    window.chain_editor.add(default_registry().get("reverb"))
    (effect,) = [each for each in window.chain_editor.effects if each.id not in before]
    assert effect.range == part
    with qtbot.waitSignal(window.playing.rendered, timeout=10_000):
        window.view.seek(1.0)
    qtbot.waitUntil(lambda: effect.id in window.timeline.canvas.bars.states, timeout=10_000)


class Stuck(Renderer):
    """Renders until it is cancelled."""

    def prepare(self, *_args, cancel, **_options):
        while not cancel.cancelled:
            time.sleep(0.001)
        cancel.check()


def test_the_window_waits_for_an_export_that_it_calls_off(open_window, qtbot, tmp_path):
    window = open_window()
    start(window, [], demo=True)
    dialog = ExportDialog(
        window.session,
        window,
        presets=Presets(tmp_path / "presets.json"),
        folder=tmp_path / "out",
        renderer=Stuck,
    )
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()
    dialog.start()
    assert dialog.running
    window.close_now()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert not (tmp_path / "out").exists()


def test_nothing_is_modal_while_something_computes(open_window, qtbot, tmp_path):
    window = open_window()
    start(window, [], demo=True)
    project = window.session.project
    guitar = next(track for track in project.tracks if track.name == "Guitar")
    effect = EffectSpec(new_id(), "wpe_dereverb")
    window.session.apply("Add", lambda each: add_effect(each, guitar.id, effect))
    qtbot.waitUntil(lambda: bool(window.playing.bridge.jobs))  # a render
    window.files.take([resources.path("demo", "media", "sea.ogg")])  # an import
    dialog = ExportDialog(
        window.session,
        window,
        presets=Presets(tmp_path / "presets.json"),
        folder=tmp_path / "out",
        renderer=Stuck,
    )
    dialog.show()
    dialog.start()  # an export
    tracks = len(window.session.project.tracks)
    qtbot.waitUntil(lambda: len(window.session.project.tracks) == tracks + 1)
    assert dialog.running
    assert QApplication.activeModalWidget() is None
    window.actions_by_id["add-midi"].trigger()  # and work goes on
    window.actions_by_id["play"].trigger()
    qtbot.waitUntil(lambda: window.playing.player.playing)
    assert len(window.session.project.tracks) == tracks + 2
    dialog.close()
    qtbot.waitUntil(dialog.isHidden)
