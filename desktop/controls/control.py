"""What knobs and faders share: a number, a drag, keys, a default, and gestures for the history."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QWidget

from tonewright.desktop.controls.travel import Travel
from tonewright.dsp.project.document import new_id

_STEPS = 10_000
_FINE = 0.1


class NumberControl(QAbstractSlider):
    """A control that turns a number, by drag, wheel (when it has the focus) and keys.

    Shift makes a drag fine, a double click sets the default. Arrows go by a hundredth of the way,
    page keys by a tenth, Home and End to the ends.

    Args:
        name: What it turns, for people and screen readers.
        travel: The way between its ends.
        default: What a double click sets.
        told: Returns the value as text with its unit.

    Signals:
        turned (float, str): A value that the user chose, and a key that the steps of one gesture
            share.
    """

    turned = Signal(float, str)
    drag_pixels = 160.0

    def __init__(
        self,
        name: str,
        travel: Travel,
        default: float,
        told: Callable[[float], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.travel = travel
        self.default = default
        self.number = default
        self._told = told
        self._gesture = new_id()
        self._from: tuple[QPointF, float] | None = None
        self.setRange(0, _STEPS)
        self.setSingleStep(_STEPS // 100)
        self.setPageStep(_STEPS // 10)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.setOrientation(Qt.Orientation.Vertical)
        self.set_number(default)
        self.valueChanged.connect(self._step)

    @property
    def fraction(self) -> float:
        """How far it has travelled, 0 to 1."""
        return self.travel.fraction_of(self.number)

    def set_number(self, value: float) -> None:
        """Show a value; nothing is told."""
        self.number = value
        self.blockSignals(True)
        self.setValue(round(self.fraction * _STEPS))
        self.blockSignals(False)
        text = self._told(value)
        self.setToolTip(f"{self.accessibleName()}: {text}")
        self.setAccessibleDescription(text)
        self.update()

    def turn(self, value: float) -> None:
        """Show a value, and tell it."""
        self.set_number(value)
        self.turned.emit(value, self._gesture)

    def along(self, delta: QPointF) -> float:
        """Return how far a drag goes along the control, in pixels."""
        return -delta.y()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Begin a drag."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._gesture = new_id()
            self._from = (event.position(), self.fraction)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Turn by the way since the last move, so that Shift may come and go."""
        if self._from is None:
            return
        place, fraction = self._from
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        way = self.along(event.position() - place) / self.drag_pixels * (_FINE if fine else 1.0)
        fraction = min(max(fraction + way, 0.0), 1.0)
        self._from = (event.position(), fraction)
        self.turn(self.travel.value_at(fraction))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """End a drag."""
        self._from = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Set the default."""
        self._gesture = new_id()
        self.turn(self.default)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Turn when it has the focus; else what is around it scrolls."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Begin a gesture of the keys."""
        self._gesture = new_id()
        super().focusInEvent(event)

    def _step(self, position: int) -> None:
        value = self.travel.value_at(position / _STEPS)
        if value == self.number and position not in (0, _STEPS):
            # A whole number needs more than a step of the way to change.
            up = position / _STEPS > self.fraction
            value = self.number + (1 if up else -1)
        self.turn(value)
