from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, Qt, Signal

from tonewright.desktop.adapters.jobs import JobView
from tonewright.desktop.jobs_panel import JobsPanel, state_of
from tonewright.dsp.rendering.job import Progress
from tonewright.dsp.rendering.queue import State

LEFT = Qt.MouseButton.LeftButton
REVERB = JobView("a" * 8, "reverb on Lead", True, State.RUNNING, Progress(0.42, eta_seconds=7.4))


class Jobs(QObject):
    """A render bridge, or imports, that is told what it has."""

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
    return Jobs()


@pytest.fixture
def imports(qapp):
    return Jobs()


@pytest.fixture
def panel(bridge, imports, qtbot):
    panel = JobsPanel(bridge, imports)
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


def test_a_stage_of_the_work_is_said():
    loading = Progress(0.1, "loading weights")
    assert state_of(replace(REVERB, progress=loading)) == "10 % · loading weights"


def test_all_are_stopped_and_all_that_ended_are_tried_again(bridge, panel, qtbot):
    panel.show()
    bridge.show(
        REVERB,
        replace(REVERB, key="b", state=State.QUEUED),
        replace(REVERB, key="c", state=State.FAILED, error="model weights are missing"),
    )
    qtbot.mouseClick(panel.stop_all, LEFT)
    qtbot.mouseClick(panel.retry_all, LEFT)
    assert bridge.asked == [("cancel", REVERB.key), ("cancel", "b"), ("retry", "c")]
    assert "weights are missing" in panel.table.item(2, 1).toolTip()
    bridge.show()
    assert not panel.stop_all.isVisible()
    assert not panel.retry_all.isVisible()


def test_an_import_is_a_job_above_the_renders(bridge, imports, panel, qtbot):
    panel.show()
    bridge.show(REVERB)
    imports.show(replace(REVERB, key="i", label="Import of hour.wav", rendered=False))
    assert [panel.table.item(row, 0).text() for row in (0, 1)] == [
        "Import of hour.wav",
        "reverb on Lead",
    ]
    panel.table.cellWidget(0, 2).click()
    assert (imports.asked, bridge.asked) == ([("cancel", "i")], [])
    qtbot.mouseClick(panel.stop_all, LEFT)
    assert (imports.asked[1:], bridge.asked) == ([("cancel", "i")], [("cancel", REVERB.key)])


def test_the_bar_grows_with_the_work(bridge, panel):
    panel.resize(500, 200)

    def filled(fraction):
        bridge.show(replace(REVERB, progress=Progress(fraction)))
        cell = panel.table.visualItemRect(panel.table.item(0, 1))
        image = panel.table.viewport().grab(cell).toImage()
        row = image.height() - 8  # below the text
        colors = [image.pixelColor(x, row).rgb() for x in range(6, image.width() - 6)]
        return colors.index(next(c for c in colors if c != colors[0]))

    panel.show()
    assert filled(0.2) < filled(0.7)


def test_a_job_is_shown_stopped_and_tried_again(bridge, panel):
    bridge.show(REVERB)
    assert panel.table.item(0, 0).text() == "reverb on Lead"
    stop = panel.table.cellWidget(0, 2)
    bridge.show(replace(REVERB, progress=Progress(0.5)))
    assert panel.table.cellWidget(0, 2) is stop  # it can still be clicked
    stop.click()
    bridge.show(replace(REVERB, state=State.FAILED, error="no"))
    panel.table.cellWidget(0, 2).click()
    assert bridge.asked == [("cancel", REVERB.key), ("retry", REVERB.key)]
    bridge.show()
    assert panel.table.rowCount() == 0
