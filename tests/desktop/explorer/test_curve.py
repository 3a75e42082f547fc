"""The curve: what a click, a key and a screen reader find on it."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt

from tonewright.desktop.explorer.curve import Curve
from tonewright.dsp.rendering.exploration import Exploration, Point

POINTS = tuple(
    Point(
        "auto" if percent == 4.0 else f"{percent:g}",
        percent,
        "key",
        kept,
        heard,
        (("cello", heard),),
    )
    for percent, kept, heard in ((0.0, 0.75, 0.98), (4.0, 0.85, 0.9), (25.0, 0.95, 0.2))
)
FOUND = Exploration(
    source="solo flute", target="solo cello", exact=False, inversion="edit-friendly",
    reconstruction_percent=0.0, steps=4, automatic_percent=4.0, names=("flute", "cello"),
    trace=((0.4, 0.6), (0.7, 0.3), (0.9, 0.1), (0.9, 0.1)), trace_percent=(0.0, 25.0, 50.0, 75.0),
    sample_rate=48_000, points=POINTS,
)  # fmt: skip


@pytest.fixture
def curve(qtbot):
    widget = Curve()
    qtbot.addWidget(widget)
    widget.resize(800, 250)
    widget.show()
    return widget


def test_more_of_the_target_is_to_the_right_and_more_of_the_content_above(curve):
    curve.show_exploration(FOUND)
    first, automatic, last = (curve.place_of(index) for index in range(3))
    assert first.x() > automatic.x() > last.x()
    assert first.y() > automatic.y() > last.y()
    assert curve.rect().contains(first.toPoint())


def test_a_click_chooses_the_nearest_point_and_one_beside_the_curve_none(qtbot, curve):
    curve.show_exploration(FOUND)
    chosen = []
    curve.point_chosen.connect(chosen.append)
    place = curve.place_of(1).toPoint() + QPoint(5, 4)
    qtbot.mouseClick(curve, Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseClick(curve, Qt.MouseButton.LeftButton, pos=QPoint(790, 10))
    assert chosen == [1]


def test_where_two_points_lie_on_each_other_the_automatic_one_is_meant(qtbot, curve):
    same = replace(POINTS[1], switch="4")
    curve.show_exploration(replace(FOUND, points=(POINTS[0], same, POINTS[1])))
    with qtbot.waitSignal(curve.point_chosen) as told:
        place = curve.place_of(1).toPoint()
        qtbot.mouseClick(curve, Qt.MouseButton.LeftButton, pos=place)
    assert told.args == [2]


def test_keys_go_along_the_curve_and_stop_at_its_ends(qtbot, curve):
    curve.show_exploration(FOUND)
    chosen = []
    curve.point_chosen.connect(lambda index: (chosen.append(index), curve.choose(index)))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right):
        qtbot.keyClick(curve, key)
    qtbot.keyClick(curve, Qt.Key.Key_Left)
    assert chosen == [0, 1, 2, 2, 1]


def test_the_chosen_point_is_told_in_words(curve):
    curve.show_exploration(FOUND)
    curve.choose(1)
    assert curve.accessibleDescription() == (
        "auto, switch at 4 %: 85 % of the content kept, cello heard with 90 %"
    )


def test_it_is_painted_with_the_automatic_choice_and_without_a_trace(curve):
    curve.show_exploration(FOUND)
    curve.choose(0)
    place = curve.place_of(1).toPoint()
    marked = curve.grab().toImage().pixelColor(place)
    other = curve.grab().toImage().pixelColor(curve.place_of(2).toPoint())
    assert marked != other
    curve.show_exploration(replace(FOUND, trace=(), trace_percent=(), automatic_percent=None))
    assert not curve.grab().isNull()
    curve.show_exploration(None, "nothing yet")
    assert curve.accessibleDescription() == "nothing yet"
