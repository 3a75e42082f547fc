from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewright.desktop.tasks import Tasks
from tonewright.dsp.effects.registry import load_registry
from tonewright.dsp.playback.graph import PlaybackGraph, compile_graph, playback_plan
from tonewright.dsp.project.document import Project, new_id
from tonewright.dsp.project.media import add_files
from tonewright.dsp.rendering.queue import RenderQueue
from tonewright.dsp.rendering.store import Store

RATE = 48_000

BROKEN = """
import os
import time
from dataclasses import replace
from tonewright.dsp.effects import Parameter, RunsIn, effect
from tonewright.dsp.effects.protocol import Family

@effect("broken", Parameter("deed", "pass", kind="text"))
class Broken:
    def __init__(self, deed="pass"):
        self.deed = deed
        self.failure = ""

    def process(self, audio, sample_rate, buffer_size=8192, reset=True):
        while self.deed.startswith("wait for ") and not os.path.exists(self.deed[9:]):
            time.sleep(0.001)
        if self.deed == "raise":
            raise ZeroDivisionError("oh")
        if self.deed == "go on dry":
            self.failure = "oh; the sound goes on dry"
        return audio

    def reset(self):
        pass


@effect("higher", family=Family.MIDI, runs_in=RunsIn.RENDERED)
class Higher:
    def process_midi(self, sequence):
        assert os.environ["TEST_PID"] != str(os.getpid())  # not in the editor's process
        return replace(sequence, tracks=tuple(
            replace(track, notes=tuple(
                replace(note, pitch=note.pitch + 12) for note in track.notes))
            for track in sequence.tracks))
"""


@dataclass
class Studio:
    """A render queue, tasks, and graphs of projects."""

    queue: RenderQueue
    tasks: Tasks

    def graph(self, project: Project) -> PlaybackGraph:
        store, registry = self.queue.store, self.queue.registry
        wanted = playback_plan(project, registry=registry)
        return compile_graph(project, wanted, store=store, registry=registry)


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    path = tmp_path / "broken.py"
    path.write_text(BROKEN, "utf-8")
    with RenderQueue(Store(tmp_path / "store"), load_registry([path]), threads=2) as queue:
        tasks = Tasks()
        yield Studio(queue, tasks)
        tasks.close()


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[[float], Project]:
    """Make a project with one track of noise."""

    def make(seconds: float = 1.0) -> Project:
        path = tmp_path / "take.wav"
        signal = 0.1 * np.random.default_rng(0).standard_normal((round(seconds * RATE), 2))
        soundfile.write(path, signal, RATE, "FLOAT")
        return add_files(Project(new_id(), "song", sample_rate=RATE), [path]).project

    return make


@pytest.fixture
def until(qtbot) -> Callable[[Callable[[], bool]], None]:
    """Wait for a condition, with patience for a machine that has much to do."""
    return qtbot.waitUntil
