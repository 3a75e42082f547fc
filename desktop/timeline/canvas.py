"""The area where clips lie: rows of tracks over time. It paints them and takes the mouse."""

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tonewright.desktop.accessible import Item
from tonewright.desktop.inspector.render_state import RenderState
from tonewright.desktop.session import Session
from tonewright.desktop.theme import Theme, theme_of
from tonewright.desktop.timeline.automation_item import (
    lane_of,
    paint_lane,
)
from tonewright.desktop.timeline.clip_item import ClipPainter, Look
from tonewright.desktop.timeline.layers import layers_of, paint_layers, room_for
from tonewright.desktop.timeline.places import Places
from tonewright.desktop.timeline.range_tool import SelectRange
from tonewright.desktop.timeline.snap import Grid, lines
from tonewright.desktop.timeline.spoken import spoken_clip, spoken_point
from tonewright.desktop.timeline.tools import (
    BendCurve,
    DragFade,
    DragGain,
    DragPoint,
    Gesture,
    Hit,
    MoveClips,
    RubberBand,
    SlipSource,
    TrimEdge,
    Zone,
    snapped_in,
    without_point,
)
from tonewright.desktop.timeline.view_state import Tool, ViewState
from tonewright.desktop.timeline.waveforms import Waveforms
from tonewright.dsp.effects.registry import Registry, default_registry
from tonewright.dsp.project.document import (
    AudioClip,
    Clip,
    ClockTime,
    Id,
    Track,
)
from tonewright.dsp.project.edits import split_clip

_DRAG_PIXELS = 3
_MIN_LINE_PIXELS = 9
_CURSORS = {
    Zone.START: Qt.CursorShape.SizeHorCursor,
    Zone.END: Qt.CursorShape.SizeHorCursor,
    Zone.FADE_IN: Qt.CursorShape.PointingHandCursor,
    Zone.FADE_OUT: Qt.CursorShape.PointingHandCursor,
    Zone.GAIN: Qt.CursorShape.SizeVerCursor,
    Zone.POINT: Qt.CursorShape.PointingHandCursor,
    Zone.CURVE: Qt.CursorShape.CrossCursor,
}


class Canvas(QWidget):
    """The clips of a session as a view shows them.

    Attributes:
        session: What is shown and edited.
        view: How it is shown.
        places: Where things are on it.
        states: How far effects that are rendered are, by their ids.
        registry: Describes effects.

    Signals:
        opened (Id): A clip was double-clicked.
        menu_requested (QPoint): The context menu is wanted there, in global coordinates.
    """

    opened = Signal(str)
    menu_requested = Signal(object)

    def __init__(
        self,
        session: Session,
        view: ViewState,
        waveforms: Waveforms,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.session = session
        self.view = view
        self.places = Places(session, view)
        self.states: dict[Id, RenderState] = {}
        self.registry: Registry = default_registry()
        self._waveforms = waveforms
        self._clip_painter = ClipPainter()
        self._gesture: Gesture | None = None
        self._pressed: tuple[Hit, QPointF] | None = None
        self._band: QRectF | None = None
        self._playhead_x = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 80)
        self.setAccessibleName("Timeline")
        session.changed.connect(self._on_changed)
        waveforms.changed.connect(self.update)
        for signal in (view.view_changed, view.selection_changed):
            signal.connect(self.update)
        view.playhead_moved.connect(self._move_playhead)
        view.loop_changed.connect(self.update)
        view.range_changed.connect(self.update)
        view.tool_changed.connect(self.update)

    # --- for screen readers -----------------------------------------------------------------

    def accessible_items(self) -> list[Item]:
        """Return the clips, and the points of the automation that is shown."""
        project, items = self.session.project, []
        for index, track in enumerate(project.tracks):
            for clip in track.clips:
                rect = self.places.clip_rect(index, clip).toRect()
                focused = clip.id == self.view.focus
                selected = clip.id in self.view.selection
                name = spoken_clip(project, track, clip)
                items.append(Item(clip.id, name, rect, selected, focused))
            target = self.places.target(track)
            if target is not None:
                drawn = self.places.drawn_lane(track, target, self.places.row_rect(index))
                for number, point in enumerate(drawn.lane.points):
                    at = drawn.place_of(point).toPoint()
                    rect = QRect(at.x() - 4, at.y() - 4, 9, 9)
                    name = spoken_point(project, track, target, point)
                    items.append(Item((track.id, target.ref, number), name, rect))
        return items

    def accessible_place(self) -> QWidget:
        """Return the canvas."""
        return self

    # --- painting ---------------------------------------------------------------------------

    def show_band(self, rect: QRectF | None) -> None:
        """Draw the rubber band, or take it away."""
        self._band = rect
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint what shows."""
        painter = QPainter(self)
        theme = theme_of(self)
        painter.fillRect(event.rect(), QColor(theme.window))
        project, asked = self.session.project, QRectF(event.rect())
        self._paint_grid(painter)
        for index, track in enumerate(project.tracks):
            row = self.places.row_rect(index)
            if not row.intersects(asked):
                continue
            painter.fillRect(QRectF(row.left(), row.bottom(), row.width(), 1), QColor(theme.line))
            below = 0
            for clip in track.clips:
                rect = self.places.clip_rect(index, clip)
                if rect.intersects(asked):
                    self._paint_clip(painter, track, clip, rect, theme)
                    below = max(below, self._paint_layers(painter, clip, rect, 0))
            self._paint_layers(painter, track, row, below)
            target = self.places.target(track)
            if target is not None:
                painter.fillRect(row, QColor(0, 0, 0, 60))
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                paint_lane(painter, self.places.drawn_lane(track, target, row), theme)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if self.view.loop is not None:
            left = self.view.x_of(self.view.loop.start_seconds)
            right = self.view.x_of(self.view.loop.end_seconds)
            shade = QColor(theme.accent)
            shade.setAlpha(26)
            painter.fillRect(QRectF(left, 0, right - left, self.height()), shade)
        x = self._playhead_x = round(self.view.x_of(self.view.playhead_seconds))
        painter.setPen(QColor(theme.playhead))
        painter.drawLine(x, 0, x, self.height())
        if self._band is not None:
            shade = QColor(theme.accent)
            painter.setPen(shade)
            shade.setAlpha(40)
            painter.setBrush(shade)
            painter.drawRect(self._band)
        if not project.tracks:
            painter.setPen(QColor(theme.dim))
            painter.drawText(
                self.rect(),
                Qt.AlignmentFlag.AlignCenter,
                "Drop audio, video or MIDI files here",
            )
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Note how wide the rows are."""
        super().resizeEvent(event)
        self.places.width = self.width()

    def _move_playhead(self) -> None:
        """Repaint where the playhead was and where it is, and nothing else."""
        for x in (self._playhead_x, round(self.view.x_of(self.view.playhead_seconds))):
            self.update(QRect(x - 1, 0, 3, self.height()))

    def _paint_grid(self, painter: QPainter) -> None:
        theme, view = theme_of(self), self.view
        start, end = view.seconds_at(0), view.seconds_at(self.width())
        for grid, color in ((Grid.BEAT, theme.faint), (Grid.BAR, theme.line)):
            shown = lines(self.session.project, start, end, grid)
            before = -_MIN_LINE_PIXELS
            painter.setPen(QPen(QColor(color), 1))
            for seconds in shown:
                x = round(view.x_of(seconds))
                if x - before < _MIN_LINE_PIXELS and before >= 0:
                    break  # too dense to read
                painter.drawLine(x, 0, x, self.height())
                before = x

    def _paint_clip(
        self,
        painter: QPainter,
        track: Track,
        clip: Clip,
        rect: QRectF,
        theme: Theme,
    ) -> None:
        peaks, missing, rate_hz = None, False, 0.0
        if isinstance(clip, AudioClip):
            medium = self.session.project.medium(clip.media_id)
            missing = medium.id in self._waveforms.missing
            rate_hz = medium.sample_rate * clip.speed_ratio
            peaks = None if missing else self._waveforms.peaks(medium)
        look = Look(
            rect=rect,
            visible=rect.intersected(QRectF(self.rect())),
            color=QColor(track.color),
            source_rate_hz=rate_hz,
            pixels_per_second=self.view.pixels_per_second,
            selected=clip.id in self.view.selection,
            focused=clip.id == self.view.focus and self.hasFocus(),
            missing=missing,
            status="" if room_for(rect) else self._status_of(clip),
        )
        self._clip_painter.paint(painter, clip, look, theme, peaks)

    def _status_of(self, clip: Clip) -> str:
        """Return what a clip that is too low for bars waits for."""
        states = (self.states.get(effect.id) for effect in clip.effects)
        waits = (each for each in states if each is not None and not each.ready)
        return next((each.to_text() for each in waits), "")

    def _paint_layers(
        self, painter: QPainter, owner: Track | Clip, rect: QRectF, below: int
    ) -> int:
        """Paint the effects on a clip or a track above others, and the range for the next one.

        Returns:
            How many there are of this owner.
        """
        view = self.view
        effects = owner.channel.effects if isinstance(owner, Track) else owner.effects
        if not effects and (view.range is None or view.range.owner_id != owner.id):
            return 0  # most clips, and there are many
        theme = theme_of(self)
        layers = layers_of(self.session.project, owner, self.registry, self.states)
        spans = tuple(
            (view.x_of(each.where.start_seconds), view.x_of(each.where.end_seconds))
            for each in layers
        )
        # What is far outside need not be drawn, and pens do not reach that far.
        shown = rect.intersected(QRectF(self.rect()).adjusted(-8, -200, 8, 200))
        paint_layers(painter, layers, shown, spans, theme, above=below)
        chosen = view.range
        if chosen is not None and chosen.owner_id == owner.id:
            start_seconds = 0.0
            if not isinstance(owner, Track):
                start_seconds = self.places.sounding(owner).start_seconds
            left = view.x_of(start_seconds + chosen.where.start_seconds)
            right = view.x_of(start_seconds + chosen.where.end_seconds)
            mark = QRectF(left, rect.top(), right - left, rect.height()).intersected(shown)
            shade = QColor(theme.playhead)
            painter.setPen(QPen(shade, 1))
            shade.setAlpha(55)
            painter.setBrush(shade)
            painter.drawRect(mark.adjusted(0.5, 0.5, -0.5, -0.5))
        return len(layers)

    # --- mouse ------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Select what is there and get ready for a drag."""
        place = event.position()
        hit = self.places.hit(place)
        if event.button() == Qt.MouseButton.RightButton:
            if hit.clip is not None and hit.clip.id not in self.view.selection:
                self.view.select([hit.clip.id])
            self.menu_requested.emit(event.globalPosition().toPoint())
        if event.button() != Qt.MouseButton.LeftButton:
            return
        modifiers = event.modifiers()
        if hit.clip is not None and self.view.tool is Tool.SPLIT:
            self._split(hit.clip, self._seconds(place, modifiers))
            return
        if hit.clip is not None:
            self._select(hit.clip, modifiers)
        elif hit.zone is Zone.EMPTY and not modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.view.select([])
        self._pressed = hit, place

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take a step of the gesture; without one, show what the mouse would do."""
        place, modifiers = event.position(), event.modifiers()
        if self._pressed is None:
            hit = self.places.hit(place)
            shape = _CURSORS.get(hit.zone, Qt.CursorShape.ArrowCursor)
            if hit.clip is not None and self.view.tool is Tool.SPLIT:
                shape = Qt.CursorShape.SplitHCursor
            if hit.track is not None and self.view.tool is Tool.RANGE:
                shape = Qt.CursorShape.IBeamCursor
            self.setCursor(shape)
            return
        hit, start = self._pressed
        if self._gesture is None:
            if (place - start).manhattanLength() < _DRAG_PIXELS:
                return
            self._gesture = self._begin(hit, start, modifiers)
        if self._gesture is not None:
            self._gesture.step(place, modifiers)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """End the gesture; a click on nothing moves the playhead there."""
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        hit, _ = self._pressed
        gesture, self._gesture, self._pressed = self._gesture, None, None
        if gesture is not None:
            gesture.finish()
        elif self.view.tool is Tool.RANGE:
            self.view.set_range(None)
        elif hit.zone is Zone.EMPTY:
            self.view.seek(self._seconds(event.position(), event.modifiers()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Open a clip; on a lane add an automation point, or remove the one that is there."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        hit = self.places.hit(event.position())
        if hit.track is not None and hit.target is not None:
            track_id, lane = hit.track.id, lane_of(hit.track, hit.target.ref)
            if hit.zone is Zone.POINT and hit.point is not None:
                point = hit.point
                self.session.apply(
                    "Delete automation point",
                    lambda project: without_point(project, track_id, lane, point),
                )
            else:
                blank = Hit(hit.track, hit.row, target=hit.target)
                DragPoint(self, blank, event.position()).step(event.position(), event.modifiers())
        elif hit.clip is not None:
            self.opened.emit(hit.clip.id)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom at the pointer with Ctrl, vertically with Ctrl and Shift, else scroll."""
        steps = event.angleDelta().y() / 120.0
        sideways = event.angleDelta().x() / 120.0
        modifiers = event.modifiers()
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            if modifiers & Qt.KeyboardModifier.ShiftModifier:
                self.view.set_row_height(self.view.row_height * 1.15**steps)
            else:
                self.view.zoom(1.25**steps, event.position().x())
            event.accept()
        elif modifiers & Qt.KeyboardModifier.ShiftModifier or sideways:
            pixels = 100.0 * (sideways if sideways else steps)
            self.view.scroll_to(self.view.scroll_seconds - pixels / self.view.pixels_per_second)
            event.accept()
        else:
            event.ignore()  # the view scrolls the rows

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Escape ends a gesture as if it had not been; the arrows go from clip to clip."""
        key = event.key()
        if key == Qt.Key.Key_Escape and self._gesture is not None:
            gesture, self._gesture, self._pressed = self._gesture, None, None
            gesture.cancel()
        elif key == Qt.Key.Key_Escape and self.view.range is not None:
            self.view.set_range(None)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not event.modifiers():
            self._walk(1 if key == Qt.Key.Key_Right else -1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and not event.modifiers():
            self._climb(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.view.focus is not None:
            self.opened.emit(self.view.focus)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show which clip the keyboard is on."""
        super().focusInEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Say what is under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            hit = self.places.hit(QPointF(event.pos()))
            text = ""
            if hit.zone is Zone.POINT and hit.track and hit.target and hit.point is not None:
                point = lane_of(hit.track, hit.target.ref).points[hit.point]
                text = spoken_point(self.session.project, hit.track, hit.target, point)
            elif hit.clip is not None and hit.track is not None:
                text = spoken_clip(self.session.project, hit.track, hit.clip)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def _begin(self, hit: Hit, place: QPointF, modifiers: Qt.KeyboardModifier) -> Gesture | None:
        if hit.zone is Zone.POINT:
            return DragPoint(self, hit, place)
        if hit.zone is Zone.CURVE:
            return BendCurve(self, hit, place)
        if self.view.tool is Tool.RANGE and hit.track is not None:
            return SelectRange(self, hit, place)
        if hit.clip is None:
            return RubberBand(self, hit, place, self.view.selection)
        slips = self.view.tool is Tool.SLIP and isinstance(hit.clip, AudioClip)
        if slips:
            return SlipSource(self, hit, place)
        if hit.zone in (Zone.START, Zone.END):
            return TrimEdge(self, hit, place)
        if hit.zone in (Zone.FADE_IN, Zone.FADE_OUT):
            return DragFade(self, hit, place)
        if hit.zone is Zone.GAIN:
            return DragGain(self, hit, place)
        copy = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        return MoveClips(self, hit, place, copy=copy)

    def _select(self, clip: Clip, modifiers: Qt.KeyboardModifier) -> None:
        adds = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
        selection = self.view.selection
        if modifiers & Qt.KeyboardModifier.ShiftModifier and clip.id in selection:
            self.view.select(selection - {clip.id})
        elif modifiers & adds:
            self.view.select(selection | {clip.id}, focus=clip.id)
        elif clip.id not in selection:
            self.view.select([clip.id], focus=clip.id)
        else:
            self.view.select(selection, focus=clip.id)

    def _split(self, clip: Clip, seconds: float) -> None:
        at = ClockTime(seconds)
        self.session.apply("Split clip", lambda project: split_clip(project, clip.id, at))

    def _seconds(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> float:
        return snapped_in(
            self.session.project, self.view, self.view.seconds_at(place.x()), modifiers
        )

    # --- keyboard ---------------------------------------------------------------------------

    def _focused(self) -> tuple[int, int] | None:
        """Return the indices of the track and of the clip that the keyboard is on."""
        for row, track in enumerate(self.session.project.tracks):
            for column, clip in enumerate(track.clips):
                if clip.id == self.view.focus:
                    return row, column
        return None

    def _walk(self, step: int) -> None:
        """Go to the next clip of the track, or to the first clip."""
        tracks = self.session.project.tracks
        at = self._focused()
        if at is None:
            clips = [clip for track in tracks for clip in track.clips]
            if clips:
                self._go_to(clips[0])
            return
        row, column = at
        if 0 <= column + step < len(tracks[row].clips):
            self._go_to(tracks[row].clips[column + step])

    def _climb(self, step: int) -> None:
        """Go to the clip of the next track that starts closest."""
        at = self._focused()
        if at is None:
            self._walk(step)
            return
        tracks = self.session.project.tracks
        row, column = at
        start_seconds = self.places.sounding(tracks[row].clips[column]).start_seconds
        row += step
        while 0 <= row < len(tracks) and not tracks[row].clips:
            row += step
        if 0 <= row < len(tracks):
            self._go_to(
                min(
                    tracks[row].clips,
                    key=lambda clip: abs(self.places.sounding(clip).start_seconds - start_seconds),
                )
            )

    def _go_to(self, clip: Clip) -> None:
        self.view.select([clip.id], focus=clip.id)
        sounding = self.places.sounding(clip)
        left, right = self.view.x_of(sounding.start_seconds), self.view.x_of(sounding.end_seconds)
        if right < 0 or left > self.width() - 40:
            self.view.scroll_to(sounding.start_seconds - 60 / self.view.pixels_per_second)

    def _on_changed(self) -> None:
        alive = {clip.id for _, clip in self.session.project.clips()}
        if not self.view.selection <= alive:
            self.view.select(self.view.selection & alive, focus=self.view.focus)
        self.places.forget(alive)
        self.update()
