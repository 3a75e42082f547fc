"""What is heard, sample by sample, at the pace of a clock that the tests move."""

from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tonewright.dsp.errors import PlaybackError
from tonewright.dsp.playback.feeder import BLOCK_SAMPLES, NIMBLE_SECONDS, Feeder
from tonewright.dsp.playback.meter import NO_LEVELS
from tonewright.dsp.playback.sink import FADE_SECONDS, NullSink, WavSink
from tonewright.dsp.playback.transport import LoopRange
from tonewright.dsp.project import edits
from tonewright.dsp.project.document import EffectSpec, Project, new_id

RATE = 48_000
FADE = round(FADE_SECONDS * RATE)
AHEAD = 9_600


def noise(length: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, (2, length)).astype(np.float32)


class Player:
    """A feeder whose sound goes into a file, and a clock for it."""

    def __init__(self, studio: Any, clock: Any, project: Project, path: Path) -> None:
        self.studio = studio
        self.clock = clock
        self.path = path
        self.told: list[str] = []
        self.feeder = Feeder(self._open, studio.graph(project), told=self.told.append)

    def _open(self, sample_rate: int) -> WavSink:
        return WavSink(self.path, sample_rate, ahead_seconds=AHEAD / RATE, clock=self.clock)

    @property
    def position(self) -> int:
        return self.feeder.status.position_samples

    def run(self, samples: int) -> None:
        """Let time pass, feeding every 10 ms."""
        while samples > 0:
            self.feeder.feed()
            step = min(480, samples)
            self.clock.seconds += step / RATE
            samples -= step
        self.feeder.feed()

    def heard(self) -> np.ndarray:
        self.feeder.close()
        return soundfile.read(self.path, dtype="float32")[0].T


@pytest.fixture
def player(studio: Any, clock: Any, tmp_path: Path) -> Any:
    players = []

    def make(project: Project) -> Player:
        players.append(Player(studio, clock, project, tmp_path / "heard.wav"))
        return players[-1]

    yield make
    for each in players:
        each.feeder.close()


MakePlayer = Callable[[Project], Player]


def test_what_is_heard_is_the_export(make_project: Any, player: MakePlayer) -> None:
    project = make_project(noise(30_000), noise(50_001, 1))
    project = edits.set_channel(project, project.tracks[0].id, gain_db=-3.0, pan=0.3)
    playing = player(project)
    whole = playing.studio.render(project)
    playing.feeder.play()
    playing.run(60_000)
    assert not playing.feeder.status.playing
    assert playing.position == 50_001
    assert np.array_equal(playing.heard(), whole)


def test_the_playhead_is_what_the_device_has_played(make_project: Any, player: MakePlayer) -> None:
    playing = player(make_project(noise(RATE)))
    playing.feeder.play()
    playing.feeder.feed()
    assert playing.feeder.status.playing
    assert playing.position == 0  # though 200 ms are computed
    playing.run(4_800)
    assert playing.position == 4_800
    playing.feeder.stop()
    stopped = playing.position
    assert stopped == 4_800 + FADE
    playing.run(4_800)
    assert playing.position == stopped
    playing.feeder.play()
    playing.run(960)
    assert playing.position == stopped + 960


def test_a_seek_sounds_at_once_and_fades(make_project: Any, player: MakePlayer) -> None:
    audio = noise(2 * RATE)
    playing = player(make_project(audio))
    playing.feeder.play()
    playing.run(4_800)
    playing.feeder.seek(50_000)
    playing.feeder.feed()
    assert playing.position == 50_000
    playing.run(2_400)
    assert playing.position == 52_400
    heard = playing.heard()
    ramp = np.arange(FADE) / FADE
    assert np.array_equal(heard[:, :4_800], audio[:, :4_800])
    assert heard[:, 4_800 : 4_800 + FADE] == pytest.approx(
        audio[:, 4_800 : 4_800 + FADE] * (1.0 - (np.arange(FADE) + 1) / FADE), abs=1e-6
    )
    begin = 4_800 + FADE  # 5 ms after the seek
    assert heard[:, begin : begin + FADE] == pytest.approx(
        audio[:, 50_000 : 50_000 + FADE] * ramp, abs=1e-6
    )
    assert np.array_equal(heard[:, begin + FADE : begin + 2_400], audio[:, 50_240:52_400])


def test_a_loop_is_exact_to_the_sample(make_project: Any, player: MakePlayer) -> None:
    audio = noise(RATE)
    playing = player(make_project(audio))
    playing.feeder.set_loop(LoopRange(1_001, 6_006))
    playing.feeder.play()
    playing.run(20_000)
    assert playing.position == 1_001 + (20_000 - 6_006) % 5_005
    heard = playing.heard()
    expected = np.concatenate([audio[:, :6_006], *3 * [audio[:, 1_001:6_006]]], axis=1)
    assert np.array_equal(heard[:, :20_000], expected[:, :20_000])


def test_a_loop_behind_the_end_repeats_with_its_silence(
    make_project: Any, player: MakePlayer
) -> None:
    audio = noise(10_000)
    playing = player(make_project(audio))
    playing.feeder.seek(8_000)
    playing.feeder.set_loop(LoopRange(8_000, 13_000))
    playing.feeder.play()
    playing.run(12_000)
    assert playing.feeder.status.playing
    heard = playing.heard()[:, :12_000]
    once = np.pad(audio[:, 8_000:], ((0, 0), (0, 3_000)))
    assert np.array_equal(heard[:, 5_000:10_000], once)


def test_a_loop_that_is_set_or_taken_away_counts_at_once(
    make_project: Any, player: MakePlayer
) -> None:
    playing = player(make_project(noise(RATE)))
    playing.feeder.play()
    playing.run(4_800)
    playing.feeder.set_loop(LoopRange(0, 8_000))  # what is queued goes beyond its end
    playing.run(4_800)
    at = playing.position
    assert at < 8_000
    playing.feeder.set_loop(None)  # and now it is behind its start again
    playing.run(9_600)
    assert playing.position == pytest.approx(at + 9_600, abs=FADE)


def test_a_loop_of_one_sample_does_not_keep_the_thread(
    make_project: Any, player: MakePlayer
) -> None:
    playing = player(make_project(noise(1_000)))
    playing.feeder.set_loop(LoopRange(5, 6))
    playing.feeder.play()
    playing.feeder.feed()
    playing.feeder.stop()
    assert not playing.feeder.status.playing


def test_another_graph_fades_over_at_the_same_place(make_project: Any, player: MakePlayer) -> None:
    audio = noise(RATE)
    project = make_project(audio)
    playing = player(project)
    playing.feeder.play()
    playing.run(4_800)
    softer = edits.set_channel(project, project.tracks[0].id, gain_db=-20.0)
    playing.feeder.graph = playing.studio.graph(softer)
    playing.run(14_400)
    heard = playing.heard()[:, :19_200]
    gains = (heard / audio[:, :19_200])[0]
    change = 4_800 + AHEAD  # what was queued plays on
    assert gains[:change] == pytest.approx(1.0, rel=1e-5)
    assert gains[change + FADE :] == pytest.approx(0.1, rel=1e-4)
    fading = gains[change : change + FADE]
    assert fading == pytest.approx(np.linspace(1.0, 0.1, FADE, endpoint=False), abs=1e-3)


def test_changes_that_follow_each_other_are_heard_sooner(
    make_project: Any, player: MakePlayer
) -> None:
    audio = noise(3 * RATE)
    project = make_project(audio)
    playing = player(project)
    playing.feeder.play()
    playing.run(4_800)
    nimble = round(NIMBLE_SECONDS * RATE)
    changed = []
    for gain_db in (-6.0, -12.0, -18.0):  # a fader that is dragged
        softer = edits.set_channel(project, project.tracks[0].id, gain_db=gain_db)
        playing.feeder.graph = playing.studio.graph(softer)
        changed.append(playing.position)
        playing.run(9_600)
    playing.run(2 * RATE)  # then as much is queued as before
    louder = edits.set_channel(project, project.tracks[0].id, gain_db=0.0)
    playing.feeder.graph = playing.studio.graph(louder)
    changed.append(playing.position)
    playing.run(12_000)
    end = playing.position
    gains = (playing.heard()[:, :end] / audio[:, :end])[0]
    delays = [AHEAD, nimble, nimble, AHEAD]
    for at, delay, gain_db in zip(changed, delays, (-6.0, -12.0, -18.0, 0.0), strict=True):
        heard = at + delay + FADE
        assert gains[heard + 500 : heard + 1_500] == pytest.approx(10 ** (gain_db / 20), rel=1e-3)


def test_the_same_graph_again_cannot_be_heard(make_project: Any, player: MakePlayer) -> None:
    audio = noise(RATE)
    project = make_project(audio)
    playing = player(project)
    playing.feeder.play()
    for _ in range(5):
        playing.run(1_500)
        playing.feeder.graph = playing.studio.graph(project)
    playing.run(2_000)
    assert playing.heard()[:, :9_500] == pytest.approx(audio[:, :9_500], abs=1e-6)


def test_a_finished_render_takes_over_while_it_plays(make_project: Any, player: MakePlayer) -> None:
    audio = noise(RATE)
    project = make_project(audio)
    owner = project.tracks[0].id
    project = edits.add_effect(project, owner, EffectSpec(new_id(), "half"))
    playing = player(project)
    playing.feeder.play()
    playing.run(2_400)
    playing.studio.render(project)
    playing.feeder.graph = playing.studio.graph(project)
    playing.run(24_000)
    gains = (playing.heard()[:, :26_400] / audio[:, :26_400])[0]
    assert gains[: 2_400 + AHEAD] == pytest.approx(1.0, rel=1e-5)
    assert gains[2_400 + AHEAD + FADE :] == pytest.approx(0.5, rel=1e-4)


def test_meters_belong_to_what_is_heard(make_project: Any, player: MakePlayer) -> None:
    audio = np.zeros((2, RATE), np.float32)
    audio[:, 5_000] = 0.5, 0.25
    project = make_project(audio)
    playing = player(project)
    playing.feeder.play()
    playing.run(4_800)
    assert playing.feeder.status.levels == NO_LEVELS
    playing.run(2 * BLOCK_SAMPLES)
    status = playing.feeder.status
    assert status.levels.hold_dbfs == pytest.approx((-6.02, -12.04), abs=0.01)
    assert status.track_peaks_dbfs[project.tracks[0].id] == pytest.approx((-6, -12), abs=0.6)
    playing.feeder.stop()
    stopped = playing.feeder.status
    assert stopped.levels.hold_dbfs == status.levels.hold_dbfs
    assert stopped.levels.peak_dbfs == (-inf, -inf)
    assert stopped.track_peaks_dbfs == {project.tracks[0].id: (-inf, -inf)}
    playing.feeder.reset_meter()
    assert playing.feeder.status.levels == NO_LEVELS


def test_at_the_end_play_begins_again(make_project: Any, player: MakePlayer) -> None:
    playing = player(make_project(noise(5_000)))
    playing.feeder.play()
    playing.run(10_000)
    assert (playing.position, playing.feeder.status.playing) == (5_000, False)
    playing.feeder.play()
    playing.run(1_000)
    assert playing.position == 1_000


def test_an_empty_project_is_over_at_once(player: MakePlayer) -> None:
    playing = player(Project(new_id(), "empty", sample_rate=RATE))
    playing.feeder.play()
    playing.feeder.feed()
    assert (playing.position, playing.feeder.status.playing) == (0, False)


def test_another_sample_rate_keeps_the_place_in_seconds(
    make_project: Any, studio: Any, clock: Any
) -> None:
    project = make_project(noise(RATE))
    rates = []

    def open_sink(sample_rate: int) -> NullSink:
        rates.append(sample_rate)
        return NullSink(sample_rate, clock=clock)

    feeder = Feeder(open_sink, studio.graph(project), told=rates.append)
    feeder.play()
    feeder.feed()
    clock.seconds += 0.1
    feeder.graph = studio.graph(edits.set_project(project, sample_rate=24_000))
    feeder.feed()
    assert feeder.status.position_samples == 2_400
    clock.seconds += 0.1
    feeder.feed()
    assert feeder.status.position_samples == 4_800
    feeder.close()
    assert rates == [RATE, 24_000]


def test_without_a_device_the_transport_runs_and_says_so_once(
    make_project: Any, studio: Any
) -> None:
    def no_device(sample_rate: int) -> NullSink:
        raise PlaybackError("no sound device")

    told: list[str] = []
    feeder = Feeder(no_device, studio.graph(make_project(noise(RATE))), told=told.append)
    for _ in range(3):
        feeder.play()
        feeder.feed()
        assert feeder.status.playing
        feeder.stop()
    feeder.close()
    assert told == ["no sound device"]


def test_another_device_goes_on_where_the_first_was(
    make_project: Any, studio: Any, clock: Any
) -> None:
    sinks = []

    def open_sink(sample_rate: int) -> NullSink:
        sinks.append(NullSink(sample_rate, clock=clock))
        return sinks[-1]

    feeder = Feeder(open_sink, studio.graph(make_project(noise(RATE))), told=pytest.fail)
    feeder.play()
    feeder.feed()
    clock.seconds += 0.1
    feeder.reopen()
    assert feeder.status.position_samples == 4_800 + FADE
    feeder.set_loop(LoopRange(0, RATE))
    feeder.feed()
    clock.seconds += 0.1
    feeder.feed()
    assert feeder.status.position_samples == 9_600 + FADE
    assert len(sinks) == 2
    feeder.close()


class _Breaking(NullSink):
    """A device that is pulled out when 20,000 samples have been written."""

    written = 0

    def write(self, audio: np.ndarray) -> None:
        self.written += audio.shape[1]
        if self.written > 20_000:
            raise PlaybackError("the device has gone")
        super().write(audio)


def test_a_device_that_goes_is_told_and_the_playhead_stays(
    make_project: Any, studio: Any, clock: Any
) -> None:
    told: list[str] = []
    graph = studio.graph(make_project(noise(2 * RATE)))
    feeder = Feeder(lambda rate: _Breaking(rate, clock=clock), graph, told=told.append)
    feeder.play()
    positions = []
    while not told:
        feeder.feed()
        positions.append(feeder.status.position_samples)
        clock.seconds += 0.01
    assert told == ["the device has gone"]
    assert feeder.status.playing
    assert positions[-1] >= positions[-2] > 0
    feeder.close()
