"""Threads that give way to the window."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tonewright.desktop.adapters.background import give_way

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux gives every thread a priority of its own"
)


def niceness():
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_a_thread_and_those_that_it_starts_give_way_to_the_one_that_made_it():
    before = niceness()

    def inside():
        with ThreadPoolExecutor(1) as inner:
            return niceness(), inner.submit(niceness).result()

    with ThreadPoolExecutor(1, initializer=give_way) as pool:
        assert pool.submit(inside).result() == (max(before, 5), max(before, 5))
    assert niceness() == before


def test_who_has_stepped_further_back_stays_there():
    def inside():
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 9)
        give_way()
        return niceness()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(inside).result() == 9
