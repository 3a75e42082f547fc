"""The bar above the timeline: transport, tools, grid, and what is read at a glance."""

from collections.abc import Mapping
from math import isfinite

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QComboBox, QLabel, QSizePolicy, QToolBar, QWidget

from tonewright.desktop.session import Session
from tonewright.desktop.timeline.snap import Grid
from tonewright.desktop.timeline.spoken import clock, spoken_place
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.dsp.playback.meter import Levels

_GROUPS = (
    ("go-start", "play", "loop-selection"),
    ("undo", "redo"),
    ("tool-select", "tool-split", "tool-slip", "tool-range"),
    ("snap", "follow"),
)
_GRIDS = {
    Grid.BAR: "Bars",
    Grid.BEAT: "Beats",
    Grid.SIXTEENTH: "Quarter beats",
    Grid.FRAME: "Frames",
    Grid.NONE: "No grid",
}


class ToolBar(QToolBar):
    """The bar of a window, with its actions."""

    def __init__(
        self, session: Session, view: ViewState, actions: Mapping[str, QAction], parent: QWidget
    ) -> None:
        super().__init__("Tools", parent)
        self._session = session
        self._view = view
        self.setObjectName("tools")
        self.setMovable(False)
        self.setIconSize(QSize(18, 18))
        tools = QActionGroup(self)
        for group in _GROUPS:
            for action_id in group:
                self.addAction(actions[action_id])
                if action_id.startswith("tool-"):
                    tools.addAction(actions[action_id])
            self.addSeparator()
        self._grid = QComboBox()
        self._grid.setAccessibleName("Grid")
        self._grid.setToolTip("What positions snap to; hold Alt to suspend it")
        for grid, text in _GRIDS.items():
            self._grid.addItem(text, grid)
        self._grid.activated.connect(  # Qt gives back a plain string
            lambda index: view.set_tool(grid=Grid(self._grid.itemData(index)))
        )
        self.addWidget(self._grid)
        self.addSeparator()
        self.addAction(actions["zoom-all"])
        spring = QWidget()
        spring.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.addWidget(spring)
        self._loudness = self._label("Loudness", "M -00.0  S -00.0  I -00.0  LUFS    -00.0 dBTP")
        self._loudness.setToolTip("Momentary, short-term and integrated loudness, true peak")
        self._position = self._label("Position of the playhead", "0000 | 00     00:00:00.000  ")
        view.tool_changed.connect(self._show_grid)
        view.playhead_moved.connect(self._show_position)
        self._show_grid()
        self._show_position()

    def show_levels(self, levels: Levels) -> None:
        """Show the loudness of the mix; nothing where there is silence."""
        words = [
            f"{name} {value:.1f}"
            for name, value in (
                ("M", levels.momentary_lufs),
                ("S", levels.short_term_lufs),
                ("I", levels.integrated_lufs),
            )
            if isfinite(value)
        ]
        if isfinite(levels.true_peak_dbtp):
            words.append(f"LUFS    {levels.true_peak_dbtp:.1f} dBTP")
        self._loudness.setText("  ".join(words))

    def _label(self, name: str, longest: str) -> QLabel:
        label = QLabel()
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        label.setAccessibleName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        self.addWidget(label)
        # A fixed size: the bar need not be laid out anew thirty times a second.
        label.ensurePolished()
        metrics = label.fontMetrics()
        label.setFixedSize(metrics.horizontalAdvance(longest) + 4, metrics.height() + 2)
        return label

    def _show_grid(self) -> None:
        self._grid.setCurrentIndex(self._grid.findData(self._view.grid))

    def _show_position(self) -> None:
        seconds = self._view.playhead_seconds
        words = spoken_place(self._session.project, seconds)
        place = words.replace("bar ", "").replace(", beat ", " | ")
        self._position.setText(f"{place}     {clock(seconds)}  ")
