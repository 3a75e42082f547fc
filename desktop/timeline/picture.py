"""What the canvas of the timeline looks like: the grid, the clips, what lies over them.

The picture of a row is kept while what it shows stays as it is, so that a clip that is dragged, or
the playhead that goes by, paints no more than it must.
"""

from dataclasses import dataclass

from PySide6.QtCore import QLine, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from tonewright.desktop.theme import Theme, faded
from tonewright.desktop.timeline.automation_item import paint_lane
from tonewright.desktop.timeline.automation_keys import AutomationKeys
from tonewright.desktop.timeline.clip_item import ClipPainter, Look
from tonewright.desktop.timeline.layer_bars import LayerBars, room_for
from tonewright.desktop.timeline.places import Places
from tonewright.desktop.timeline.snap import Grid, lines
from tonewright.desktop.timeline.waveforms import Waveforms
from tonewright.dsp.project.document import AudioClip, Clip, Id, Media, Track

_MIN_LINE_PIXELS = 9
_AROUND_PIXELS = 8  # beyond the canvas, so that edges there are not seen


@dataclass(frozen=True, slots=True)
class _Row:
    """The picture of a row, and what it shows: by identity, so that it lives as long."""

    shown: tuple[object, ...]
    same: tuple[object, ...]
    image: QImage

    def shows(self, shown: tuple[object, ...], same: tuple[object, ...]) -> bool:
        """Return whether it shows this: equal things, and the very same objects."""
        return self.shown == shown and all(a is b for a, b in zip(self.same, same, strict=True))


class Picture:
    """Paints a session as a view shows it."""

    def __init__(
        self, places: Places, bars: LayerBars, points: AutomationKeys, waveforms: Waveforms
    ) -> None:
        self._places = places
        self._session = places.session
        self._view = places.view
        self._bars = bars
        self._points = points
        self._waveforms = waveforms
        self._clip_painter = ClipPainter()
        self._grids: dict[Grid, tuple[object, tuple[int, ...]]] = {}
        self._rows: dict[Id, _Row] = {}
        self._kept_ground: _Row | None = None
        self._media: dict[Id, Media] = {}
        self._clip_ids: dict[Id, tuple[tuple[Clip, ...], frozenset[Id]]] = {}
        waveforms.changed.connect(self._rows.clear)

    @property
    def complete(self) -> bool:
        """Whether all that was asked for was painted; if not, paint again soon."""
        return not self._clip_painter.skipped

    def content(self) -> tuple[object, ...]:
        """Return what of the project is painted: projects that are equal in it look the same.

        A fader is not in it, so that the clips are not painted anew with every step of its drag;
        but a lane without points lies where the fader is.
        """
        project, lanes = self._session.project, self._view.automation
        tracks = (
            (
                *(track.id, track.color, track.clips, track.automation, track.channel.effects),
                track.channel if track.id in lanes else None,
            )
            for track in project.tracks
        )
        return project.tempo_map, project.markers, project.media, tuple(tracks)

    def paint(
        self, painter: QPainter, area: QRect, asked: QRectF, theme: Theme, *, keyboard: bool
    ) -> None:
        """Paint everything but what a gesture draws.

        Args:
            painter: Paints on the canvas.
            area: All of the canvas.
            asked: What of it is to be painted.
            theme: The colours.
            keyboard: Whether the canvas has the keyboard, and the focus is shown.
        """
        self._clip_painter.begin()
        self._media = {medium.id: medium for medium in self._session.project.media}
        tracks = self._session.project.tracks
        foot = self._places.row_rect(len(tracks)).top()
        below = QRectF(area).intersected(asked)
        below.setTop(max(below.top(), foot))
        self._paint_grid(painter, area, below, theme)
        seen: set[Id] = set()
        for index, track in enumerate(tracks):
            row = self._places.row_rect(index).adjusted(0, 0, 0, 1)  # with the line below
            if row.intersects(QRectF(area)):
                seen.add(track.id)
                if row.intersects(asked):
                    self._paint_kept(painter, index, row, area, theme, keyboard=keyboard)
        for gone in self._rows.keys() - seen:
            del self._rows[gone]
        self._paint_times(painter, area, theme)
        if not tracks:
            painter.setPen(QColor(theme.dim))
            text = "Drop audio, video or MIDI files here"
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)

    # --- rows -------------------------------------------------------------------------------

    def _paint_kept(
        self,
        painter: QPainter,
        index: int,
        row: QRectF,
        area: QRect,
        theme: Theme,
        *,
        keyboard: bool,
    ) -> None:
        """Paint a row, from its picture if that still shows it."""
        ratio = painter.device().devicePixelRatioF()
        if not ((row.top() * ratio).is_integer() and (row.bottom() * ratio).is_integer()):
            self._paint_grid(painter, area, row, theme)  # a picture's pixels would be mixed
            self._paint_row(painter, index, area, theme, keyboard=keyboard)
            return
        track = self._session.project.tracks[index]
        shown, same = self._shown_in(track, row, theme, ratio, keyboard=keyboard)
        kept = self._rows.get(track.id)
        if kept is None or not kept.shows(shown, same):
            image = self._ground(row, area, ratio, theme).copy()
            on_image = QPainter(image)
            on_image.setFont(painter.font())
            on_image.translate(0, -row.top())
            painted = self._paint_row(on_image, index, area, theme, keyboard=keyboard)
            on_image.end()
            kept = _Row(shown, same, image)
            if painted:
                self._rows[track.id] = kept
            else:
                self._rows.pop(track.id, None)
        painter.drawImage(row.topLeft(), kept.image)

    def _shown_in(
        self, track: Track, row: QRectF, theme: Theme, ratio: float, *, keyboard: bool
    ) -> tuple[tuple[object, ...], tuple[object, ...]]:
        """Return what the picture of a row depends on: by equality, and by identity."""
        view, project = self._view, self._session.project
        clips, ids = self._clip_ids.get(track.id, ((), frozenset()))
        if clips is not track.clips:
            ids = frozenset(clip.id for clip in track.clips)
            self._clip_ids[track.id] = track.clips, ids
        focused = keyboard and view.point is None and view.focus in ids
        chosen = view.range
        target = view.automation.get(track.id)
        shown = (
            *(row.width(), row.height(), ratio, theme.name, track.color),
            *(view.scroll_seconds, view.pixels_per_second),
            view.selection & ids,
            view.focus if focused else None,
            chosen if chosen and (chosen.owner_id == track.id or chosen.owner_id in ids) else None,
            view.effect,
            target,
            view.point if target is not None else None,
            track.channel.gain_db if target is not None else None,
            track.channel.pan if target is not None else None,
        )
        same = (
            *(track.clips, track.automation, track.channel.effects),
            *(project.tempo_map, project.media, self._bars.states),
        )
        return shown, same

    def _paint_row(
        self, painter: QPainter, index: int, area: QRect, theme: Theme, *, keyboard: bool
    ) -> bool:
        """Paint a row; return whether all of it was painted."""
        track, view = self._session.project.tracks[index], self._view
        already_skipped = self._clip_painter.skipped
        row = self._places.row_rect(index)
        painter.fillRect(QRectF(row.left(), row.bottom(), row.width(), 1), QColor(theme.line))
        canvas = QRectF(area)
        first_seconds = view.seconds_at(-_AROUND_PIXELS)
        last_seconds = view.seconds_at(area.width())
        for clip in track.clips:
            sounding = self._places.sounding(clip)
            if sounding.end_seconds < first_seconds or sounding.start_seconds > last_seconds:
                continue
            rect = self._places.rect_in(row, sounding)
            visible = rect.intersected(canvas)
            self._paint_clip(
                *(painter, track, clip, rect), visible=visible, theme=theme, keyboard=keyboard
            )
        around = canvas.adjusted(-_AROUND_PIXELS, 0, _AROUND_PIXELS, 0)
        self._bars.paint(painter, index, around, theme, view.effect)
        self._paint_range(painter, index, row, around, theme)
        self._paint_automation(painter, track, row, theme)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        return self._clip_painter.skipped == already_skipped

    def _ground(self, row: QRectF, area: QRect, ratio: float, theme: Theme) -> QImage:
        """Return what lies under the clips of a row, the same for all rows."""
        view = self._view
        shown = (
            *(row.width(), row.height(), ratio, theme.name),
            *(view.scroll_seconds, view.pixels_per_second),
        )
        same = (self._session.project.tempo_map,)
        if self._kept_ground is None or not self._kept_ground.shows(shown, same):
            image = QImage(
                round(row.width() * ratio), round(row.height() * ratio), QImage.Format.Format_RGB32
            )
            image.setDevicePixelRatio(ratio)
            painter = QPainter(image)
            self._paint_grid(painter, area, row.translated(0, -row.top()), theme)
            painter.end()
            self._kept_ground = _Row(shown, same, image)
        return self._kept_ground.image

    def _paint_grid(self, painter: QPainter, area: QRect, part: QRectF, theme: Theme) -> None:
        """Paint the ground of a part of the canvas, and the lines of the grid on it."""
        painter.fillRect(part, QColor(theme.window))
        for grid, color in ((Grid.BEAT, theme.faint), (Grid.BAR, theme.line)):
            painter.setPen(QPen(QColor(color), 1))
            painter.drawLines(
                [
                    QLine(x, int(part.top()), x, int(part.bottom()) - 1)
                    for x in self._grid_lines(grid, area.width())
                    if part.left() - 1 <= x <= part.right()
                ]
            )

    def _grid_lines(self, grid: Grid, width: int) -> tuple[int, ...]:
        """Return where lines are, up to those that are too dense to read."""
        view, project = self._view, self._session.project
        seen = (project.tempo_map, view.scroll_seconds, view.pixels_per_second, width)
        kept, found = self._grids.get(grid, (None, ()))
        if kept == seen:
            return found
        places: list[int] = []
        for seconds in lines(project, view.seconds_at(0), view.seconds_at(width), grid):
            x = round(view.x_of(seconds))
            if places and x - places[-1] < _MIN_LINE_PIXELS and places[-1] >= 0:
                break
            places.append(x)
        self._grids[grid] = seen, tuple(places)
        return tuple(places)

    def _paint_clip(
        self,
        painter: QPainter,
        track: Track,
        clip: Clip,
        rect: QRectF,
        *,
        visible: QRectF,
        theme: Theme,
        keyboard: bool,
    ) -> None:
        missing, rate_hz, peaks = False, 0.0, None
        if isinstance(clip, AudioClip):
            medium = self._media[clip.media_id]
            missing = medium.id in self._waveforms.missing
            rate_hz = medium.sample_rate * clip.speed_ratio
            peaks = None if missing else self._waveforms.peaks(medium)
        view = self._view
        look = Look(
            rect,
            visible,
            track.color,
            rate_hz,
            view.pixels_per_second,
            selected=clip.id in view.selection,
            focused=keyboard and clip.id == view.focus and view.point is None,
            missing=missing,
            status=self._status_of(clip) if clip.effects and not room_for(rect) else "",
        )
        self._clip_painter.paint(painter, clip, look, theme, peaks)

    def _status_of(self, clip: Clip) -> str:
        """Return what a clip that is too low for bars waits for."""
        states = (self._bars.states.get(effect.id) for effect in clip.effects)
        waits = (each for each in states if each is not None and not each.ready)
        return next((each.to_text() for each in waits), "")

    def _paint_range(
        self, painter: QPainter, index: int, row: QRectF, around: QRectF, theme: Theme
    ) -> None:
        """Paint the range for the next effect, if it is on this track or one of its clips."""
        chosen, view = self._view.range, self._view
        if chosen is None:
            return
        track = self._session.project.tracks[index]
        owner_rect, start_seconds = row, 0.0
        if chosen.owner_id != track.id:
            clip = next((clip for clip in track.clips if clip.id == chosen.owner_id), None)
            if clip is None:
                return
            owner_rect = self._places.clip_rect(index, clip)
            start_seconds = self._places.sounding(clip).start_seconds
        left = view.x_of(start_seconds + chosen.where.start_seconds)
        right = view.x_of(start_seconds + chosen.where.end_seconds)
        mark = QRectF(left, owner_rect.top(), right - left, owner_rect.height())
        # What is far outside need not be drawn, and pens do not reach that far.
        mark = mark.intersected(owner_rect)
        mark.setLeft(max(mark.left(), around.left()))
        mark.setRight(min(mark.right(), around.right()))
        painter.setPen(QPen(QColor(theme.playhead), 1))
        painter.setBrush(faded(theme.playhead, 55))
        painter.drawRect(mark.adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_automation(self, painter: QPainter, track: Track, row: QRectF, theme: Theme) -> None:
        target = self._places.target(track)
        if target is None:
            return
        on = self._points.focused()
        focused = on.index if on is not None and on.track is track else None
        painter.fillRect(row, faded(theme.window, 90))  # the clips step back
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_lane(painter, self._places.drawn_lane(track, target, row), theme, focused=focused)

    def _paint_times(self, painter: QPainter, area: QRect, theme: Theme) -> None:
        """Paint the loop range and the playhead."""
        view = self._view
        if view.loop is not None:
            left, right = view.x_of(view.loop.start_seconds), view.x_of(view.loop.end_seconds)
            loop = QRectF(left, 0, right - left, area.height())
            painter.fillRect(loop, faded(theme.accent, 26))
        x = round(view.x_of(view.playhead_seconds))
        painter.setPen(QColor(theme.playhead))
        painter.drawLine(x, 0, x, area.height())
