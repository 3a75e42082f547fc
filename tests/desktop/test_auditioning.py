import numpy as np
import pytest

from tonewright.desktop.auditioning import Auditioning
from tonewright.desktop.session import Session
from tonewright.desktop.tasks import Tasks
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.errors import PlaybackError
from tonewright.dsp.playback.sink import NullSink
from tonewright.dsp.project import edits
from tonewright.dsp.project.document import Id, Project, Track, TrackKind, new_id
from tonewright.dsp.rendering.queue import RenderQueue
from tonewright.dsp.rendering.store import Store


class Ear(NullSink):
    """Keeps what it plays."""

    def __init__(self, sample_rate):
        super().__init__(sample_rate)
        self.heard = []

    def write(self, audio):
        self.heard.append(audio)
        super().write(audio)


@pytest.fixture
def session(qapp):
    project = edits.add_track(Project(new_id(), "song"), Track(Id("Keys"), "Keys", TrackKind.MIDI))
    return Session(project)


@pytest.fixture
def open_auditioning(session, tmp_path):
    made = []

    def opened(open_sink):
        tasks = Tasks()
        render_queue = RenderQueue(Store(tmp_path / "store"), default_registry(), threads=1)
        auditioning = Auditioning(session, tasks, render_queue, open_sink)
        made.append((auditioning, tasks, render_queue))
        return auditioning

    yield opened
    for each in made:
        for part in each:
            part.close()


def test_a_note_is_heard_and_ends(open_auditioning, qtbot):
    ears = []

    def open_sink(sample_rate):
        ears.append(Ear(sample_rate))
        return ears[-1]

    auditioning = open_auditioning(open_sink)
    auditioning.play(Id("Keys"), 60, 100)
    qtbot.waitUntil(lambda: auditioning.sounding)
    qtbot.waitUntil(lambda: not auditioning.sounding)
    assert np.abs(np.concatenate(ears[0].heard, axis=1)).max() > 0.005


def test_of_notes_in_a_hurry_the_last_sounds_and_one_device_serves_all(open_auditioning, qtbot):
    opened = []
    auditioning = open_auditioning(lambda rate: opened.append(rate) or Ear(rate))
    for pitch in range(40, 60):
        auditioning.play(Id("Keys"), pitch, 100)
    qtbot.waitUntil(lambda: auditioning.sounding)
    qtbot.waitUntil(lambda: not auditioning.sounding)
    assert len(opened) == 1


def test_without_a_device_it_says_so_in_one_line(open_auditioning, qtbot):
    def no_device(sample_rate):
        raise PlaybackError("no sound device was found")

    auditioning = open_auditioning(no_device)
    with qtbot.waitSignal(auditioning.problem) as told:
        auditioning.play(Id("Keys"), 60, 100)
    assert told.args == ["no sound device was found"]


def test_a_track_that_has_gone_is_told(open_auditioning, qtbot):
    auditioning = open_auditioning(Ear)
    with qtbot.waitSignal(auditioning.problem):
        auditioning.play(Id("gone"), 60, 100)
    assert not auditioning.sounding
