"""What a hand, a wheel and keys do to a knob and a fader."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QWheelEvent
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication

from tonewright.desktop.controls.fader import Fader
from tonewright.desktop.controls.knob import Knob
from tonewright.desktop.controls.travel import Decibels, Linear

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def shown(qtbot, control, width=40, height=160):
    qtbot.addWidget(control)
    control.resize(width, height)
    control.show()
    return control


@pytest.fixture
def knob(qtbot):
    return shown(qtbot, Knob("Mix", Linear(0.0, 1.0), 0.25, "{:.2f}".format))


@pytest.fixture
def fader(qtbot):
    return shown(qtbot, Fader("Gain", Decibels(), 0.0, "{:.1f} dB".format))


def drag(qtbot, control, start, *ends, modifiers=NONE):
    qtbot.mousePress(control, LEFT, modifiers, start)
    for end in ends:
        qtbot.mouseMove(control, end)
    qtbot.mouseRelease(control, LEFT, modifiers, ends[-1])


def test_the_steps_of_a_drag_share_a_key_and_two_drags_do_not(qtbot, knob):
    told = QSignalSpy(knob.turned)
    drag(qtbot, knob, QPoint(20, 100), QPoint(20, 90), QPoint(20, 60))
    drag(qtbot, knob, QPoint(20, 100), QPoint(20, 110))
    values, keys = zip(*(told.at(i) for i in range(told.count())), strict=True)
    assert values == (pytest.approx(0.3125), pytest.approx(0.5), pytest.approx(0.4375))
    assert keys[0] == keys[1] != keys[2]


def test_a_drag_stops_at_the_end_and_turns_back_at_once(qtbot, knob):
    drag(qtbot, knob, QPoint(20, 150), QPoint(20, -900), QPoint(20, -892))
    assert knob.number == pytest.approx(0.95)


def test_setting_a_number_tells_nothing(knob):
    told = QSignalSpy(knob.turned)
    knob.set_number(0.7)
    assert told.count() == 0
    assert knob.number == 0.7
    assert knob.accessibleDescription() == "0.70"


def test_a_double_click_sets_the_default(qtbot, knob):
    knob.set_number(0.9)
    qtbot.mouseDClick(knob, LEFT)
    assert knob.number == 0.25


def test_keys_turn_it(qtbot, knob):
    qtbot.keyClick(knob, Qt.Key.Key_Up)
    assert knob.number == pytest.approx(0.26)
    qtbot.keyClick(knob, Qt.Key.Key_PageUp)
    assert knob.number == pytest.approx(0.36)
    qtbot.keyClick(knob, Qt.Key.Key_End)
    assert knob.number == 1.0


def test_a_key_changes_a_whole_number_by_one(qtbot):
    control = shown(qtbot, Knob("Taps", Linear(1, 10, whole=True), 3, str))
    qtbot.keyClick(control, Qt.Key.Key_Up)
    assert control.number == 4
    qtbot.keyClick(control, Qt.Key.Key_Down)
    qtbot.keyClick(control, Qt.Key.Key_Down)
    assert control.number == 2
    qtbot.keyClick(control, Qt.Key.Key_Home)
    assert control.number == 1


def test_the_wheel_turns_only_what_has_the_focus(qtbot, knob):
    def wheel():
        QApplication.sendEvent(
            knob,
            QWheelEvent(
                QPointF(5, 5),
                QPointF(5, 5),
                QPoint(),
                QPoint(0, 120),
                Qt.MouseButton.NoButton,
                NONE,
                Qt.ScrollPhase.NoScrollPhase,
                False,
            ),
        )

    knob.clearFocus()
    wheel()
    assert knob.number == 0.25
    knob.activateWindow()
    knob.setFocus()
    qtbot.waitUntil(knob.hasFocus)
    wheel()
    assert knob.number > 0.25


@pytest.mark.parametrize("upright", [True, False])
def test_the_cap_stays_under_the_pointer(qtbot, fader, upright):
    if not upright:
        fader.setOrientation(Qt.Orientation.Horizontal)
        fader.resize(160, 20)
    start = round(fader.place_of(0.0))
    points = [QPoint(15, at) if upright else QPoint(at, 10) for at in (start, start - 20)]
    drag(qtbot, fader, *points)
    assert fader.place_of(fader.number) == pytest.approx(start - 20, abs=1.0)
    assert (fader.number > 0) is upright


def test_screen_readers_find_a_slider_with_a_name_and_a_value(fader):
    interface = QAccessible.queryAccessibleInterface(fader)
    assert interface.text(QAccessible.Text.Name) == "Gain"
    assert interface.text(QAccessible.Text.Description) == "0.0 dB"
    assert interface.valueInterface() is not None


def test_what_is_turned_is_painted(knob, fader):
    for control, values in ((knob, (0.1, 0.9)), (fader, (-20.0, 6.0))):
        pictures = []
        for value in values:
            control.set_number(value)
            pictures.append(control.grab().toImage())
        assert pictures[0] != pictures[1]
