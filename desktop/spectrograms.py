"""The spectrum of a passage over time, dry and with its effects, side by side.

What is shown is the loop, or else the clip, or else some seconds from the
playhead. It is computed in a task, and only while it can be seen; the newest question wins.
"""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from tonewright.desktop.docks import is_seen
from tonewright.desktop.session import Session
from tonewright.desktop.tasks import Tasks
from tonewright.desktop.theme import theme_of
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.dsp.audio.picture import palette
from tonewright.dsp.audio.spectrogram import Levels, spectrogram
from tonewright.dsp.playback.compare import both
from tonewright.dsp.project.document import Id, TimeRange
from tonewright.dsp.project.tempo import range_of
from tonewright.dsp.rendering.queue import RenderQueue

COLUMNS, ROWS = 360, 240
LOW_HZ, HIGH_HZ = 60.0, 16_000.0
SECONDS = 8.0
"""What is shown where nothing is selected, and the most that is."""

RANGE_DB = 80.0
_LABELS_HZ = (100, 1_000, 10_000)
_LEFT, _TOP, _GAP, _BOTTOM = 44, 22, 14, 22


@dataclass(frozen=True, slots=True)
class Pair:
    """What is shown.

    Attributes:
        where: The passage.
        high_hz: Of the highest row.
    """

    where: TimeRange
    high_hz: float
    dry: Levels
    wet: Levels


class Spectrograms(QWidget):
    """The two pictures.

    Attributes:
        owner_id: The track or clip whose effects make the difference; None is the master.
        pair: What is shown; None while nothing has been computed.
    """

    def __init__(
        self, session: Session, view: ViewState, tasks: Tasks, render_queue: RenderQueue
    ) -> None:
        super().__init__()
        self.owner_id: Id | None = None
        self.pair: Pair | None = None
        self._session = session
        self._view = view
        self._tasks = tasks
        self._queue = render_queue
        self._computing = self._stale = False
        self._images: tuple[QImage, ...] = ()
        self.setAccessibleName("Spectrograms, dry and with effects")
        view.loop_changed.connect(self.refresh)

    def show_owner(self, owner_id: Id | None) -> None:
        """Compare the effects of a track, of a clip, or of the master (None)."""
        self.owner_id = owner_id
        self.refresh()

    def refresh(self) -> None:
        """Compute anew, if this can be seen; once more where that is being done already."""
        self._stale = self._computing
        if self._computing or not is_seen(self):
            return
        self._computing = True
        project, owner_id, where = self._session.project, self.owner_id, self._where
        store, registry = self._queue.store, self._queue.registry

        def computed() -> tuple[Pair, tuple[QImage, ...]]:
            high_hz = min(HIGH_HZ, project.sample_rate / 2)
            dry, wet = (
                spectrogram(
                    audio,
                    project.sample_rate,
                    columns=COLUMNS,
                    rows=ROWS,
                    low_hz=LOW_HZ,
                    high_hz=high_hz,
                )
                for audio in both(project, owner_id, where, store=store, registry=registry)
            )
            loudest_db = max(float(dry.max()), float(wet.max()))
            images = tuple(_image(each, loudest_db) for each in (dry, wet))
            return Pair(where, high_hz, dry, wet), images

        def show(found: tuple[Pair, tuple[QImage, ...]]) -> None:
            self.pair, self._images = found
            self.update()
            self._go_on()

        # A chain that is gone, or cannot be played, is told by others.
        self._tasks.run(computed, show, failed=lambda _: self._go_on())

    def _go_on(self) -> None:
        self._computing = False
        if self._stale:
            self.refresh()

    @property
    def _where(self) -> TimeRange:
        view, project = self._view, self._session.project
        shown = view.loop
        for _, clip in project.clips():
            if shown is None and clip.id == self.owner_id:
                shown = range_of(project, clip)
        if shown is None:
            return TimeRange(view.playhead_seconds, view.playhead_seconds + SECONDS)
        start = shown.start_seconds
        return TimeRange(start, min(shown.end_seconds, start + SECONDS))

    # --- painting ---------------------------------------------------------------------------

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return a size at which both pictures can be read."""
        return QSize(640, 260)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Compute what was missed while this was hidden."""
        super().showEvent(event)
        self.refresh()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the pictures with their scales."""
        painter, theme = QPainter(self), theme_of(self)
        painter.fillRect(self.rect(), QColor(theme.window))
        painter.setPen(QColor(theme.dim))
        if self.pair is None:
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "Computing the spectrum")
            painter.end()
            return
        width = (self.width() - _LEFT - _GAP * 2) // 2
        height = self.height() - _TOP - _BOTTOM
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for index, (name, image) in enumerate(
            zip(("Dry", "With effects"), self._images, strict=True)
        ):
            place = QRect(_LEFT + index * (width + _GAP), _TOP, width, height)
            painter.drawImage(place, image)
            self._paint_scale(painter, QRectF(place), name, self.pair, hertz=index == 0)
        painter.end()

    def _paint_scale(
        self, painter: QPainter, place: QRectF, name: str, pair: Pair, *, hertz: bool
    ) -> None:
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        above = QRectF(place.left(), 0, place.width(), _TOP)
        below = QRectF(place.left(), place.bottom(), place.width(), _BOTTOM)
        painter.drawText(above, left | Qt.AlignmentFlag.AlignVCenter, name)
        start, end = pair.where.start_seconds, pair.where.end_seconds
        painter.drawText(below, left | Qt.AlignmentFlag.AlignVCenter, f"{start:.2f} s")
        painter.drawText(below, right | Qt.AlignmentFlag.AlignVCenter, f"{end:.2f} s")
        if not hertz:
            return
        for frequency_hz in _LABELS_HZ:
            share = np.log(frequency_hz / LOW_HZ) / np.log(pair.high_hz / LOW_HZ)
            if 0.0 <= share <= 1.0:
                y = place.bottom() - share * place.height()
                text = f"{frequency_hz // 1000} k" if frequency_hz >= 1000 else str(frequency_hz)
                label = QRectF(0, y - 8, _LEFT - 6, 16)
                painter.drawText(label, right | Qt.AlignmentFlag.AlignVCenter, text)


def _image(levels: Levels, loudest_db: float) -> QImage:
    """Return levels as a picture, low frequencies below."""
    colors = palette()[:-1]
    share = np.clip((levels[::-1] - loudest_db + RANGE_DB) / RANGE_DB, 0.0, 1.0)
    pixels = np.ascontiguousarray(colors[np.round(share * (len(colors) - 1)).astype(np.uint8)])
    rows, columns = levels.shape
    # The copy owns its memory; the array goes with this call.
    return QImage(pixels.data, columns, rows, columns * 3, QImage.Format.Format_RGB888).copy()
