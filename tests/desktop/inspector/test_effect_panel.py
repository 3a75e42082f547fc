"""The panel of one effect through its widgets."""

import pytest
from PySide6.QtWidgets import QToolButton

from tonewright.desktop.inspector.chain_editor import ChainEditor
from tonewright.desktop.inspector.effect_panel import EffectPanel
from tonewright.desktop.inspector.render_state import RenderStage, RenderState
from tonewright.desktop.session import Session
from tonewright.desktop.theme import DARK, apply_theme
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.project.document import EffectSpec, Id, Project, TimeRange
from tonewright.dsp.project.edits import add_effect

EFFECT = Id("e")


@pytest.fixture
def session(qapp):
    return Session(Project(Id("song"), "Song"))


@pytest.fixture
def panel_of(qtbot, session, tmp_path):
    """Return a function that puts an effect on the master and shows its panel."""

    def shown(effect_type, **fields):
        spec = EffectSpec(EFFECT, effect_type, **fields)
        session.apply("Add", lambda project: add_effect(project, None, spec))
        effect = session.project.master.effects[0]
        panel = EffectPanel(session, effect, default_registry(), tmp_path)
        qtbot.addWidget(panel)
        panel.show()
        session.changed.connect(lambda _: panel.show_effect(session.project.master.effects[0]))
        return panel

    return shown


def effect(session):
    return session.project.master.effects[0]


def button(panel, text):
    return next(each for each in panel.findChildren(QToolButton) if each.text() == text)


@pytest.fixture
def dressed(qapp):
    before = qapp.styleSheet(), qapp.palette(), qapp.style().objectName()
    apply_theme(qapp, DARK)
    yield
    qapp.setStyle(before[2])
    qapp.setPalette(before[1])
    qapp.setStyleSheet(before[0])


def test_every_effect_fits_into_the_narrowest_chain_editor(qtbot, session, tmp_path, dressed):
    editor = ChainEditor(session, presets_folder=tmp_path)
    qtbot.addWidget(editor)
    editor.resize(editor.minimumWidth(), 600)
    editor.show()
    for effect_type in default_registry():
        spec = EffectSpec(EFFECT, effect_type.id, range=TimeRange(100.0, 200.0))
        editor.panel = None
        session.open(add_effect(Project(Id("song"), "Song"), None, spec))
        room = editor._area.viewport().width()
        assert editor.panel.minimumSizeHint().width() <= room, effect_type.id


def test_bypass_and_mix_are_entries_of_the_history(session, panel_of):
    panel = panel_of("reverb")
    panel.enabled.click()
    assert not effect(session).enabled
    panel.mix.turned.emit(0.5, "drag:1")
    assert effect(session).mix == 0.5
    session.undo_stack.undo()
    session.undo_stack.undo()
    assert (effect(session).enabled, effect(session).mix) == (True, 1.0)
    assert panel.enabled.isChecked()


def test_takes_are_added_chosen_and_deleted(session, panel_of, qtbot):
    panel = panel_of("style_translate")
    first = effect(session).seed
    button(panel, "New take").click()
    assert panel.takes.count() == 2
    assert panel.takes.currentData() == effect(session).seed != first
    panel.takes.setCurrentIndex(0)
    panel.takes.activated.emit(0)
    assert effect(session).seed == first
    button(panel, "×").click()
    assert panel.takes.count() == 1


def test_a_range_is_told_and_taken_away(session, panel_of, qtbot):
    panel = panel_of("reverb", range=TimeRange(1.0, 2.5))
    assert panel._range_text.text() == "Only from 1.00 to 2.50 s"
    button(panel, "Everywhere").click()
    assert effect(session).range is None
    assert not panel._range.isVisible()


def test_a_failed_render_says_why_and_can_be_tried_again(panel_of, qtbot):
    panel = panel_of("wpe_dereverb")
    panel.set_state(RenderState(RenderStage.FAILED, 0.0, None, "out of memory"))
    assert "out of memory" in panel.state.text()
    with qtbot.waitSignal(panel.retry_requested):
        button(panel, "Retry").click()
    panel.set_state(RenderState(RenderStage.READY, 1.0, None, ""))
    assert not button(panel, "Retry").isVisible()
