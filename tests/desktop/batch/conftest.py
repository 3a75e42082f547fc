"""A crew that answers when it is told to: no process, no sound."""

import queue

import pytest

from tonewright.dsp.batch.crew import Event
from tonewright.dsp.batch.made import Made, MadeFile, Stamp
from tonewright.dsp.errors import MediaError
from tonewright.dsp.rendering.job import Progress


class Member:
    def __init__(self, crew, events):
        self.crew, self.events = crew, events

    def give(self, task):
        self.events.put(Event(self, "progress", Progress(0.5, "halfway")))
        self.crew.given.put((self, task))

    def answer(self, task, bad=False):
        if bad:
            error = MediaError(f"{task.source}: holds no sound")
            self.events.put(Event(self, "failed", error))
        else:
            path = task.folder / task.output
            path.parent.mkdir(parents=True)
            path.write_bytes(b"y")
            files = (MadeFile(task.output, '{"size_bytes": 1}'),)
            self.events.put(Event(self, "done", Made(Stamp.of(task.source), "sha", files)))

    def hold(self, paused):
        self.crew.held.put(paused)

    def silent_seconds(self):
        return 0.0

    def end(self):
        pass


class Crew:
    def __init__(self):
        self.given, self.held = queue.Queue(), queue.Queue()

    def size(self):
        return 1

    def hire(self, events, *, alone):
        return Member(self, events)

    def grows(self):
        return False


@pytest.fixture
def crew():
    return Crew()


@pytest.fixture
def takes(tmp_path):
    paths = [tmp_path / "takes" / f"{name}.wav" for name in "abc"]
    paths[0].parent.mkdir()
    for path in paths:
        path.write_bytes(b"x")
    return paths
