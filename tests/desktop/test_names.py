"""Every widget of every window has a name for a screen reader."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QProgressBar,
    QWidget,
)

from tonewright.desktop import accessible
from tonewright.desktop.app import start
from tonewright.desktop.inspector.effect_panel import EffectPanel
from tonewright.desktop.mixer.meter import Meter
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.project.document import EffectSpec, MidiClip, ParameterRef, new_id
from tonewright.dsp.project.edits import add_effect

CONTROLS = (QAbstractButton, QAbstractSlider, QComboBox, QProgressBar, Meter)


@pytest.fixture(autouse=True, scope="module")
def reader(qapp):
    """A screen reader runs."""
    accessible.install()
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


def nameless(owner):
    """Return the visible widgets that can be reached or turned, or are ours, and have no name."""
    found = []
    for widget in [owner, *owner.findChildren(QWidget)]:
        ours = type(widget).__module__.startswith("tonewright")
        reached = widget.focusPolicy() is not Qt.FocusPolicy.NoFocus
        internal = widget.objectName().startswith("qt_")
        if (
            internal
            or not widget.isVisible()
            or not (ours or reached or isinstance(widget, CONTROLS))
        ):
            continue
        parent = widget.parentWidget()
        if parent is not None and parent.objectName().startswith("qt_"):
            continue  # what a table or a field is made of
        face = QAccessible.queryAccessibleInterface(widget)
        if not face.text(QAccessible.Text.Name) and not widget.windowTitle():
            found.append((type(widget).__name__, type(parent).__name__, widget.objectName()))
    return found


def test_in_the_window_and_all_its_panels(open_window, qtbot):
    window = open_window()
    start(window, [], demo=True)
    project = window.session.project
    qtbot.waitUntil(lambda: len(window.mixer.strips) == len(project.tracks) + 1)
    window.view.show_automation(project.tracks[0].id, ParameterRef(None, "gain_db"))
    notes = next(clip for _, clip in project.clips() if isinstance(clip, MidiClip))
    window.open_clip(notes.id)
    for dock in window.docks.values():
        dock.show()
        dock.raise_()
        QApplication.processEvents()
        assert nameless(window) == []


@pytest.mark.parametrize("command", ["arrange", "export", "preferences", "shortcuts", "relink"])
def test_in_the_dialogs(open_window, qtbot, command):
    window = open_window()
    start(window, [], demo=True)
    before = set(QApplication.topLevelWidgets())
    window.actions_by_id[command].trigger()
    opened = [each for each in QApplication.topLevelWidgets() if each not in before]
    dialogs = [each for each in opened if each.isVisible() and each.windowTitle()]
    assert len(dialogs) == 1
    assert not dialogs[0].isModal()
    assert nameless(dialogs[0]) == []
    dialogs[0].close()


@pytest.mark.parametrize("effect_type", list(default_registry()), ids=lambda each: each.id)
def test_in_the_panel_of_an_effect(open_window, qtbot, effect_type, tmp_path):
    from tonewright.desktop.session import Session

    session = Session()
    effect = EffectSpec(new_id(), effect_type.id)
    session.apply("Add", lambda project: add_effect(project, None, effect))
    panel = EffectPanel(session, effect, default_registry(), tmp_path)
    qtbot.addWidget(panel)
    panel.show()
    assert nameless(panel) == []
