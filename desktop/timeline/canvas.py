"""The area where clips lie: rows of tracks over time. It paints them and takes mouse and keys."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tonewright.desktop.accessible import Item
from tonewright.desktop.inspector.render_state import RenderState
from tonewright.desktop.session import Session
from tonewright.desktop.theme import faded, theme_of
from tonewright.desktop.timeline.automation_item import lane_of
from tonewright.desktop.timeline.automation_keys import KEYS, AutomationKeys
from tonewright.desktop.timeline.clip_keys import ClipKeys
from tonewright.desktop.timeline.entry import Entry
from tonewright.desktop.timeline.layer_bars import LayerBars
from tonewright.desktop.timeline.picture import Picture
from tonewright.desktop.timeline.places import Places
from tonewright.desktop.timeline.pointer import Pointer
from tonewright.desktop.timeline.reading import items_on
from tonewright.desktop.timeline.spoken import spoken_clip, spoken_layer, spoken_point
from tonewright.desktop.timeline.tools import Zone
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.desktop.timeline.waveforms import Waveforms
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.project.document import (
    Id,
    TimeRange,
)
from tonewright.dsp.project.tempo import to_seconds


class Canvas(QWidget):
    """The clips of a session as a view shows them.

    Attributes:
        session: What is shown and edited.
        view: How it is shown.
        places: Where things are on it.
        bars: The effects that are layers.
        points: What the keyboard does to automation.

    Signals:
        opened (Id): A clip was double-clicked.
        layer_chosen (Id, Id): The bar of an effect was clicked: its clip or track, and the effect.
        menu_requested (QPoint): The context menu is wanted there, in global coordinates.
    """

    opened = Signal(str)
    layer_chosen = Signal(str, str)
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
        self.bars = LayerBars(self.places, default_registry())
        self.points = AutomationKeys(session, view, self)
        self._clips = ClipKeys(self.places)
        self._picture = Picture(self.places, self.bars, self.points, waveforms)
        self._pointer = Pointer(self, self.layer_chosen.emit, self.opened.emit)
        self._band: QRectF | None = None
        self._playhead_x = 0
        self._content = self._picture.content()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 80)
        self.setAccessibleName("Timeline")
        session.changed.connect(self._on_changed)
        waveforms.changed.connect(self.update)
        view.playhead_moved.connect(self._move_playhead)
        for signal in (
            view.view_changed,
            view.selection_changed,
            view.point_changed,
            view.effect_changed,
            view.loop_changed,
            view.range_changed,
            view.tool_changed,
        ):
            signal.connect(self.update)

    @property
    def painted_whole(self) -> bool:
        """Whether all clips that show are painted with what is in them."""
        return self._picture.complete

    def show_states(self, states: Mapping[Id, RenderState]) -> None:
        """Show how far effects that are rendered are, by their ids."""
        if states != self.bars.states:
            self.bars.states = states
            self.update()

    def edit_automation(self) -> None:
        """Put the keyboard on the automation of a track, or back on the clips."""
        self.setFocus()
        if self.view.point is None:
            self.points.enter()
            self._reveal_point()
        else:
            self.view.set_point(None)

    # --- for screen readers -----------------------------------------------------------------

    def accessible_items(self) -> list[Item]:
        """Return the clips, the effects that are layers, and the points of shown automation."""
        return items_on(self.places, self.bars, self.points)

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
        self._playhead_x = round(self.view.x_of(self.view.playhead_seconds))
        painter = QPainter(self)
        self._picture.paint(
            painter, self.rect(), QRectF(event.rect()), theme_of(self), keyboard=self.hasFocus()
        )
        if self._band is not None:
            accent = theme_of(self).accent
            painter.setPen(QColor(accent))
            painter.setBrush(faded(accent, 40))
            painter.drawRect(self._band)
        painter.end()
        if not self.painted_whole:
            QTimer.singleShot(0, self, self._go_on)

    def _go_on(self) -> None:
        """Paint more of what there was no time for, and nothing else."""
        for rect in self._picture.unfinished():
            self.update(rect)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Note how wide the rows are."""
        super().resizeEvent(event)
        self.places.width = self.width()

    def _move_playhead(self) -> None:
        """Repaint where the playhead was and where it is, and nothing else."""
        for x in (self._playhead_x, round(self.view.x_of(self.view.playhead_seconds))):
            self.update(QRect(x - 1, 0, 3, self.height()))

    # --- mouse ------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Select what is there and get ready for a drag, or for the menu."""
        place = event.position()
        if event.button() == Qt.MouseButton.RightButton:
            hit = self.places.hit(place)
            if hit.clip is not None and hit.clip.id not in self.view.selection:
                self.view.select([hit.clip.id])
            self.menu_requested.emit(event.globalPosition().toPoint())
        elif event.button() == Qt.MouseButton.LeftButton:
            self._pointer.press(place, event.modifiers())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take a step of the gesture; without one, show what the mouse would do."""
        cursor = self._pointer.cursor_at(event.position())
        if cursor is not None:
            self.setCursor(cursor)
        self._pointer.move(event.position(), event.modifiers())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """End the gesture, or what a click has begun."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pointer.release(event.position(), event.modifiers())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Open a clip, or change the automation that is shown."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pointer.double_click(event.position(), event.modifiers())

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
        """Escape ends a gesture as if it had not been; the arrows go from clip to clip.

        While the keyboard is on automation, its keys are for that: see ``automation_keys``.
        """
        key = event.key()
        if key == Qt.Key.Key_Escape and self._pointer.cancel():
            return
        if self.points.press(key, event.modifiers()):
            self._reveal_point()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.view.point is not None:
            self._ask_value()
        elif key == Qt.Key.Key_Escape and self.view.range is not None:
            self.view.set_range(None)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not event.modifiers():
            self._clips.walk(1 if key == Qt.Key.Key_Right else -1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and not event.modifiers():
            self._clips.climb(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.view.focus is not None:
            self.opened.emit(self.view.focus)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show which clip the keyboard is on."""
        super().focusInEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Say what is under the mouse, and claim the keys that are for automation."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._words_at(QPointF(event.pos())), self)
            return True
        on_point = self.view.point is not None
        if on_point and event.type() is QEvent.Type.ShortcutOverride:
            assert isinstance(event, QKeyEvent)
            if event.key() in KEYS:
                event.accept()
                return True
        return super().event(event)

    def _words_at(self, place: QPointF) -> str:
        hit, project = self.places.hit(place), self.session.project
        if hit.zone is Zone.POINT and hit.track and hit.target and hit.point is not None:
            point = lane_of(hit.track, hit.target.ref).points[hit.point]
            return spoken_point(project, hit.track, hit.target, point)
        bar = self._pointer.bar_at(place, hit)
        if bar is not None:
            return spoken_layer(project, bar.owner, bar.layer)
        if hit.clip is not None and hit.track is not None:
            return spoken_clip(project, hit.track, hit.clip)
        return ""

    def _ask_value(self) -> None:
        """Ask for the value of the automation point that the keyboard is on."""
        on = self.points.focused()
        if on is None or on.point is None:
            return
        index = self.session.project.tracks.index(on.track)
        drawn = self.places.drawn_lane(on.track, on.target, self.places.row_rect(index))
        place = drawn.place_of(on.point)
        name = f"{on.target.label} of {on.track.name}, {on.target.unit}".rstrip(", ")
        entry = Entry(self, name, place.x() + 8, place.y() - 10, f"{on.point.value:g}")
        entry.accepted.connect(self.points.set_value)

    def _reveal_point(self) -> None:
        on = self.points.focused()
        if on is not None and on.point is not None:
            at = to_seconds(self.session.project.tempo_map, float(on.point.ticks))
            self.places.reveal(TimeRange(at, at))

    def _on_changed(self) -> None:
        alive = {clip.id for _, clip in self.session.project.clips()}
        if not self.view.selection <= alive:
            self.view.select(self.view.selection & alive, focus=self.view.focus)
        self.places.forget(alive)
        content = self._picture.content()
        if content != self._content:
            self._content = content
            self.update()
