"""An automation lane drawn over its track: points, the curve between them, and finding them.

y is from the top of the row; the parameter's range fills the row but for a margin.
"""

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from tonewright.desktop.inspector.wording import label_of
from tonewright.desktop.theme import Theme
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.project.automation import curve_of
from tonewright.dsp.project.document import (
    AutomationLane,
    AutomationPoint,
    Channel,
    ParameterRef,
    TempoMap,
    Track,
)
from tonewright.dsp.project.tempo import to_seconds

MARGIN = 9.0
REACH = 7.0
"""How far from a point, in pixels, the mouse still means it."""

_POINT_PIXELS = {False: 3.5, True: 5.5}  # the radius; of one that the keyboard is on
_STEP_PIXELS = 2
_CURVE_RATE_HZ = 1_000_000  # fine enough for any zoom


@dataclass(frozen=True, slots=True)
class Target:
    """A parameter that can be automated, with its range and its value without automation."""

    ref: ParameterRef
    label: str
    minimum: float
    maximum: float
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class DrawnLane:
    """A lane with all that its places depend on; ``rect`` is the row."""

    lane: AutomationLane
    target: Target
    tempo_map: TempoMap
    view: ViewState
    rect: QRectF

    def place_of(self, point: AutomationPoint) -> QPointF:
        """Return where a point is."""
        return QPointF(
            self.view.x_of(to_seconds(self.tempo_map, float(point.ticks))),
            value_y(self.target, point.value, self.rect),
        )


def targets(channel: Channel) -> list[Target]:
    """Return what of a channel can be automated: the fader, the pan and parameters of effects."""
    found = [
        Target(ParameterRef(None, "gain_db"), "Gain", -60.0, 24.0, channel.gain_db, "dB"),
        Target(ParameterRef(None, "pan"), "Pan", -1.0, 1.0, channel.pan, ""),
    ]
    registry = default_registry()
    for effect in channel.effects:
        if effect.type not in registry:
            continue  # not installed: the chain editor says so
        effect_type = registry.get(effect.type)
        values = dict(effect.params)
        for parameter in effect_type.parameters:
            minimum, maximum = parameter.minimum, parameter.maximum
            if not parameter.automatable or minimum is None or maximum is None:
                continue
            value = values.get(parameter.name, parameter.default)
            found.append(
                Target(
                    ParameterRef(effect.id, parameter.name),
                    f"{effect_type.name}: {label_of(parameter)}",
                    minimum,
                    maximum,
                    float(value),
                    parameter.unit,
                )
            )
    return found


def target_of(channel: Channel, ref: ParameterRef) -> Target | None:
    """Return a parameter of a channel; None if it has gone."""
    return next((target for target in targets(channel) if target.ref == ref), None)


def lane_of(track: Track, ref: ParameterRef) -> AutomationLane:
    """Return the lane of a parameter, without points if there is none yet."""
    for lane in track.automation:
        if lane.target == ref:
            return lane
    return AutomationLane(ref, ())


def value_y(target: Target, value: float, rect: QRectF) -> float:
    """Return where a value is in a row."""
    share = (target.maximum - value) / (target.maximum - target.minimum)
    return rect.top() + MARGIN + min(max(share, 0.0), 1.0) * (rect.height() - 2 * MARGIN)


def value_at_y(target: Target, y: float, rect: QRectF) -> float:
    """Return the value of a place in a row, within the parameter's range."""
    share = (y - rect.top() - MARGIN) / (rect.height() - 2 * MARGIN)
    return target.maximum - min(max(share, 0.0), 1.0) * (target.maximum - target.minimum)


def point_at(drawn: DrawnLane, place: QPointF) -> int | None:
    """Return the index of the point at a place, or None."""
    for index, point in enumerate(drawn.lane.points):
        apart = drawn.place_of(point) - place
        if max(abs(apart.x()), abs(apart.y())) <= REACH:
            return index
    return None


def with_point(lane: AutomationLane, old: int | None, point: AutomationPoint) -> AutomationLane:
    """Return a lane with a point set in place of another, or added; one a tick stays."""
    others = [each for index, each in enumerate(lane.points) if index != old]
    others = [each for each in others if each.ticks != point.ticks]
    points = tuple(sorted([*others, point], key=lambda each: each.ticks))
    return replace(lane, points=points)


def paint_lane(
    painter: QPainter, drawn: DrawnLane, theme: Theme, *, focused: int | None = None
) -> None:
    """Paint a lane over its row: the curve across what shows, and its points.

    Args:
        painter: Paints on the canvas.
        drawn: The lane.
        theme: The colours.
        focused: The index of the point that the keyboard is on.
    """
    color, rect, target = QColor(theme.playhead), drawn.rect, drawn.target
    if not drawn.lane.points:
        y = value_y(target, target.value, rect)
        painter.setPen(QPen(color, 1))
        painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
        return
    x = np.arange(rect.left(), rect.right() + _STEP_PIXELS, _STEP_PIXELS)
    seconds = drawn.view.scroll_seconds + x / drawn.view.pixels_per_second
    curve = curve_of(drawn.lane, drawn.tempo_map, _CURVE_RATE_HZ)
    values = curve.values(np.round(seconds * _CURVE_RATE_HZ).astype(np.int64))
    line = QPolygonF([QPointF(a, value_y(target, b, rect)) for a, b in zip(x, values, strict=True)])
    painter.setPen(QPen(color, 1.5))
    painter.drawPolyline(line)
    for index, point in enumerate(drawn.lane.points):
        place = drawn.place_of(point)
        if rect.left() - REACH <= place.x() <= rect.right() + REACH:
            on = index == focused
            painter.setBrush(color if on else QColor(theme.window))
            painter.drawEllipse(place, *(_POINT_PIXELS[on],) * 2)
