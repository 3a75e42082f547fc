"""Layers as bars at the foot of a clip or a row: where they are, and how they look.

What is ready is filled, what is computed fills up from the left, what waits is hatched, and what
is bypassed is an outline.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen

from tonewright.desktop.inspector.render_state import RenderStage, RenderState
from tonewright.desktop.theme import Theme, faded
from tonewright.desktop.timeline.layers import Layer, layers_of
from tonewright.desktop.timeline.places import Places
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.project.document import Clip, Id, Track

BAR_PIXELS = 13.0
_LEAST_BODY_PIXELS = 24.0  # of a clip that stays free of bars


@dataclass(frozen=True, slots=True)
class Bar:
    """A layer on the canvas.

    Attributes:
        owner: The clip or the track that the effect is on.
        layer: What it shows.
        rect: Where it is, in pixels of the canvas; its owner's place if there is no room for it.
        shown: Whether there is room for it.
    """

    owner: Track | Clip
    layer: Layer
    rect: QRectF
    shown: bool


class LayerBars:
    """The bars of a canvas.

    Attributes:
        states: How far effects that are rendered are, by their ids.
    """

    def __init__(self, places: Places, registry: Registry) -> None:
        self.states: Mapping[Id, RenderState] = {}
        self._places = places
        self._registry = registry

    def of_row(self, index: int) -> list[Bar]:
        """Return the bars of a track and its clips, those of the track above."""
        track = self._places.session.project.tracks[index]
        bars: list[Bar] = []
        below = 0
        for clip in track.clips:
            if clip.effects:  # most have none, and there are many
                of_clip = self._stacked(clip, self._places.clip_rect(index, clip), 0)
                below = max(below, len(of_clip))
                bars += of_clip
        if track.channel.effects:
            bars += self._stacked(track, self._places.row_rect(index), below)
        return bars

    def at(self, place: QPointF) -> Bar | None:
        """Return the bar at a place."""
        index = self._places.row_at(place.y())
        if not 0 <= index < len(self._places.session.project.tracks):
            return None
        hit = [bar for bar in self.of_row(index) if bar.shown and bar.rect.contains(place)]
        return hit[-1] if hit else None

    def paint(
        self,
        painter: QPainter,
        bars: Iterable[Bar],
        around: QRectF,
        theme: Theme,
        chosen: Id | None,
    ) -> None:
        """Paint bars of a row.

        Args:
            painter: Paints on the canvas.
            bars: Which.
            around: The canvas and a little more, which bars are cut to: their names stay in sight.
            theme: The colours.
            chosen: The effect that is shown elsewhere, whose bar stands out.
        """
        for bar in bars:
            left, right = max(bar.rect.left(), around.left()), min(bar.rect.right(), around.right())
            if bar.shown and left < right:
                rect = QRectF(left, bar.rect.top(), right - left, bar.rect.height())
                paint_bar(painter, bar.layer, rect, theme, chosen=bar.layer.effect_id == chosen)

    def _stacked(self, owner: Track | Clip, rect: QRectF, above: int) -> list[Bar]:
        """Return bars from the foot of a rectangle upwards, above so many others."""
        view = self._places.view
        layers = layers_of(self._places.session.project, owner, self._registry, self.states)
        spans = (
            (view.x_of(each.where.start_seconds), view.x_of(each.where.end_seconds))
            for each in layers
        )
        return [
            Bar(owner, layer, rect if place is None else place, place is not None)
            for layer, place in zip(layers, _places(rect, spans, above), strict=True)
        ]


def room_for(rect: QRectF) -> int:
    """Return how many bars a clip or a row has room for."""
    return max(0, int((rect.height() - _LEAST_BODY_PIXELS) // (BAR_PIXELS + 1)))


def paint_bar(
    painter: QPainter, layer: Layer, bar: QRectF, theme: Theme, *, chosen: bool = False
) -> None:
    """Paint one layer over a rectangle."""
    # What is not known yet is not shown as there.
    stage = RenderStage.QUEUED if layer.state is None else layer.state.stage
    color = QColor(theme.danger if stage is RenderStage.FAILED else theme.accent)
    painter.fillRect(bar, QColor(theme.window))
    if layer.enabled:
        share = 1.0
        if layer.state is not None and stage is RenderStage.COMPUTING:
            share = layer.state.fraction
        if stage is RenderStage.QUEUED:
            share = 0.0
        filled = QRectF(bar.left(), bar.top(), bar.width() * share, bar.height())
        painter.fillRect(bar, faded(color, 40))
        painter.fillRect(
            bar.adjusted(filled.width(), 0, 0, 0),
            QBrush(faded(color, 110), Qt.BrushStyle.BDiagPattern),
        )
        painter.fillRect(filled, faded(color, 120))
    edge = QColor(theme.text) if chosen else faded(color, 220 if layer.enabled else 110)
    painter.setPen(QPen(edge, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))
    text_rect = bar.adjusted(5, 0, -3, 0)
    if text_rect.width() < 16:
        return
    font = painter.font()
    small = painter.font()
    small.setPixelSize(10)
    painter.setFont(small)
    text = QFontMetricsF(small).elidedText(
        layer.to_text(), Qt.TextElideMode.ElideRight, text_rect.width()
    )
    painter.setPen(QColor(theme.text if layer.enabled else theme.dim))
    painter.drawText(text_rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
    painter.setFont(font)


def _places(
    rect: QRectF, spans: Iterator[tuple[float, float]], above: int
) -> Iterator[QRectF | None]:
    """Yield a place for each span from the foot upwards; None where there is no room."""
    room = max(0, room_for(rect) - above)
    for index, (left, right) in enumerate(spans):
        top = rect.bottom() - (above + index + 1) * (BAR_PIXELS + 1)
        bar = QRectF(left, top, max(right - left, 2.0), BAR_PIXELS)
        bar = bar.intersected(rect.adjusted(1, 0, -1, 0))
        yield None if index >= room or bar.isEmpty() else bar
