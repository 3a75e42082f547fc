import pytest
from PySide6.QtCore import QObject, Signal

from tonewright.desktop.adapters.jobs import JobView
from tonewright.desktop.status_line import StatusLine
from tonewright.dsp.rendering.job import Progress
from tonewright.dsp.rendering.queue import State


class Imports(QObject):
    """Imports that are told what they read."""

    jobs_changed = Signal()

    def __init__(self):
        super().__init__()
        self.jobs = ()

    def show(self, *jobs):
        self.jobs = jobs
        self.jobs_changed.emit()

    def cancel(self, key):
        self.show(*(job for job in self.jobs if job.key != key))


@pytest.fixture
def imports(qapp):
    return Imports()


@pytest.fixture
def line(imports, qtbot):
    line = StatusLine(imports)
    qtbot.addWidget(line)
    line.show()
    return line


def job(key, *progress):
    return JobView(key, f"Import of {key}", False, State.RUNNING, Progress(*progress))


def test_a_newer_message_takes_the_place_of_an_older_one(line):
    line.tell("first")
    line.tell("second")
    assert line.currentMessage() == "second"


def test_an_import_is_shown_as_long_as_it_takes(imports, line):
    assert not line.progress.isVisible()
    imports.show(job("a", 0.42, "riff.wav"))
    assert line.progress.isVisible()
    assert line.progress.value() == 42
    assert line.currentMessage() == "Reading riff.wav"
    imports.show()
    assert not line.progress.isVisible()
    assert line.currentMessage() == ""


def test_the_import_that_is_shown_is_the_one_that_stops(imports, line):
    imports.show(job("a", 0.42, "riff.wav"), job("b", 0.0))
    line.stop_button.click()
    assert [each.key for each in imports.jobs] == ["b"]
    assert line.currentMessage() == "Import of b"
    line.stop_button.click()
    assert not line.stop_button.isVisible()


def test_what_was_told_since_stays(imports, line):
    imports.show(job("a", 0.42, "riff.wav"))
    line.tell("Saved")
    imports.show()
    assert line.currentMessage() == "Saved"
