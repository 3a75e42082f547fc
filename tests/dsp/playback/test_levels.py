"""Faders that are moved while a project plays are heard, and nothing else is."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tonewright.dsp.playback.feeder import Feeder
from tonewright.dsp.playback.graph import GRID_SAMPLES, PlaybackGraph
from tonewright.dsp.playback.levels import LiveFader, levels_of, moved_levels
from tonewright.dsp.playback.sink import NullSink
from tonewright.dsp.project import edits
from tonewright.dsp.project.document import (
    AutomationLane,
    AutomationPoint,
    EffectSpec,
    ParameterRef,
    Project,
    Send,
    new_id,
)
from tonewright.dsp.rendering.plan import MASTER_LEVEL

RATE = 48_000
MakeProject = Callable[..., Project]


def ones(seconds: float = 0.5) -> np.ndarray:
    return np.full((2, round(seconds * RATE)), 0.25, np.float32)


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, (2, RATE // 2)).astype(np.float32)


@pytest.fixture
def band(make_project: MakeProject) -> Project:
    """Two tracks in a group, and one that is sent there."""
    project = make_project(noise(0), noise(1), noise(2))
    first, second, third = project.tracks
    project = edits.group_tracks(project, [first.id, second.id], name="Band")
    group = next(each for each in project.tracks if each.name == "Band")
    return edits.add_send(project, third.id, Send(new_id(), group.id, gain_db=-6.0))


def by_name(project: Project) -> dict[str, Any]:
    return {track.name: track for track in project.tracks}


def read(graph: PlaybackGraph, moves: dict[int, Project]) -> np.ndarray:
    """Return what a graph plays in blocks of its grid, with levels that change before some."""
    stream, blocks = graph.open(0), []
    while True:
        if len(blocks) in moves:
            stream.set_levels(levels_of(moves[len(blocks)]))
        block = stream.read(GRID_SAMPLES).audio
        if not block.shape[1]:
            return np.concatenate(blocks, axis=1)
        blocks.append(block)


def test_a_fader_goes_to_its_new_place_without_a_step(
    make_project: MakeProject, studio: Any
) -> None:
    project = make_project(ones())
    track_id = project.tracks[0].id
    softer = edits.set_channel(project, track_id, gain_db=-6.0206, pan=1.0)
    left, right = read(studio.graph(project), {2: softer}) / 0.25
    begin, end = 2 * GRID_SAMPLES, 3 * GRID_SAMPLES
    assert left[:begin] == pytest.approx(1.0)
    assert right[:begin] == pytest.approx(1.0)
    assert left[begin:end] == pytest.approx(np.linspace(1.0, 0.0, GRID_SAMPLES), abs=1e-3)
    assert right[begin:end] == pytest.approx(np.linspace(1.0, 0.5, GRID_SAMPLES), abs=1e-3)
    assert not left[end:].any()
    assert right[end:] == pytest.approx(0.5, abs=1e-5)


def test_moved_levels_sound_as_a_new_plan_does(band: Project, studio: Any) -> None:
    tracks = by_name(band)
    (send,) = next(each.channel.sends for each in band.tracks if each.channel.sends)
    moved = edits.set_send(band, send.id, gain_db=-12.0)
    moved = edits.set_channel(moved, tracks["Band"].id, gain_db=-3.0, pan=0.5)
    moved = edits.set_channel(moved, band.tracks[0].id, gain_db=2.0)
    moved = edits.set_channel(moved, None, gain_db=-1.0)
    graph = studio.graph(band)
    assert not graph.fixed
    heard = read(graph.at(levels_of(moved)), {})
    assert np.array_equal(heard, studio.render(moved))


def test_two_tracks_that_are_alike_have_a_fader_each(
    make_project: MakeProject, studio: Any
) -> None:
    project = make_project(ones(), ones())
    moved = edits.set_channel(project, project.tracks[1].id, gain_db=-6.0)
    heard = read(studio.graph(project).at(levels_of(moved)), {})
    assert np.array_equal(heard, studio.render(moved))


def test_only_levels_count_as_moved(band: Project) -> None:
    first = next(each for each in band.tracks if each.clips)
    (send,) = next(each.channel.sends for each in band.tracks if each.channel.sends)
    moved = edits.set_channel(edits.set_send(band, send.id, gain_db=-9.0), first.id, pan=0.1)
    moved = edits.set_channel(moved, None, gain_db=-1.0)
    assert moved_levels(band, moved) == {send.id, first.id, MASTER_LEVEL}
    assert moved_levels(band, band) == frozenset()
    others = (
        edits.set_channel(moved, first.id, muted=True),
        edits.set_send(moved, send.id, pre_fader=True),
        edits.remove_send(moved, send.id),
        edits.set_clip(moved, first.clips[0].id, gain_db=-1.0),
        edits.delete_tracks(moved, [first.id]),
        edits.set_project(moved, sample_rate=24_000),
    )
    assert [moved_levels(band, each) for each in others] == [None] * len(others)


def test_what_is_stored_or_automated_moves_by_a_plan_only(band: Project, studio: Any) -> None:
    tracks = by_name(band)
    group = tracks["Band"]
    project = edits.add_effect(band, group.id, EffectSpec(new_id(), "reverb"))
    graph = studio.graph(project)
    inside = {each.id for each in project.tracks if each.parent_id == group.id}
    inside |= {send.id for each in project.tracks for send in each.channel.sends}
    # What is sent behind the fader goes with it.
    inside |= {each.id for each in project.tracks if each.channel.sends}
    assert graph.fixed == inside
    lane = AutomationLane(ParameterRef(None, "pan"), (AutomationPoint(0, -1.0),))
    assert studio.graph(edits.set_automation(band, group.id, lane)).fixed == {group.id}


def test_the_feeder_plays_on_when_only_a_fader_moves(
    make_project: MakeProject, studio: Any, clock: Any
) -> None:
    project = make_project(ones())
    graph = studio.graph(project)
    feeder = Feeder(lambda rate: NullSink(rate, clock=clock), graph, told=print)
    feeder.play()
    feeder.feed()
    stream = feeder._stream
    feeder.graph = graph.at(levels_of(edits.set_channel(project, None, gain_db=-6.0)))
    clock.seconds += 0.1
    feeder.feed()
    assert feeder._stream is stream
    assert isinstance(graph.mix, LiveFader)
    feeder.graph = studio.graph(edits.set_channel(project, project.tracks[0].id, soloed=True))
    clock.seconds += 0.1
    feeder.feed()
    assert feeder._stream is not stream
    feeder.close()
