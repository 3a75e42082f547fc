"""The piano roll: keyboard, notes and velocities of one MIDI clip under a bar of tools."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tonewright.desktop.pianoroll.canvas import NoteCanvas
from tonewright.desktop.pianoroll.keys import WIDTH_PIXELS, Keyboard
from tonewright.desktop.pianoroll.notes import ClipNotes
from tonewright.desktop.pianoroll.scales import NAMES, SCALES
from tonewright.desktop.pianoroll.velocity import VelocityLane
from tonewright.desktop.session import Session
from tonewright.dsp.midi.quantize import GRIDS
from tonewright.dsp.project.document import Id


class PianoRoll(QWidget):
    """The piano roll.

    Attributes:
        notes: The notes that are shown, and the selection.
        canvas: Where they are edited.

    Signals:
        auditioned (int, int): Pitch and velocity of a note that wants to be heard.
    """

    auditioned = Signal(int, int)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Piano roll")
        self.notes = ClipNotes(session, self)
        self.canvas = NoteCanvas(self.notes, self)
        self.canvas.setFrameShape(QFrame.Shape.NoFrame)
        keyboard = Keyboard(self.canvas, self)
        self.velocities = VelocityLane(self.notes, self.canvas, self)
        self.canvas.auditioned.connect(self.auditioned)
        keyboard.auditioned.connect(self.auditioned)
        keyboard.setFixedWidth(WIDTH_PIXELS)
        self._title = QLabel(self)
        self._status = QLabel(self)
        self._status.setContentsMargins(8, 2, 8, 3)

        velocity_label = QLabel("Velocity", self)
        velocity_label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        velocity_label.setFixedWidth(WIDTH_PIXELS)
        body = QGridLayout()
        body.setSpacing(1)
        body.addWidget(keyboard, 0, 0)
        body.addWidget(self.canvas, 0, 1)
        body.addWidget(velocity_label, 1, 0)
        body.addWidget(self.velocities, 1, 1)
        body.setRowStretch(0, 5)
        body.setRowStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        layout.addLayout(self._tools())
        layout.addLayout(body, 1)
        layout.addWidget(self._status)

        self.notes.changed.connect(self._update)
        self.notes.selection_changed.connect(self._update)
        self._update()

    def show_clip(self, clip_id: Id | None) -> None:
        """Show the notes of a MIDI clip, all of it; None, or another clip, shows none."""
        shown = self.notes.clip
        self.notes.show(clip_id)
        if shown is None or shown.id != clip_id:
            self.canvas.fit()

    def quantise(self) -> None:
        """Pull the selected notes, or all, to the grid, as the tools say."""
        self.notes.quantise(strength=self._strength.value() / 100, swing=self._swing.value() / 100)

    def _tools(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 4, 8, 4)
        bar.setSpacing(6)
        self._title.setMinimumWidth(80)
        bar.addWidget(self._title)
        self._draw = self._button(
            "Draw", "Draw notes with the mouse", "B", self._set_drawing, checked=False
        )
        bar.addWidget(self._draw)
        grid = self._choice("Grid", list(GRIDS), self.notes.grid, self._set_grid)
        bar.addWidget(QLabel("Grid", self))
        bar.addWidget(grid)
        bar.addWidget(self._line())
        quantise = self._button(
            "Quantise", "Pull the selected notes, or all, to the grid", "Q", self.quantise
        )
        bar.addWidget(quantise)
        self._strength = self._percent("Strength of quantising", 100.0)
        self._swing = self._percent("Swing", 0.0)
        bar.addWidget(self._strength)
        bar.addWidget(QLabel("swing", self))
        bar.addWidget(self._swing)
        bar.addWidget(self._line())
        bar.addWidget(QLabel("Transpose", self))
        for text, semitones in (("−12", -12), ("−1", -1), ("+1", 1), ("+12", 12)):
            hint = f"Transpose the selected notes, or all, by {semitones} semitones"
            button = self._button(text, hint, "", lambda by=semitones: self.notes.transpose(by))
            button.setAccessibleName(f"Transpose by {semitones} semitones")
            bar.addWidget(button)
        bar.addWidget(self._line())
        bar.addWidget(QLabel("Scale", self))
        bar.addWidget(self._choice("Root of the scale", list(NAMES), "C", self._set_root))
        bar.addWidget(self._choice("Scale", list(SCALES), "Chromatic", self._set_scale))
        self._ghosts = self._button(
            "Ghosts", "Show the notes of other clips", "", self._set_ghosts, checked=True
        )
        bar.addWidget(self._ghosts)
        bar.addWidget(self._button("Fit", "Show the whole clip", "Ctrl+0", self.canvas.fit))
        bar.addStretch(1)
        return bar

    def _button(
        self,
        text: str,
        hint: str,
        shortcut: str,
        run: Callable[..., Any],
        *,
        checked: bool | None = None,
    ) -> QToolButton:
        action = QAction(text, self)
        action.setToolTip(f"{hint} ({shortcut})" if shortcut else hint)
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self.addAction(action)
        if checked is not None:
            action.setCheckable(True)
            action.setChecked(checked)
        action.triggered.connect(lambda _: run())
        button = QToolButton(self)
        button.setDefaultAction(action)
        button.setAccessibleName(hint)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _choice(
        self, name: str, items: list[str], current: str, chosen: Callable[[str], None]
    ) -> QComboBox:
        box = QComboBox(self)
        box.addItems(items)
        box.setCurrentText(current)
        box.setAccessibleName(name)
        box.setToolTip(name)
        box.currentTextChanged.connect(chosen)
        return box

    def _percent(self, name: str, value: float) -> QDoubleSpinBox:
        box = QDoubleSpinBox(self)
        box.setRange(0.0, 100.0)
        box.setDecimals(0)
        box.setSingleStep(5.0)
        box.setSuffix(" %")
        box.setMaximumWidth(76)
        box.setValue(value)
        box.setAccessibleName(name)
        box.setToolTip(name)
        return box

    def _line(self) -> QFrame:
        line = QFrame(self)
        line.setFrameShape(QFrame.Shape.VLine)
        line.setFrameShadow(QFrame.Shadow.Sunken)
        return line

    def _set_drawing(self) -> None:
        self.canvas.drawing = self._draw.isChecked()

    def _set_grid(self, name: str) -> None:
        self.notes.grid = name
        self.canvas.viewport().update()

    def _set_root(self, name: str) -> None:
        self.canvas.root = NAMES.index(name)
        self._repaint()

    def _set_scale(self, name: str) -> None:
        self.canvas.scale = name
        self._repaint()

    def _set_ghosts(self) -> None:
        self.canvas.ghosts_shown = self._ghosts.isChecked()
        self.canvas.viewport().update()

    def _repaint(self) -> None:
        self.canvas.scale_changed.emit()
        self.canvas.viewport().update()

    def _update(self) -> None:
        clip = self.notes.clip
        self._title.setText("No clip" if clip is None else clip.name)
        self._status.setText("" if clip is None else self.canvas.description())
