"""The player's commands and signals, through its thread, without a device."""

import itertools

import pytest

from tonewright.desktop.adapters.player import Player
from tonewright.dsp.errors import PlaybackError
from tonewright.dsp.playback.graph import silent_graph
from tonewright.dsp.playback.sink import NullSink
from tonewright.dsp.playback.transport import LoopRange

RATE = 48_000


def slow(sample_rate):
    """Return a sink on which 1 ms passes whenever its clock is looked at."""
    ticks = itertools.count()
    return NullSink(sample_rate, clock=lambda: next(ticks) * 0.001)


@pytest.fixture
def player(studio, make_project, qtbot):
    players = []

    def make(open_sink=slow, seconds=1.0):
        players.append(Player(studio.graph(make_project(seconds)), open_sink))
        return players[-1]

    yield make
    for each in players:
        each.close()


def test_it_plays_to_the_end_and_tells(player, qtbot, until):
    playing = player()
    states, statuses = [], []
    playing.state_changed.connect(lambda: states.append(playing.playing))
    playing.levels.connect(statuses.append)
    with qtbot.waitSignal(playing.state_changed):
        playing.play()
    assert playing.playing
    until(lambda: not playing.playing and states == [True, False])
    assert playing.position_samples == RATE
    positions = [status.position_samples for status in statuses]
    assert positions == sorted(positions)
    assert len(positions) > 3
    assert statuses[-1].levels.hold_dbfs[0] > -20
    heard = statuses[len(statuses) // 2]
    (peaks,) = heard.track_peaks_dbfs.values()
    assert peaks[0] > -30


def test_toggle_seek_and_loop(player, qtbot):
    playing = player(lambda rate: NullSink(rate, clock=lambda: 0.0))
    with qtbot.waitSignal(playing.levels):
        playing.seek(24_000)
    assert playing.position_samples == 24_000
    playing.set_loop(LoopRange(20_000, 30_000))
    with qtbot.waitSignal(playing.state_changed):
        playing.toggle()
    assert playing.playing
    with qtbot.waitSignal(playing.state_changed):
        playing.toggle()
    assert not playing.playing
    with pytest.raises(ValueError, match="-1"):
        playing.seek(-1)


def test_without_a_device_one_line_is_told_and_the_transport_runs(player, qtbot, until):
    def none(sample_rate):
        raise PlaybackError("no sound device")

    playing = player(none)
    problems = []
    playing.problem.connect(problems.append)
    for _ in range(2):
        with qtbot.waitSignal(playing.state_changed):
            playing.play()
        until(lambda: playing.position_samples > 1_000)
        with qtbot.waitSignal(playing.state_changed):
            playing.stop()
    assert problems == ["no sound device"]


def test_another_graph_and_another_device_while_it_plays(studio, player, qtbot, until):
    opened = []

    def open_sink(sample_rate):
        opened.append(sample_rate)
        return NullSink(sample_rate, clock=lambda: 0.0)

    playing = player(open_sink)
    with qtbot.waitSignal(playing.state_changed):
        playing.play()
    playing.reopen()
    until(lambda: len(opened) == 2)
    silence = silent_graph(24_000, store=studio.queue.store, registry=studio.queue.registry)
    playing.set_graph(silence)
    until(lambda: not playing.playing)
    assert opened == [RATE, RATE, 24_000]


def test_closing_while_it_plays_tells_nothing_more(studio, make_project, qtbot):
    playing = Player(studio.graph(make_project()), NullSink)
    with qtbot.waitSignal(playing.state_changed):
        playing.play()
    told = []
    playing.close()
    playing.levels.connect(told.append)
    qtbot.wait(0)
    assert told == []
