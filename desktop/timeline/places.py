"""Where things are on the canvas, and what is at a place."""

from collections.abc import Collection
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from tonewright.desktop.session import Session
from tonewright.desktop.timeline.automation_item import (
    DrawnLane,
    Target,
    lane_of,
    point_at,
    target_of,
    value_y,
)
from tonewright.desktop.timeline.clip_item import fade_handle, gain_y
from tonewright.desktop.timeline.tools import Hit, Zone
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.dsp.project.automation import value_at
from tonewright.dsp.project.document import AudioClip, Clip, Id, TempoMap, TimeRange, Track
from tonewright.dsp.project.tempo import range_of, to_ticks

_EDGE_PIXELS = 6
_HANDLE_PIXELS = 8


@dataclass(frozen=True, slots=True)
class _Ranged:
    clip: Clip
    tempo_map: TempoMap
    sounding: TimeRange


class Places:
    """The places of a session's tracks and clips in a view, in pixels of the canvas.

    Attributes:
        width: Of the canvas.
        scroll_y: How many pixels the rows are scrolled up.
    """

    def __init__(self, session: Session, view: ViewState) -> None:
        self.session = session
        self.view = view
        self.width = 0
        self.scroll_y = 0
        self._ranges: dict[Id, _Ranged] = {}

    def row_rect(self, index: int) -> QRectF:
        """Return the place of a track's row."""
        height = self.view.row_height
        return QRectF(0, index * height - self.scroll_y, self.width, height - 1)

    def row_at(self, y: float) -> int:
        """Return the index of the track at a height; may be beyond the last."""
        return int((y + self.scroll_y) // self.view.row_height)

    def clip_rect(self, index: int, clip: Clip) -> QRectF:
        """Return the place of a clip on the track of that index."""
        return self.rect_in(self.row_rect(index), self.sounding(clip))

    def rect_in(self, row: QRectF, sounding: TimeRange) -> QRectF:
        """Return the place in a row of a clip that sounds in a range."""
        left = self.view.x_of(sounding.start_seconds)
        width = (sounding.end_seconds - sounding.start_seconds) * self.view.pixels_per_second
        return QRectF(left, row.top() + 1, max(width, 3.0), row.height() - 2)

    def clips_in(self, rect: QRectF) -> list[Id]:
        """Return the ids of the clips that a rectangle touches."""
        return [
            clip.id
            for index, track in enumerate(self.session.project.tracks)
            for clip in track.clips
            if self.clip_rect(index, clip).intersects(rect)
        ]

    def hit(self, place: QPointF) -> Hit:
        """Return what is at a place."""
        tracks = self.session.project.tracks
        index = self.row_at(place.y())
        if not 0 <= index < len(tracks):
            return Hit(None, QRectF())
        track, row = tracks[index], self.row_rect(index)
        target = self.target(track)
        if target is not None:
            point, zone = self._automation_at(track, target, row, place)
            if zone is not None:
                return Hit(track, row, zone=zone, target=target, point=point)
        for clip in reversed(track.clips):
            rect = self.clip_rect(index, clip)
            if rect.contains(place):
                return Hit(track, row, clip, rect, self._zone(clip, rect, place), target)
        return Hit(track, row, target=target)

    def _zone(self, clip: Clip, rect: QRectF, place: QPointF) -> Zone:
        if isinstance(clip, AudioClip) and clip.id in self.view.selection:
            for fade, left in ((clip.fade_in, True), (clip.fade_out, False)):
                width = fade.length_seconds * self.view.pixels_per_second
                apart = fade_handle(rect, width, left) - place
                if max(abs(apart.x()), abs(apart.y())) <= _HANDLE_PIXELS:
                    return Zone.FADE_IN if left else Zone.FADE_OUT
        edge = min(_EDGE_PIXELS, rect.width() / 4)
        if place.x() <= rect.left() + edge:
            return Zone.START
        if place.x() >= rect.right() - edge:
            return Zone.END
        if (
            isinstance(clip, AudioClip)
            and clip.id in self.view.selection
            and abs(place.y() - gain_y(rect, clip.gain_db)) <= 3
        ):
            return Zone.GAIN
        return Zone.BODY

    def _automation_at(
        self, track: Track, target: Target, row: QRectF, place: QPointF
    ) -> tuple[int | None, Zone | None]:
        """Return the point under the mouse, or the one that the curve under it starts at."""
        lane = lane_of(track, target.ref)
        project = self.session.project
        index = point_at(self.drawn_lane(track, target, row), place)
        if index is not None:
            return index, Zone.POINT
        if len(lane.points) > 1:
            ticks = to_ticks(project.tempo_map, self.view.seconds_at(place.x()))
            before = [at for at, each in enumerate(lane.points[:-1]) if each.ticks <= ticks]
            on_curve = abs(value_y(target, value_at(lane, ticks), row) - place.y()) <= 4
            if before and on_curve and ticks < lane.points[-1].ticks:
                return before[-1], Zone.CURVE
        return None, None

    def drawn_lane(self, track: Track, target: Target, row: QRectF) -> DrawnLane:
        """Return the automation of a parameter as it is drawn over a row."""
        lane = lane_of(track, target.ref)
        return DrawnLane(lane, target, self.session.project.tempo_map, self.view, row)

    def target(self, track: Track) -> Target | None:
        """Return the parameter whose automation is drawn over a track."""
        ref = self.view.automation.get(track.id)
        return None if ref is None else target_of(track.channel, ref)

    def sounding(self, clip: Clip) -> TimeRange:
        """Return where a clip sounds; remembered while clip and tempo stay."""
        tempo_map = self.session.project.tempo_map
        known = self._ranges.get(clip.id)
        if known is None or known.clip is not clip or known.tempo_map is not tempo_map:
            known = _Ranged(clip, tempo_map, range_of(self.session.project, clip))
            self._ranges[clip.id] = known
        return known.sounding

    def reveal(self, where: TimeRange) -> None:
        """Scroll in time, if nothing of a passage shows."""
        left, right = self.view.x_of(where.start_seconds), self.view.x_of(where.end_seconds)
        if right < 0 or left > self.width - 40:
            self.view.scroll_to(where.start_seconds - 60 / self.view.pixels_per_second)

    def forget(self, alive: Collection[Id]) -> None:
        """Drop what is remembered of clips that are gone."""
        self._ranges = {key: value for key, value in self._ranges.items() if key in alive}
