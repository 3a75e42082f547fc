"""What is asked of an exploration: who plays, who is to play, how it is found out."""

from PySide6.QtWidgets import QComboBox, QFormLayout, QLineEdit, QSpinBox, QWidget

from tonewright.dsp.effects.protocol import EffectType
from tonewright.dsp.project.document import EffectSpec, new_id
from tonewright.dsp.rendering.exploration import positions_of


class Form(QWidget):
    """The fields; without an effect type they are empty and cannot be used.

    Args:
        effect_type: Of the change of instrument; None if it is not installed.
    """

    def __init__(self, effect_type: EffectType | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._effect_type = effect_type
        self.target, self.source = QComboBox(self), QComboBox(self)
        self.inversion, self.model = QComboBox(self), QLineEdit(self)
        self.positions, self.take = QSpinBox(self), QSpinBox(self)
        self.positions.setRange(2, 15)
        self.positions.setValue(6)
        self.take.setRange(0, 9_999)
        self.setAccessibleName("What is explored")
        for box, label in ((self.target, "Becomes"), (self.source, "Is now")):
            box.setEditable(True)
            box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            field = box.lineEdit()
            assert field is not None
            field.setAccessibleName(label)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(4)
        for label, widget, name, tip in (
            ("Becomes", self.target, "target", ""),
            ("Is now", self.source, "source", ""),
            ("Inversion", self.inversion, "inversion", ""),
            ("Positions", self.positions, "", "How many switches are tried, beside the automatic"),
            ("Take", self.take, "", "Another number is another take"),
            ("Model", self.model, "model", ""),
        ):
            widget.setAccessibleName(label)
            form.addRow(label, widget)
            if not name or effect_type is None:
                widget.setToolTip(tip)
                continue
            parameter = effect_type.parameter(name)
            widget.setToolTip(parameter.description)
            if isinstance(widget, QComboBox):
                widget.addItems(parameter.choices)
                widget.setCurrentText(str(parameter.default))
            elif isinstance(widget, QLineEdit):
                widget.setText(str(parameter.default))

    @property
    def usable(self) -> bool:
        """Whether the effect is installed."""
        return self._effect_type is not None

    def spec(self) -> EffectSpec:
        """Return a new effect as the fields say."""
        assert self._effect_type is not None
        params = {
            "target": self.target.currentText().strip(),
            "source": self.source.currentText().strip(),
            "inversion": self.inversion.currentText(),
            "model": self.model.text().strip(),
        }
        return EffectSpec(
            new_id(),
            self._effect_type.id,
            self._effect_type.version,
            tuple(sorted(params.items())),
            seed=self.take.value(),
        )

    def switches(self) -> tuple[float, ...]:
        """Return the positions that are to be tried."""
        return positions_of(self.positions.value())
