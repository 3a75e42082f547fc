"""The panel: from a clip's range to a layer on the clip, the networks in the worker process."""

import subprocess
import sys

import numpy as np
import pytest
import soundfile
from PySide6.QtWidgets import QPushButton

from tonewright.desktop.auditioning import Auditioning
from tonewright.desktop.explorer.panel import ExplorerPanel
from tonewright.desktop.session import Session
from tonewright.desktop.tasks import Tasks
from tonewright.desktop.timeline.view_state import RangeSelection, ViewState
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.playback.graph import compile_graph, playback_plan
from tonewright.dsp.playback.sink import NullSink
from tonewright.dsp.project.document import EffectSpec, Project, Recipe, TimeRange, new_id
from tonewright.dsp.project.edits import delete_clips, set_medium, set_project
from tonewright.dsp.project.media import add_files
from tonewright.dsp.rendering.exploration import spec_for
from tonewright.dsp.rendering.queue import RenderQueue
from tonewright.dsp.rendering.store import Store


@pytest.fixture
def session(qapp, tmp_path):
    path = tmp_path / "line.wav"
    soundfile.write(path, 0.1 * np.sin(np.arange(66_150) / 20.0), 44_100)
    return Session(add_files(Project(new_id(), "Song", 48_000), [path]).project)


@pytest.fixture
def view(session):
    return ViewState(session)


@pytest.fixture
def queue(tmp_path):
    with RenderQueue(Store(tmp_path / "store"), default_registry(), threads=1) as queue:
        yield queue


@pytest.fixture
def panel(qtbot, session, view, queue):
    tasks = Tasks()
    auditioning = Auditioning(session, tasks, queue, NullSink)
    panel = ExplorerPanel(session, view, tasks, render_queue=queue, auditioning=auditioning)
    qtbot.addWidget(panel)
    panel.resize(1_100, 290)
    panel.show()
    yield panel
    panel.close_run()
    auditioning.close()
    tasks.close()


def clip_of(session):
    return session.project.tracks[0].clips[0]


def choose(view, session, start, end):
    clip = clip_of(session)
    view.select([clip.id], focus=clip.id)
    view.set_range(RangeSelection(clip.id, TimeRange(start, end)))


@pytest.fixture
def explored(panel, found, monkeypatch):
    """Return a function that explores the chosen passage; something is done before the answer."""
    exploring = panel.exploring

    def explored(meanwhile=lambda: None):
        with monkeypatch.context() as patched:
            patched.setattr(exploring, "start", lambda make: None)
            panel.explore()
            patched.setattr(type(exploring), "running", property(lambda _: True))
            meanwhile()
        exploring.found.emit(found)

    return explored


def test_a_range_is_explored_heard_and_used_as_a_layer(qtbot, panel, view, queue, networks):
    session = panel._session
    assert not panel.explore_button.isEnabled()
    choose(view, session, 0.25, 0.75)
    assert "0.25 to 0.75 s" in panel.passage.text()
    panel.form.target.setCurrentText("cello")
    panel.form.model.setText(str(networks))
    panel.form.positions.setValue(2)
    steps = []
    panel.exploring.progress.connect(steps.append)
    panel.explore_button.click()
    assert panel.stop_button.isEnabled()
    qtbot.waitUntil(lambda: panel.curve.found is not None)
    assert steps
    found = panel.curve.found
    assert [each.switch_percent for each in found.points if not each.automatic] == [0.0, 100.0]
    assert "a recording: inverted (edit-friendly), given back exactly" in panel.case.text()
    assert not panel.use_button.isEnabled()
    # A click is heard again and again, until it is silenced.
    panel.curve.point_chosen.emit(0)
    qtbot.waitUntil(lambda: panel._auditioning.sounding)
    panel.silence_button.click()
    qtbot.waitUntil(lambda: not panel._auditioning.sounding)
    # What is used has been rendered already.
    panel.use_button.click()
    (effect,) = clip_of(session).effects
    assert effect.range == TimeRange(0.25, 0.75)
    assert dict(effect.params)["switch"] == found.points[0].switch
    wanted = playback_plan(session.project, registry=queue.registry)
    graph = compile_graph(session.project, wanted, store=queue.store, registry=queue.registry)
    assert wanted.stages[effect.id].key == found.points[0].key
    assert wanted.stages[effect.id].key not in {node.key for node in graph.missing}
    # Another choice moves the same layer; both are steps of the history.
    panel.curve.point_chosen.emit(len(found.points) - 1)
    panel.use_button.click()
    (moved,) = clip_of(session).effects
    assert moved.id == effect.id
    assert dict(moved.params)["switch"] != dict(effect.params)["switch"]
    session.undo_stack.undo()
    session.undo_stack.undo()
    assert clip_of(session).effects == ()
    assert panel.curve.found is found


def test_what_fails_is_one_line_and_it_can_be_tried_again(qtbot, panel, session, view, networks):
    choose(view, session, 0.0, 0.5)
    panel.form.model.setText(str(networks))
    panel.form.target.setCurrentText("kazoo")
    with qtbot.waitSignal(panel.problem) as told:
        panel.explore_button.click()
    assert "target 'kazoo' names no instrument that is known" in told.args[0]
    assert panel.explore_button.isEnabled()
    panel.explore_button.click()
    panel.stop_button.click()
    qtbot.waitUntil(panel.explore_button.isEnabled)
    assert panel.curve.found is None


def test_another_passage_puts_away_what_was_found(panel, session, view, explored):
    choose(view, session, 0.0, 0.5)
    explored()
    session.apply("Rename", lambda p: set_project(p, name="Another"))
    assert panel.curve.found is not None  # an edit is no other passage
    choose(view, session, 0.5, 1.0)
    assert panel.curve.found is None
    assert "0.50 to 1.00 s" in panel.passage.text()
    view.select([])
    view.set_range(None)
    assert "No clip chosen" in panel.passage.text()
    assert not panel.explore_button.isEnabled()


def test_what_was_found_of_a_clip_goes_with_it(panel, session, view, explored):
    choose(view, session, 0.0, 0.5)
    explored()
    session.apply("Delete", lambda p: delete_clips(p, [clip_of(session).id]))
    assert panel.curve.found is None
    assert not panel.use_button.isEnabled()


def test_who_chooses_elsewhere_meanwhile_still_sees_of_what_the_curve_is(
    panel, session, view, explored
):
    choose(view, session, 0.0, 0.5)
    explored(lambda: choose(view, session, 0.5, 1.0))
    assert "0.00 to 0.50 s" in panel.passage.text()
    session.apply("Rename", lambda p: set_project(p, name="Another"))
    assert panel.curve.found is not None
    choose(view, session, 0.75, 1.0)
    assert panel.curve.found is None


def test_a_clip_that_was_made_here_brings_its_origin(session):
    clip = clip_of(session)
    made = EffectSpec(new_id(), "generate", params=(("origin", '{"prompt": "solo flute"}'),))
    project = set_medium(session.project, clip.media_id, recipe=Recipe((made,)))
    spec = spec_for(project, clip, EffectSpec(new_id(), "diff_tone"), None)
    assert dict(spec.params)["origin"] == '{"prompt": "solo flute"}'
    own = spec_for(session.project, clip, EffectSpec(new_id(), "diff_tone"), None)
    assert "origin" not in dict(own.params)


def test_every_button_and_field_says_what_it_is_for(panel):
    for button in panel.findChildren(QPushButton):
        assert button.text()
    for field in (panel.form.target, panel.form.source, panel.form.take, panel.form.model):
        assert field.accessibleName()
        assert field.toolTip()


def test_the_panel_imports_no_torch():
    program = (
        "import os, sys\n"
        "os.environ['QT_QPA_PLATFORM'] = 'offscreen'\n"
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication([])\n"
        "import tonewright.desktop.explorer.panel\n"
        "from tonewright.desktop.explorer.form import Form\n"
        "from tonewright.dsp.effects.registry import default_registry\n"
        "form = Form(default_registry().get('diff_tone'))\n"
        "assert form.target.count() >= 16 and form.usable\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
