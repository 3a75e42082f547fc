"""Questions that an effect's tool answers, in the worker process and in place."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tonewright.dsp.effects.registry import Registry, load_registry
from tonewright.dsp.errors import CancelledError, EffectError
from tonewright.dsp.rendering.bound import BoundEffect
from tonewright.dsp.rendering.inline import InlineQueue
from tonewright.dsp.rendering.job import CancelToken, Progress
from tonewright.dsp.rendering.nodes import Effects, Stored
from tonewright.dsp.rendering.queue import RenderQueue, State
from tonewright.dsp.rendering.sources import Silence
from tonewright.dsp.rendering.store import Store
from tonewright.dsp.rendering.task import Task

RATE = 48_000

EFFECTS = """
import os
from tonewright.dsp.effects import RunsIn, effect
from tonewright.dsp.errors import EffectError
from tonewright.dsp.rendering.job import Progress, work_in_hand

@effect("steps", runs_in=RunsIn.RENDERED, tools=(("ask", f"{__file__}:answer"),))
class Steps:
    def process(self, audio, sample_rate, buffer_size=8192, reset=True):
        report, cancel = work_in_hand()
        for step in range(4):
            report(Progress((step + 1) / 4, "stepping"))
            cancel.check()
        return audio

    def reset(self):
        pass

def answer(*, number, node, store, registry, report, cancel):
    if number < 0:
        raise EffectError("numbers below 0 have no answer")
    report(Progress(0.5, "thinking"))
    if number == 99:
        cancel.wait()
        cancel.check()
    found = store.get(node.key)
    return {"twice": 2 * number, "pid": os.getpid(), "samples": found and found.length_samples}
"""


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    path = tmp_path / "steps.py"
    path.write_text(EFFECTS, "utf-8")
    return load_registry([path])


@pytest.fixture
def queue(tmp_path: Path, registry: Registry) -> Iterator[RenderQueue]:
    with RenderQueue(Store(tmp_path / "store"), registry, threads=1) as queue:
        yield queue


def stored() -> Stored:
    chain = Effects(Silence(2, RATE), (BoundEffect("steps", 1, ()),), RATE)
    return Stored(chain, RATE, "steps on nothing", rendered=True)


def question(number: int, tool: str = "ask") -> Task:
    return Task("steps", tool, {"number": number, "node": stored()}, "asking", (stored(),))


def test_a_task_is_answered_in_the_worker_when_what_it_needs_is_there(queue: RenderQueue) -> None:
    import os

    told: list[Progress] = []
    answer = queue.answered(question(21), report=told.append)
    assert (answer["twice"], answer["samples"]) == (42, RATE)
    again = queue.answered(question(1))
    assert again["pid"] == answer["pid"] != os.getpid()


def test_a_task_fails_with_its_own_error_and_the_next_is_answered(queue: RenderQueue) -> None:
    with pytest.raises(EffectError, match="numbers below 0 have no answer"):
        queue.answered(question(-1))
    with pytest.raises(EffectError, match="steps has no tool 'think'"):
        queue.answered(question(1, "think"))
    assert queue.answered(question(2))["twice"] == 4


def test_a_task_may_be_cancelled_while_it_runs(queue: RenderQueue) -> None:
    cancel = CancelToken()

    def stop(progress: Progress) -> None:
        if progress.stage == "thinking":
            cancel.cancel()

    with pytest.raises(CancelledError):
        queue.answered(question(99), report=stop, cancel=cancel)


def test_listeners_hear_the_end(queue: RenderQueue) -> None:
    states: list[State] = []
    job = queue.ask(question(3), listener=lambda each: states.append(each.state))
    assert queue.answered(question(4))["twice"] == 8  # it came later
    assert job.state is State.DONE
    assert job.answer["twice"] == 6
    assert states[-1] is State.DONE


def test_it_is_the_same_in_place_and_an_effect_tells_of_its_steps(
    tmp_path: Path, registry: Registry
) -> None:
    inline = InlineQueue(Store(tmp_path / "store"), registry)
    assert inline.answered(question(5))["samples"] == RATE
    inline.store.clear()
    told: list[Progress] = []
    inline.render([stored()], report=told.append)
    steps = [each for each in told if each.stage.endswith(": stepping")]
    assert len(steps) >= 4
    fractions = [each.fraction for each in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    cancel = CancelToken()

    def stop(progress: Progress) -> None:
        cancel.cancel()

    inline.store.clear()
    with pytest.raises(CancelledError):
        inline.render([stored()], report=stop, cancel=cancel)
