from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewright.dsp.effects.registry import Registry, load_registry
from tonewright.dsp.playback.graph import PlaybackGraph, compile_graph, playback_plan
from tonewright.dsp.project.document import Project, new_id
from tonewright.dsp.project.media import add_files
from tonewright.dsp.rendering.inline import InlineQueue
from tonewright.dsp.rendering.renderer import Renderer, render
from tonewright.dsp.rendering.store import Store

RATE = 48_000

HALF = """
from tonewright.dsp.effects import RunsIn, effect

@effect("half", runs_in=RunsIn.RENDERED)
class Half:
    def process(self, audio, sample_rate, buffer_size=8192, reset=True):
        return audio * audio.dtype.type(0.5)

    def reset(self):
        pass
"""


class Clock:
    """Time that moves when it is told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Studio:
    """A store and effects, among them ``half``: it runs RENDERED and is 6 dB softer."""

    store: Store
    registry: Registry

    def graph(self, project: Project) -> PlaybackGraph:
        wanted = playback_plan(project, registry=self.registry)
        return compile_graph(project, wanted, store=self.store, registry=self.registry)

    def render(self, project: Project) -> np.ndarray:
        queue = InlineQueue(self.store, self.registry)
        return render(project, renderer=Renderer(executor=queue))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    path = tmp_path / "half.py"
    path.write_text(HALF, "utf-8")
    return Studio(Store(tmp_path / "store"), load_registry([path]))


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[..., Project]:
    """Make a 48 kHz project with a track for each array of shape ``(channels, samples)``."""

    def make(*signals: np.ndarray, rate: int = RATE) -> Project:
        paths = [tmp_path / f"take {number}.wav" for number, _ in enumerate(signals)]
        for path, signal in zip(paths, signals, strict=True):
            soundfile.write(path, signal.T, rate, "FLOAT")
        return add_files(Project(new_id(), "song", sample_rate=RATE), paths).project

    return make
