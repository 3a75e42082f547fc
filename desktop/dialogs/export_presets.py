"""The presets of the export dialog: chosen, saved, deleted; the last settings are one of them."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QInputDialog, QToolButton, QWidget

from tonewright.desktop.dialogs.export_form import ExportForm
from tonewright.dsp.errors import TonewrightError
from tonewright.dsp.exporting.settings import ExportSettings
from tonewright.dsp.presets import Presets

LAST = "Last export"
"""The preset that holds the settings of the last export."""


class ExportPresets(QWidget):
    """The line of presets above a form.

    Args:
        form: What presets are taken from and shown in.
        presets: Where they are kept.

    Attributes:
        box: The list; its data are names.

    Signals:
        problem (str): One line for the user.
    """

    problem = Signal(str)

    def __init__(self, form: ExportForm, presets: Presets, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form = form
        self._presets = presets
        self.setAccessibleName("Presets of the export")
        self.box = QComboBox(self)
        self.box.setAccessibleName("Presets")
        self.box.activated.connect(self._chosen)
        save = QToolButton(self)
        save.setText("Save preset …")
        save.clicked.connect(lambda _: self._ask_name())
        self.delete_button = QToolButton(self)
        self.delete_button.setText("×")
        self.delete_button.setToolTip("Delete this preset")
        self.delete_button.setAccessibleName("Delete this preset")
        self.delete_button.clicked.connect(lambda _: self.delete(self.box.currentData()))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.box, 1)
        layout.addWidget(self.delete_button)
        layout.addWidget(save)
        self._fill("")

    def restore_last(self) -> None:
        """Show the settings of the last export, if there was one."""
        if LAST in self._names():
            self.load(LAST)

    def remember(self, name: str = LAST) -> None:
        """Keep the form's settings under a name."""
        try:
            self._presets.save(name, self._form.settings().to_json())
        except TonewrightError as error:
            self.problem.emit(str(error))

    def save(self, name: str) -> None:
        """Keep the form's settings as a preset, and list it."""
        self.remember(name)
        self._fill(name)

    def load(self, name: str) -> None:
        """Show the settings of a preset."""
        try:
            self._form.set_settings(ExportSettings.from_json(self._presets.get(name)))
        except TonewrightError as error:
            self.problem.emit(str(error))

    def delete(self, name: str) -> None:
        """Forget a preset; the form stays as it is."""
        try:
            self._presets.delete(name)
        except TonewrightError as error:
            self.problem.emit(str(error))
        self._fill("")

    def _chosen(self, index: int) -> None:
        name = self.box.itemData(index)
        self.delete_button.setEnabled(bool(name))
        if name:
            self.load(name)

    def _names(self) -> tuple[str, ...]:
        try:
            return self._presets.names()
        except TonewrightError as error:
            self.problem.emit(str(error))
            return ()

    def _fill(self, chosen: str) -> None:
        self.box.clear()
        self.box.addItem("Presets …", "")
        for name in self._names():
            self.box.addItem(name, name)
        self.box.setCurrentIndex(max(0, self.box.findData(chosen)))
        self.delete_button.setEnabled(bool(self.box.currentData()))

    def _ask_name(self) -> None:
        dialog = QInputDialog(self)
        dialog.setWindowTitle("Save preset")
        dialog.setLabelText("Name of the preset")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.textValueSelected.connect(self.save)
        dialog.open()
