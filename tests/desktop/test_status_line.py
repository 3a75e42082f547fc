import pytest

from tonewright.desktop.status_line import StatusLine


@pytest.fixture
def line(qtbot):
    line = StatusLine()
    qtbot.addWidget(line)
    line.show()
    return line


def test_a_newer_message_takes_the_place_of_an_older_one(line):
    line.tell("first")
    line.tell("second")
    assert line.currentMessage() == "second"


def test_an_import_is_shown_as_long_as_it_takes(line):
    assert not line.progress.isVisible()
    line.show_progress("riff.wav", 0.42)
    assert line.progress.isVisible()
    assert line.progress.value() == 42
    assert line.currentMessage() == "Reading riff.wav"
    line.show_progress("", 1.0)
    assert not line.progress.isVisible()
    assert line.currentMessage() == ""
