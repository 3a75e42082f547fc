"""The thread around the feeder: commands, events, failures."""

import itertools
import queue
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tonewright.dsp.playback.engine import Engine
from tonewright.dsp.playback.sink import NullSink, WavSink
from tonewright.dsp.playback.transport import LoopRange

RATE = 48_000
PATIENCE_SECONDS = 20.0


def noise(length: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.5, 0.5, (2, length)).astype(np.float32)


class Events:
    """What the engine says: a status at every change, and what it tells the user."""

    def __init__(self) -> None:
        self.engine: Engine | None = None
        self.told: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._changes: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def changed(self) -> None:
        assert self.engine is not None
        self._changes.put(self.engine.status)

    def until(self, wanted: Any) -> Any:
        while not wanted(status := self._changes.get(timeout=PATIENCE_SECONDS)):
            pass
        return status


def hurried() -> Any:
    """Return a clock that moves 5 ms whenever it is looked at."""
    ticks = itertools.count()
    return lambda: next(ticks) * 0.005


@pytest.fixture
def events() -> Events:
    return Events()


def start(events: Events, graph: Any, open_sink: Any) -> Engine:
    engine = Engine(open_sink, graph, told=events.told.put, changed=events.changed)
    events.engine = engine
    return engine


def test_it_plays_to_the_end_what_the_export_holds(
    make_project: Any, studio: Any, events: Events, tmp_path: Path
) -> None:
    project = make_project(noise(RATE))
    path, clock = tmp_path / "heard.wav", hurried()
    with start(events, studio.graph(project), lambda rate: WavSink(path, rate, clock=clock)) as it:
        it.play()
        events.until(lambda status: status.position_samples == RATE and not status.playing)
    heard = soundfile.read(path, dtype="float32")[0].T
    assert np.array_equal(heard, studio.render(project))
    assert events.told.empty()


def test_commands_are_carried_out_in_order(make_project: Any, studio: Any, events: Events) -> None:
    graph = studio.graph(make_project(noise(RATE)))
    with start(events, graph, lambda rate: NullSink(rate, clock=lambda: 0.0)) as it:
        it.seek(1_234)
        assert events.until(lambda status: status.position_samples).position_samples == 1_234
        it.set_loop(LoopRange(0, 2_000))
        it.play()
        events.until(lambda status: status.playing)
        it.seek(5)
        it.stop()
        stopped = events.until(lambda status: not status.playing)
        assert stopped.position_samples == pytest.approx(5, abs=240)
        with pytest.raises(ValueError, match="-1"):
            it.seek(-1)


def test_closing_while_it_plays_leaves_no_thread(
    make_project: Any, studio: Any, events: Events
) -> None:
    before = threading.active_count()
    engine = start(events, studio.graph(make_project(noise(RATE))), NullSink)
    engine.play()
    events.until(lambda status: status.playing)
    assert threading.active_count() == before + 1
    engine.close()
    assert threading.active_count() == before


def test_a_failure_stops_playback_and_is_told(
    make_project: Any, studio: Any, events: Events, tmp_path: Path
) -> None:
    graph = studio.graph(make_project(noise(RATE)))
    (medium,) = tmp_path.glob("take*.wav")
    medium.write_bytes(medium.read_bytes()[:1_000])
    with start(events, graph, NullSink) as it:
        it.play()
        assert str(medium) in events.told.get(timeout=PATIENCE_SECONDS)
        events.until(lambda status: not status.playing)
        it.seek(100)  # it is still there
        assert events.until(lambda status: status.position_samples).position_samples == 100


def test_a_fault_of_ours_is_told_too(make_project: Any, studio: Any, events: Events) -> None:
    def broken(sample_rate: int) -> NullSink:
        raise ZeroDivisionError("oh")

    with start(events, studio.graph(make_project(noise(RATE))), broken) as it:
        it.play()
        assert "ZeroDivisionError: oh" in events.told.get(timeout=PATIENCE_SECONDS)
        events.until(lambda status: not status.playing)
