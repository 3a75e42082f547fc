"""Presets, defaults and the origin of an effect, from its menu."""

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from tonewright.desktop.inspector.effect_menu import EffectMenu
from tonewright.desktop.session import Session
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.presets import effect_presets
from tonewright.dsp.project.document import EffectSpec, Id, Project
from tonewright.dsp.project.edits import add_effect

EFFECT = Id("e")


@pytest.fixture
def session(qapp):
    spec = EffectSpec(EFFECT, "reverb", params=(("room_size", 0.9),))
    return Session(add_effect(Project(Id("song"), "Song"), None, spec))


@pytest.fixture
def parent(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    return parent


@pytest.fixture
def menu(session, tmp_path, parent):
    effect = session.project.master.effects[0]
    return EffectMenu(session, effect, default_registry().get("reverb"), tmp_path, parent)


def params(session):
    return dict(session.project.master.effects[0].params)


def act(menu, text):
    menu.fill()
    next(each for each in menu.actions() if each.text() == text).trigger()


def test_a_preset_is_kept_listed_loaded_and_deleted(menu, session, tmp_path):
    menu.save_preset("Cathedral")
    menu.reset_all()
    assert params(session) == {}
    act(menu, "Cathedral")
    assert params(session) == {"room_size": 0.9}
    assert session.undo_stack.undoText() == "Preset Cathedral"
    session.undo_stack.undo()
    assert params(session) == {}
    forget = next(each.menu() for each in menu.actions() if each.text() == "Delete preset")
    forget.actions()[0].trigger()
    assert effect_presets("reverb", tmp_path).names() == ()


def test_a_preset_of_another_version_is_told_and_changes_nothing(menu, session, tmp_path, qtbot):
    effect_presets("reverb", tmp_path).save("Old", {"no_such": 1.0})
    with qtbot.waitSignal(session.problem) as told:
        menu.load_preset("Old")
    assert "no_such" in told.args[0]
    assert params(session) == {"room_size": 0.9}
    assert session.undo_stack.count() == 0


def test_the_command_line_is_copied(menu):
    act(menu, "Copy command line")
    text = QGuiApplication.clipboard().text()
    assert text.startswith("tonewright apply reverb")
    assert "room_size" in text.replace("-", "_")


def test_what_made_this_is_shown_and_nothing_waits_for_it(menu, parent):
    act(menu, "What made this…")
    (box,) = parent.findChildren(QMessageBox)
    assert not box.isModal()
    assert "0.9" in box.text() + box.informativeText()
    box.close()
