"""The bar shows where the playhead is and how loud it is, whole."""

from dataclasses import replace
from math import inf

import pytest

from tonewright.desktop.app import start
from tonewright.desktop.timeline.snap import Grid
from tonewright.dsp.playback.feeder import Status


@pytest.fixture
def window(open_window):
    window = open_window()
    start(window, [], demo=True)
    return window


def label(window, name):
    return next(each for each in window._toolbar.findChildren(object) if _name_of(each) == name)


def _name_of(each):
    return each.accessibleName() if hasattr(each, "accessibleName") else ""


def test_the_position_follows_the_playhead_in_bars_and_time(window):
    window.view.set_playhead(4.8)
    text = label(window, "Position of the playhead").text()
    assert text.split() == ["3", "|", "1", "0:04.800"]


def test_levels_fit_into_their_place_and_silence_shows_nothing(window):
    loudness = label(window, "Loudness")
    levels = window.playing.player.status.levels
    assert isinstance(window.playing.player.status, Status)
    loud = replace(
        levels,
        momentary_lufs=-10.1,
        short_term_lufs=-11.2,
        integrated_lufs=-12.3,
        true_peak_dbtp=-10.4,
    )
    window._toolbar.show_levels(loud)
    assert loudness.text().split() == [
        "M", "-10.1", "S", "-11.2", "I", "-12.3", "LUFS", "-10.4", "dBTP",
    ]  # fmt: skip
    assert loudness.sizeHint().width() <= loudness.width()
    silent = dict.fromkeys(
        ("momentary_lufs", "short_term_lufs", "integrated_lufs", "true_peak_dbtp"), -inf
    )
    window._toolbar.show_levels(replace(levels, **silent))
    assert loudness.text() == ""


@pytest.mark.parametrize("wanted", list(Grid))
def test_the_grid_is_chosen_there_and_follows(window, wanted):
    grid = label(window, "Grid")
    grid.activated.emit(grid.findData(wanted))
    assert window.view.grid is wanted
    assert grid.currentData() == wanted
