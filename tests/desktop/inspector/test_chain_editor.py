"""The chain editor and its panels through their widgets."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QMessageBox, QToolButton, QWidget

from tonewright.desktop.inspector.chain_editor import ChainEditor
from tonewright.desktop.inspector.render_state import RenderStage, RenderState
from tonewright.desktop.session import Session
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.presets import effect_presets
from tonewright.dsp.project.document import (
    PPQ,
    Channel,
    EffectSpec,
    Id,
    MidiClip,
    MusicalTime,
    Project,
    TimeRange,
    Track,
    TrackKind,
)
from tonewright.dsp.project.edits import delete_tracks, set_channel, set_effect_param

LEFT = Qt.MouseButton.LeftButton
KEYS, BASS, RIFF = Id("keys"), Id("bass"), Id("riff")
REVERB, DELAY, FUTURE = Id("r"), Id("d"), Id("f")


@pytest.fixture
def session(qapp):
    effects = (
        EffectSpec(REVERB, "reverb", params=(("room_size", 0.9),)),
        EffectSpec(DELAY, "delay"),
        EffectSpec(FUTURE, "from_the_future", params=(("x", 1),)),
    )
    riff = MidiClip(RIFF, "Riff", MusicalTime(0), PPQ)
    return Session(
        Project(
            Id("song"),
            "Song",
            tracks=(
                Track(
                    KEYS, "Keys", TrackKind.MIDI, channel=Channel(effects=effects), clips=(riff,)
                ),
                Track(BASS, "Bass", TrackKind.AUDIO),
            ),
        )
    )


@pytest.fixture
def editor(qtbot, session, tmp_path):
    editor = ChainEditor(session, presets_folder=tmp_path)
    qtbot.addWidget(editor)
    editor.resize(380, 640)
    editor.show()
    editor.show_owner(KEYS)
    return editor


def chain(session):
    return session.project.tracks[0].channel.effects


def types(session):
    return [effect.type for effect in chain(session)]


def offered(editor):
    parts = [action.menu() for action in editor.add_button.menu().actions()]
    return {action.text() for part in parts for action in part.actions()}


def test_an_owner_that_is_chosen_again_keeps_its_panel(editor):
    editor.list.setCurrentRow(1)
    editor.show_owner(KEYS)
    assert editor.panel.effect_id == DELAY
    assert editor.panel.isVisible()
    assert editor.list.currentRow() == 1


def test_it_shows_the_chain_in_order_and_the_panel_of_the_first(editor):
    texts = [editor.list.item(row).text() for row in range(editor.list.count())]
    assert texts == ["Reverb", "Delay", "from_the_future (missing)"]
    assert editor.panel.effect_id == REVERB
    assert editor.panel.editors["room_size"].value == 0.9
    assert editor.title.text() == "Track · Keys"


def test_each_owner_is_offered_what_it_can_hold(editor):
    assert {"Transpose", "Reverb"} <= offered(editor)
    for owner in (BASS, None):
        editor.show_owner(owner)
        assert "Reverb" in offered(editor)
        assert "Transpose" not in offered(editor)
    editor.show_owner(RIFF)
    assert "Transpose" in offered(editor)
    assert "Style translation" in offered(editor)  # it runs in the worker process
    assert "Reverb" not in offered(editor)


def test_a_new_effect_is_the_last_in_view_and_on_the_range(session, editor):
    editor.time_range = TimeRange(1.0, 2.0)
    editor.add(default_registry().get("chorus"))
    assert types(session)[-1] == "chorus"
    assert chain(session)[-1].range == TimeRange(1.0, 2.0)
    assert editor.panel.effect_id == chain(session)[-1].id
    session.undo_stack.undo()
    assert len(chain(session)) == 3


def test_bypass_by_the_list_and_by_the_panel(qtbot, session, editor):
    editor.list.item(1).setCheckState(Qt.CheckState.Unchecked)
    assert [effect.enabled for effect in chain(session)] == [True, False, True]
    qtbot.keyClick(editor.panel.enabled, Qt.Key.Key_Space)
    assert not chain(session)[0].enabled
    session.undo_stack.setIndex(0)
    assert editor.panel.enabled.isChecked()
    assert editor.list.item(1).checkState() is Qt.CheckState.Checked


def test_effects_are_reordered_and_removed_by_key(qtbot, session, editor):
    editor.list.setCurrentRow(0)
    qtbot.keyClick(editor.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert types(session) == ["delay", "reverb", "from_the_future"]
    assert editor.panel.effect_id == REVERB  # what moved is still shown
    qtbot.keyClick(editor.list, Qt.Key.Key_Delete)
    assert types(session) == ["delay", "from_the_future"]


@pytest.mark.parametrize(("row", "above", "target"), [(0, 2, 1), (2, 0, 0), (0, 3, 2), (1, 1, 1)])
def test_effects_are_reordered_by_drag(session, editor, row, above, target):
    moved = chain(session)[row].id
    editor.list.setCurrentRow(row)
    last = editor.list.visualItemRect(editor.list.item(2))
    y = (
        last.bottom() - 2
        if above == 3
        else editor.list.visualItemRect(editor.list.item(above)).top() + 2
    )
    data = QMimeData()
    event = QDropEvent(
        QPointF(20, y), Qt.DropAction.MoveAction, data, LEFT, Qt.KeyboardModifier.NoModifier
    )
    editor.list.dropEvent(event)
    assert event.dropAction() is Qt.DropAction.IgnoreAction
    assert [effect.id for effect in chain(session)].index(moved) == target
    assert editor.list.count() == 3


def test_turning_a_knob_is_one_entry_and_reset_brings_the_default_back(qtbot, session, editor):
    room = editor.panel.editors["room_size"]
    room.knob.setFocus()
    for _ in range(5):
        qtbot.keyClick(room.knob, Qt.Key.Key_Down)
    assert dict(chain(session)[0].params)["room_size"] == pytest.approx(0.85)
    assert session.undo_stack.count() == 1
    qtbot.mouseClick(room.reset_button, LEFT)
    assert chain(session)[0].params == ()
    session.undo_stack.undo()
    session.undo_stack.undo()
    assert room.value == 0.9


def test_dry_wet_reaches_the_document(qtbot, session, editor):
    qtbot.keyClick(editor.panel.mix, Qt.Key.Key_Home)
    assert chain(session)[0].mix == 0.0


def test_a_ranged_effect_can_be_let_work_everywhere(qtbot, session, editor):
    editor.time_range = TimeRange(1.0, 2.0)
    editor.add(default_registry().get("chorus"))
    button = next(
        each for each in editor.panel.findChildren(QToolButton) if each.text() == "Everywhere"
    )
    assert button.isVisible()
    qtbot.mouseClick(button, LEFT)
    assert chain(session)[-1].range is None
    assert not button.isVisible()


def test_presets_are_saved_loaded_and_refused_when_they_do_not_fit(session, editor, tmp_path):
    panel = editor.panel
    panel.menu.save_preset("Big")
    panel.menu.reset_all()
    assert chain(session)[0].params == ()
    panel.menu.load_preset("Big")
    assert chain(session)[0].params == (("room_size", 0.9),)
    effect_presets("reverb", tmp_path).save("Odd", {"room_size": 99.0})
    problems = QSignalSpy(session.problem)
    panel.menu.load_preset("Odd")
    assert "room_size" in problems.at(0)[0]
    assert chain(session)[0].params == (("room_size", 0.9),)


def test_a_damaged_preset_file_is_said(editor, tmp_path):
    file = effect_presets("reverb", tmp_path).file
    file.parent.mkdir(parents=True)
    file.write_text("{")
    problems = QSignalSpy(editor.problem)
    editor.panel.menu.save_preset("Big")
    assert "reverb.json" in problems.at(0)[0]


def test_takes_are_made_and_chosen(session, editor):
    editor.add(default_registry().get("humanize"))
    panel = editor.panel
    assert panel.takes.isVisible()
    new = next(each for each in panel.findChildren(QToolButton) if each.text() == "New take")
    new.click()
    assert chain(session)[-1].seed == 1
    assert panel.takes.count() == 2
    panel.takes.activated.emit(0)
    assert chain(session)[-1].seed == 0
    assert panel.takes.currentIndex() == 0
    session.undo_stack.undo()
    assert panel.takes.currentIndex() == 1


def test_a_rendered_effect_says_how_far_it_is(qtbot, session, editor):
    editor.show_owner(BASS)
    editor.add(default_registry().get("wpe_dereverb"))
    effect_id = editor.panel.effect_id
    editor.show_states({effect_id: RenderState(RenderStage.COMPUTING, 0.43, 12.0)})
    assert editor.panel.state.text() == "Computing 43 %, 12 s left; you hear it dry"
    assert "43 %" in editor.list.item(0).text()
    asked = QSignalSpy(editor.retry_requested)
    editor.show_states({effect_id: RenderState(RenderStage.FAILED, reason="out of memory")})
    assert editor.panel.state.text() == "Failed: out of memory"
    retry = next(each for each in editor.panel.findChildren(QToolButton) if each.text() == "Retry")
    qtbot.mouseClick(retry, LEFT)
    assert asked.at(0) == [effect_id]
    editor.show_states({effect_id: RenderState(RenderStage.READY)})
    assert editor.panel.state.text() == "Ready"
    assert not retry.isVisible()


def test_a_plugin_that_failed_is_marked_though_it_runs_live(qtbot, session, editor):
    assert not editor.panel.state.isVisible()
    asked = QSignalSpy(editor.retry_requested)
    editor.show_states({REVERB: RenderState(RenderStage.FAILED, reason="it crashed")})
    assert editor.panel.state.text() == "Failed: it crashed"
    assert editor.panel.state.isVisible()
    assert editor.list.item(0).text() == "Reverb · failed"
    retry = next(each for each in editor.panel.findChildren(QToolButton) if each.text() == "Retry")
    qtbot.mouseClick(retry, LEFT)
    assert asked.at(0) == [REVERB]
    editor.show_states({})
    assert not editor.panel.state.isVisible()


def test_a_sidechain_listens_and_a_circle_is_refused(session, editor):
    editor.show_owner(BASS)
    editor.add(default_registry().get("sidechain_compressor"))
    box = editor.panel.sidechain
    box.activated.emit(box.findData(KEYS))
    effect = session.project.tracks[1].channel.effects[0]
    assert effect.sidechain_id == KEYS
    assert box.currentText() == "Keys"
    problems = QSignalSpy(session.problem)
    box.setCurrentIndex(box.findData(BASS))
    box.activated.emit(box.currentIndex())
    assert problems.count() == 1
    assert box.currentText() == "Keys"


def test_what_made_it_can_be_read_and_copied(qtbot, editor):
    editor.panel.menu.copy_command()
    assert QGuiApplication.clipboard().text() == (
        "tonewright apply reverb in.wav out.wav -p room_size=0.9"
    )
    editor.panel.menu.show_origin()
    (box,) = editor.panel.findChildren(QMessageBox)
    assert not box.isModal()
    assert "Room size: 0.9" in box.text()
    box.close()


def test_a_missing_effect_is_kept_and_shown(session, editor):
    editor.list.setCurrentRow(2)
    assert "Missing effect" in editor.panel.accessibleName()
    editor.list.item(2).setCheckState(Qt.CheckState.Unchecked)
    assert chain(session)[2].params == (("x", 1),)


def test_a_value_of_another_version_is_said_and_can_be_reset(qtbot, session, editor):
    session.apply("Old", lambda p: set_effect_param(p, REVERB, "room_size", "huge"))
    room = editor.panel.editors["room_size"]
    assert "huge" in room.label.toolTip()
    assert room.value == room.parameter.default
    qtbot.mouseClick(room.reset_button, LEFT)
    assert chain(session)[0].params == ()
    assert "huge" not in room.label.toolTip()


def test_what_changes_elsewhere_leaves_the_list_alone(session, editor):
    item = editor.list.item(0)
    session.apply("Gain", lambda p: set_channel(p, BASS, gain_db=-3.0))
    assert editor.list.item(0) is item


def test_when_its_owner_is_deleted_it_shows_the_master(session, editor):
    session.apply("Delete", lambda p: delete_tracks(p, [KEYS]))
    assert editor.owner_id is None
    assert editor.title.text() == "Master"
    assert editor.panel is None


def test_every_control_has_a_name(editor):
    reached = [
        widget
        for widget in editor.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and not widget.objectName().startswith("qt_")
    ]
    assert reached
    for widget in reached:
        assert widget.accessibleName() or getattr(widget, "text", str)(), widget
