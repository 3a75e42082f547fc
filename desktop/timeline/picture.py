"""What the canvas of the timeline looks like: the grid, the clips, what lies over them."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from tonewright.desktop.theme import Theme
from tonewright.desktop.timeline.automation_item import paint_lane
from tonewright.desktop.timeline.automation_keys import AutomationKeys
from tonewright.desktop.timeline.clip_item import ClipPainter, Look
from tonewright.desktop.timeline.layer_bars import LayerBars, room_for
from tonewright.desktop.timeline.places import Places
from tonewright.desktop.timeline.snap import Grid, lines
from tonewright.desktop.timeline.waveforms import Waveforms
from tonewright.dsp.project.document import AudioClip, Clip, Track

_MIN_LINE_PIXELS = 9
_AROUND_PIXELS = 8  # beyond the canvas, so that edges there are not seen


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

    @property
    def complete(self) -> bool:
        """Whether all that was asked for was painted; if not, paint again soon."""
        return self._clip_painter.complete

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
        painter.fillRect(asked, QColor(theme.window))
        self._clip_painter.begin()
        tracks = self._session.project.tracks
        self._paint_grid(painter, area, asked, theme)
        for index, track in enumerate(tracks):
            row = self._places.row_rect(index)
            if not row.intersects(asked):
                continue
            painter.fillRect(QRectF(row.left(), row.bottom(), row.width(), 1), QColor(theme.line))
            for clip in track.clips:
                rect = self._places.clip_rect(index, clip)
                if rect.intersects(asked):
                    look = self._look_of(track, clip, rect, area, keyboard=keyboard)
                    self._paint_clip(painter, clip, look, theme)
            around = QRectF(area).adjusted(-_AROUND_PIXELS, 0, _AROUND_PIXELS, 0)
            self._bars.paint(painter, index, around, theme, self._view.effect)
            self._paint_range(painter, index, row, around, theme)
            self._paint_automation(painter, track, row, theme)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._paint_times(painter, area, theme)
        if not tracks:
            painter.setPen(QColor(theme.dim))
            text = "Drop audio, video or MIDI files here"
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_grid(self, painter: QPainter, area: QRect, asked: QRectF, theme: Theme) -> None:
        for grid, color in ((Grid.BEAT, theme.faint), (Grid.BAR, theme.line)):
            painter.setPen(QPen(QColor(color), 1))
            for x in self._grid_lines(grid, area.width()):
                if asked.left() - 1 <= x <= asked.right():
                    painter.drawLine(x, 0, x, area.height())

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

    def _look_of(
        self, track: Track, clip: Clip, rect: QRectF, area: QRect, *, keyboard: bool
    ) -> Look:
        missing, rate_hz = False, 0.0
        if isinstance(clip, AudioClip):
            medium = self._session.project.medium(clip.media_id)
            missing = medium.id in self._waveforms.missing
            rate_hz = medium.sample_rate * clip.speed_ratio
        return Look(
            rect=rect,
            visible=rect.intersected(QRectF(area)),
            color=QColor(track.color),
            source_rate_hz=rate_hz,
            pixels_per_second=self._view.pixels_per_second,
            selected=clip.id in self._view.selection,
            focused=keyboard and clip.id == self._view.focus and self._view.point is None,
            missing=missing,
            status="" if room_for(rect) else self._status_of(clip),
        )

    def _paint_clip(self, painter: QPainter, clip: Clip, look: Look, theme: Theme) -> None:
        peaks = None
        if isinstance(clip, AudioClip) and not look.missing:
            peaks = self._waveforms.peaks(self._session.project.medium(clip.media_id))
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
        shade = QColor(theme.playhead)
        painter.setPen(QPen(shade, 1))
        shade.setAlpha(55)
        painter.setBrush(shade)
        painter.drawRect(mark.adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_automation(self, painter: QPainter, track: Track, row: QRectF, theme: Theme) -> None:
        target = self._places.target(track)
        if target is None:
            return
        on = self._points.focused()
        focused = on.index if on is not None and on.track is track else None
        shade = QColor(theme.window)
        shade.setAlpha(90)  # the clips step back
        painter.fillRect(row, shade)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_lane(painter, self._places.drawn_lane(track, target, row), theme, focused=focused)

    def _paint_times(self, painter: QPainter, area: QRect, theme: Theme) -> None:
        """Paint the loop range and the playhead."""
        view = self._view
        if view.loop is not None:
            left, right = view.x_of(view.loop.start_seconds), view.x_of(view.loop.end_seconds)
            shade = QColor(theme.accent)
            shade.setAlpha(26)
            painter.fillRect(QRectF(left, 0, right - left, area.height()), shade)
        x = round(view.x_of(view.playhead_seconds))
        painter.setPen(QColor(theme.playhead))
        painter.drawLine(x, 0, x, area.height())
