"""Wet and dry at one key; the newest question wins."""

from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QObject

from tonewright.desktop.comparing import Comparing
from tonewright.desktop.session import Session
from tonewright.desktop.tasks import Tasks
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.project.document import EffectSpec, Id, Project, new_id
from tonewright.dsp.project.edits import add_effect, delete_tracks
from tonewright.dsp.project.media import add_files
from tonewright.dsp.rendering.store import Store


class Player(QObject):
    """Keeps what it was told to play."""

    graph = None

    def set_graph(self, graph):
        self.graph = graph


@pytest.fixture
def session(qapp, tmp_path):
    path = tmp_path / "hum.wav"
    soundfile.write(path, 0.2 * np.sin(np.arange(16_000) * 0.3), 8_000)
    project = add_files(Project(new_id(), "Song", 8_000), [path]).project
    gain = EffectSpec(Id("softer"), "gain", params=(("gain_db", -6.0),))
    return Session(add_effect(project, project.tracks[0].id, gain))


@pytest.fixture
def comparing(session, tmp_path):
    tasks = Tasks()
    queue = SimpleNamespace(store=Store(tmp_path / "store"), registry=default_registry())
    player = Player()
    view = ViewState(session)
    comparing = Comparing(session, view, tasks, render_queue=queue, player=player)
    comparing.player = player
    yield comparing
    tasks.close()


def test_dry_plays_as_loud_and_back_comes_what_was(qtbot, session, comparing):
    wet = object()
    comparing.take(wet)
    assert comparing.player.graph is wet
    with qtbot.waitSignal(comparing.heard, timeout=30_000) as heard:
        comparing.start(session.project.tracks[0].id)
    assert heard.args[0] == pytest.approx(-6.0, abs=0.01)
    assert comparing.active
    assert comparing.player.graph is not wet
    comparing.stop()
    assert comparing.player.graph is wet


def test_a_change_of_the_project_is_compared_anew(qtbot, session, comparing):
    comparing.take(object())
    track_id = session.project.tracks[0].id
    with qtbot.waitSignal(comparing.heard, timeout=30_000):
        comparing.start(track_id)
    gain = EffectSpec(new_id(), "gain", params=(("gain_db", -3.0),))
    session.apply("", lambda p: add_effect(p, track_id, gain))
    with qtbot.waitSignal(comparing.heard, timeout=30_000) as heard:
        comparing.take(object())
    assert heard.args[0] == pytest.approx(-9.0, abs=0.01)


def test_where_the_chain_is_gone_the_comparison_ends(qtbot, session, comparing):
    track_id = session.project.tracks[0].id
    with qtbot.waitSignal(comparing.heard, timeout=30_000):
        comparing.start(track_id)
    session.apply("", lambda p: delete_tracks(p, [track_id]))
    wet = object()
    with qtbot.waitSignal(comparing.problem, timeout=30_000):
        comparing.take(wet)
    assert not comparing.active
    assert comparing.player.graph is wet
