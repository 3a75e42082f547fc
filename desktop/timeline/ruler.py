"""The ruler above the tracks: markers, tempo, bars and beats, time or timecode.

Four lanes from the top. A click moves the playhead, a drag over the time lane sets the loop range.
A double click on the marker or tempo lane writes there: a marker's name, or a tempo such as ``96``,
``96 3/4`` or ``3/4``; empty text removes what was there.
"""

import re
from math import ceil

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QWidget

from tonewright.desktop.session import Session
from tonewright.desktop.theme import Theme, theme_of
from tonewright.desktop.timeline.entry import Entry
from tonewright.desktop.timeline.ruler_lanes import (
    BAR_LANE,
    HEIGHT,
    TEMPO_LANE,
    TIME_LANE,
    RulerLanes,
)
from tonewright.desktop.timeline.tools import snapped_in
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.dsp.project.document import (
    Id,
    Marker,
    MusicalTime,
    Project,
    TempoEvent,
    TimeRange,
    TimeSignatureEvent,
    new_id,
)
from tonewright.dsp.project.edits import (
    add_marker,
    remove_marker,
    set_marker,
    set_tempo,
    set_time_signature,
)
from tonewright.dsp.project.tempo import (
    at_seconds,
    bar_beat_tick,
    ticks_of,
    to_seconds,
    to_ticks,
)

_REACH = 6
_TEMPO = re.compile(r"(?P<bpm>\d+(?:[.,]\d+)?)?\s*(?:(?P<num>\d+)/(?P<den>\d+))?")


class Ruler(QWidget):
    """The ruler of a session as a view shows it."""

    def __init__(self, session: Session, view: ViewState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lanes = RulerLanes(view)
        self._session = session
        self._view = view
        self._looping_from: float | None = None
        self._seeking = False
        self._marker: tuple[Marker, str] | None = None
        self.setFixedHeight(HEIGHT)
        self.setMouseTracking(True)
        self.setAccessibleName("Ruler")
        self.setToolTip(
            "Click to move the playhead, drag over the time to loop; double-click above to add a "
            "marker or a tempo"
        )
        self._playhead_x = 0
        self._kept: tuple[tuple[object, ...], QImage] | None = None
        session.changed.connect(self._on_changed)
        view.view_changed.connect(self.update)
        view.loop_changed.connect(self.update)
        view.playhead_moved.connect(self._move_playhead)

    def toggle_timecode(self) -> None:
        """Show timecode instead of time, or back."""
        self._lanes.shows_timecode = not self._lanes.shows_timecode
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the four lanes, from the picture of them, and the playhead over them."""
        theme = theme_of(self)
        shown = self._shown(theme)
        if self._kept is None or self._kept[0] != shown:
            ratio = self.devicePixelRatioF()
            size = QSize(ceil(self.width() * ratio), ceil(HEIGHT * ratio))
            image = QImage(size, QImage.Format.Format_RGB32)
            image.setDevicePixelRatio(ratio)
            painter = QPainter(image)
            painter.setFont(self.font())
            self._lanes.paint(painter, self._session.project, theme, self.width())
            painter.end()
            self._kept = shown, image
        painter = QPainter(self)
        painter.drawImage(0, 0, self._kept[1])
        x = self._playhead_x = round(self._view.x_of(self._view.playhead_seconds))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.playhead))
        top = BAR_LANE.top()
        painter.drawPolygon(
            QPolygonF([QPointF(x - 5, top), QPointF(x + 6, top), QPointF(x + 0.5, top + 8)])
        )
        painter.fillRect(QRectF(x, top, 1, HEIGHT - top), QColor(theme.playhead))
        painter.end()

    def _shown(self, theme: Theme) -> tuple[object, ...]:
        """Return what the picture of the lanes depends on."""
        size = self.width(), self.devicePixelRatioF(), theme.name
        return *size, *self._lanes.shown(self._session.project)

    def _move_playhead(self) -> None:
        """Repaint where the playhead was and where it is, and nothing else."""
        for x in (self._playhead_x, round(self._view.x_of(self._view.playhead_seconds))):
            self.update(x - 7, 0, 15, HEIGHT)

    def _on_changed(self) -> None:
        if self._kept is not None and self._kept[0] != self._shown(theme_of(self)):
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Move the playhead, begin a loop range, or take hold of a marker."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        place = event.position()
        marker = self._marker_at(place)
        if marker is not None:
            self._marker = marker, f"drag:{new_id()}"
        elif place.y() >= TIME_LANE.top():
            self._looping_from = self._seconds(event)
        elif place.y() >= BAR_LANE.top():
            self._seeking = True
            self._view.seek(self._seconds(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag what was taken hold of."""
        seconds = self._seconds(event)
        if self._marker is not None:
            marker, key = self._marker
            seconds = self._seconds(event, (marker.id,))
            tempo_map = self._session.project.tempo_map
            start = at_seconds(tempo_map, seconds, marker.start)
            self._session.apply(
                "Move marker",
                lambda project: set_marker(project, marker.id, start=start),
                merge_key=key,
            )
        elif self._looping_from is not None:
            first, last = sorted((self._looping_from, seconds))
            self._view.set_loop(TimeRange(first, last))
        elif self._seeking:
            self._view.seek(seconds)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let go; a click on the time lane without a drag takes the loop range away."""
        if self._looping_from is not None and self._seconds(event) == self._looping_from:
            self._view.set_loop(None)
            self._view.seek(self._looping_from)
        self._looping_from, self._seeking, self._marker = None, False, None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Write a marker or a tempo."""
        y = event.position().y()
        if y < TEMPO_LANE.top():
            marker = self._marker_at(event.position())
            self.edit_marker(marker, self._seconds(event))
        elif y < BAR_LANE.top():
            self.edit_tempo(self._seconds(event))

    def edit_marker(self, marker: Marker | None, seconds: float) -> None:
        """Ask for the name of a marker, of a new one at ``seconds`` if there is none."""
        at = self._seconds_of(marker) if marker else seconds
        text = marker.name if marker else "Marker"
        entry = Entry(self, "Name of the marker", self._view.x_of(at), 0, text)
        entry.accepted.connect(lambda text: self._set_marker(marker, seconds, text))

    def edit_marker_before(self) -> None:
        """Ask for the name of the last marker at or before the playhead; without one, of a new."""
        now = self._view.playhead_seconds
        before = [each for each in self._session.project.markers if self._seconds_of(each) <= now]
        self.edit_marker(before[-1] if before else None, now)

    def edit_tempo(self, seconds: float) -> None:
        """Ask for the tempo from the beginning of the bar at ``seconds`` on."""
        tempo_map = self._session.project.tempo_map
        ticks = int(to_ticks(tempo_map, seconds))
        event = _nearest(
            tempo_map.tempos, tempo_map.time_signatures, ticks, self._ticks_in(seconds)
        )
        start_ticks = event if event is not None else _bar_start(self._session.project, ticks)
        words = [f"{each.bpm:g}" for each in tempo_map.tempos if each.start_ticks == start_ticks]
        words += [
            f"{each.numerator}/{each.denominator}"
            for each in tempo_map.time_signatures
            if each.start_ticks == start_ticks
        ]
        x = self._view.x_of(to_seconds(tempo_map, float(start_ticks)))
        name = "Tempo and time signature, for example 96 3/4"
        entry = Entry(self, name, x, TEMPO_LANE.top() - 2, " ".join(words))
        entry.accepted.connect(lambda text: self._set_tempo(start_ticks, text))

    def _set_marker(self, marker: Marker | None, seconds: float, name: str) -> None:
        if marker is None:
            if name:
                start = at_seconds(self._session.project.tempo_map, seconds, MusicalTime(0))
                new = Marker(new_id(), name, start)
                self._session.apply("Add marker", lambda project: add_marker(project, new))
        elif name:
            self._session.apply(
                "Rename marker", lambda project: set_marker(project, marker.id, name=name)
            )
        else:
            self._session.apply("Delete marker", lambda project: remove_marker(project, marker.id))

    def _set_tempo(self, start_ticks: int, text: str) -> None:
        match = _TEMPO.fullmatch(text.strip())
        if match is None:
            self._session.problem.emit(f"{text!r} is no tempo: write for example 96, or 96 3/4")
            return
        bpm = float(match["bpm"].replace(",", ".")) if match["bpm"] else None
        numerator = int(match["num"]) if match["num"] else None
        denominator = int(match["den"]) if match["den"] else 4

        def edit(project: Project) -> Project:
            if bpm is not None or start_ticks:
                project = set_tempo(project, start_ticks, bpm)
            if numerator is not None or start_ticks:
                project = set_time_signature(project, start_ticks, numerator, denominator)
            return project

        try:
            self._session.apply("Set tempo", edit)
        except ValueError as error:  # out of range: the document's own words say how
            self._session.problem.emit(str(error))

    def _marker_at(self, place: QPointF) -> Marker | None:
        if place.y() >= TEMPO_LANE.top():
            return None
        for marker in reversed(self._session.project.markers):
            width = self.fontMetrics().horizontalAdvance(marker.name) + 12
            x = self._view.x_of(self._seconds_of(marker))
            if x - _REACH <= place.x() <= x + width:
                return marker
        return None

    def _seconds_of(self, marker: Marker) -> float:
        return to_seconds(self._session.project.tempo_map, marker.start)

    def _seconds(self, event: QMouseEvent, ignored: tuple[Id, ...] = ()) -> float:
        seconds = self._view.seconds_at(event.position().x())
        project, modifiers = self._session.project, event.modifiers()
        return snapped_in(project, self._view, seconds, modifiers, ignored)

    def _ticks_in(self, seconds: float) -> float:
        """Return how many ticks the mouse may be off."""
        tempo_map = self._session.project.tempo_map
        reach_seconds = 24 / self._view.pixels_per_second
        return to_ticks(tempo_map, seconds + reach_seconds) - to_ticks(tempo_map, seconds)

    def event(self, event: QEvent) -> bool:
        """Repaint in another theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        return super().event(event)


def _bar_start(project: Project, ticks: int) -> int:
    return ticks_of(project.tempo_map, bar_beat_tick(project.tempo_map, ticks).bar)


def _nearest(
    tempos: tuple[TempoEvent, ...],
    signatures: tuple[TimeSignatureEvent, ...],
    ticks: int,
    reach_ticks: float,
) -> int | None:
    """Return where the closest event within reach is."""
    starts = [each.start_ticks for each in tempos]
    starts += [each.start_ticks for each in signatures]
    nearest = min(starts, key=lambda start: abs(start - ticks))
    return nearest if abs(nearest - ticks) <= reach_ticks else None
