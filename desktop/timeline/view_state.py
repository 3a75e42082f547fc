"""What the user looks at, and how: not part of the project and not undone.

Horizontal positions are seconds from the project's start; x is pixels from the left edge of what
shows. Rows are tracks; y is pixels from the top of the first row.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QObject, Signal

from tonewright.desktop.timeline.snap import Grid
from tonewright.dsp.project.document import Id, ParameterRef, TimeRange

MIN_PIXELS_PER_SECOND = 0.05
MAX_PIXELS_PER_SECOND = 50_000.0
MIN_ROW_HEIGHT = 36
MAX_ROW_HEIGHT = 400


class Tool(StrEnum):
    """What the mouse does on a clip."""

    SELECT = "select"
    SPLIT = "split"
    SLIP = "slip"
    RANGE = "range"


@dataclass(frozen=True, slots=True)
class RangeSelection:
    """A part of a clip or a track, which new effects are put on.

    Attributes:
        owner_id: The clip or the track.
        where: In seconds from the owner's start, as in ``EffectSpec.range``.
    """

    owner_id: Id
    where: TimeRange


@dataclass(frozen=True, slots=True)
class PointFocus:
    """The automation that the keyboard is on.

    Attributes:
        track_id: The track.
        target: The parameter.
        ticks: Where the point is; None for the lane itself, which has none yet.
    """

    track_id: Id
    target: ParameterRef
    ticks: int | None


class ViewState(QObject):
    """Zoom, scroll, selection, tool, snap and playhead of one window.

    Attributes:
        scroll_seconds: What is at the left edge, at least 0.
        pixels_per_second: The horizontal zoom.
        row_height: Height of every track in pixels.
        selection: Ids of the selected clips.
        focus: The clip that the keyboard is on, one of the selection; None if there is none.
        point: The automation point that the keyboard is on instead; None if it is on clips.
        effect: The effect that the chain editor shows; None if there is none.
        playhead_seconds: Where playback is or will start.
        loop: The range that is repeated, or that a command works on; None if there is none.
        range: The part of a clip or a track that new effects are put on; None for all of it.
        follow: Whether the view follows the playhead.
        snap_on: Whether positions snap to ``grid``, clip edges and markers.
        automation: The parameter that is drawn over a track, by track id.

    Signals:
        view_changed (): Zoom, scroll, row height or shown automation.
        selection_changed (): Selection or focus.
        point_changed (): The automation point that the keyboard is on.
        effect_changed (): The effect that is shown.
        playhead_moved (): The playhead.
        loop_changed (): The loop range.
        range_changed (): The range for effects.
        tool_changed (): Tool, grid, snap or follow.
        seek_requested (float): The user wants playback to go on from these seconds.
    """

    view_changed = Signal()
    selection_changed = Signal()
    point_changed = Signal()
    effect_changed = Signal()
    playhead_moved = Signal()
    loop_changed = Signal()
    range_changed = Signal()
    tool_changed = Signal()
    seek_requested = Signal(float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scroll_seconds = 0.0
        self.pixels_per_second = 40.0
        self.row_height = 84
        self.selection: frozenset[Id] = frozenset()
        self.focus: Id | None = None
        self.point: PointFocus | None = None
        self.effect: Id | None = None
        self.playhead_seconds = 0.0
        self.loop: TimeRange | None = None
        self.range: RangeSelection | None = None
        self.follow = True
        self.snap_on = True
        self.grid = Grid.BEAT
        self.tool = Tool.SELECT
        self.automation: dict[Id, ParameterRef] = {}

    def x_of(self, seconds: float) -> float:
        """Return where a time is."""
        return (seconds - self.scroll_seconds) * self.pixels_per_second

    def seconds_at(self, x: float) -> float:
        """Return the time at a place."""
        return self.scroll_seconds + x / self.pixels_per_second

    def scroll_to(self, seconds: float) -> None:
        """Bring a time to the left edge."""
        seconds = max(seconds, 0.0)
        if seconds != self.scroll_seconds:
            self.scroll_seconds = seconds
            self.view_changed.emit()

    def zoom(self, factor: float, at_x: float) -> None:
        """Show ``1 / factor`` of the time; what is at ``at_x`` stays there."""
        fixed_seconds = self.seconds_at(at_x)
        self._set_zoom(self.pixels_per_second * factor)
        self.scroll_seconds = max(fixed_seconds - at_x / self.pixels_per_second, 0.0)
        self.view_changed.emit()

    def show_range(self, shown: TimeRange, width: int) -> None:
        """Fill ``width`` pixels with a range and a little on both sides."""
        length_seconds = max(shown.end_seconds - shown.start_seconds, 1e-3)
        self._set_zoom(width * 0.92 / length_seconds)
        margin_seconds = width * 0.04 / self.pixels_per_second
        self.scroll_seconds = max(shown.start_seconds - margin_seconds, 0.0)
        self.view_changed.emit()

    def set_row_height(self, height: float) -> None:
        """Make all rows so high, within bounds."""
        self.row_height = int(min(max(height, MIN_ROW_HEIGHT), MAX_ROW_HEIGHT))
        self.view_changed.emit()

    def select(self, clip_ids: Iterable[Id], *, focus: Id | None = None) -> None:
        """Select these clips and no others."""
        selection = frozenset(clip_ids)
        if focus not in selection:
            focus = next(iter(selection)) if len(selection) == 1 else None
        if (selection, focus) != (self.selection, self.focus):
            self.selection, self.focus = selection, focus
            self.selection_changed.emit()
            self.set_range(None)
            self.set_point(None)

    def set_point(self, point: PointFocus | None) -> None:
        """Put the keyboard on an automation point, or back on the clips."""
        if point != self.point:
            self.point = point
            self.point_changed.emit()

    def set_effect(self, effect_id: Id | None) -> None:
        """Note which effect the chain editor shows."""
        if effect_id != self.effect:
            self.effect = effect_id
            self.effect_changed.emit()

    def set_playhead(self, seconds: float) -> None:
        """Move the playhead as playback goes on."""
        self.playhead_seconds = max(seconds, 0.0)
        self.playhead_moved.emit()

    def seek(self, seconds: float) -> None:
        """Move the playhead because the user wants it there."""
        self.set_playhead(seconds)
        self.seek_requested.emit(self.playhead_seconds)

    def set_loop(self, loop: TimeRange | None) -> None:
        """Set the loop range; an empty one is none."""
        if loop is not None and loop.end_seconds <= loop.start_seconds:
            loop = None
        self.loop = loop
        self.loop_changed.emit()

    def set_range(self, chosen: RangeSelection | None) -> None:
        """Choose what new effects are put on."""
        if chosen != self.range:
            self.range = chosen
            self.range_changed.emit()

    def set_tool(
        self,
        *,
        tool: Tool | None = None,
        grid: Grid | None = None,
        snap_on: bool | None = None,
        follow: bool | None = None,
    ) -> None:
        """Set what is given."""
        self.tool = self.tool if tool is None else tool
        self.grid = self.grid if grid is None else grid
        self.snap_on = self.snap_on if snap_on is None else snap_on
        self.follow = self.follow if follow is None else follow
        self.tool_changed.emit()

    def show_automation(self, track_id: Id, target: ParameterRef | None) -> None:
        """Draw a parameter's automation over a track, or none."""
        if target is None:
            self.automation.pop(track_id, None)
        else:
            self.automation[track_id] = target
        if self.point is not None and self.point.track_id == track_id:
            self.set_point(None)
        self.view_changed.emit()

    def to_json(self) -> dict[str, Any]:
        """Return what is worth remembering, for ``view.json``."""
        return {
            "scroll_seconds": self.scroll_seconds,
            "pixels_per_second": self.pixels_per_second,
            "row_height": self.row_height,
            "playhead_seconds": self.playhead_seconds,
            "grid": self.grid.value,
            "snap_on": self.snap_on,
            "follow": self.follow,
        }

    def restore(self, data: dict[str, Any]) -> None:
        """Take over what ``to_json`` gave.

        Raises:
            ValueError: If it is something else.
        """
        try:
            numbers = [
                float(data[name])
                for name in (
                    "scroll_seconds",
                    "pixels_per_second",
                    "row_height",
                    "playhead_seconds",
                )
            ]
            grid, snap_on, follow = Grid(data["grid"]), data["snap_on"], data["follow"]
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"no view: {error}") from error
        self._set_zoom(numbers[1])
        self.scroll_seconds = max(numbers[0], 0.0)
        self.set_row_height(numbers[2])
        self.set_playhead(numbers[3])
        self.set_tool(grid=grid, snap_on=bool(snap_on), follow=bool(follow))

    def _set_zoom(self, pixels_per_second: float) -> None:
        self.pixels_per_second = min(
            max(pixels_per_second, MIN_PIXELS_PER_SECOND), MAX_PIXELS_PER_SECOND
        )
