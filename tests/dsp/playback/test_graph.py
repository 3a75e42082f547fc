"""Playback and export are the same sound; what is not rendered is heard as well as can be."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tonewright.dsp.playback.graph import PlaybackGraph, compile_graph, playback_plan
from tonewright.dsp.playback.levels import LiveFader
from tonewright.dsp.project import edits
from tonewright.dsp.project.document import (
    AutomationLane,
    AutomationPoint,
    ClockTime,
    EffectSpec,
    Fade,
    MidiClip,
    MusicalTime,
    Note,
    ParameterRef,
    Project,
    TimeRange,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.rendering.graph import Node
from tonewright.dsp.rendering.nodes import Fader, Sum

RATE = 48_000
MakeProject = Callable[..., Project]
Studio = Any


def noise(seconds: float, seed: int = 0, channels: int = 2, rate: int = RATE) -> np.ndarray:
    shape = channels, round(seconds * rate)
    return (0.1 * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def spec(effect: str, **fields: Any) -> EffectSpec:
    return EffectSpec(new_id(), effect, **fields)


def played(graph: PlaybackGraph, start_samples: int = 0) -> np.ndarray:
    stream = graph.open(start_samples)
    blocks = []
    while (block := stream.read(1_024)).audio.shape[1]:
        blocks.append(block.audio)
    return np.concatenate(blocks, axis=1)


def error_db(one: np.ndarray, other: np.ndarray) -> float:
    assert one.shape == other.shape
    return float(20 * np.log10(np.abs(one - other).max() + 1e-12))


@pytest.fixture
def song(make_project: MakeProject) -> Project:
    """Three tracks of which two are grouped, clips with fades, a send, automation."""
    project = make_project(noise(1.5), noise(2.0, 1, channels=1), noise(1.0, 2))
    first, second, third = project.tracks
    project = edits.set_clip(project, first.clips[0].id, fade_in=Fade(0.3), fade_out=Fade(0.4))
    project = edits.move_clips(project, {third.clips[0].id}, delta=ClockTime(0.777_7))
    project = edits.split_clip(project, second.clips[0].id, ClockTime(0.912_3))
    project = edits.group_tracks(project, [first.id, second.id], name="Band")
    lane = AutomationLane(
        ParameterRef(None, "gain_db"), (AutomationPoint(0, -20.0), AutomationPoint(3_000, 0.0))
    )
    project = edits.set_automation(project, third.id, lane)
    return edits.set_channel(project, second.id, pan=-0.4, gain_db=-3.0)


@pytest.mark.parametrize("start", [0, 1, 4_095, 30_001, 47_999, 80_000])
def test_playback_is_the_export_from_every_place(song: Project, studio: Studio, start: int) -> None:
    whole = studio.render(song)
    graph = studio.graph(song)
    assert not graph.missing
    assert not graph.live
    assert np.array_equal(played(graph, start), whole[:, start:])


@pytest.mark.parametrize("rate", [44_100, 32_000, 96_000])
@pytest.mark.parametrize("start", [1, 10_007, 40_000])
def test_a_resampled_file_sounds_the_same_from_every_place(
    make_project: MakeProject, studio: Studio, rate: int, start: int
) -> None:
    project = make_project(noise(1.0, rate=rate), rate=rate)
    live = studio.graph(project)
    assert live.missing
    assert error_db(played(live, start), studio.render(project)[:, start:]) < -120


def test_rendered_tracks_are_read_and_their_tails_ring_out(song: Project, studio: Studio) -> None:
    project = edits.add_effect(song, song.tracks[0].id, spec("reverb"))
    project = edits.add_effect(project, project.tracks[1].id, spec("half"))
    assert len(studio.graph(project).missing) >= 2
    whole = studio.render(project)
    assert whole.shape[1] > studio.render(song).shape[1]
    graph = studio.graph(project)
    assert not graph.missing
    for start in (0, 33_333):
        assert np.array_equal(played(graph, start), whole[:, start:])


def test_an_effect_that_is_not_rendered_yet_is_dry(song: Project, studio: Studio) -> None:
    dry = studio.render(song)
    track, clip = next(song.clips())
    project = song
    for owner_id in (track.id, clip.id):
        project = edits.add_effect(project, owner_id, spec("half"))
    graph = studio.graph(project)
    assert [node.rendered for node in graph.missing] == [True, True]
    assert np.array_equal(played(graph, 1_000), dry[:, 1_000:])


def test_an_effect_on_a_range_is_dry_until_it_is_rendered(song: Project, studio: Studio) -> None:
    dry = studio.render(song)
    ranged = spec("half", range=TimeRange(0.4, 0.8))
    project = edits.add_effect(song, song.tracks[-1].id, ranged)
    assert np.array_equal(played(studio.graph(project)), dry)
    wet = studio.render(project)
    assert error_db(wet, dry) > -40
    for start in (0, 20_000, 50_000):
        assert np.array_equal(played(studio.graph(project), start), wet[:, start:])


def test_native_effects_run_live_until_they_are_rendered(song: Project, studio: Studio) -> None:
    project = edits.add_effect(song, song.tracks[-1].id, spec("highpass_filter"))
    live = studio.graph(project)
    assert live.missing
    assert live.live
    heard = played(live)
    assert error_db(heard, studio.render(project)) < -120
    # From the middle the filter starts fresh, 100 ms before.
    assert error_db(played(live, 50_000), heard[:, 50_000:]) < -80


def test_effects_of_the_master_run_live_always(song: Project, studio: Studio) -> None:
    project = edits.add_effect(song, None, spec("gain", params=(("gain_db", -6.0),)))
    whole = studio.render(project)
    graph = studio.graph(project)
    assert not graph.missing
    assert graph.live
    assert error_db(played(graph, 12_345), whole[:, 12_345:]) < -120


def test_automation_of_a_live_effect_keeps_its_place(song: Project, studio: Studio) -> None:
    gain = spec("gain")
    project = edits.add_effect(song, None, gain)
    points = AutomationPoint(0, 0.0), AutomationPoint(2_000, -30.0)
    lane = AutomationLane(ParameterRef(gain.id, "gain_db"), points)
    project = replace(project, master_automation=(lane,))
    whole = studio.render(project)
    # Steps of the parameter lie on another grid.
    assert error_db(played(studio.graph(project), 30_000), whole[:, 30_000:]) < -50


def test_an_effect_that_is_not_installed_is_left_out(song: Project, studio: Studio) -> None:
    project = edits.add_effect(song, song.tracks[0].id, spec("from_elsewhere"))
    assert np.array_equal(played(studio.graph(project)), studio.render(song))


@pytest.fixture
def melody() -> Project:
    notes = tuple(Note(60 + n, 90, n * 480, 480) for n in range(6))
    clip = MidiClip(new_id(), "melody", MusicalTime(0), 2_880, notes)
    track = Track(new_id(), "Piano", TrackKind.MIDI, clips=(clip,))
    return edits.add_track(Project(new_id(), "song", sample_rate=RATE), track)


def test_notes_sound_before_they_are_rendered(melody: Project, studio: Studio) -> None:
    live = studio.graph(melody)
    assert live.missing
    heard = played(live)
    # A synthesizer that has played before begins a note a little differently.
    assert np.allclose(heard, studio.render(melody), rtol=0.0, atol=0.01)
    # From the middle: what begins there is the same, what rings from before is not all there.
    later = played(live, 30_000)
    assert np.abs(later[:, :2_000]).max() > 0.001
    assert np.corrcoef(later[0, 10_000:40_000], heard[0, 40_000:70_000])[0, 1] > 0.9


def test_meters_see_each_track_behind_its_fader(song: Project, studio: Studio) -> None:
    quiet = edits.set_channel(song, song.tracks[-1].id, muted=True)
    graph = studio.graph(quiet)
    block = graph.open(60_000).read(1_024)
    peaks = {track.name: peak for track, peak in zip(quiet.tracks, block.track_peaks, strict=True)}
    assert [track_id for track_id, _ in graph.tracks] == [track.id for track in quiet.tracks]
    assert np.array_equal(peaks[quiet.tracks[-1].name], (0.0, 0.0))
    assert peaks["Band"] == pytest.approx(np.abs(block.audio).max(axis=1))


def before_faders(root: Node) -> list[Node]:
    """Return the nodes that faders are on, in order."""
    found: list[Node] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Sum | Fader | LiveFader):
            found.append(node)
        elif isinstance(node, Sum):
            waiting.extend(node.sources)
        else:
            waiting.append(node.source)
    return found


def test_what_is_rendered_keeps_its_nodes(song: Project, studio: Studio) -> None:
    """Keys are kept with them, so compiling again costs little."""
    assert studio.graph(song).mix.key == studio.graph(song).mix.key
    wanted = playback_plan(song, registry=studio.registry)
    studio.render(song)
    graph = compile_graph(song, wanted, store=studio.store, registry=studio.registry)
    kept = zip(before_faders(graph.mix), before_faders(wanted.roots[0]), strict=True)
    assert all(played is planned for played, planned in kept)


def test_a_plan_takes_what_sounds_as_before_from_the_plan_before(
    song: Project, studio: Studio
) -> None:
    first, _, third = (track.id for track in song.tracks if track.kind is TrackKind.AUDIO)
    before = playback_plan(song, registry=studio.registry)
    clip = song.track(third).clips[0]
    changed = edits.set_channel(song, first, gain_db=-9.0)
    changed = edits.move_clips(changed, {clip.id}, delta=ClockTime(0.1))
    after = playback_plan(changed, registry=studio.registry, known=before)
    assert after.sources[first] is before.sources[first]
    assert after.sources[third] != before.sources[third]
    alone = playback_plan(changed, registry=studio.registry)
    assert [root.key for root in after.roots] == [root.key for root in alone.roots]
