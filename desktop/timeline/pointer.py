"""What the mouse does on the canvas: what a press takes hold of, and what a drag of it becomes.

A press selects; a drag of it begins a gesture of ``tools`` or ``range_tool``, as the tool and the
place say; a press on nothing moves the playhead when it is let go.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QPointF, Qt

from tonewright.desktop.timeline.automation_item import lane_of
from tonewright.desktop.timeline.layer_bars import Bar, LayerBars
from tonewright.desktop.timeline.places import Places
from tonewright.desktop.timeline.range_tool import SelectRange
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
    Surface,
    TrimEdge,
    Zone,
    snapped_in,
    without_point,
)
from tonewright.desktop.timeline.view_state import PointFocus, Tool
from tonewright.dsp.project.document import AudioClip, Clip, ClockTime, Id, Track
from tonewright.dsp.project.edits import split_clip

_DRAG_PIXELS = 3
_CURSORS = {
    Zone.START: Qt.CursorShape.SizeHorCursor,
    Zone.END: Qt.CursorShape.SizeHorCursor,
    Zone.FADE_IN: Qt.CursorShape.PointingHandCursor,
    Zone.FADE_OUT: Qt.CursorShape.PointingHandCursor,
    Zone.GAIN: Qt.CursorShape.SizeVerCursor,
    Zone.POINT: Qt.CursorShape.PointingHandCursor,
    Zone.CURVE: Qt.CursorShape.CrossCursor,
}


class Pointed(Surface, Protocol):
    """What the pointer needs of the canvas."""

    bars: LayerBars

    @property
    def places(self) -> Places:
        """Where things are."""
        ...


class Pointer:
    """The mouse over a canvas.

    Args:
        surface: The canvas.
        chosen: Told the owner and the id of an effect whose bar was clicked.
        opened: Told the id of a clip that was double-clicked.
    """

    def __init__(
        self, surface: Pointed, chosen: Callable[[Id, Id], None], opened: Callable[[Id], None]
    ) -> None:
        self._surface = surface
        self._session = surface.session
        self._view = surface.view
        self._chosen = chosen
        self._opened = opened
        self._gesture: Gesture | None = None
        self._pressed: tuple[Hit, QPointF] | None = None

    def press(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Select what is there and get ready for a drag."""
        hit = self._surface.places.hit(place)
        self._focus_point(hit)
        if hit.clip is not None and self._view.tool is Tool.SPLIT:
            self._split(hit.clip, self._seconds(place, modifiers))
            return
        bar = self.bar_at(place, hit)
        if bar is not None:
            self._chosen(bar.owner.id, bar.layer.effect_id)
            if isinstance(bar.owner, Track):
                return  # a layer of a track cannot be dragged
            hit = replace(hit, clip=bar.owner)
        if hit.clip is not None:
            self._select(hit.clip, modifiers)
        elif hit.zone is Zone.EMPTY and not modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._view.select([])
        self._pressed = hit, place

    def move(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Take a step of the gesture, if the button is down."""
        if self._pressed is None:
            return
        hit, start = self._pressed
        if self._gesture is None:
            if (place - start).manhattanLength() < _DRAG_PIXELS:
                return
            self._gesture = self._begin(hit, start, modifiers)
        if self._gesture is not None:
            self._gesture.step(place, modifiers)

    def cursor_at(self, place: QPointF) -> Qt.CursorShape | None:
        """Return what shows what the mouse would do; None while a button is down."""
        if self._pressed is not None:
            return None
        hit = self._surface.places.hit(place)
        if hit.track is not None and self._view.tool is Tool.RANGE:
            return Qt.CursorShape.IBeamCursor
        if hit.clip is not None and self._view.tool is Tool.SPLIT:
            return Qt.CursorShape.SplitHCursor
        return _CURSORS.get(hit.zone, Qt.CursorShape.ArrowCursor)

    def release(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """End the gesture; a click on nothing moves the playhead there."""
        if self._pressed is None:
            return
        hit, _ = self._pressed
        gesture, self._gesture, self._pressed = self._gesture, None, None
        if gesture is not None:
            gesture.finish()
        elif self._view.tool is Tool.RANGE:
            self._view.set_range(None)
        elif hit.zone is Zone.EMPTY:
            self._view.seek(self._seconds(place, modifiers))

    def cancel(self) -> bool:
        """End a gesture as if it had not been; return whether there was one."""
        gesture, self._gesture, self._pressed = self._gesture, None, None
        if gesture is not None:
            gesture.cancel()
        return gesture is not None

    def double_click(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Open a clip; on a lane add an automation point, or remove the one that is there."""
        hit = self._surface.places.hit(place)
        if self.bar_at(place, hit) is not None:
            return  # the first click has chosen it
        if hit.track is not None and hit.target is not None:
            track_id, lane = hit.track.id, lane_of(hit.track, hit.target.ref)
            if hit.zone is Zone.POINT and hit.point is not None:
                point = hit.point
                self._session.apply(
                    "Delete automation point",
                    lambda project: without_point(project, track_id, lane, point),
                )
            else:
                blank = Hit(hit.track, hit.row, target=hit.target)
                DragPoint(self._surface, blank, place).step(place, modifiers)
        elif hit.clip is not None:
            self._opened(hit.clip.id)

    def bar_at(self, place: QPointF, hit: Hit) -> Bar | None:
        """Return the bar of an effect at a place, unless something else there is meant."""
        if self._view.tool is not Tool.SELECT or hit.zone not in (Zone.BODY, Zone.EMPTY):
            return None
        return self._surface.bars.at(place)

    def _focus_point(self, hit: Hit) -> None:
        """Put the keyboard on the automation point that was pressed, or back on clips."""
        point = None
        if hit.zone is Zone.POINT and hit.track and hit.target and hit.point is not None:
            ticks = lane_of(hit.track, hit.target.ref).points[hit.point].ticks
            point = PointFocus(hit.track.id, hit.target.ref, ticks)
        self._view.set_point(point)

    def _begin(self, hit: Hit, place: QPointF, modifiers: Qt.KeyboardModifier) -> Gesture | None:
        surface = self._surface
        if hit.zone is Zone.POINT:
            return DragPoint(surface, hit, place)
        if hit.zone is Zone.CURVE:
            return BendCurve(surface, hit, place)
        if self._view.tool is Tool.RANGE and hit.track is not None:
            return SelectRange(surface, hit, place)
        if hit.clip is None:
            return RubberBand(surface, hit, place, self._view.selection)
        if self._view.tool is Tool.SLIP and isinstance(hit.clip, AudioClip):
            return SlipSource(surface, hit, place)
        if hit.zone in (Zone.START, Zone.END):
            return TrimEdge(surface, hit, place)
        if hit.zone in (Zone.FADE_IN, Zone.FADE_OUT):
            return DragFade(surface, hit, place)
        if hit.zone is Zone.GAIN:
            return DragGain(surface, hit, place)
        copy = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        return MoveClips(surface, hit, place, copy=copy)

    def _select(self, clip: Clip, modifiers: Qt.KeyboardModifier) -> None:
        adds = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
        selection = self._view.selection
        if modifiers & Qt.KeyboardModifier.ShiftModifier and clip.id in selection:
            self._view.select(selection - {clip.id})
        elif modifiers & adds:
            self._view.select(selection | {clip.id}, focus=clip.id)
        elif clip.id not in selection:
            self._view.select([clip.id], focus=clip.id)
        else:
            self._view.select(selection, focus=clip.id)

    def _split(self, clip: Clip, seconds: float) -> None:
        at = ClockTime(seconds)
        self._session.apply("Split clip", lambda project: split_clip(project, clip.id, at))

    def _seconds(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> float:
        seconds = self._view.seconds_at(place.x())
        return snapped_in(self._session.project, self._view, seconds, modifiers)
