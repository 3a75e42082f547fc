"""The rows of tracks on the canvas of the timeline: clips, layers, ranges and automation.

The picture of a row is kept while what it shows stays as it is, so that a clip that is dragged, or
the playhead that goes by, paints no more than it must. It is wider than what shows, so that a row
that is scrolled is painted anew now and then only, each at another place than the one above it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import zip_longest
from math import floor
from typing import TypeVar

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from tonewright.desktop.theme import Theme, faded
from tonewright.desktop.timeline.automation_item import paint_lane
from tonewright.desktop.timeline.automation_keys import AutomationKeys
from tonewright.desktop.timeline.clip_item import ClipPainter, Look, paint_title, title_of
from tonewright.desktop.timeline.layer_bars import LayerBars, room_for
from tonewright.desktop.timeline.places import Places
from tonewright.desktop.timeline.waveforms import Waveforms
from tonewright.dsp.project.document import AudioClip, Clip, Id, Media, Track

T = TypeVar("T")

_AROUND_PIXELS = 8  # beyond a picture, so that edges there are not seen
_AHEAD_PIXELS = 384  # that a picture is wider than what shows
_STAGGER_PIXELS = 237  # between where a row's picture and the next one's are painted anew
_SAME_PIXELS = 1e-3  # less than so much apart, places are the same


@dataclass(frozen=True, slots=True)
class _Row:
    """The picture of a row.

    Attributes:
        shown: What is equal in rows that look the same.
        same: What is the very same in them; held here, so that it lives as long.
        scroll_seconds: What was at the left edge of the canvas,
        left: and where the picture began then, in pixels from there.
        image: The picture of clips and layers.
        over: The one of what lies over them and their words, a range or automation; None without.
        whole: Whether all is painted.
    """

    shown: tuple[object, ...]
    same: tuple[object, ...]
    scroll_seconds: float
    left: float
    image: QImage
    over: QImage | None
    whole: bool

    def shows(self, shown: tuple[object, ...], same: tuple[object, ...]) -> bool:
        """Return whether it shows this: equal things, and the very same objects."""
        return self.shown == shown and all(a is b for a, b in zip(self.same, same, strict=True))


class Rows:
    """Paints rows of a session as a view shows them."""

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
        self._rows: dict[Id, _Row] = {}
        self._unfinished: set[Id] = set()
        self._media: dict[Id, Media] = {}
        self._clip_ids: dict[Id, tuple[tuple[Clip, ...], frozenset[Id]]] = {}
        waveforms.changed.connect(self._rows.clear)

    @property
    def unfinished(self) -> frozenset[Id]:
        """The tracks whose rows were not painted whole the last time: paint them again soon."""
        return frozenset(self._unfinished)

    def begin(self) -> None:
        """Begin to paint the canvas."""
        self._clip_painter.begin()
        self._media = {medium.id: medium for medium in self._session.project.media}

    def keep(self, track_ids: Collection[Id]) -> None:
        """Forget the pictures of all other tracks."""
        self._unfinished &= set(track_ids)
        for gone in self._rows.keys() - track_ids:
            del self._rows[gone]

    def paint(
        self, painter: QPainter, index: int, asked: QRectF, theme: Theme, *, keyboard: bool
    ) -> None:
        """Paint a row, from its picture if that still shows it; what is asked for of the canvas."""
        ratio = painter.device().devicePixelRatioF()
        track = self._session.project.tracks[index]
        row = self._places.row_rect(index).adjusted(0, 0, 0, 1)  # with the line below
        if not ((row.top() * ratio).is_integer() and (row.bottom() * ratio).is_integer()):
            # A picture's pixels would be mixed.
            whole = self._paint_row(painter, index, 0.0, row.width(), theme, keyboard=keyboard)
            self._paint_words(painter, index, asked, theme, keyboard=keyboard)
            self._paint_over(painter, index, 0.0, row.width(), theme)
        else:
            kept, left = self._picture(painter, index, row, theme, keyboard=keyboard)
            whole = kept.whole
            painter.drawImage(QPointF(left, row.top()), kept.image)
            self._paint_words(painter, index, asked, theme, keyboard=keyboard)
            if kept.over is not None:
                painter.drawImage(QPointF(left, row.top()), kept.over)
        if whole:
            self._unfinished.discard(track.id)
        else:
            self._unfinished.add(track.id)

    def _picture(
        self, painter: QPainter, index: int, row: QRectF, theme: Theme, *, keyboard: bool
    ) -> tuple[_Row, float]:
        """Return the picture of a row, and where it begins."""
        view, track = self._view, self._session.project.tracks[index]
        ratio = painter.device().devicePixelRatioF()
        shown, same = self._shown_in(track, row, theme, ratio, keyboard=keyboard)
        kept = self._rows.get(track.id)
        if kept is not None and kept.shows(shown, same):
            left = self._left_of(kept, row.width(), ratio)
            if left is not None and (kept.whole or self._clip_painter.spent):
                return kept, left
        ahead = round(_AHEAD_PIXELS * ratio)
        scrolled = floor(view.scroll_seconds * view.pixels_per_second * ratio)
        left = -((scrolled - index * _STAGGER_PIXELS) % ahead) / ratio
        size = QSizeF(row.width() * ratio + ahead, row.height() * ratio).toSize()
        width = size.width() / ratio
        corner = QPointF(left, row.top())
        image, whole = _drawn(
            *(painter, size, corner),
            lambda on: self._paint_row(on, index, left, width, theme, keyboard=keyboard),
        )
        over = None
        if self._covered(track):
            over, _ = _drawn(
                *(painter, size, corner),
                lambda on: self._paint_over(on, index, left, width, theme),
            )
        kept = _Row(shown, same, view.scroll_seconds, left, image, over, whole)
        self._rows[track.id] = kept
        return kept, left

    def _left_of(self, kept: _Row, width: float, ratio: float) -> float | None:
        """Return where a picture begins now; None if it does not fill the row, or the pixels."""
        view = self._view
        moved = (kept.scroll_seconds - view.scroll_seconds) * view.pixels_per_second * ratio
        left = kept.left + round(moved) / ratio
        fills = left <= 0.0 and left + kept.image.width() / ratio >= width
        return left if fills and abs(moved - round(moved)) < _SAME_PIXELS else None

    def _shown_in(
        self, track: Track, row: QRectF, theme: Theme, ratio: float, *, keyboard: bool
    ) -> tuple[tuple[object, ...], tuple[object, ...]]:
        """Return what a picture depends on besides its place: by equality, and by identity."""
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
            view.pixels_per_second,
            view.selection & ids,
            view.focus if focused else None,
            chosen if chosen and (chosen.owner_id == track.id or chosen.owner_id in ids) else None,
            self._covered(track),
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
        self,
        painter: QPainter,
        index: int,
        left: float,
        width: float,
        theme: Theme,
        *,
        keyboard: bool,
    ) -> bool:
        """Paint so much of a row; return whether all of it was painted."""
        track, view = self._session.project.tracks[index], self._view
        already_skipped = self._clip_painter.skipped
        row = self._places.row_rect(index)
        row = QRectF(left, row.top(), width, row.height())
        painter.fillRect(QRectF(left, row.bottom(), width, 1), QColor(theme.line))
        first_seconds = view.seconds_at(left - _AROUND_PIXELS)
        last_seconds = view.seconds_at(left + width)
        for clip in track.clips:
            sounding = self._places.sounding(clip)
            if sounding.end_seconds < first_seconds or sounding.start_seconds > last_seconds:
                continue
            look = self._look(track, clip, row, keyboard=keyboard)
            peaks = None
            if isinstance(clip, AudioClip) and not look.missing:
                peaks = self._waveforms.peaks(self._media[clip.media_id])
            self._clip_painter.paint(painter, clip, look, theme, peaks)
        around = row.adjusted(-_AROUND_PIXELS, 0, _AROUND_PIXELS, 0)
        self._bars.paint(painter, self._bars.of_row(index), around, theme, view.effect)
        return self._clip_painter.skipped == already_skipped

    def _covered(self, track: Track) -> bool:
        """Return whether something may lie over the words of a track."""
        return track.id in self._view.automation or self._view.range is not None

    def _paint_over(
        self, painter: QPainter, index: int, left: float, width: float, theme: Theme
    ) -> None:
        """Paint what lies over so much of a row: the range for an effect, and automation."""
        row = self._places.row_rect(index)
        row = QRectF(left, row.top(), width, row.height())
        around = row.adjusted(-_AROUND_PIXELS, 0, _AROUND_PIXELS, 0)
        self._paint_range(painter, index, around, theme)
        self._paint_automation(painter, self._session.project.tracks[index], row, theme)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_words(
        self, painter: QPainter, index: int, asked: QRectF, theme: Theme, *, keyboard: bool
    ) -> None:
        """Paint titles and layers anew that begin out of sight, so that their words stay in it."""
        view, track = self._view, self._session.project.tracks[index]
        row = self._places.row_rect(index)
        first_seconds = max(view.scroll_seconds, view.seconds_at(asked.left()))
        for clip, above in zip_longest(track.clips, track.clips[1:]):
            sounding = self._places.sounding(clip)
            if sounding.start_seconds >= view.scroll_seconds:
                break
            if sounding.end_seconds <= first_seconds:
                continue
            look = self._look(track, clip, row, keyboard=keyboard)
            title = title_of(look.visible)
            if above is not None:
                title.setRight(
                    min(title.right(), view.x_of(self._places.sounding(above).start_seconds))
                )
            painter.setClipRect(title)
            paint_title(painter, clip, look, theme)
        painter.setClipping(False)
        bars = (
            bar
            for bar in self._bars.of_row(index)
            if bar.rect.left() < 0.0 and bar.rect.right() > asked.left()
        )
        around = row.adjusted(-_AROUND_PIXELS, 0, _AROUND_PIXELS, 0)
        self._bars.paint(painter, bars, around, theme, view.effect)

    def _look(self, track: Track, clip: Clip, row: QRectF, *, keyboard: bool) -> Look:
        """Return how a clip looks in so much of a row."""
        view = self._view
        rect = self._places.rect_in(row, self._places.sounding(clip))
        missing, rate_hz = False, 0.0
        if isinstance(clip, AudioClip):
            missing = clip.media_id in self._waveforms.missing
            rate_hz = self._media[clip.media_id].sample_rate * clip.speed_ratio
        return Look(
            rect,
            rect.intersected(row),
            track.color,
            rate_hz,
            view.pixels_per_second,
            selected=clip.id in view.selection,
            focused=keyboard and clip.id == view.focus and view.point is None,
            missing=missing,
            status=self._status_of(clip) if clip.effects and not room_for(rect) else "",
        )

    def _status_of(self, clip: Clip) -> str:
        """Return what a clip that is too low for bars waits for."""
        states = (self._bars.states.get(effect.id) for effect in clip.effects)
        waits = (each for each in states if each is not None and not each.ready)
        return next((each.to_text() for each in waits), "")

    def _paint_range(self, painter: QPainter, index: int, around: QRectF, theme: Theme) -> None:
        """Paint the range for the next effect, if it is on this track or one of its clips."""
        chosen, view = self._view.range, self._view
        if chosen is None:
            return
        track = self._session.project.tracks[index]
        owner_rect, start_seconds = around, 0.0
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


def _drawn(
    like: QPainter, size: QSize, corner: QPointF, paint: Callable[[QPainter], T]
) -> tuple[QImage, T]:
    """Return a picture of so many pixels, and what painting it returned.

    Args:
        like: Paints on the canvas: pixels and letters are as there.
        size: In pixels of the screen.
        corner: Where on the canvas the picture begins.
        paint: Paints it, in places of the canvas.
    """
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(like.device().devicePixelRatioF())
    image.fill(Qt.GlobalColor.transparent)
    on_image = QPainter(image)
    on_image.setFont(like.font())
    on_image.translate(-corner)
    painted = paint(on_image)
    on_image.end()
    return image, painted
