"""What is remembered comes back in the next run; what is damaged counts as not set."""

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSettings

from tonewright.desktop.settings import Settings
from tonewright.desktop.theme import DARK, LIGHT


@pytest.fixture
def again(tmp_path):
    """Return a function that begins another run of the program."""
    return lambda: Settings(tmp_path / "settings.ini")


def test_everything_comes_back(again):
    first = again()
    first.theme = LIGHT
    first.set_shortcut("play", "P")
    first.set_shortcut("stop", "")
    first.set_layout(QByteArray(b"place"), QByteArray(b"docks"))
    first.add_recent(Path("/songs/a"))
    del first
    then = again()
    assert then.theme is LIGHT
    assert (then.shortcut("play"), then.shortcut("stop")) == ("P", "")
    assert then.layout() == (b"place", b"docks")
    assert then.recent == [Path("/songs/a")]


def test_nothing_is_set_at_first(again):
    settings = again()
    assert settings.theme is DARK
    assert settings.shortcut("play") is None
    assert settings.layout() is None
    assert settings.recent == []


def test_recent_projects_are_each_there_once_the_newest_first_and_not_all_kept(again):
    settings = again()
    for number in range(12):
        settings.add_recent(Path(f"/songs/{number}"))
    settings.add_recent(Path("/songs/5"))
    assert settings.recent[:3] == [Path("/songs/5"), Path("/songs/11"), Path("/songs/10")]
    assert len(settings.recent) == len(set(settings.recent)) == 10


def test_keys_can_be_those_of_the_program_again(again):
    settings = again()
    settings.set_shortcut("play", "P")
    settings.set_shortcut("play", None)
    assert settings.shortcut("play") is None


def test_what_is_damaged_counts_as_not_set(again, tmp_path):
    store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    store.setValue("theme", "plaid")
    store.setValue("geometry", "nowhere")
    store.sync()
    assert again().theme is DARK
    assert again().layout() is None
