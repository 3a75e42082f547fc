"""Effects as layers: bars at the foot of a clip or a row, with how far their sound is.

An effect has one if it lies on a part of the clip or the track, or is rendered.

What is ready is filled, what is computed fills up from the left, what waits is hatched, and what
is bypassed is an outline.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen

from tonewright.desktop.inspector.render_state import RenderStage, RenderState
from tonewright.desktop.theme import Theme
from tonewright.dsp.effects.protocol import Family, RunsIn
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.project.document import Clip, EffectSpec, Id, Project, TimeRange, Track
from tonewright.dsp.project.tempo import range_of

BAR_PIXELS = 13.0
_LEAST_BODY_PIXELS = 24.0  # of a clip that stays free of bars


@dataclass(frozen=True, slots=True)
class Layer:
    """One effect on a clip or a track.

    Attributes:
        effect_id: The effect.
        name: Its name for people.
        where: In seconds from the project's start.
        enabled: Whether it is not bypassed.
        state: How far its sound is; None if that is not known.
    """

    effect_id: Id
    name: str
    where: TimeRange
    enabled: bool
    state: RenderState | None

    def to_text(self) -> str:
        """Return what the bar says."""
        if not self.enabled:
            return f"{self.name} · bypassed"
        if self.state is None or self.state.stage is RenderStage.READY:
            return self.name
        return f"{self.name} · {self.state.to_text()}"


def layers_of(
    project: Project,
    owner: Track | Clip,
    registry: Registry,
    states: Mapping[Id, RenderState],
) -> tuple[Layer, ...]:
    """Return the layers of a clip or a track, in the order of its chain."""
    effects = owner.channel.effects if isinstance(owner, Track) else owner.effects
    if not effects:  # most clips: nothing is worked out for them
        return ()
    around = extent_of(project, owner)
    if around is None:
        return ()
    start_seconds = 0.0 if isinstance(owner, Track) else around.start_seconds
    return tuple(
        Layer(
            effect.id,
            registry.get(effect.type).name,
            _placed(effect, around, start_seconds),
            effect.enabled,
            states.get(effect.id),
        )
        for effect in effects
        if _is_layer(effect, registry)
    )


def extent_of(project: Project, owner: Track | Clip) -> TimeRange | None:
    """Return where a clip sounds, or the clips of a track; None if there are none."""
    clips = owner.clips if isinstance(owner, Track) else (owner,)
    ranges = [range_of(project, clip) for clip in clips]
    if not ranges:
        return None
    return TimeRange(
        min(each.start_seconds for each in ranges), max(each.end_seconds for each in ranges)
    )


def room_for(rect: QRectF) -> int:
    """Return how many bars a clip or a row has room for."""
    return max(0, int((rect.height() - _LEAST_BODY_PIXELS) // (BAR_PIXELS + 1)))


def paint_layers(
    painter: QPainter,
    layers: tuple[Layer, ...],
    rect: QRectF,
    spans: tuple[tuple[float, float], ...],
    theme: Theme,
    *,
    above: int = 0,
) -> None:
    """Paint layers from the foot of a rectangle upwards, as many as there is room for.

    Args:
        painter: Paints on the canvas.
        layers: What is painted.
        rect: Of the clip or the row.
        spans: From where to where each layer is, in pixels.
        theme: The colours.
        above: How many bars are there already.
    """
    room = max(0, room_for(rect) - above)
    for index, (layer, (left, right)) in enumerate(zip(layers[:room], spans, strict=False)):
        top = rect.bottom() - (above + index + 1) * (BAR_PIXELS + 1)
        bar = QRectF(left, top, max(right - left, 2.0), BAR_PIXELS)
        bar = bar.intersected(rect.adjusted(1, 0, -1, 0))
        if not bar.isEmpty():
            _paint_bar(painter, layer, bar, theme)


def _paint_bar(painter: QPainter, layer: Layer, bar: QRectF, theme: Theme) -> None:
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
        painter.fillRect(bar, _faded(color, 40))
        painter.fillRect(
            bar.adjusted(filled.width(), 0, 0, 0),
            QBrush(_faded(color, 110), Qt.BrushStyle.BDiagPattern),
        )
        painter.fillRect(filled, _faded(color, 120))
    painter.setPen(QPen(_faded(color, 220 if layer.enabled else 110), 1))
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


def _is_layer(effect: EffectSpec, registry: Registry) -> bool:
    if effect.type not in registry:
        return False
    effect_type = registry.get(effect.type)
    rendered = effect_type.runs_in is RunsIn.RENDERED
    return effect_type.family is Family.AUDIO and (rendered or effect.range is not None)


def _placed(effect: EffectSpec, around: TimeRange, start_seconds: float) -> TimeRange:
    if effect.range is None:
        return around
    return TimeRange(
        start_seconds + effect.range.start_seconds, start_seconds + effect.range.end_seconds
    )


def _faded(color: QColor, alpha: int) -> QColor:
    faded = QColor(color)
    faded.setAlpha(alpha)
    return faded
