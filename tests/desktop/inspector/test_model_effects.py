"""Effects with networks: the panel is built from plain data, and what fails is one clear line."""

import subprocess
import sys

import numpy as np
import pytest
import soundfile
from PySide6.QtWidgets import QFileDialog, QMessageBox

from tonewright.desktop.adapters.jobs import RenderBridge
from tonewright.desktop.imports import Imports
from tonewright.desktop.inspector.chain_editor import ChainEditor
from tonewright.desktop.inspector.parameter_editor import ChoiceEditor, FileEditor
from tonewright.desktop.jobs_panel import JobsPanel
from tonewright.desktop.session import Session
from tonewright.desktop.tasks import Tasks
from tonewright.dsp.effects.protocol import EffectType, Parameter, ParameterKind, RunsIn
from tonewright.dsp.effects.registry import Registry, default_registry, load_registry
from tonewright.dsp.project.document import Project, new_id
from tonewright.dsp.project.media import add_files
from tonewright.dsp.rendering.queue import RenderQueue, State
from tonewright.dsp.rendering.store import Store

NETWORK = EffectType(
    "network",
    "Network",
    "no_such_package.effect:make",  # if a panel resolved it, it would fail
    (
        Parameter("target", "violin", kind=ParameterKind.CHOICE, choices=("violin", "flute")),
        Parameter("reference", "", kind=ParameterKind.FILE),
    ),
    runs_in=RunsIn.RENDERED,
    seeded=True,
    weights_sha256="ab" * 32,
)

WITHOUT_WEIGHTS = """
from tonewright.dsp.effects import RunsIn, effect
from tonewright.dsp.errors import EffectError

@effect("heavy", runs_in=RunsIn.RENDERED)
class Heavy:
    def __init__(self):
        raise EffectError("heavy.safetensors: weights are missing; install tonewright again")

    def process(self, audio, sample_rate, buffer_size=8192, reset=True):
        return audio

    def reset(self):
        pass
"""


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "in.wav"
    soundfile.write(path, np.full((8_000, 2), 0.1), 8_000)
    return add_files(Project(new_id(), "Song", sample_rate=8_000), [path]).project


def test_choices_files_takes_and_weights_are_in_the_panel(qtbot, song, tmp_path):
    session = Session(song)
    editor = ChainEditor(session, Registry([NETWORK]), tmp_path)
    qtbot.addWidget(editor)
    clip = song.tracks[0].clips[0]
    editor.show_owner(clip.id)
    editor.show()
    editor.add(NETWORK)
    panel = editor.panel
    target, reference = panel.editors["target"], panel.editors["reference"]
    assert isinstance(target, ChoiceEditor)
    assert isinstance(reference, FileEditor)
    target.box.textActivated.emit("flute")
    (browse,) = [each for each in reference.children() if getattr(each, "text", str)() == "…"]
    browse.click()
    (dialog,) = reference.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "in.wav"))
    dialog.close()
    made = session.project.tracks[0].clips[0].effects[0]
    assert dict(made.params) == {"target": "flute", "reference": str(tmp_path / "in.wav")}
    panel.menu.show_origin()
    (box,) = panel.findChildren(QMessageBox)
    assert "weights " + "ab" * 32 in box.text()
    assert "Seed: 0" in box.text()
    box.close()
    assert panel.takes.isVisible()


def test_missing_weights_are_one_line_in_the_panel_the_layer_and_the_renders(qtbot, song, tmp_path):
    (tmp_path / "heavy.py").write_text(WITHOUT_WEIGHTS, "utf-8")
    registry = load_registry([tmp_path / "heavy.py"])
    session, tasks = Session(song), Tasks()
    editor = ChainEditor(session, registry, tmp_path)
    qtbot.addWidget(editor)
    with RenderQueue(Store(tmp_path / "store"), registry, threads=1) as render_queue:
        bridge = RenderBridge(render_queue, tasks)
        renders = JobsPanel(bridge, Imports(session, tasks))
        qtbot.addWidget(renders)
        editor.show_owner(song.tracks[0].clips[0].id)
        editor.add(registry.get("heavy"))
        bridge.set_project(session.project)
        effect_id = editor.panel.effect_id
        qtbot.waitUntil(
            lambda: (job := bridge.job_of(effect_id)) is not None and job.state is State.FAILED,
            timeout=60_000,
        )
        reason = bridge.job_of(effect_id).error
        assert "weights are missing; install tonewright again" in reason
        assert "\n" not in reason
        qtbot.waitUntil(lambda: "weights are missing" in renders.table.item(0, 1).text())
        assert renders.table.cellWidget(0, 2).text() == "Retry"
        bridge.close()
        tasks.close()


def test_building_every_panel_imports_no_torch():
    """Run apart, for other tests of this process may have imported it."""
    program = (
        "import os, sys, pathlib\n"
        "os.environ['QT_QPA_PLATFORM'] = 'offscreen'\n"
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication([])\n"
        "from tonewright.desktop.inspector.effect_panel import EffectPanel\n"
        "from tonewright.desktop.session import Session\n"
        "from tonewright.dsp.effects.registry import default_registry\n"
        "from tonewright.dsp.project.document import EffectSpec, Id\n"
        "registry = default_registry()\n"
        "for each in registry:\n"
        "    effect = EffectSpec(Id('e'), each.id, each.version)\n"
        "    panel = EffectPanel(Session(), effect, registry, pathlib.Path('none'))\n"
        "    assert panel.editors.keys() == {p.name for p in each.parameters}, each.id\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
    assert len(list(default_registry())) > 10
