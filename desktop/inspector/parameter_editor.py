"""A widget for one parameter of an effect, by its kind, with its unit and a way to its default."""

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tonewright.desktop.controls.knob import Knob
from tonewright.desktop.controls.travel import travel_of
from tonewright.desktop.inspector.wording import label_of, value_text
from tonewright.desktop.theme import theme_of
from tonewright.dsp.effects.protocol import Parameter, ParameterKind
from tonewright.dsp.project.document import Value, new_id

_UNBOUNDED = 1e9
_FIELD_PIXELS = 56
_SHORT_UNITS = {"semitones": "st"}


class ParameterEditor(QWidget):
    """The editor of one parameter.

    Attributes:
        value: What it shows.
        wide: Whether it wants a line of its own.

    Signals:
        edited (object, str): The value that the user chose, None for the default, and a key that
            the steps of one gesture share.
    """

    edited = Signal(object, str)
    wide = True

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.parameter = parameter
        self.value = parameter.default
        self.setAccessibleName(f"Parameter {label_of(parameter)}")
        self.label = QLabel(label_of(parameter), self)
        self.label.setToolTip(parameter.description or parameter.name)
        self.reset_button = QToolButton(self)
        self.reset_button.setText("↺")
        self.reset_button.setAutoRaise(True)
        default = value_text(parameter, parameter.default)
        self.reset_button.setToolTip(f"Back to {default or 'nothing'}")
        self.reset_button.setAccessibleName(f"Reset {label_of(parameter)}")
        self.reset_button.clicked.connect(lambda _: self.edited.emit(None, new_id()))

    def set_value(self, value: Value) -> None:
        """Show a value; nothing is told."""
        self.value = value
        self.reset_button.setEnabled(value != self.parameter.default)
        with QSignalBlocker(self):
            self.display(value)

    def set_fault(self, fault: str) -> None:
        """Say why the project's value is not shown; an empty text takes it back."""
        self.label.setToolTip(fault or self.parameter.description or self.parameter.name)
        self.label.setStyleSheet(f"color: {theme_of(self).danger};" if fault else "")
        if fault:
            self.reset_button.setEnabled(True)

    def display(self, value: Value) -> None:
        """Put a value into the widgets."""
        raise NotImplementedError

    def tell(self, value: Value, merge_key: str | None = None) -> None:
        """Tell a value that the user chose."""
        if value != self.value:
            self.edited.emit(value, merge_key or new_id())

    def in_line(self, *widgets: QWidget) -> None:
        """Lay out as a line: label, widgets, reset."""
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.label.setMinimumWidth(100)
        layout.addWidget(self.label)
        for widget in widgets:
            layout.addWidget(widget, 1 if widget is widgets[0] else 0)
        layout.addWidget(self.reset_button)


class NumberEditor(ParameterEditor):
    """A knob, if the range has two ends, and a field for the exact number."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        name, whole = label_of(parameter), parameter.kind is ParameterKind.INT
        low = -_UNBOUNDED if parameter.minimum is None else parameter.minimum
        high = _UNBOUNDED if parameter.maximum is None else parameter.maximum
        self.field = QDoubleSpinBox(self)
        self.field.setDecimals(0 if whole else _decimals(high - low))
        self.field.setRange(low, high)
        self.field.setSingleStep(1.0 if whole or high - low > 10 else 0.01)
        unit = _SHORT_UNITS.get(parameter.unit, parameter.unit)
        self.field.setSuffix(f" {unit}" if unit else "")
        self.field.setKeyboardTracking(False)
        self.field.setMinimumWidth(_FIELD_PIXELS)  # else the widest number would decide
        self.field.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.field.setAccessibleName(name)
        self.field.valueChanged.connect(lambda value: self.tell(self._number(value)))
        travel = travel_of(parameter)
        self.knob: Knob | None = None
        self.wide = travel is None
        if travel is None:
            self.in_line(self.field)
            return
        self.knob = Knob(
            name, travel, float(parameter.default), lambda v: value_text(parameter, v), self
        )
        self.knob.turned.connect(lambda value, key: self.tell(self._number(value), key))
        self.field.setAlignment(Qt.AlignmentFlag.AlignCenter)
        # The knob carries the name and the value; the field is for who wants to type.
        self.field.setAccessibleName(f"{name}, exact")
        head = QHBoxLayout()
        head.setSpacing(0)
        head.addWidget(self.label, 1)
        head.addWidget(self.reset_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self.knob, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self.field)

    def display(self, value: Value) -> None:
        """Put a number into knob and field."""
        with QSignalBlocker(self.field):
            self.field.setValue(float(value))
        if self.knob is not None:
            self.knob.set_number(float(value))

    def _number(self, value: float) -> Value:
        return round(value) if self.parameter.kind is ParameterKind.INT else value


class SwitchEditor(ParameterEditor):
    """A check box."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        self.box = QCheckBox(self)
        self.box.setAccessibleName(label_of(parameter))
        self.box.toggled.connect(self.tell)
        self.in_line(self.box)

    def display(self, value: Value) -> None:
        """Put a truth value into the box."""
        with QSignalBlocker(self.box):
            self.box.setChecked(bool(value))


class ChoiceEditor(ParameterEditor):
    """A list of choices."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        self.box = QComboBox(self)
        self.box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.box.addItems(parameter.choices)
        self.box.setAccessibleName(label_of(parameter))
        self.box.textActivated.connect(self.tell)
        self.in_line(self.box)

    def display(self, value: Value) -> None:
        """Select a choice."""
        self.box.setCurrentText(str(value))


class TextEditor(ParameterEditor):
    """A line of text."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        self.field = QLineEdit(self)
        self.field.setAccessibleName(label_of(parameter))
        self.field.editingFinished.connect(lambda: self.tell(self.field.text()))
        self.in_line(self.field, *self.buttons())

    def buttons(self) -> tuple[QWidget, ...]:
        """Return what stands behind the field."""
        return ()

    def display(self, value: Value) -> None:
        """Put text into the field."""
        self.field.setText(str(value))


class SuggestingEditor(ParameterEditor):
    """A line of text with some to choose from."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        self.box = QComboBox(self)
        self.box.setEditable(True)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.box.addItems(parameter.choices)
        self.box.setAccessibleName(label_of(parameter))
        self.box.textActivated.connect(self.tell)
        field = self.box.lineEdit()
        assert field is not None
        field.setAccessibleName(label_of(parameter))
        field.editingFinished.connect(lambda: self.tell(self.box.currentText()))
        self.in_line(self.box)

    def display(self, value: Value) -> None:
        """Put text into the field."""
        with QSignalBlocker(self.box):
            self.box.setCurrentText(str(value))


class FileEditor(TextEditor):
    """The path of a file, with a button that looks for it."""

    def buttons(self) -> tuple[QWidget, ...]:
        """Return the button."""
        browse = QToolButton(self)
        browse.setText("…")
        browse.setToolTip("Choose a file")
        browse.setAccessibleName(f"Choose {label_of(self.parameter)}")
        browse.clicked.connect(self._browse)
        return (browse,)

    def _browse(self) -> None:
        dialog = QFileDialog(self, label_of(self.parameter), str(Path(str(self.value)).parent))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.tell)
        dialog.open()


def editor_for(parameter: Parameter, parent: QWidget | None = None) -> ParameterEditor:
    """Return the editor of a parameter."""
    if parameter.kind is ParameterKind.TEXT and parameter.choices:
        return SuggestingEditor(parameter, parent)
    kinds: dict[ParameterKind, type[ParameterEditor]] = {
        ParameterKind.FLOAT: NumberEditor,
        ParameterKind.INT: NumberEditor,
        ParameterKind.BOOL: SwitchEditor,
        ParameterKind.CHOICE: ChoiceEditor,
        ParameterKind.TEXT: TextEditor,
        ParameterKind.FILE: FileEditor,
    }
    return kinds[parameter.kind](parameter, parent)


def _decimals(span: float) -> int:
    """Return how many decimals tell a thousandth of a range apart, 1 to 4."""
    return next((digits for digits in (1, 2, 3) if span * 10**digits >= 1000), 4)
