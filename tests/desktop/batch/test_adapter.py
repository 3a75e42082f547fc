"""A batch in its thread, told of on the main thread."""

import threading

import pytest
from PySide6.QtTest import QSignalSpy

from tonewright.desktop.batch.adapter import BatchRun
from tonewright.desktop.batch.choice import Chain, manifest_of
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.errors import BatchError
from tonewright.dsp.project.document import EffectSpec, Id


@pytest.fixture
def run(qtbot, crew):
    run = BatchRun(default_registry(), lambda: crew)
    yield run
    run.close()


@pytest.fixture
def manifest(takes):
    chain = Chain("Gain", (EffectSpec(Id("gain"), "gain"),))
    return manifest_of(takes, takes[0].parent / "out", chain, {}, default_registry())


def test_all_that_ended_is_told_on_the_main_thread(run, manifest, crew, takes, qtbot):
    threads, told = set(), []
    run.told.connect(lambda news: (threads.add(threading.current_thread()), told.extend(news)))
    progress = QSignalSpy(run.progress)
    run.start(lambda: manifest)
    assert run.running
    with qtbot.waitSignal(run.ended) as ended:
        for bad in (False, True, False):
            member, task = crew.given.get(timeout=20)
            member.answer(task, bad)
    (result,) = ended.args
    assert (result.counts.done, result.counts.failed, result.reason) == (2, 1, "")
    assert result.page.is_file()
    assert len(told) == 3
    assert threads == {threading.main_thread()}
    assert progress.count() >= 1
    assert not run.running


def test_a_second_batch_waits_for_the_first_to_end(run, manifest, crew, qtbot):
    made = []
    run.start(lambda: manifest)
    run.start(lambda: made.append(manifest) or manifest)
    crew.given.get(timeout=20)
    with qtbot.waitSignal(run.ended):
        run.stop()
    assert made == []


def test_what_was_paused_before_it_began_begins_at_rest(run, manifest, crew, qtbot):
    ready = threading.Event()

    def make():
        assert ready.wait(20)
        return manifest

    run.start(make)
    run.pause(True)
    ready.set()
    assert run.paused
    run.pause(False)
    crew.given.get(timeout=20)
    assert not run.paused
    with qtbot.waitSignal(run.ended) as ended:
        run.stop()
    assert ended.args[0].reason.startswith("Stopped.")


@pytest.mark.parametrize(
    ("error", "reason"),
    [(BatchError("list.csv: is empty"), "list.csv: is empty"), (KeyError("x"), "KeyError: 'x'")],
)
def test_a_batch_that_cannot_begin_says_why(run, qtbot, error, reason):
    def make():
        raise error

    with qtbot.waitSignal(run.ended) as ended:
        run.start(make)
    assert ended.args[0].reason == reason
    assert not run.running


def test_closing_waits_for_the_thread_and_tells_no_more(run, manifest, crew):
    ended = QSignalSpy(run.ended)
    run.start(lambda: manifest)
    crew.given.get(timeout=20)
    run.close()
    assert not run.running
    assert ended.count() == 0
