"""Widgets without a screen; a test that leaves a thread, timer or window alive fails."""

import gc
import os
import subprocess
import threading
from functools import partial

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication

from tonewright import resources
from tonewright.desktop.session import Session
from tonewright.desktop.settings import Settings
from tonewright.desktop.tasks import Tasks
from tonewright.desktop.window import Window
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.errors import PlaybackError
from tonewright.dsp.project.folder import load, save
from tonewright.dsp.rendering.queue import RenderQueue
from tonewright.dsp.rendering.store import Store

PATIENCE_MS = 60_000
"""A bound for what hangs. What comes ends the wait at once, however slow the machine is."""


@pytest.fixture
def qtbot(qtbot):
    """Wait for as long as a busy machine may need, where a test names no other time."""
    for name in ("waitSignal", "waitSignals", "waitUntil", "waitCallback"):
        setattr(qtbot, name, partial(getattr(qtbot, name), timeout=PATIENCE_MS))
    return qtbot


@pytest.fixture(autouse=True, scope="module")
def what_is_there_is_no_leak():
    """Set aside what exists before, so that looking for leaks after each test takes no time."""
    gc.collect()
    gc.freeze()


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


def no_device(sample_rate):
    raise PlaybackError("there is no sound device: it plays on without sound")


@pytest.fixture
def open_window(tmp_path, qtbot):
    """Return a function that opens a window on the same user's data as the one before."""
    windows = []

    def opened():
        render_queue = RenderQueue(Store(tmp_path / "store"), default_registry(), threads=1)
        window = Window(
            Session(),
            Tasks(),
            Settings(tmp_path / "settings.ini"),
            render_queue,
            no_device,
            data_folder=tmp_path / "data",
            cache_folder=tmp_path / "cache",
        )
        qtbot.addWidget(window, before_close_func=Window.close_now)
        window.show()
        windows.append(window)
        return window

    return opened


@pytest.fixture
def demo_folder(tmp_path):
    """The demo as a saved project."""
    folder = tmp_path / "song"
    save(load(resources.path("demo")), folder)
    return folder


@pytest.fixture
def display():
    """Run an X server and return its name."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1440x900x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as told:
        number = told.readline().strip()  # empty if the server has ended
    assert number, "Xvfb did not start"
    yield f":{number}"
    server.terminate()
    server.wait()
