"""A level meter: one bar a channel, on the same law as the faders."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from tonewright.desktop.controls.travel import Decibels
from tonewright.desktop.theme import theme_of

TOP_DBFS = 6.0
_LAW = Decibels(minimum=-70.0, maximum=TOP_DBFS)
_CLIP_PIXELS = 5
_TOP_PIXELS = _CLIP_PIXELS + 2
_HELD_TIMES = 60  # two seconds, as levels come while it plays
_FALL_DB = 0.8
_GREEN, _YELLOW, _RED = QColor("#4fae7b"), QColor("#e0c04c"), QColor("#e5655e")


class Meter(QWidget):
    """A meter with peak hold and a light that stays on after clipping, until it is clicked.

    Attributes:
        clipped: Whether the light is on.

    Signals:
        reset (): The user clicked: peaks that are held may be forgotten.
    """

    reset = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clipped = False
        self._peaks_dbfs: tuple[float, ...] = (-math.inf, -math.inf)
        self._holds_dbfs: tuple[float, ...] = ()
        self._ages: tuple[int, ...] = ()
        self._colors = QBrush(_GREEN)
        self.setAccessibleName(f"Level of {name}")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self._describe()

    def set_levels(
        self,
        peaks_dbfs: Sequence[float],
        holds_dbfs: Sequence[float] = (),
        *,
        clipped: bool = False,
    ) -> None:
        """Show levels.

        Args:
            peaks_dbfs: Of each channel; ``-inf`` is silence.
            holds_dbfs: The highest of the last seconds, of each channel; if empty, the meter holds
                the peaks that it is given itself, until there is silence.
            clipped: Turns the light on; a peak above 0 dBFS does so too.
        """
        levels = (tuple(peaks_dbfs), tuple(holds_dbfs) or self._held(peaks_dbfs))
        over = clipped or any(peak > 0.0 for peak in peaks_dbfs)
        if levels == (self._peaks_dbfs, self._holds_dbfs) and (self.clipped or not over):
            return
        self._peaks_dbfs, self._holds_dbfs = levels
        if over and not self.clipped:
            self.clipped = True
            self._describe()
        self.update()

    def _held(self, peaks_dbfs: Sequence[float]) -> tuple[float, ...]:
        """Return the peaks to hold: a new one stands for a while, then it falls."""
        if max(peaks_dbfs) == -math.inf or len(self._holds_dbfs) != len(peaks_dbfs):
            self._ages = (0,) * len(peaks_dbfs)
            return tuple(peaks_dbfs)
        held = []
        ages = []
        for peak, hold, age in zip(peaks_dbfs, self._holds_dbfs, self._ages, strict=True):
            fallen = hold - _FALL_DB if age >= _HELD_TIMES else hold
            held.append(max(peak, fallen))
            ages.append(0 if peak >= fallen else age + 1)
        self._ages = tuple(ages)
        return tuple(held)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Stretch the colours over the bars."""
        super().resizeEvent(event)
        gradient = QLinearGradient(0, self.height(), 0, _TOP_PIXELS)
        for level_dbfs, color in ((-70.0, _GREEN), (-12.0, _GREEN), (-4.0, _YELLOW), (0.0, _RED)):
            gradient.setColorAt(_LAW.fraction_of(level_dbfs), color)
        self._colors = QBrush(gradient)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the usual size."""
        return QSize(15, 120)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Turn the light off."""
        self.clipped = False
        self._describe()
        self.update()
        self.reset.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint a bar for each channel."""
        theme = theme_of(self)
        painter = QPainter(self)
        count = max(1, len(self._peaks_dbfs))
        width = (self.width() - (count - 1)) / count
        bottom, height = self.height(), self.height() - _TOP_PIXELS
        light = _RED if self.clipped else QColor(theme.line)
        painter.fillRect(QRectF(0, 0, self.width(), _CLIP_PIXELS), light)
        for channel, peak_dbfs in enumerate(self._peaks_dbfs):
            x = channel * (width + 1)
            bar = _LAW.fraction_of(peak_dbfs) * height
            painter.fillRect(QRectF(x, _TOP_PIXELS, width, height - bar), QColor(theme.window))
            if bar > 0.0:
                painter.fillRect(QRectF(x, bottom - bar, width, bar), self._colors)
            if channel < len(self._holds_dbfs):
                hold = _LAW.fraction_of(self._holds_dbfs[channel]) * height
                if hold > 0.0:
                    painter.fillRect(QRectF(x, bottom - hold, width, 1.5), self._colors)
        zero = bottom - height * _LAW.fraction_of(0.0)
        painter.fillRect(QRectF(0, zero, self.width(), 1), QColor(theme.dim))

    def _describe(self) -> None:
        self.setAccessibleDescription("clipped" if self.clipped else "not clipped")
        self.setToolTip("Clipped: click to reset" if self.clipped else "")
        self.setCursor(
            Qt.CursorShape.PointingHandCursor if self.clipped else Qt.CursorShape.ArrowCursor
        )
