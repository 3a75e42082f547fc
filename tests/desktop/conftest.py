"""Widgets without a screen; a test that leaves a thread, timer or window alive fails."""

import gc
import os
import threading
from functools import partial

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication

PATIENCE_MS = 60_000
"""A bound for what hangs. What comes ends the wait at once, however slow the machine is."""


@pytest.fixture
def qtbot(qtbot):
    """Wait for as long as a busy machine may need, where a test names no other time."""
    for name in ("waitSignal", "waitSignals", "waitUntil", "waitCallback"):
        setattr(qtbot, name, partial(getattr(qtbot, name), timeout=PATIENCE_MS))
    return qtbot


@pytest.fixture(autouse=True)
def no_leaks(request, qapp):
    """Fail a test that leaves something behind."""
    threads = set(threading.enumerate())
    yield
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QCoreApplication.processEvents()
    widgets = [each for each in QApplication.topLevelWidgets() if each.isVisible()]
    timers = [each for each in gc.get_objects() if type(each) is QTimer and _active(each)]
    left = [each for each in threading.enumerate() if each not in threads]
    for widget in widgets:
        widget.close()
        widget.deleteLater()
    for timer in timers:
        timer.stop()
    assert not widgets, f"windows left open: {widgets}"
    assert not timers, f"timers left running: {[each.parent() for each in timers]}"
    assert not left, f"threads left running: {left}"


def _active(timer):
    try:
        return timer.isActive()
    except RuntimeError:  # the C++ side is gone
        return False
