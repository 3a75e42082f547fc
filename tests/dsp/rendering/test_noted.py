"""Effects on notes that run RENDERED: never where a project is planned, and once only."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tonewright.dsp.effects.registry import Registry, load_registry
from tonewright.dsp.errors import CancelledError, EffectError, RenderError
from tonewright.dsp.midi.sequence import MidiSequence, MidiTrack
from tonewright.dsp.playback.graph import compile_graph, playback_plan
from tonewright.dsp.project import edits
from tonewright.dsp.project.document import (
    EffectSpec,
    Instrument,
    MidiClip,
    MusicalTime,
    Note,
    Project,
    TempoMap,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.rendering.chains import bound_on_notes
from tonewright.dsp.rendering.inline import InlineQueue
from tonewright.dsp.rendering.job import CancelToken, ignore
from tonewright.dsp.rendering.nodes import Stored
from tonewright.dsp.rendering.noted import Noted
from tonewright.dsp.rendering.outputs import Mix
from tonewright.dsp.rendering.plan import plan
from tonewright.dsp.rendering.renderer import Renderer
from tonewright.dsp.rendering.sources import Synth
from tonewright.dsp.rendering.store import Store
from tonewright.dsp.rendering.worker import Worker

EFFECTS = """
from dataclasses import replace
from pathlib import Path
from tonewright.dsp.effects import Parameter, RunsIn, effect
from tonewright.dsp.effects.protocol import Family
from tonewright.dsp.errors import EffectError

@effect("higher", Parameter("semitones", 12, 0, 24, kind="int"), Parameter("log", "", kind="text"),
        family=Family.MIDI, runs_in=RunsIn.RENDERED, seeded=True)
class Higher:
    def __init__(self, semitones=12, log="", seed=0):
        self.semitones, self.log = int(semitones), log

    def process_midi(self, sequence):
        if self.log:
            with Path(self.log).open("a") as file:
                file.write("made\\n")
        if not sequence.tracks[0].notes:
            raise EffectError("nothing to make higher")
        def higher(track):
            return replace(track, notes=tuple(
                replace(note, pitch=note.pitch + self.semitones) for note in track.notes))
        return replace(sequence, tracks=tuple(map(higher, sequence.tracks)))
"""


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    path = tmp_path / "higher.py"
    path.write_text(EFFECTS, "utf-8")
    return load_registry([path])


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def renderer(store: Store, registry: Registry) -> Iterator[Renderer]:
    with Renderer(executor=InlineQueue(store, registry)) as renderer:
        yield renderer


def sequence(*pitches: int) -> MidiSequence:
    notes = tuple(Note(pitch, 90, 480 * n, 480) for n, pitch in enumerate(pitches))
    return MidiSequence(960, TempoMap(), (MidiTrack("tune", notes),))


def noted(registry: Registry, *pitches: int, seed: int = 0, **params: object) -> Noted:
    bound = bound_on_notes(registry.get("higher"), params, seed=seed)
    return Noted(sequence(*pitches), bound, "higher on tune")


def project_with(*specs: EffectSpec) -> Project:
    clip = MidiClip(
        new_id(), "tune", MusicalTime(0), 1920, (Note(60, 90, 0, 480), Note(64, 90, 960, 480))
    )
    track = Track(new_id(), "keys", TrackKind.MIDI, clips=(clip,), instrument=Instrument(program=0))
    project = Project(new_id(), "song", sample_rate=8_000, tracks=(track,))
    for spec in specs:
        project = edits.add_effect(project, track.id, spec)
    return project


def spec(effect: str, **params: object) -> EffectSpec:
    return EffectSpec(new_id(), effect, params=tuple(sorted(params.items())))


def test_notes_are_made_once_and_come_from_the_store(registry: Registry, store: Store) -> None:
    work = noted(registry, 60, 64)
    assert work.find(store) is None
    work.render(store=store, registry=registry)
    assert work.is_in(store)
    found = work.find(store)
    assert found is not None
    assert [note.pitch for note in found.tracks[0].notes] == [72, 76]
    assert found.tempo_map == work.sequence.tempo_map


def test_the_key_changes_with_notes_parameters_and_seed(registry: Registry) -> None:
    keys = {
        noted(registry, 60).key,
        noted(registry, 61).key,
        noted(registry, 60, semitones=7).key,
        noted(registry, 60, seed=1).key,
    }
    assert len(keys) == 4
    warned = replace(noted(registry, 60), label="x")
    assert warned.key == noted(registry, 60).key
    read = replace(warned.sequence, warnings=("a note never ended",))
    assert replace(warned, sequence=read).key == warned.key


def test_what_is_cancelled_leaves_nothing(registry: Registry, store: Store) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        noted(registry, 60).render(store=store, registry=registry, cancel=cancel)
    assert not noted(registry, 60).is_in(store)


def test_a_wrong_parameter_is_told_before_the_run(registry: Registry) -> None:
    with pytest.raises(EffectError, match="semitones"):
        noted(registry, 60, semitones=99)


def test_the_worker_process_makes_notes(tmp_path: Path, registry: Registry, store: Store) -> None:
    worker = Worker(store, registry)
    try:
        worker.run(noted(registry, 60), report=ignore, cancel=CancelToken())
        with pytest.raises(EffectError, match="nothing to make higher"):
            worker.run(noted(registry), report=ignore, cancel=CancelToken())
    finally:
        worker.close()
    found = noted(registry, 60).find(store)
    assert found is not None
    assert [note.pitch for note in found.tracks[0].notes] == [72]


def pitches_of(events: tuple[tuple[int, bytes], ...]) -> list[int]:
    return [data[1] for _, data in events if data[0] & 0xF0 == 0x90 and data[2]]


def test_planning_runs_nothing_and_names_what_is_missing(
    tmp_path: Path, registry: Registry, store: Store
) -> None:
    log = tmp_path / "log"
    made = spec("higher", log=str(log))
    project = project_with(made)
    wanted = plan(project, [Mix()], registry=registry)
    assert not log.exists()
    assert [each.label for each in wanted.waiting] == ["Higher on keys"]
    assert wanted.stages[made.id] is wanted.waiting[0]
    assert not wanted.jobs  # nothing is rendered that will change
    wanted.waiting[0].render(store=store, registry=registry)
    again = plan(project, [Mix()], registry=registry, notes_of=lambda each: each.find(store))
    assert not again.waiting
    (job,) = again.jobs
    assert isinstance(job.source, Synth)
    assert pitches_of(job.source.events) == [72, 76]
    assert log.read_text() == "made\n"


def test_effects_in_a_row_wait_for_each_other(
    registry: Registry, store: Store, renderer: Renderer
) -> None:
    project = project_with(
        spec("higher", semitones=2), spec("transpose", semitones=1), spec("higher", semitones=3)
    )
    wanted = plan(project, [Mix()], registry=registry)
    assert len(wanted.waiting) == 1  # the second is asked once it is known what it gets
    (audio,) = renderer.prepare(project, [Mix()]).read()
    assert np.abs(audio).max() > 0.0
    done = plan(project, [Mix()], registry=registry, notes_of=lambda each: each.find(store))
    (job,) = done.jobs
    assert isinstance(job, Stored)
    assert isinstance(job.source, Synth)
    assert pitches_of(job.source.events) == [66, 70]


def test_notes_that_vanish_are_told(registry: Registry, store: Store) -> None:
    class Forgetful(InlineQueue):
        def render(self, nodes: object, **options: object) -> None:
            pass

    renderer = Renderer(executor=Forgetful(store, registry))
    with pytest.raises(RenderError, match="the notes are gone"):
        renderer.prepare(project_with(spec("higher")), [Mix()])


def test_playback_is_dry_until_the_notes_are_there(registry: Registry, store: Store) -> None:
    project = project_with(spec("higher"))
    wanted = playback_plan(project, registry=registry, store=store)
    graph = compile_graph(project, wanted, store=store, registry=registry)
    assert [each.label for each in graph.missing] == ["Higher on keys"]
    assert np.abs(graph.open(0).read(2_000).audio).max() > 0.0
    wanted.waiting[0].render(store=store, registry=registry)
    again = playback_plan(project, registry=registry, store=store)
    graph = compile_graph(project, again, store=store, registry=registry)
    assert [each.label for each in graph.missing] == ["keys"]
