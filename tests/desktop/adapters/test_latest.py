"""The newest of many is run, one at a time, beside the main thread."""

import threading

import pytest

from tonewright.desktop.adapters.latest import Latest
from tonewright.dsp.errors import ProjectError


@pytest.fixture
def latest(qapp):
    latest = Latest("test")
    yield latest
    latest.close()


def test_what_waits_is_replaced_by_what_is_newer(latest, qtbot):
    ran, begun, let_go = [], threading.Event(), threading.Event()

    def first():
        begun.set()
        let_go.wait()
        ran.append("first")

    latest.run(first)
    begun.wait()
    with qtbot.waitSignal(latest.rested):
        for name in ("second", "third"):
            latest.run(lambda name=name: ran.append(name))
        let_go.set()
    assert ran == ["first", "third"]


def test_it_runs_without_the_main_thread(latest):
    done = threading.Event()
    latest.run(lambda: latest.run(done.set))
    assert done.wait(60)  # no event loop turns here


def test_a_failure_is_told_and_the_next_piece_runs(latest, qtbot):
    def fail():
        raise ProjectError("the disk is full")

    with qtbot.waitSignal(latest.failed) as told:
        latest.run(fail)
    assert str(told.args[0]) == "the disk is full"
    with qtbot.waitSignal(latest.rested):
        latest.run(lambda: None)


def test_closing_does_what_waits_and_nothing_after(latest):
    ran = []
    latest.run(lambda: ran.append("last"))
    latest.close()
    latest.run(lambda: ran.append("late"))
    assert ran == ["last"]
