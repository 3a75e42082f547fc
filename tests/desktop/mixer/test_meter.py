from math import inf

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy

from tonewright.desktop.mixer.meter import Meter


@pytest.fixture
def meter(qtbot):
    meter = Meter("Bass")
    qtbot.addWidget(meter)
    meter.resize(15, 200)
    meter.show()
    return meter


def lit(meter):
    """Return how many rows of the left bar are lit."""
    image = meter.grab().toImage()
    rows = (image.pixelColor(2, y) for y in range(10, image.height()))
    return sum(color.value() > 120 and color.saturation() > 60 for color in rows)


def test_a_louder_sound_is_a_longer_bar(meter):
    heights = []
    for level in (-inf, -40.0, -20.0, -6.0):
        meter.set_levels((level, level))
        heights.append(lit(meter))
    assert heights[0] == 0
    assert heights == sorted(set(heights))


def test_the_light_stays_on_until_it_is_clicked(qtbot, meter):
    meter.set_levels((0.0, 0.0))
    assert not meter.clipped  # full scale is not over it
    meter.set_levels((0.1, -3.0))
    meter.set_levels((-30.0, -30.0))
    assert meter.clipped
    assert meter.accessibleDescription() == "clipped"
    told = QSignalSpy(meter.reset)
    qtbot.mouseClick(meter, Qt.MouseButton.LeftButton)
    assert not meter.clipped
    assert told.count() == 1


def test_what_the_player_calls_clipped_turns_the_light_on(meter):
    meter.set_levels((-inf, -inf), clipped=True)
    assert meter.clipped


def test_held_peaks_stand_above_the_bar(meter):
    meter.set_levels((-30.0, -30.0))
    without = lit(meter)
    meter.set_levels((-30.0, -30.0), (-10.0, -10.0))
    assert lit(meter) > without


def test_a_peak_is_held_for_a_while_and_silence_lets_it_go(meter):
    meter.set_levels((-30.0, -30.0))
    plain = lit(meter)
    meter.set_levels((-10.0, -10.0))
    meter.set_levels((-30.0, -30.0))
    assert lit(meter) > plain
    for _ in range(120):
        meter.set_levels((-30.0, -30.0))
    assert lit(meter) == plain
    meter.set_levels((-10.0, -10.0))
    meter.set_levels((-inf, -inf))
    assert lit(meter) == 0
