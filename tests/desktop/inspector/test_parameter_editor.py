"""Each kind of parameter has a widget that shows it and tells what the user chose."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy

from tonewright.desktop.inspector.parameter_editor import editor_for
from tonewright.dsp.effects.protocol import Parameter, ParameterKind
from tonewright.dsp.effects.registry import default_registry

LEFT = Qt.MouseButton.LeftButton
FREQUENCY = Parameter("cutoff_hz", 1000.0, 20.0, 20_000.0, unit="Hz", logarithmic=True)
TAPS = Parameter("taps", 10, 1, 60, kind=ParameterKind.INT, unit="frames")
SWITCH = Parameter("ends", False, kind=ParameterKind.BOOL)
CHOICE = Parameter("mode", "a", kind=ParameterKind.CHOICE, choices=("a", "b"))
TEXT = Parameter("text", "x", kind=ParameterKind.TEXT)
FILE = Parameter("impulse_filename", "", kind=ParameterKind.FILE)
OPEN = Parameter("offset", 0.0)


@pytest.fixture
def editor(qtbot, request):
    editor = editor_for(request.param)
    qtbot.addWidget(editor)
    editor.set_value(request.param.default)
    editor.show()
    return editor


def last(spy):
    return spy.at(spy.count() - 1)[0]


@pytest.mark.parametrize(
    ("editor", "value"),
    [
        (FREQUENCY, 50.0),
        (TAPS, 3),
        (SWITCH, True),
        (CHOICE, "b"),
        (TEXT, "y"),
        (FILE, "/a.wav"),
        (OPEN, 4.5),
    ],
    indirect=["editor"],
)
def test_showing_a_value_tells_nothing_and_reset_asks_for_the_default(qtbot, editor, value):
    told = QSignalSpy(editor.edited)
    assert not editor.reset_button.isEnabled()
    editor.set_value(value)
    assert told.count() == 0
    assert editor.value == value
    qtbot.mouseClick(editor.reset_button, LEFT)
    assert last(told) is None


@pytest.mark.parametrize("editor", [FREQUENCY], indirect=True)
def test_a_number_is_turned_and_typed(qtbot, editor):
    told = QSignalSpy(editor.edited)
    qtbot.keyClick(editor.knob, Qt.Key.Key_End)
    assert last(told) == pytest.approx(20_000.0)
    editor.field.selectAll()
    qtbot.keyClicks(editor.field, "440")
    qtbot.keyClick(editor.field, Qt.Key.Key_Return)
    assert last(told) == 440.0
    assert editor.field.text().endswith("Hz")


@pytest.mark.parametrize("editor", [TAPS], indirect=True)
def test_a_whole_number_is_told_as_one(qtbot, editor):
    told = QSignalSpy(editor.edited)
    qtbot.keyClick(editor.knob, Qt.Key.Key_Up)
    assert last(told) == 11
    assert type(last(told)) is int


@pytest.mark.parametrize("editor", [SWITCH], indirect=True)
def test_a_switch_is_clicked(qtbot, editor):
    told = QSignalSpy(editor.edited)
    qtbot.keyClick(editor.box, Qt.Key.Key_Space)
    assert last(told) is True


@pytest.mark.parametrize("editor", [CHOICE], indirect=True)
def test_a_choice_is_chosen_by_key(qtbot, editor):
    told = QSignalSpy(editor.edited)
    qtbot.keyClick(editor.box, Qt.Key.Key_Down)
    assert last(told) == "b"


@pytest.mark.parametrize("editor", [TEXT, FILE], indirect=True)
def test_text_counts_when_it_is_finished(qtbot, editor):
    told = QSignalSpy(editor.edited)
    editor.field.selectAll()
    qtbot.keyClicks(editor.field, "new")
    assert told.count() == 0
    qtbot.keyClick(editor.field, Qt.Key.Key_Return)
    assert last(told) == "new"


@pytest.mark.parametrize("editor", [OPEN], indirect=True)
def test_a_number_without_ends_has_a_field_only(editor):
    assert editor.knob is None
    assert editor.wide


def test_every_parameter_of_every_effect_has_an_editor_that_shows_its_default(qtbot):
    for effect_type in default_registry():
        for parameter in effect_type.parameters:
            editor = editor_for(parameter)
            qtbot.addWidget(editor)
            told = QSignalSpy(editor.edited)
            editor.set_value(parameter.default)
            assert told.count() == 0, (effect_type.id, parameter.name)
            assert not editor.reset_button.isEnabled()
