"""An exploration beside the main thread: what is told, and that it can be ended at any time."""

import pytest

from tonewright.desktop.explorer.adapter import Exploring
from tonewright.desktop.tasks import Tasks
from tonewright.dsp.errors import EffectError
from tonewright.dsp.rendering.job import Progress
from tonewright.dsp.rendering.queue import State
from tonewright.dsp.rendering.task import Task

ANSWER = {
    "source": "solo flute", "target": "solo cello", "exact": True, "inversion": "ddim",
    "reconstruction_percent": 0.0, "steps": 2, "automatic_percent": None, "instruments": [],
    "trace": [], "trace_percent": [], "sample_rate": 44_100, "points": [],
}  # fmt: skip


class Asked:
    """A job, and the queue that it is in; the test says how far it is."""

    key = "key"

    def __init__(self):
        self.state, self.progress = State.QUEUED, Progress(0.0, "")
        self.answer, self.error = ANSWER, None
        self.cancelled = []
        self._listener = None

    def ask(self, task, listener):
        self._listener = listener
        return self

    def cancel(self, keys):
        self.cancelled += keys
        self.become(State.CANCELLED)

    def become(self, state, progress=None):
        self.state, self.progress = state, progress or self.progress
        self._listener(self)


@pytest.fixture
def asked():
    return Asked()


@pytest.fixture
def exploring(qapp, asked):
    tasks = Tasks()
    exploring = Exploring(asked, tasks)
    yield exploring
    exploring.close()
    tasks.close()


def begin(qtbot, exploring):
    with qtbot.waitSignal(exploring.progress):
        exploring.start(lambda: Task("diff_tone", "explore", {}, "a clip"))


def test_progress_and_the_answer_are_told(qtbot, exploring, asked):
    told = []
    exploring.progress.connect(told.append)
    begin(qtbot, exploring)
    assert told[-1].stage == "waiting"
    with qtbot.waitSignal(exploring.progress):
        asked.become(State.RUNNING, Progress(0.5, "edit"))
    assert told[-1] == Progress(0.5, "edit")
    assert exploring.running
    with qtbot.waitSignal(exploring.found) as found:
        asked.become(State.DONE)
    assert found.args[0].target == "solo cello"
    assert not exploring.running


def test_one_at_a_time(qtbot, exploring):
    begin(qtbot, exploring)
    exploring.start(lambda: pytest.fail("a second one was planned"))


def test_what_fails_is_told_in_one_line_wherever_it_fails(qtbot, exploring, asked):
    def unplanned():
        raise EffectError("no such clip")

    with qtbot.waitSignal(exploring.failed) as told:
        exploring.start(unplanned)
    assert told.args == ["no such clip"]
    begin(qtbot, exploring)
    asked.error = EffectError("no such model")
    with qtbot.waitSignal(exploring.failed) as told:
        asked.become(State.FAILED)
    assert told.args == ["no such model"]
    assert not exploring.running


def test_what_is_stopped_fails_without_a_word(qtbot, exploring, asked):
    begin(qtbot, exploring)
    with qtbot.waitSignal(exploring.failed) as told:
        exploring.stop()
    assert told.args == [""]
    assert asked.cancelled == ["key"]


def test_when_it_is_closed_nothing_is_told(qtbot, exploring, asked):
    begin(qtbot, exploring)
    exploring.close()
    with qtbot.assertNotEmitted(exploring.found), qtbot.assertNotEmitted(exploring.failed):
        asked.become(State.DONE)
        qtbot.wait(0)
