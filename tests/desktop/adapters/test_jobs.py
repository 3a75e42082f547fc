"""From edits to jobs to graphs, with a real queue."""

import os
from pathlib import Path

import numpy as np
import pytest

from tonewright.desktop.adapters.jobs import RenderBridge
from tonewright.dsp.playback.graph import playback_plan
from tonewright.dsp.project import edits
from tonewright.dsp.project.document import (
    EffectSpec,
    Instrument,
    MidiClip,
    MusicalTime,
    Note,
    Project,
    TimeRange,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.rendering.queue import State
from tonewright.dsp.rendering.sources import Synth

RAISING = (("deed", "raise"),)


@pytest.fixture
def bridge(studio, qtbot):
    bridge = RenderBridge(studio.queue, studio.tasks)
    yield bridge
    bridge.close()


def with_effect(project, effect, **fields):
    """Return the project with an effect on its first track, and the effect."""
    spec = EffectSpec(new_id(), effect, **fields)
    return edits.add_effect(project, project.tracks[0].id, spec), spec


def test_a_project_is_heard_at_once_and_rendered_behind(bridge, make_project, until):
    graphs = []
    bridge.graph_ready.connect(graphs.append)
    project, _ = with_effect(make_project(), "reverb")
    bridge.set_project(project)
    until(lambda: len(graphs) == 1)
    assert len(graphs[0].missing) == 1
    until(lambda: bool(bridge.jobs))
    until(lambda: len(graphs) > 1 and not graphs[-1].missing)
    assert bridge.jobs == ()


def test_edits_in_a_row_render_the_last_only(bridge, make_project, studio, qtbot, until):
    graphs = []
    bridge.graph_ready.connect(graphs.append)
    project, reverb = with_effect(make_project(), "reverb")
    bridge.set_project(project)
    for size in np.linspace(0.1, 0.9, 9):
        project = edits.set_effect_param(project, reverb.id, "room_size", float(size))
        bridge.set_project(project)
    until(lambda: bool(graphs) and not graphs[-1].missing)
    assert len(list(Path(studio.queue.store.folder).glob("??/*.json"))) == 1


def test_a_fader_that_moves_is_handed_on_without_a_plan(bridge, make_project, until):
    graphs, moved = [], []
    bridge.graph_ready.connect(graphs.append)
    bridge.levels_moved.connect(moved.append)
    project = make_project()
    track_id = project.tracks[0].id
    bridge.set_project(project)
    until(lambda: len(graphs) == 1)
    for gain_db in (-1.0, -2.0, -3.0):
        bridge.set_project(edits.set_channel(project, track_id, gain_db=gain_db))
    assert [graph.levels[track_id].gain_db for graph in moved] == [-1.0, -2.0, -3.0]
    assert all(graph.mix is graphs[0].mix for graph in moved)
    bridge.set_project(edits.set_channel(project, track_id, muted=True))
    until(lambda: len(graphs) == 2)
    assert len(moved) == 3


def test_a_job_that_fails_says_why_and_waits_for_a_retry(bridge, make_project, qtbot, until):
    project, broken = with_effect(make_project(), "broken", params=RAISING)
    bridge.set_project(project)

    def failed():
        return [job.state for job in bridge.jobs] == [State.FAILED]

    until(failed)
    (job,) = bridge.jobs
    assert job.error == "broken failed at sample 0: oh"
    bridge.set_project(edits.set_channel(project, project.tracks[0].id, soloed=True))
    with qtbot.waitSignal(bridge.jobs_changed):  # the edit was taken in
        pass
    assert failed()
    bridge.retry(job.key)
    assert [each.state for each in bridge.jobs] == [State.QUEUED]
    until(failed)
    bridge.set_project(edits.set_effect(project, broken.id, enabled=False))
    until(lambda: not bridge.jobs)


def test_jobs_that_nobody_wants_any_more_are_gone(bridge, make_project, tmp_path, until):
    go = tmp_path / "go"
    waiting = (("deed", f"wait for {go}"),)
    bare = make_project()
    project, _ = with_effect(bare, "broken", params=waiting, range=TimeRange(0.2, 0.6))
    project, _ = with_effect(project, "reverb", range=TimeRange(0.1, 0.9))
    try:
        bridge.set_project(project)
        until(lambda: len(bridge.jobs) > 1)
        bridge.set_project(bare)
        until(lambda: not bridge.jobs)
    finally:
        go.touch()


def test_what_went_on_dry_is_no_result(bridge, make_project, until):
    project, broken = with_effect(
        *(make_project(), "broken"), params=(("deed", "go on dry"),), range=TimeRange(0.2, 0.6)
    )
    bridge.set_project(project)
    until(lambda: {job.state for job in bridge.jobs} == {State.FAILED})
    assert bridge.job_of(broken.id).error == "oh; the sound goes on dry"
    assert bridge.has_result(broken.id) is False


def test_a_retry_takes_along_what_the_job_waits_for(bridge, make_project, until):
    project, _ = with_effect(make_project(), "broken", params=RAISING, range=TimeRange(0.2, 0.6))
    project, _ = with_effect(project, "reverb", range=TimeRange(0.1, 0.9))
    bridge.set_project(project)

    def states():
        return [job.state for job in bridge.jobs]

    until(lambda: len(states()) > 1 and set(states()) == {State.FAILED})
    count = len(states())
    bridge.retry(bridge.jobs[-1].key)
    assert states() == [State.QUEUED] * count
    until(lambda: set(states()) == {State.FAILED})


def test_the_job_of_an_effect_is_found_by_the_effect(bridge, make_project, until):
    project, ranged = with_effect(
        make_project(), "broken", params=RAISING, range=TimeRange(0.2, 0.6)
    )
    assert bridge.job_of(ranged.id) is None
    bridge.set_project(project)
    until(lambda: bool(bridge.jobs) and bridge.jobs[0].state is State.FAILED)
    job = bridge.job_of(ranged.id)
    assert job is not None
    assert job.state is State.FAILED
    assert bridge.job_of(new_id()) is None


def test_the_effect_that_made_the_render_of_its_track_fail_is_found(bridge, make_project, until):
    project, _ = with_effect(make_project(), "broken", params=RAISING)
    project, _ = with_effect(project, "reverb")
    bridge.set_project(project)
    until(lambda: bool(bridge.jobs) and bridge.jobs[0].state is State.FAILED)
    name = project.tracks[0].name
    assert bridge.failed_with(name, "broken", "Broken") is bridge.jobs[0]
    assert bridge.failed_with(name, "reverb", "Reverb") is None
    assert bridge.failed_with("another track", "broken", "Broken") is None


def test_an_effect_that_is_taken_away_is_not_rendered(bridge, make_project, studio, until):
    dry = make_project(60.0)
    wet, _ = with_effect(dry, "wpe_dereverb")
    bridge.set_project(wet)
    until(lambda: bool(bridge.jobs))
    bridge.set_project(dry)
    until(lambda: not bridge.jobs)
    bridge.set_project(wet)  # and back, perhaps before the old job has ended
    until(lambda: bool(bridge.jobs))
    (job,) = bridge.jobs
    bridge.cancel(job.key)
    until(lambda: [each.state for each in bridge.jobs] == [State.CANCELLED])


def test_what_cannot_be_planned_is_told_and_the_next_state_is_taken(bridge, make_project, qtbot):
    project, _ = with_effect(make_project(), "reverb", params=(("no_such", 1.0),))
    with qtbot.waitSignal(bridge.problem) as told:
        bridge.set_project(project)
    assert "no_such" in told.args[0]
    with qtbot.waitSignal(bridge.graph_ready):
        bridge.set_project(make_project())


def test_whether_the_result_of_an_effect_is_there(bridge, make_project, until):
    project, part = with_effect(make_project(), "reverb", range=TimeRange(0.2, 0.4))
    project, whole = with_effect(project, "delay")
    found = []
    bridge.graph_ready.connect(lambda _: found.append(bridge.has_result(part.id)))
    assert bridge.has_result(part.id) is None  # nothing is planned yet
    bridge.set_project(project)
    until(lambda: bool(found) and found[-1] is True)
    assert found[0] is False
    assert bridge.has_result(whole.id) is None  # it sounds live and has none of its own


def test_notes_that_an_effect_makes_are_heard_when_they_are_there(
    bridge, studio, until, monkeypatch
):
    monkeypatch.setenv("TEST_PID", str(os.getpid()))
    clip = MidiClip(new_id(), "tune", MusicalTime(0), 960, (Note(60, 90, 0, 480),))
    track = Track(new_id(), "Keys", TrackKind.MIDI, clips=(clip,), instrument=Instrument(program=0))
    project, higher = with_effect(
        Project(new_id(), "song", sample_rate=8_000, tracks=(track,)), "higher"
    )
    graphs = []
    bridge.graph_ready.connect(graphs.append)
    bridge.set_project(project)
    until(lambda: bool(graphs))
    assert bridge.has_result(higher.id) is False
    until(lambda: bridge.job_of(higher.id) is not None)
    until(lambda: bridge.has_result(higher.id) is True and not graphs[-1].missing)
    (job,) = playback_plan(project, registry=studio.queue.registry, store=studio.queue.store).jobs
    assert isinstance(job.source, Synth)
    assert {data[1] for _, data in job.source.events if data[0] == 0x90} == {72}
