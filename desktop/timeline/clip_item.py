"""How a clip looks: its body with waveform or notes, name, fades and gain line.

A clip is drawn once, into a picture that is kept while clip, zoom and look stay as they are; of one
that is much longer than what shows, the waveform or the notes are kept.
Places are pixels of the canvas.

Where much is to be drawn anew, as when a project opens, each painting draws some of it and leaves
the content of the rest for the next one, so that the program stays quick.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from tonewright.desktop.theme import Theme, faded
from tonewright.desktop.timeline.clip_content import Place, note_image, wave_image
from tonewright.dsp.audio.peaks import PeakPyramid
from tonewright.dsp.project.document import AudioClip, Clip, Fade, FadeCurve, MidiClip

TITLE_HEIGHT = 17.0
MAX_GAIN_DB = 12.0
MIN_GAIN_DB = -36.0
_CACHE_BYTES = 64 << 20
_DRAWING_SECONDS = 0.003  # of the processor, for pictures that one painting makes
_FADE_STEPS = 24
_LONG = 3
"""A clip so many times as wide as what shows of it is drawn in part; others whole, and kept."""
_LEAST_LONG_PIXELS = 700.0


@dataclass(frozen=True, slots=True)
class Look:
    """What a clip's picture depends on besides the clip.

    Attributes:
        rect: Where the clip is; may reach beyond what shows.
        visible: The part of ``rect`` that shows.
        color: Of its track.
        source_rate_hz: Samples of the source in a second of the timeline; 0 for MIDI.
        pixels_per_second: The zoom.
        status: A word on what the clip waits for, e.g. "rendering 40 %"; empty if nothing.
    """

    rect: QRectF
    visible: QRectF
    color: str
    source_rate_hz: float
    pixels_per_second: float
    selected: bool
    focused: bool
    missing: bool
    status: str = ""


@dataclass(frozen=True, slots=True)
class _Kept:
    """An image, and what its key names by ``id``: that must live as long."""

    image: QImage
    alive: tuple[object, ...]


class ClipPainter:
    """Paints clips and keeps their pictures, up to 64 MB of them.

    Attributes:
        skipped: How many clips have not been painted whole since ``begin``: paint them again.
    """

    def __init__(self) -> None:
        self.skipped = 0
        self._drawn_seconds = 0.0
        self._images: OrderedDict[tuple[object, ...], _Kept] = OrderedDict()
        self._size_bytes = 0

    @property
    def spent(self) -> bool:
        """Whether no more pictures are made before the canvas is painted the next time."""
        return self._drawn_seconds >= _DRAWING_SECONDS

    def begin(self) -> None:
        """Begin to paint the canvas."""
        self.skipped = 0
        self._drawn_seconds = 0.0

    def paint(
        self, painter: QPainter, clip: Clip, look: Look, theme: Theme, peaks: PeakPyramid | None
    ) -> None:
        """Paint one clip."""
        rect, visible = look.rect, look.visible
        if rect.width() > _LONG * max(visible.width(), _LEAST_LONG_PIXELS):
            self._draw(painter, clip, look, theme, peaks)
            return
        width, height, ratio = rect.width(), rect.height(), painter.device().devicePixelRatioF()
        key = (
            *(id(clip), width, height, ratio, look.color, theme.name, id(peaks)),
            *(look.source_rate_hz, look.pixels_per_second),
            *(look.selected, look.focused, look.missing, look.status),
        )
        image = self._kept(key)
        if image is None and self.spent:
            self.skipped += 1
            painter.fillRect(rect, _ground_of(_color_of(clip, look, theme), theme))
            return
        if image is None:
            begun = time.thread_time()
            image = QImage(
                ceil(width * ratio), ceil(height * ratio), QImage.Format.Format_ARGB32_Premultiplied
            )
            image.setDevicePixelRatio(ratio)
            image.fill(Qt.GlobalColor.transparent)
            whole = QRectF(0.0, 0.0, width, height)
            on_image = QPainter(image)
            on_image.setFont(painter.font())
            all_of_it = replace(look, rect=whole, visible=whole)
            self._draw(on_image, clip, all_of_it, theme, peaks)
            on_image.end()
            self._remember(key, image, (clip, peaks))
            self._drawn_seconds += time.thread_time() - begun
        painter.drawImage(QPointF(round(rect.left() * ratio) / ratio, rect.top()), image)

    def _draw(
        self, painter: QPainter, clip: Clip, look: Look, theme: Theme, peaks: PeakPyramid | None
    ) -> None:
        color = _paint_ground(painter, clip, look, theme)
        if look.missing:
            painter.setBrush(QBrush(color, Qt.BrushStyle.BDiagPattern))
            painter.drawRoundedRect(look.rect, 4, 4)
        if body_of(look.rect).height() > 4 and not look.missing:
            light = _mixed(color, QColor(theme.text), 0.72)
            self._paint_content(painter, clip, look, light=light, peaks=peaks)
        if isinstance(clip, AudioClip) and not look.missing:
            self._paint_fades(painter, clip, look, theme)
            if clip.gain_db != 0.0 or look.selected:
                y = gain_y(look.rect, clip.gain_db)
                pen = QPen(faded(QColor(theme.text), 130), 1, Qt.PenStyle.DashLine)
                pen.setDashOffset(look.visible.left() - look.rect.left())  # what is scrolled fits
                painter.setPen(pen)
                painter.drawLine(QPointF(look.visible.left(), y), QPointF(look.visible.right(), y))
        paint_title(painter, clip, look, theme)

    def _paint_content(
        self,
        painter: QPainter,
        clip: Clip,
        look: Look,
        *,
        light: QColor,
        peaks: PeakPyramid | None,
    ) -> None:
        body = body_of(look.rect)
        whole = look.rect.width() <= _LONG * max(look.visible.width(), _LEAST_LONG_PIXELS)
        shown = body if whole else body.intersected(look.visible)
        left_x = shown.left() - look.rect.left()
        ratio = painter.device().devicePixelRatioF()
        columns, rows = round(shown.width() * ratio), round(shown.height() * ratio)
        if columns < 1 or rows < 1:
            return
        if isinstance(clip, AudioClip):
            if peaks is None:
                return
            content: object = (clip.media_id, clip.source_start_samples, clip.gain_db)
            content = (content, look.source_rate_hz, id(peaks))
        else:
            content = id(clip.notes)
        key = (content, clip.id, left_x, columns, rows, look.pixels_per_second, light.rgb())
        image = self._kept(key)
        if image is None:
            if isinstance(clip, AudioClip) and peaks is not None:
                place = Place(left_x, shown.width(), columns, rows, ratio)
                samples_per_pixel = look.source_rate_hz / look.pixels_per_second
                image = wave_image(clip, samples_per_pixel, peaks, place, light)
            else:
                assert isinstance(clip, MidiClip)
                place = Place(left_x, shown.width(), columns, rows, ratio)
                image = note_image(clip, look.rect.width(), place, light)
            image.setDevicePixelRatio(ratio)
            self._remember(key, image, (clip, peaks))
        painter.drawImage(shown.topLeft(), image)

    def _kept(self, key: tuple[object, ...]) -> QImage | None:
        kept = self._images.get(key)
        if kept is None:
            return None
        self._images.move_to_end(key)
        return kept.image

    def _remember(self, key: tuple[object, ...], image: QImage, alive: tuple[object, ...]) -> None:
        self._images[key] = _Kept(image, alive)
        self._size_bytes += image.sizeInBytes()
        while self._size_bytes > _CACHE_BYTES:
            _, oldest = self._images.popitem(last=False)
            self._size_bytes -= oldest.image.sizeInBytes()

    def _paint_fades(self, painter: QPainter, clip: AudioClip, look: Look, theme: Theme) -> None:
        body = body_of(look.rect)
        for fade, left in ((clip.fade_in, True), (clip.fade_out, False)):
            width = fade.length_seconds * look.pixels_per_second
            if width >= 1:
                painter.setPen(QPen(faded(QColor(theme.text), 170), 1))
                painter.setBrush(faded(QColor(theme.window), 120))
                painter.drawPath(_fade_path(body, fade, width, left))
            if look.selected:
                painter.setPen(QPen(QColor(theme.window), 1))
                painter.setBrush(QColor(theme.text))
                painter.drawEllipse(fade_handle(look.rect, width, left), 4, 4)


def _paint_ground(painter: QPainter, clip: Clip, look: Look, theme: Theme) -> QColor:
    """Paint what is behind all else of a clip, and return its colour."""
    color = _color_of(clip, look, theme)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_ground_of(color, theme))
    painter.drawRoundedRect(look.rect, 4, 4)
    return color


def paint_title(painter: QPainter, clip: Clip, look: Look, theme: Theme) -> None:
    """Paint the title of a clip, with the words where it shows, and its edge."""
    color = _color_of(clip, look, theme)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    path = QPainterPath()
    path.addRoundedRect(title_of(look.rect), 4, 4)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_title_ground(color, look, theme))
    painter.drawPath(path)
    edge = QColor(theme.text) if look.selected else _mixed(color, QColor(theme.window), 0.7)
    painter.setPen(QPen(edge, 2 if look.focused else 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(look.rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    _paint_words(painter, clip, look, theme)


def _paint_words(painter: QPainter, clip: Clip, look: Look, theme: Theme) -> None:
    """Write the name of a clip, and what else is to be said of it, where the clip shows."""
    text_rect = title_of(look.rect).intersected(look.visible).adjusted(6, 0, -4, 0)
    if text_rect.width() < 14:
        return
    words = [clip.name or "Clip"]
    if look.missing:
        words = [f"missing: {clip.name}"]
    if clip.effects:
        words.append("fx " + str(len(clip.effects)))
    if isinstance(clip, AudioClip) and clip.gain_db:
        words.append(f"{clip.gain_db:+.1f} dB")
    if clip.muted:
        words.append("muted")
    if look.status:
        words.append(look.status)
    text = QFontMetricsF(painter.font()).elidedText(
        "  ·  ".join(words), Qt.TextElideMode.ElideRight, text_rect.width()
    )
    ground = _title_ground(_color_of(clip, look, theme), look, theme)
    painter.setPen(QColor("#101214") if ground.lightness() > 115 else QColor("#f4f6f8"))
    painter.drawText(text_rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


def title_of(rect: QRectF) -> QRectF:
    """Return the part of a clip that its name is in."""
    return QRectF(rect.left(), rect.top(), rect.width(), TITLE_HEIGHT)


def _title_ground(color: QColor, look: Look, theme: Theme) -> QColor:
    return _mixed(color, QColor(theme.window), 0.85 if look.selected else 0.6)


def _color_of(clip: Clip, look: Look, theme: Theme) -> QColor:
    color = QColor(theme.danger) if look.missing else QColor(look.color)
    if clip.muted:
        color = QColor.fromHslF(max(color.hslHueF(), 0.0), 0.05, color.lightnessF())
    return color


def _ground_of(color: QColor, theme: Theme) -> QColor:
    return _mixed(color, QColor(theme.window), 0.34)


def body_of(rect: QRectF) -> QRectF:
    """Return the part of a clip below its title."""
    return rect.adjusted(1, TITLE_HEIGHT, -1, -1)


def gain_y(rect: QRectF, gain_db: float) -> float:
    """Return where the gain line is."""
    body = body_of(rect)
    share = (MAX_GAIN_DB - min(max(gain_db, MIN_GAIN_DB), MAX_GAIN_DB)) / (
        MAX_GAIN_DB - MIN_GAIN_DB
    )
    return body.top() + share * body.height()


def gain_db_at(rect: QRectF, y: float) -> float:
    """Return the gain of a line at ``y``, to a tenth of a dB."""
    body = body_of(rect)
    share = min(max((y - body.top()) / max(body.height(), 1.0), 0.0), 1.0)
    return round(MAX_GAIN_DB - share * (MAX_GAIN_DB - MIN_GAIN_DB), 1)


def fade_handle(rect: QRectF, width: float, left: bool) -> QPointF:
    """Return where the handle of a fade of so many pixels is."""
    x = rect.left() + width if left else rect.right() - width
    return QPointF(min(max(x, rect.left() + 5), rect.right() - 5), rect.top() + TITLE_HEIGHT)


def _fade_path(body: QRectF, fade: Fade, width: float, left: bool) -> QPainterPath:
    """Return the part of the body that a fade takes away."""
    t = np.linspace(0.0, 1.0, _FADE_STEPS)
    gain = {
        FadeCurve.LINEAR: t,
        FadeCurve.EQUAL_POWER: np.sin(np.pi * t / 2),
        FadeCurve.SMOOTH: (1 - np.cos(np.pi * t)) / 2,
    }[fade.curve]
    x = body.left() + t * width if left else body.right() - t * width
    y = body.bottom() - gain * body.height()
    path = QPainterPath(QPointF(x[0], body.top()))
    for each_x, each_y in zip(x, y, strict=True):
        path.lineTo(each_x, each_y)
    path.closeSubpath()
    return path


def _mixed(color: QColor, other: QColor, share: float) -> QColor:
    """Return so much of a colour with the rest of another."""
    return QColor.fromRgbF(
        color.redF() * share + other.redF() * (1 - share),
        color.greenF() * share + other.greenF() * (1 - share),
        color.blueF() * share + other.blueF() * (1 - share),
    )
