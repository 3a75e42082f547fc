"""A plugin's own window, opened from the editor: Tonewright hosts its own plugin, which has one."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tonewright.desktop.inspector.chain_editor import ChainEditor
from tonewright.desktop.session import Session
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.effects.vst3 import hosted
from tonewright.dsp.effects.vst3.catalog import plugin_types
from tonewright.dsp.effects.vst3.process import Limits
from tonewright.dsp.effects.vst3.scan import scan, trusted
from tonewright.dsp.project.document import Channel, EffectSpec, Id, Project, Track, TrackKind

pytestmark = pytest.mark.skipif(
    shutil.which("Xvfb") is None or shutil.which("xdotool") is None,
    reason="Xvfb or xdotool is not installed",
)


@pytest.fixture
def registry(built: Path, desk: Any, tmp_path: Path) -> Iterator[Registry]:
    folder = tmp_path / "vst3"
    folder.mkdir()
    (folder / "tonewright.vst3").symlink_to(built / "tonewright.vst3")
    catalog = scan([folder], limits=Limits(), path=tmp_path / "plugins.json")
    (path,) = catalog.entries
    yield Registry(plugin_types(trusted(catalog, path, True)))
    hosted.close_idle()


@pytest.fixture
def editor(registry: Registry, qtbot: Any, tmp_path: Path) -> ChainEditor:
    (effect_type,) = registry
    effect = EffectSpec(Id("e"), effect_type.id)
    track = Track(Id("1"), "Voice", TrackKind.AUDIO, channel=Channel(effects=(effect,)))
    session = Session(Project(Id("p"), "song", tracks=(track,)))
    editor = ChainEditor(session, registry, tmp_path / "presets")
    qtbot.addWidget(editor)
    editor.show_owner(Id("1"))
    return editor


def spec(editor: ChainEditor) -> EffectSpec:
    (effect,) = editor.effects
    return effect


def test_what_is_set_in_the_window_is_taken_over_when_it_is_closed(
    editor: ChainEditor, display: str, qtbot: Any, monkeypatch: Any
) -> None:
    monkeypatch.setenv("DISPLAY", display)
    assert editor.panel is not None
    bar = editor.panel.plugin_bar
    assert not bar.isHidden()
    bar.window_button.click()
    assert bar.window_button.text() == "Close plugin's window"

    environment = os.environ | {"DISPLAY": display}

    def window() -> str:
        search = ["xdotool", "search", "--onlyvisible", "--name", "Pedalboard"]
        ran = subprocess.run(search, env=environment, check=False, capture_output=True, text=True)
        return ran.stdout.strip()

    qtbot.waitUntil(lambda: bool(window()), timeout=30_000)
    qtbot.wait(500)  # the plugin draws into it a moment later, and only then takes clicks
    click = ["xdotool", "mousemove", "300", "137", "click", "1"]
    subprocess.run(click, env=environment, check=True)
    qtbot.wait(500)
    bar.window_button.click()
    qtbot.waitUntil(lambda: bar.window_button.text() == "Plugin's window", timeout=30_000)
    assert dict(spec(editor).params)["capture"] == 1.0
    assert spec(editor).state


def test_a_preset_is_saved_and_loaded(editor: ChainEditor, qtbot: Any, tmp_path: Path) -> None:
    path = tmp_path / "own.vstpreset"
    assert editor.panel is not None
    editor.panel.plugin_bar.save(path)
    qtbot.waitUntil(path.exists, timeout=30_000)
    editor.panel.plugin_bar.load(path)
    qtbot.waitUntil(lambda: bool(spec(editor).state), timeout=30_000)


def test_without_a_display_it_says_so(editor: ChainEditor, qtbot: Any, monkeypatch: Any) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    told: list[str] = []
    editor._session.problem.connect(told.append)
    assert editor.panel is not None
    editor.panel.plugin_bar.toggle_window()
    qtbot.waitUntil(lambda: bool(told), timeout=30_000)
    assert "window" in told[0]
    assert len(hosted._idle) == 1  # let go of before anyone is told, so that it can be ended
