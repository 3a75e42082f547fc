from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QPushButton

from tonewright.desktop.adapters.jobs import JobView
from tonewright.desktop.jobs_panel import JobsPanel, state_of
from tonewright.dsp.rendering.job import Progress
from tonewright.dsp.rendering.queue import State

REVERB = JobView("a" * 8, "reverb on Lead", True, State.RUNNING, Progress(0.42, eta_seconds=7.4))


class Bridge(QObject):
    """A bridge that is told what it has."""

    jobs_changed = Signal()

    def __init__(self):
        super().__init__()
        self.jobs = ()
        self.asked = []

    def show(self, *jobs):
        self.jobs = jobs
        self.jobs_changed.emit()

    def cancel(self, key):
        self.asked.append(("cancel", key))

    def retry(self, key):
        self.asked.append(("retry", key))


@pytest.fixture
def bridge(qapp):
    return Bridge()


@pytest.fixture
def panel(bridge, qtbot):
    panel = JobsPanel(bridge)
    qtbot.addWidget(panel)
    return panel


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.RUNNING, "42 %, 7 s left"),
        (State.QUEUED, "waits"),
        (State.CANCELLED, "stopped"),
        (State.FAILED, "failed: out of memory"),
    ],
)
def test_a_state_is_said_in_words(state, words):
    assert state_of(replace(REVERB, state=state, error="out of memory")) == words


def test_a_job_is_shown_stopped_and_tried_again(bridge, panel):
    bridge.show(REVERB)
    assert panel.table.item(0, 0).text() == "reverb on Lead"
    stop = panel.findChild(QPushButton)
    bridge.show(replace(REVERB, progress=Progress(0.5)))
    assert panel.findChild(QPushButton) is stop  # it can still be clicked
    stop.click()
    bridge.show(replace(REVERB, state=State.FAILED, error="no"))
    panel.table.cellWidget(0, 2).click()
    assert bridge.asked == [("cancel", REVERB.key), ("retry", REVERB.key)]
    bridge.show()
    assert panel.table.rowCount() == 0
