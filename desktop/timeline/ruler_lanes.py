"""What the ruler looks like: markers, tempo, bars, and time or timecode, in four lanes."""

import re
from collections.abc import Iterator
from fractions import Fraction
from math import inf

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from tonewright.desktop.theme import Theme, faded
from tonewright.desktop.timeline.spoken import clock
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.dsp.project.document import Project
from tonewright.dsp.project.tempo import bar_beat_tick, shifted, ticks_of, to_seconds, to_ticks

MARKER_LANE = QRectF(0, 0, 0, 18)
TEMPO_LANE = QRectF(0, 18, 0, 16)
BAR_LANE = QRectF(0, 34, 0, 20)
TIME_LANE = QRectF(0, 54, 0, 18)
HEIGHT = 72
_MIN_BAR_PIXELS = 46


class RulerLanes:
    """Paints the lanes of a project as a view shows them.

    Attributes:
        shows_timecode: Whether the time lane shows timecode; else minutes and seconds.
    """

    def __init__(self, view: ViewState) -> None:
        self.shows_timecode = False
        self._view = view

    def shown(self, project: Project) -> tuple[object, ...]:
        """Return what is painted of a project and its view: if that is equal, it looks the same."""
        view = self._view
        return (
            *(view.scroll_seconds, view.pixels_per_second, view.loop, self.shows_timecode),
            *(project.tempo_map, project.markers, project.start_timecode, project.frame_rate),
        )

    def paint(self, painter: QPainter, project: Project, theme: Theme, width: int) -> None:
        """Paint the lanes, so many pixels wide."""
        view = self._view
        painter.fillRect(QRectF(0, 0, width, HEIGHT), QColor(theme.panel))
        painter.fillRect(QRectF(0, HEIGHT - 1, width, 1), QColor(theme.line))
        painter.fillRect(QRectF(0, TEMPO_LANE.bottom(), width, 1), QColor(theme.line))
        if view.loop is not None:
            left, right = view.x_of(view.loop.start_seconds), view.x_of(view.loop.end_seconds)
            painter.fillRect(
                QRectF(left, TIME_LANE.top(), right - left, TIME_LANE.height() - 1),
                QColor(theme.accent),
            )
        for bar, seconds in bars(project, view, width):
            x = round(view.x_of(seconds))
            painter.setPen(QColor(theme.line))
            painter.drawLine(x, int(BAR_LANE.top()), x, HEIGHT)
            painter.setPen(QColor(theme.text))
            painter.drawText(QPointF(x + 4, BAR_LANE.bottom() - 5), str(bar))
            in_loop = view.loop and view.loop.start_seconds <= seconds < view.loop.end_seconds
            painter.setPen(QColor(theme.window if in_loop else theme.dim))
            painter.drawText(QPointF(x + 4, TIME_LANE.bottom() - 5), self._time(project, seconds))
        self._paint_tempo(painter, project, theme, width)
        self._paint_markers(painter, project, theme, width)

    def _paint_tempo(self, painter: QPainter, project: Project, theme: Theme, width: int) -> None:
        words: dict[int, list[str]] = {}
        for tempo in project.tempo_map.tempos:
            words.setdefault(tempo.start_ticks, []).append(f"{tempo.bpm:g}")
        for signature in project.tempo_map.time_signatures:
            text = f"{signature.numerator}/{signature.denominator}"
            words.setdefault(signature.start_ticks, []).append(text)
        painter.setPen(QColor(theme.dim))
        free_x = inf  # from the right: what would run into the next is not written
        for ticks, texts in sorted(words.items(), reverse=True):
            x = self._view.x_of(to_seconds(project.tempo_map, float(ticks)))
            if -80 < x < width:
                painter.fillRect(QRectF(x, TEMPO_LANE.top() + 3, 2, 10), QColor(theme.dim))
                text = "  ".join(texts)
                if x + 8 + painter.fontMetrics().horizontalAdvance(text) <= free_x:
                    painter.drawText(QPointF(x + 5, TEMPO_LANE.bottom() - 4), text)
                free_x = x

    def _paint_markers(self, painter: QPainter, project: Project, theme: Theme, width: int) -> None:
        free_x = -1e9
        for marker in project.markers:
            x = self._view.x_of(to_seconds(project.tempo_map, marker.start))
            color = QColor(marker.color)
            text_width = painter.fontMetrics().horizontalAdvance(marker.name) + 12
            long = float(text_width)
            if marker.length is not None:
                end = shifted(project.tempo_map, marker.start, marker.length)
                long = max(self._view.x_of(to_seconds(project.tempo_map, end)) - x, 4.0)
            if x > width or x + long < 0:
                continue
            painter.fillRect(QRectF(x, 2, long, 14), faded(color, 110))
            painter.fillRect(QRectF(x, 2, 2, 15), color)
            painter.setPen(QColor(theme.text))
            text_x = max(x + 6, free_x)
            painter.drawText(QPointF(text_x, 13), marker.name)
            free_x = text_x + text_width

    def _time(self, project: Project, seconds: float) -> str:
        if self.shows_timecode:
            return timecode(project, seconds)
        return clock(seconds)[:-2]


def bars(project: Project, view: ViewState, width: int) -> Iterator[tuple[int, float]]:
    """Yield the number and the seconds of the bars that show; every 2nd, 4th, ... if crowded."""
    tempo_map = project.tempo_map
    first = bar_beat_tick(tempo_map, max(int(to_ticks(tempo_map, view.scroll_seconds)), 0)).bar
    left = to_seconds(tempo_map, float(ticks_of(tempo_map, first)))
    right = to_seconds(tempo_map, float(ticks_of(tempo_map, first + 1)))
    step = 1
    while (right - left) * step * view.pixels_per_second < _MIN_BAR_PIXELS:
        step *= 2
    bar = first - (first - 1) % step
    while True:
        seconds = to_seconds(tempo_map, float(ticks_of(tempo_map, bar)))
        if view.x_of(seconds) > width:
            return
        yield bar, seconds
        bar += step


def timecode(project: Project, seconds: float) -> str:
    """Return a position as ``HH:MM:SS:FF``, counted from the project's start timecode.

    Frames are numbered at the whole rate, without drop frames.
    """
    rate = Fraction(project.frame_rate)
    per_second = round(rate)
    hours, minutes, whole, frames = (int(part) for part in re.split("[:;]", project.start_timecode))
    start = ((hours * 60 + minutes) * 60 + whole) * per_second + frames
    count = start + int(Fraction(seconds) * rate + Fraction(1, 1_000_000))
    rest, frame = divmod(count, per_second)
    return f"{rest // 3600 % 24:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}:{frame:02d}"
