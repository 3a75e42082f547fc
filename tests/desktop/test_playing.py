"""What the user does to the transport, and what is asked of the sink for it."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tonewright.desktop.inspector.render_state import RenderStage
from tonewright.desktop.playing import Playing
from tonewright.desktop.session import Session
from tonewright.desktop.tasks import Tasks
from tonewright.desktop.timeline.ruler import Ruler
from tonewright.desktop.timeline.ruler_lanes import BAR_LANE
from tonewright.desktop.timeline.snap import Grid
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.playback.sink import NullSink
from tonewright.dsp.project.document import EffectSpec, Project, TimeRange, new_id
from tonewright.dsp.project.edits import add_effect, set_channel
from tonewright.dsp.project.media import add_files
from tonewright.dsp.rendering.queue import RenderQueue
from tonewright.dsp.rendering.store import Store

RATE = 48_000
SEEK_SECONDS = 0.05


class Recorder(NullSink):
    """A sink for which time stands still; it notes what is asked of it."""

    def __init__(self, sample_rate):
        super().__init__(sample_rate, clock=lambda: 0.0)
        self.written = []
        self.drops = []

    def write(self, audio):
        super().write(audio)
        self.written.append(audio)

    def drop(self):
        queued = self._queue.samples
        before = self.played_samples
        super().drop()
        self.drops.append((queued, self.played_samples - before, len(self.written)))


@pytest.fixture
def sound(tmp_path):
    """Ten seconds in which every sample says where it is."""
    ramp = np.linspace(0.0, 0.9, 10 * RATE, dtype=np.float32)
    path = tmp_path / "ramp.wav"
    soundfile.write(path, np.stack([ramp, -ramp], axis=1), RATE, "FLOAT")
    return path, np.stack([ramp, -ramp])


@pytest.fixture
def session(qapp, sound):
    return Session(add_files(Project(new_id(), "Song", RATE), [sound[0]]).project)


@pytest.fixture
def view(session):
    view = ViewState(session)
    view.pixels_per_second = 100.0
    view.set_tool(grid=Grid.NONE)
    return view


@pytest.fixture
def sinks():
    return []


@pytest.fixture
def playing(session, view, sinks, tmp_path):
    def open_sink(sample_rate):
        sinks.append(Recorder(sample_rate))
        return sinks[-1]

    tasks = Tasks()
    with RenderQueue(Store(tmp_path / "store"), default_registry(), threads=1) as queue:
        playing = Playing(session, view, tasks, queue, open_sink)
        yield playing
        playing.close()
        tasks.close()


@pytest.fixture
def ruler(session, view, qtbot):
    ruler = Ruler(session, view)
    qtbot.addWidget(ruler)
    ruler.resize(1000, ruler.height())
    ruler.show()
    return ruler


def test_a_seek_while_it_plays_drops_what_waits_and_goes_on_there(
    playing, ruler, sinks, sound, qtbot
):
    """The new place comes right behind a fade: within 50 ms, whatever was queued."""
    playing.toggle()
    qtbot.waitUntil(lambda: bool(sinks) and sum(a.shape[1] for a in sinks[0].written) >= 9_600)
    (sink,) = sinks
    QTest.mouseClick(
        ruler,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        QPoint(600, round(BAR_LANE.center().y())),
    )
    qtbot.waitUntil(lambda: bool(sink.drops) and len(sink.written) > sink.drops[0][2])
    ((queued, heard, old_blocks),) = sink.drops
    assert queued == 9_600  # all of the queue was of the old place
    assert 0 < heard <= SEEK_SECONDS * RATE  # of which this much was heard, fading
    audio = sink.written[old_blocks]
    fade = round(0.005 * RATE)
    new = 6 * RATE
    assert np.array_equal(audio[:, fade:], sound[1][:, new + fade : new + audio.shape[1]])
    assert playing.player.playing
    assert playing.player.position_samples == new


def test_it_plays_as_soon_as_there_is_something_to_play(playing, session, qtbot):
    playing.bridge.set_project(replace(session.project, id=new_id()))
    assert not playing.bridge.ready
    playing.toggle()
    playing.toggle()  # the user thought better of it
    playing.toggle()
    qtbot.waitUntil(lambda: playing.player.playing)
    assert playing.bridge.ready


def test_the_loop_of_the_view_is_the_loop_of_the_player(playing, view, sinks, sound, qtbot):
    view.set_loop(TimeRange(1.0, 1.05))
    view.seek(1.0)
    playing.toggle()
    qtbot.waitUntil(lambda: bool(sinks) and sum(a.shape[1] for a in sinks[0].written) >= 7_200)
    heard = np.concatenate(sinks[0].written, axis=1)
    start, length, fade = RATE, 2_400, 240
    assert np.array_equal(heard[:, fade:length], sound[1][:, start + fade : start + length])
    assert np.array_equal(heard[:, length : 2 * length], sound[1][:, start : start + length])


def test_a_fader_is_heard_without_another_graph(playing, session, qtbot):
    qtbot.waitUntil(lambda: playing.bridge.ready)
    graphs = []
    playing.bridge.graph_ready.connect(graphs.append)
    track_id = session.project.tracks[0].id
    for gain_db in (-3.0, -6.0):
        session.apply(
            "Gain", lambda p, db=gain_db: set_channel(p, track_id, gain_db=db), merge_key="drag"
        )
    assert playing.player._engine.graph.levels[track_id].gain_db == -6.0
    assert graphs == []


def test_how_far_an_effect_is_is_told_until_it_is_ready(playing, session, qtbot):
    effect = EffectSpec(new_id(), "reverb", range=TimeRange(1.0, 2.0))
    track_id = session.project.tracks[0].id
    session.apply("Add", lambda project: add_effect(project, track_id, effect))
    seen = set()

    def ready():
        state = playing.states().get(effect.id)
        seen.add(state.stage if state else None)
        return state is not None and state.stage is RenderStage.READY

    qtbot.waitUntil(ready)
    assert RenderStage.FAILED not in seen
    other = EffectSpec(new_id(), "gain")
    session.apply("Add", lambda project: add_effect(project, track_id, other))
    qtbot.waitUntil(lambda: playing.bridge._compiled.project is session.project)
    assert other.id not in playing.states()  # it runs live, and has no result of its own
