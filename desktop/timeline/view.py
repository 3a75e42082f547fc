"""The timeline: ruler, headers and canvas, scrolled together; files are dropped on it."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QGridLayout, QScrollBar, QSizePolicy, QWidget

from tonewright.desktop.accessible import announce, tell_focus
from tonewright.desktop.adapters.turns import Turns
from tonewright.desktop.session import Session
from tonewright.desktop.timeline.canvas import Canvas
from tonewright.desktop.timeline.headers import WIDTH, Headers
from tonewright.desktop.timeline.ruler import Ruler
from tonewright.desktop.timeline.ruler_lanes import HEIGHT
from tonewright.desktop.timeline.spoken import spoken_clip
from tonewright.desktop.timeline.tools import snapped_in
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.desktop.timeline.waveforms import Waveforms
from tonewright.dsp.project.diff import ProjectDiff
from tonewright.dsp.project.document import Id
from tonewright.dsp.project.edits.access import find_clip
from tonewright.dsp.project.tempo import end_of

_ROOM_SECONDS = 30.0  # that can be scrolled to behind the last clip
_ROOM_PIXELS = 60  # and below the last row


class TimelineView(QWidget):
    """The whole timeline of a session.

    Signals:
        clip_opened (Id): A clip was double-clicked, or Return pressed on it.
        layer_chosen (Id, Id): The bar of an effect was clicked: its clip or track, and the effect.
        track_chosen (Id): The header of a track was clicked.
        files_dropped (list[Path], float, Id | None): Files, with the time in seconds and the track
            that they were dropped on.
        menu_requested (QPoint): The context menu of the selection, in global coordinates.
    """

    clip_opened = Signal(str)
    layer_chosen = Signal(str, str)
    track_chosen = Signal(str)
    files_dropped = Signal(object, float, object)
    menu_requested = Signal(object)

    def __init__(
        self,
        session: Session,
        view: ViewState,
        waveforms: Waveforms,
        turns: Turns,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.view = view
        self.setAccessibleName("Arrangement")
        self.ruler = Ruler(session, view)
        self.headers = Headers(session, view, turns)
        self.canvas = Canvas(session, view, waveforms)
        self.across = QScrollBar(Qt.Orientation.Horizontal)
        self.down = QScrollBar(Qt.Orientation.Vertical)
        self.across.setAccessibleName("Scroll in time")
        self.down.setAccessibleName("Scroll tracks")
        corner = QWidget()
        corner.setFixedSize(WIDTH, HEIGHT)
        corner.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(corner, 0, 0)
        layout.addWidget(self.ruler, 0, 1)
        layout.addWidget(self.headers, 1, 0)
        layout.addWidget(self.canvas, 1, 1)
        layout.addWidget(self.down, 0, 2, 2, 1)
        layout.addWidget(self.across, 2, 0, 1, 2)
        layout.setRowStretch(1, 1)
        layout.setColumnStretch(1, 1)
        self.setAcceptDrops(True)
        self.across.valueChanged.connect(self._scroll_across)
        self.down.valueChanged.connect(self._scroll_down)
        self.canvas.opened.connect(self.clip_opened)
        self.canvas.layer_chosen.connect(self.layer_chosen)
        self.canvas.menu_requested.connect(self.menu_requested)
        self.headers.chosen.connect(self.track_chosen)
        session.changed.connect(self._on_changed)
        view.view_changed.connect(self._measure)
        view.playhead_moved.connect(self._follow)
        view.selection_changed.connect(self._announce)
        view.point_changed.connect(self._announce)
        self._measure()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Measure what can be scrolled."""
        super().resizeEvent(event)
        self._measure()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Scroll the tracks."""
        self.down.setValue(self.down.value() - round(event.angleDelta().y() / 120 * 60))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802
        """Take files everywhere."""
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Say which files were dropped, where."""
        urls = event.mimeData().urls()
        paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        place = QPointF(self.canvas.mapFrom(self, event.position().toPoint()))
        seconds = snapped_in(
            self._session.project, self.view, self.view.seconds_at(place.x()), event.modifiers()
        )
        hit = self.canvas.places.hit(place)
        if paths:
            event.acceptProposedAction()
            track_id: Id | None = hit.track.id if hit.track else None
            self.files_dropped.emit(paths, seconds if place.x() >= 0 else 0.0, track_id)

    def _scroll_across(self, value: int) -> None:
        self.view.scroll_to(value / self.view.pixels_per_second)

    def _scroll_down(self, value: int) -> None:
        self.canvas.places.scroll_y = value
        self.canvas.update()
        self.headers.scroll_to(value)

    def _on_changed(self, changes: ProjectDiff) -> None:
        if changes.tracks_removed:  # what is left must not be above what shows
            lowest = max(0, self._rows_pixels - self.canvas.height())
            self._scroll_down(min(self.canvas.places.scroll_y, lowest))
        if replace(changes, tracks_changed=(), master=False):  # these make nothing longer
            self._measure()

    @property
    def _rows_pixels(self) -> int:
        """How high all rows are, with room behind the last."""
        return len(self._session.project.tracks) * self.view.row_height + _ROOM_PIXELS

    def _measure(self) -> None:
        """Give the scroll bars their ranges and places, in pixels."""
        end_seconds = end_of(self._session.project) + _ROOM_SECONDS
        width, height = self.canvas.width(), self.canvas.height()
        for bar, length, page, value in (
            (
                self.across,
                end_seconds * self.view.pixels_per_second,
                width,
                self.view.scroll_seconds * self.view.pixels_per_second,
            ),
            (
                self.down,
                self._rows_pixels,
                height,
                self.canvas.places.scroll_y,
            ),
        ):
            bar.blockSignals(True)
            bar.setRange(0, int(min(max(length - page, value), 2**31 - 1)))
            bar.setPageStep(page)
            bar.setSingleStep(40)
            bar.setValue(int(value))
            bar.blockSignals(False)

    def _follow(self) -> None:
        """Turn the page when the playhead leaves it."""
        x = self.view.x_of(self.view.playhead_seconds)
        if self.view.follow and not 0 <= x <= self.canvas.width() - 20:
            margin_seconds = 40 / self.view.pixels_per_second
            self.view.scroll_to(self.view.playhead_seconds - margin_seconds)

    def _announce(self) -> None:
        """Say what the keyboard is on."""
        if self.view.point is not None:
            text = self.canvas.points.spoken()
        elif self.view.focus is None:
            count = len(self.view.selection)
            text = f"{count} clips selected" if count else ""
        else:
            track, clip = find_clip(self._session.project, self.view.focus)
            text = spoken_clip(self._session.project, track, clip)
        self.canvas.setAccessibleDescription(text)
        if text:
            announce(self.canvas, text)
        tell_focus(self.canvas)
