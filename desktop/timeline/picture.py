"""What the canvas of the timeline looks like: the grid, the rows on it, what lies over them."""

from collections.abc import Iterator

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from tonewright.desktop.theme import Theme, faded
from tonewright.desktop.timeline.automation_keys import AutomationKeys
from tonewright.desktop.timeline.layer_bars import LayerBars
from tonewright.desktop.timeline.places import Places
from tonewright.desktop.timeline.rows import Rows
from tonewright.desktop.timeline.snap import Grid, lines
from tonewright.desktop.timeline.waveforms import Waveforms

_MIN_LINE_PIXELS = 9


class Picture:
    """Paints a session as a view shows it."""

    def __init__(
        self, places: Places, bars: LayerBars, points: AutomationKeys, waveforms: Waveforms
    ) -> None:
        self._places = places
        self._session = places.session
        self._view = places.view
        self._rows = Rows(places, bars, points, waveforms)
        self._grids: dict[Grid, tuple[object, tuple[int, ...]]] = {}

    @property
    def complete(self) -> bool:
        """Whether all that shows was painted whole."""
        return not self._rows.unfinished

    def unfinished(self) -> Iterator[QRect]:
        """Yield what was not painted whole: paint it again soon."""
        for index, track in enumerate(self._session.project.tracks):
            if track.id in self._rows.unfinished:
                yield self._places.row_rect(index).toAlignedRect()

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
        self._rows.begin()
        tracks = self._session.project.tracks
        self._paint_grid(painter, area, QRectF(area).intersected(asked), theme)
        seen = set()
        for index, track in enumerate(tracks):
            row = self._places.row_rect(index).adjusted(0, 0, 0, 1)  # with the line below
            if row.intersects(QRectF(area)):
                seen.add(track.id)
                if row.intersects(asked):
                    self._rows.paint(painter, index, asked, theme, keyboard=keyboard)
        self._rows.keep(seen)
        self._paint_times(painter, area, theme)
        if not tracks:
            painter.setPen(QColor(theme.dim))
            text = "Drop audio, video or MIDI files here"
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_grid(self, painter: QPainter, area: QRect, part: QRectF, theme: Theme) -> None:
        """Paint the ground of a part of the canvas, and the lines of the grid on it."""
        painter.fillRect(part, QColor(theme.window))
        for grid, color in ((Grid.BEAT, theme.faint), (Grid.BAR, theme.line)):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(color))
            painter.drawRects(
                [
                    QRectF(x, part.top(), 1.0, part.height())  # a line would lie between pixels
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

    def _paint_times(self, painter: QPainter, area: QRect, theme: Theme) -> None:
        """Paint the loop range and the playhead."""
        view = self._view
        if view.loop is not None:
            left, right = view.x_of(view.loop.start_seconds), view.x_of(view.loop.end_seconds)
            loop = QRectF(left, 0, right - left, area.height())
            painter.fillRect(loop, faded(theme.accent, 26))
        x = round(view.x_of(view.playhead_seconds))
        painter.fillRect(QRectF(x, 0.0, 1.0, area.height()), QColor(theme.playhead))
