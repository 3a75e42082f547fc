import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import CancelledError, MediaError, RenderError
from tonewright.dsp.rendering.graph import Evaluation, Node
from tonewright.dsp.rendering.job import CancelToken, Progress
from tonewright.dsp.rendering.key import SILENT
from tonewright.dsp.rendering.nodes import Stored, Sum
from tonewright.dsp.rendering.queue import Job, RenderQueue, State
from tonewright.dsp.rendering.store import Store

RATE = 48_000


@dataclass(eq=False)
class Log:
    """What nodes did, and the gate they wait at."""

    started: list[int] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    waiting: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Work(Node):
    """Ten blocks of ones; waits at the log's gate after the first."""

    number: int
    log: Log = field(metadata=SILENT)
    sources: tuple[Node, ...] = ()
    error: str = ""

    @property
    def inputs(self) -> tuple[Node, ...]:  # type: ignore[override]
        return self.sources

    def blocks(self, run: Evaluation) -> Iterator[Audio]:
        self.log.started.append(self.number)
        for source in self.sources:
            assert sum(block.shape[1] for block in run.open(source)) == 200_000
        yield np.ones((2, 20_000), np.float32)
        self.log.waiting.set()
        assert self.log.gate.wait(30)
        if self.error == "media":
            raise MediaError("a.wav: broken")
        if self.error:
            raise ZeroDivisionError(self.error)
        for _ in range(9):
            yield np.ones((2, 20_000), np.float32)


def stored(number: int, log: Log, *sources: Node, error: str = "") -> Stored:
    return Stored(Work(number, log, sources, error), RATE, label=f"work {number}")


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[RenderQueue]:
    with RenderQueue(Store(tmp_path), Registry(()), threads=1) as queue:
        yield queue


@pytest.fixture
def log() -> Iterator[Log]:
    log = Log()
    yield log
    log.gate.set()


def test_a_job_runs_and_its_result_is_in_the_store(queue: RenderQueue, log: Log) -> None:
    log.gate.set()
    reports: list[Progress] = []
    node = stored(1, log)
    queue.render([node], report=reports.append)
    found = queue.store.get(node.key)
    assert found is not None
    assert found.length_samples == 200_000
    assert found.recipe["label"] == "work 1"
    assert reports[-1].fraction == 1.0


def test_a_key_in_the_store_is_not_rendered_again(queue: RenderQueue, log: Log) -> None:
    log.gate.set()
    queue.render([stored(1, log)])
    (job,) = queue.submit([stored(1, log)])
    assert job.state is State.DONE
    assert log.started == [1]


def test_submitting_twice_runs_once_and_answers_both(queue: RenderQueue, log: Log) -> None:
    (first,) = queue.submit([stored(1, log)])
    assert log.waiting.wait(30)
    (second,) = queue.submit([stored(1, log)])
    assert second is first
    log.gate.set()
    queue.render([stored(1, log)])
    assert log.started == [1]


def test_a_job_waits_for_what_it_needs(queue: RenderQueue, log: Log) -> None:
    log.gate.set()
    below = stored(1, log)
    above = stored(2, log, Sum((below,)))
    queue.render([below, above])
    assert log.started == [1, 2]


def test_the_highest_priority_runs_first(queue: RenderQueue, log: Log) -> None:
    queue.submit([stored(1, log)])
    assert log.waiting.wait(30)
    queue.submit([stored(2, log)], priority=1.0)
    queue.submit([stored(3, log), stored(4, log)], priority=2.0)
    queue.submit([stored(2, log)], priority=3.0)
    log.gate.set()
    queue.render([stored(number, log) for number in (1, 2, 3, 4)])
    assert log.started == [1, 2, 3, 4]


def test_a_failure_is_told_and_the_queue_goes_on(queue: RenderQueue, log: Log) -> None:
    log.gate.set()
    with pytest.raises(MediaError, match=r"a\.wav: broken"):
        queue.render([stored(1, log, error="media"), stored(2, log)])
    with pytest.raises(RenderError, match="work 3: ZeroDivisionError: oh"):
        queue.render([stored(3, log, error="oh")])
    assert queue.store.get(stored(2, log).key) is not None
    assert queue.store.get(stored(1, log, error="media").key) is None


def test_what_needs_a_failed_job_fails_with_its_error(queue: RenderQueue, log: Log) -> None:
    log.gate.set()
    below = stored(1, log, error="media")
    jobs = queue.submit([below, stored(2, log, below)])
    with pytest.raises(MediaError):
        queue.render([below, stored(2, log, below)])
    assert [type(job.error) for job in jobs] == [MediaError, MediaError]


def test_cancel_while_running_and_while_queued(queue: RenderQueue, log: Log) -> None:
    ended = threading.Event()
    changes: list[tuple[str, State]] = []

    def listen(job: Job) -> None:
        changes.append((job.node.label, job.state))
        if len([state for _, state in changes if state is State.CANCELLED]) == 2:
            ended.set()

    queue.submit([stored(1, log), stored(2, log)], listener=listen)
    assert log.waiting.wait(30)
    queue.cancel()
    assert changes[-1] == ("work 2", State.CANCELLED)
    log.gate.set()
    assert ended.wait(30)
    assert changes[-1] == ("work 1", State.CANCELLED)
    assert log.started == [1]
    assert [each for each in queue.store.folder.rglob("*") if each.is_file()] == []


def test_a_cancelled_render_says_so_and_may_be_asked_again(queue: RenderQueue, log: Log) -> None:
    cancel = CancelToken()

    def stop(progress: Progress) -> None:
        cancel.cancel()
        log.gate.set()

    with pytest.raises(CancelledError):
        queue.render([stored(1, log)], report=stop, cancel=cancel)
    queue.render([stored(1, log)])
    assert log.started == [1, 1]


def test_a_closed_queue_takes_nothing_and_leaves_no_thread(tmp_path: Path, log: Log) -> None:
    before = threading.active_count()
    queue = RenderQueue(Store(tmp_path), Registry(()))
    queue.close()
    assert threading.active_count() == before
    with pytest.raises(RuntimeError, match="closed"):
        queue.submit([stored(1, log)])
