"""The dry sound is the project without a chain, and as loud."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tonewright.dsp.audio.loudness import LoudnessMeter
from tonewright.dsp.playback.compare import both, bypassed, dry
from tonewright.dsp.playback.graph import PlaybackGraph
from tonewright.dsp.project import edits
from tonewright.dsp.project.document import ClockTime, EffectSpec, Id, Project, TimeRange, new_id

RATE = 48_000
MakeProject = Callable[..., Project]
Studio = Any


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    return (0.1 * np.random.default_rng(seed).standard_normal((2, round(seconds * RATE)))).astype(
        np.float32
    )


def louder(gain_db: float) -> EffectSpec:
    return EffectSpec(new_id(), "gain", params=(("gain_db", gain_db),))


def heard(graph: PlaybackGraph) -> np.ndarray:
    stream = graph.open(0)
    blocks = []
    while (block := stream.read(8_192)).audio.shape[1]:
        blocks.append(block.audio)
    return np.concatenate(blocks, axis=1)


def loudness_lufs(audio: np.ndarray) -> float:
    meter = LoudnessMeter(RATE, 2)
    meter.add(audio)
    return meter.integrated_lufs


@pytest.fixture
def song(make_project: MakeProject) -> Project:
    return make_project(noise(2.0), noise(2.0, 1))


def compared(song: Project, owner_id: Id | None, studio: Studio, at_seconds: float = 0.0) -> Any:
    return dry(song, owner_id, at_seconds=at_seconds, store=studio.store, registry=studio.registry)


def test_a_track_is_dry_and_as_loud_as_wet(song: Project, studio: Studio) -> None:
    track_id = song.tracks[0].id
    wet = song
    for effect in (louder(-9.0), EffectSpec(new_id(), "reverb")):
        wet = edits.add_effect(wet, track_id, effect)
    found = compared(wet, track_id, studio)
    parts = [
        edits.set_channel(each, song.tracks[1].id, muted=True)
        for each in (wet, song)
    ]  # fmt: skip
    wet_lufs, dry_lufs = (loudness_lufs(heard(studio.graph(each))) for each in parts)
    # The tail behind the last clip is measured with some silence, or without.
    assert found.gain_db == pytest.approx(wet_lufs - dry_lufs, abs=0.5)
    expected = edits.add_effect(song, track_id, louder(found.gain_db))
    np.testing.assert_allclose(heard(found.graph), heard(studio.graph(expected)), atol=1e-6)


def test_the_master_is_compared_by_the_mix(song: Project, studio: Studio) -> None:
    wet = edits.add_effect(song, None, louder(6.0))
    found = compared(wet, None, studio)
    assert found.gain_db == pytest.approx(6.0, abs=0.01)
    np.testing.assert_allclose(heard(found.graph), heard(studio.graph(wet)), atol=1e-4)


def test_a_clip_is_measured_where_it_is(song: Project, studio: Studio) -> None:
    clip = song.tracks[0].clips[0]
    wet = edits.add_effect(song, clip.id, louder(-4.0))
    assert compared(wet, clip.id, studio, at_seconds=50.0).gain_db == pytest.approx(-4.0, abs=0.01)


def test_a_track_is_measured_where_it_sounds_next(song: Project, studio: Studio) -> None:
    track = song.tracks[0]
    wet = edits.add_effect(song, track.id, louder(-4.0))
    wet = edits.move_clips(wet, {track.clips[0].id}, delta=ClockTime(30.0))
    for at_seconds in (0.0, 90.0):
        found = compared(wet, track.id, studio, at_seconds=at_seconds)
        assert found.gain_db == pytest.approx(-4.0, abs=0.01)


def test_silence_is_not_made_up_for(song: Project, studio: Studio) -> None:
    wet = edits.add_effect(song, song.tracks[0].id, louder(-100.0))
    assert compared(wet, song.tracks[0].id, studio).gain_db == 0.0


def test_bypassing_leaves_other_chains_alone(song: Project) -> None:
    first, second = song.tracks
    for track in (first, second):
        song = edits.add_effect(song, track.id, louder(1.0))
    without = bypassed(song, first.id)
    enabled = [each.enabled for track in without.tracks for each in track.channel.effects]
    assert enabled == [False, True]


def test_a_passage_is_heard_dry_and_wet(song: Project, studio: Studio) -> None:
    first, second = song.tracks
    wet = edits.add_effect(song, first.id, louder(-6.0))
    where = TimeRange(1.5, 2.5)  # the last half second is silence
    dry_audio, wet_audio = both(wet, first.id, where, store=studio.store, registry=studio.registry)
    assert dry_audio.shape == wet_audio.shape == (2, RATE)
    alone = edits.set_channel(song, second.id, muted=True)
    np.testing.assert_allclose(
        dry_audio[:, : RATE // 2], heard(studio.graph(alone))[:, -RATE // 2 :], atol=1e-6
    )
    np.testing.assert_allclose(wet_audio, dry_audio * 10 ** (-6.0 / 20), atol=1e-6)
