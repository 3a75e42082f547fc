"""Work beside the main thread, and its end on it."""

import os
import sys
import threading

import pytest

from tonewright.desktop.tasks import Tasks
from tonewright.dsp.errors import CancelledError, ProjectError


@pytest.fixture
def tasks(qapp):
    tasks = Tasks()
    yield tasks
    tasks.close()


def test_work_runs_elsewhere_and_its_result_comes_to_the_main_thread(tasks, qtbot):
    got = []
    tasks.run(
        threading.current_thread, lambda worker: got.append((worker, threading.current_thread()))
    )
    assert got == []  # also work that is over at once is handed over later
    qtbot.waitUntil(lambda: len(got) == 1)
    worker, receiver = got[0]
    assert worker is not threading.main_thread()
    assert receiver is threading.main_thread()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has priorities of threads")
def test_work_leaves_the_cores_to_the_window(tasks, qtbot):
    got = []
    tasks.run(
        lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()),
        got.append,
    )
    qtbot.waitUntil(lambda: len(got) == 1)
    assert got[0] >= 5


def test_an_error_goes_to_who_asked_for_it_and_else_to_the_user(tasks, qtbot):
    def fail():
        raise ProjectError("no such folder")

    told = []
    tasks.run(fail, told.append, failed=lambda error: told.append(str(error)))
    qtbot.waitUntil(lambda: told == ["no such folder"])
    with qtbot.waitSignal(tasks.problem) as problem:
        tasks.run(fail, told.append)
    assert problem.args == ["no such folder"]


def test_what_was_cancelled_tells_nobody(tasks, qtbot):
    def cancelled():
        raise CancelledError("stopped")

    told = []
    tasks.problem.connect(told.append)
    tasks.run(cancelled, told.append, failed=told.append)
    tasks.run(lambda: "next", told.append)
    qtbot.waitUntil(lambda: told == ["next"])


def test_closing_waits_for_what_runs_and_hands_nothing_over(qapp):
    tasks = Tasks(threads=1)
    begun, done, told = threading.Event(), [], []

    def work():
        begun.set()
        done.append("work")

    tasks.run(work, told.append)
    begun.wait()
    tasks.close()
    tasks.run(lambda: done.append("late"), told.append)
    qapp.processEvents()
    assert done == ["work"]
    assert told == []
