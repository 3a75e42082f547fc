from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewright.dsp.effects.registry import Registry, default_registry
from tonewright.dsp.project.document import Project, new_id
from tonewright.dsp.project.media import add_files
from tonewright.dsp.rendering.inline import InlineQueue
from tonewright.dsp.rendering.nodes import Stored
from tonewright.dsp.rendering.renderer import Renderer
from tonewright.dsp.rendering.store import Store


class CountingQueue(InlineQueue):
    """Renders in place; ``labels`` are what the last render had to do."""

    def __init__(self, store: Store, registry: Registry) -> None:
        super().__init__(store, registry)
        self.labels: list[str] = []

    def render(self, nodes: tuple[Stored, ...], **options: object) -> None:
        self.labels = [each.label for each in nodes if self.store.get(each.key) is None]
        super().render(nodes, **options)


@pytest.fixture
def queue(tmp_path: Path) -> CountingQueue:
    return CountingQueue(Store(tmp_path / "store"), default_registry())


@pytest.fixture
def renderer(queue: CountingQueue) -> Iterator[Renderer]:
    with Renderer(executor=queue) as renderer:
        yield renderer


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[..., Project]:
    """Make a 48 kHz project with a track for each array of shape ``(channels, samples)``."""

    def make(*signals: np.ndarray, rate: int = 48_000) -> Project:
        paths = []
        for number, signal in enumerate(signals):
            path = tmp_path / f"take {number}.wav"
            soundfile.write(path, signal.T, rate, "FLOAT")
            paths.append(path)
        return add_files(Project(new_id(), "song", sample_rate=48_000), paths).project

    return make
