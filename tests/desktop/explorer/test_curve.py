"""The curve: what a click, a key and a screen reader find on it."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt

from tonewright.desktop.explorer.curve import Curve


@pytest.fixture
def curve(qtbot):
    widget = Curve()
    qtbot.addWidget(widget)
    widget.resize(800, 250)
    widget.show()
    return widget


def test_more_of_the_target_is_to_the_right_and_more_of_the_content_above(curve, found):
    curve.show_exploration(found)
    first, automatic, last = (curve.place_of(index) for index in range(3))
    assert first.x() > automatic.x() > last.x()
    assert first.y() > automatic.y() > last.y()
    assert curve.rect().contains(first.toPoint())


def test_a_click_chooses_the_nearest_point_and_one_beside_the_curve_none(qtbot, curve, found):
    curve.show_exploration(found)
    chosen = []
    curve.point_chosen.connect(chosen.append)
    place = curve.place_of(1).toPoint() + QPoint(5, 4)
    qtbot.mouseClick(curve, Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseClick(curve, Qt.MouseButton.LeftButton, pos=QPoint(790, 10))
    assert chosen == [1]


def test_where_two_points_lie_on_each_other_the_automatic_one_is_meant(qtbot, curve, found):
    same = replace(found.points[1], switch="4")
    curve.show_exploration(replace(found, points=(found.points[0], same, found.points[1])))
    with qtbot.waitSignal(curve.point_chosen) as told:
        place = curve.place_of(1).toPoint()
        qtbot.mouseClick(curve, Qt.MouseButton.LeftButton, pos=place)
    assert told.args == [2]


def test_keys_go_along_the_curve_and_stop_at_its_ends(qtbot, curve, found):
    curve.show_exploration(found)
    chosen = []
    curve.point_chosen.connect(lambda index: (chosen.append(index), curve.choose(index)))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right):
        qtbot.keyClick(curve, key)
    qtbot.keyClick(curve, Qt.Key.Key_Left)
    assert chosen == [0, 1, 2, 2, 1]


def test_the_chosen_point_is_told_in_words(curve, found):
    curve.show_exploration(found)
    curve.choose(1)
    assert curve.accessibleDescription() == (
        "auto, switch at 4 %: 85 % of the content kept, cello heard with 90 %"
    )


def test_it_is_painted_with_the_automatic_choice_and_without_a_trace(curve, found):
    curve.show_exploration(found)
    curve.choose(0)
    place = curve.place_of(1).toPoint()
    marked = curve.grab().toImage().pixelColor(place)
    other = curve.grab().toImage().pixelColor(curve.place_of(2).toPoint())
    assert marked != other
    curve.show_exploration(replace(found, trace=(), trace_percent=(), automatic_percent=None))
    assert not curve.grab().isNull()
    curve.show_exploration(None, "nothing yet")
    assert curve.accessibleDescription() == "nothing yet"
