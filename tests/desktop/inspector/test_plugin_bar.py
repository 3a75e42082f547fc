"""A plugin's window and preset files: what it answers becomes one edit."""

import threading

import pytest

from tonewright.desktop.inspector import plugin_bar
from tonewright.desktop.inspector.plugin_bar import PluginBar
from tonewright.desktop.session import Session
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.errors import EffectError
from tonewright.dsp.project.document import EffectSpec, Id, Project, Track, TrackKind
from tonewright.dsp.project.edits import add_effect

PLUGIN = EffectSpec(Id("plugin"), "vst3:some plugin")


class PluginWindow:
    """A window that is open until it is closed, and then answers."""

    def __init__(self, effect, registry):
        self.closed = threading.Event()

    def show(self):
        assert self.closed.wait(20)
        return "state", {"gain": 0.5, "drive": 0.25}

    def close(self):
        self.closed.set()


@pytest.fixture
def session(qapp):
    project = Project(Id("song"), "Song", tracks=(Track(Id("t"), "T", TrackKind.AUDIO),))
    return Session(add_effect(project, Id("t"), PLUGIN))


@pytest.fixture
def bar(qtbot, session):
    bar = PluginBar(session, PLUGIN, default_registry(), None)
    qtbot.addWidget(bar)
    bar.show()
    return bar


def effect(session):
    (found,) = session.project.tracks[0].channel.effects
    return found


def test_what_was_set_in_the_window_is_one_edit(bar, session, qtbot, monkeypatch):
    monkeypatch.setattr(plugin_bar.asking, "PluginWindow", PluginWindow)
    bar.window_button.click()
    assert bar.window_button.text() == "Close plugin's window"
    with qtbot.waitSignal(session.changed):
        bar.window_button.click()
    assert effect(session).state == "state"
    assert dict(effect(session).params) == {"drive": 0.25, "gain": 0.5}
    assert session.undo_stack.undoText() == "Set in the plugin's window"
    qtbot.waitUntil(lambda: bar.window_button.text() == "Plugin's window")


def test_a_preset_is_loaded_and_named_in_the_history(bar, session, qtbot, monkeypatch, tmp_path):
    asked = []

    def answer(spec, registry):
        asked.append(spec.state)
        return "new", {}

    monkeypatch.setattr(plugin_bar, "state_of", lambda path: f"state of {path.name}")
    monkeypatch.setattr(plugin_bar.asking, "state_of", answer)
    with qtbot.waitSignal(session.changed):
        bar.load(tmp_path / "warm.vstpreset")
    assert asked == ["state of warm.vstpreset"]
    assert effect(session).state == "new"
    assert session.undo_stack.undoText() == "Preset warm"


def test_a_preset_is_saved_and_nothing_is_edited(bar, session, qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr(plugin_bar.asking, "preset_of", lambda spec, registry: b"preset")
    path = tmp_path / "warm.vstpreset"
    bar.save(path)
    qtbot.waitUntil(path.exists)
    assert path.read_bytes() == b"preset"
    assert session.undo_stack.count() == 0


def test_a_plugin_that_fails_is_told(bar, session, qtbot, monkeypatch, tmp_path):
    def fail(spec, registry):
        raise EffectError("some plugin: has crashed")

    monkeypatch.setattr(plugin_bar.asking, "preset_of", fail)
    with qtbot.waitSignal(session.problem) as told:
        bar.save(tmp_path / "warm.vstpreset")
    assert told.args == ["some plugin: has crashed"]
    with qtbot.waitSignal(session.problem) as told:
        monkeypatch.setattr(plugin_bar.asking, "preset_of", lambda spec, registry: b"preset")
        bar.save(tmp_path / "nowhere" / "warm.vstpreset")
    assert "cannot be written" in told.args[0]
