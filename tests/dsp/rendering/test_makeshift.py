"""An effect that fails and leaves the sound dry: told, never kept as its result, tried again."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewright.dsp.audio.file import Encoding
from tonewright.dsp.effects.registry import Registry, load_registry
from tonewright.dsp.exporting.mixdown import export
from tonewright.dsp.exporting.settings import ExportSettings
from tonewright.dsp.exporting.single import apply_to_audio
from tonewright.dsp.project import edits
from tonewright.dsp.project.document import EffectSpec, Project, new_id
from tonewright.dsp.project.media import add_files
from tonewright.dsp.rendering.inline import InlineQueue
from tonewright.dsp.rendering.outputs import Mix
from tonewright.dsp.rendering.plan import plan
from tonewright.dsp.rendering.queue import RenderQueue
from tonewright.dsp.rendering.renderer import Renderer, render
from tonewright.dsp.rendering.store import Store, makeshift_key

RATE = 48_000

# Doubles; from its third block on only if the file "well" is there.
TIRED = """
from pathlib import Path
from tonewright.dsp.effects import RunsIn, effect

class Tired:
    failure = ""
    blocks = 0

    def process(self, audio, sample_rate, buffer_size=8192, reset=True):
        self.blocks += 1
        if self.blocks > 2 and not Path("WELL").exists():
            self.failure = "tired; the sound goes on dry"
        return audio if self.failure else 2 * audio

    def reset(self):
        pass

@effect("tired")
class TiredLive(Tired):
    pass

@effect("tired_rendered", runs_in=RunsIn.RENDERED)
class TiredRendered(Tired):
    pass
"""
WHY = "tired; the sound goes on dry"


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    path = tmp_path / "tired.py"
    path.write_text(TIRED.replace("WELL", str(tmp_path / "well")), "utf-8")
    return load_registry([path])


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def audio() -> np.ndarray:
    return (0.1 * np.random.default_rng(3).standard_normal((2, 3 * RATE))).astype(np.float32)


@pytest.fixture
def source(tmp_path: Path, audio: np.ndarray) -> Path:
    path = tmp_path / "take.wav"
    soundfile.write(path, audio.T, RATE, "FLOAT")
    return path


@pytest.fixture
def song(source: Path) -> Project:
    """A track through the effect that runs RENDERED, then one that does not fail."""
    project = add_files(Project(new_id(), "song", sample_rate=RATE), [source]).project
    for name, params in (("tired_rendered", ()), ("gain", (("gain_db", 0.0),))):
        spec = EffectSpec(new_id(), name, params=params)
        project = edits.add_effect(project, project.tracks[0].id, spec)
    return project


def is_dry_at_the_end(heard: np.ndarray, audio: np.ndarray) -> bool:
    assert np.array_equal(heard[:, :1_000], 2 * audio[:, :1_000])
    return np.array_equal(heard[:, -1_000:], audio[:, -1_000:])


def test_what_depends_on_it_is_not_kept_and_is_made_again(
    song: Project, registry: Registry, store: Store, audio: np.ndarray, tmp_path: Path
) -> None:
    jobs = plan(song, [Mix()], registry=registry).jobs
    with Renderer(executor=InlineQueue(store, registry)) as renderer:
        rendering = renderer.prepare(song, [Mix()])
        assert is_dry_at_the_end(rendering.read()[0], audio)
        assert rendering.notes == (WHY,)
        assert len(jobs) == 2
        assert all(store.get(job.key) is None for job in jobs)
        for job in jobs:
            makeshift = store.get(makeshift_key(job.key))
            assert makeshift is not None and makeshift.failures == (WHY,)
        (tmp_path / "well").touch()
        assert np.array_equal(render(song, renderer=renderer), 2 * audio)
    assert all(store.get(job.key) is not None for job in jobs)
    assert all(store.get(makeshift_key(job.key)) is None for job in jobs)


def test_the_queue_and_its_worker_process_say_so(
    song: Project, registry: Registry, store: Store, audio: np.ndarray
) -> None:
    jobs = plan(song, [Mix()], registry=registry).jobs
    with RenderQueue(store, registry, threads=1) as queue:
        submitted = queue.submit(jobs)
        queue.render(jobs)
        assert [job.failures for job in submitted] == [(WHY,), (WHY,)]
        assert is_dry_at_the_end(render(song, renderer=Renderer(executor=queue)), audio)


def test_an_export_reports_it(
    song: Project, registry: Registry, store: Store, tmp_path: Path
) -> None:
    with Renderer(executor=InlineQueue(store, registry)) as renderer:
        made = export(song, ExportSettings(), tmp_path / "out", renderer=renderer)
    assert WHY in made.warnings
    assert WHY in json.loads(made.plan.report.read_text("utf-8"))["warnings"]


def test_a_single_file_reports_it(
    registry: Registry, store: Store, source: Path, audio: np.ndarray, tmp_path: Path
) -> None:
    target = tmp_path / "out.wav"
    with Renderer(executor=InlineQueue(store, registry)) as renderer:
        made = apply_to_audio(
            source,
            target,
            [EffectSpec(new_id(), "tired")],
            renderer=renderer,
            encoding=Encoding("wav", "32f"),
            tail=False,
        )
    assert made.notes == (WHY,)
    assert is_dry_at_the_end(soundfile.read(target, dtype="float32")[0].T, audio)
