"""An exploration as a picture: the curve of its positions, and the classifier's trace below.

The picture is SVG, as text: it stays sharp at any size and needs no library.
"""

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from tonewright.dsp.rendering.exploration import Exploration, Point

WIDTH, HEIGHT = 640, 620
LEFT, RIGHT = 64, 616
CURVE_TOP, CURVE_BOTTOM = 84, 340
TRACE_TOP, TRACE_BOTTOM = 420, 560
_CURVE, _MARK, _INK, _DIM, _GRID = "#2176b8", "#b07400", "#22262c", "#666d78", "#dfe3e8"
_LINES = ("#2176b8", "#c03a32", "#3b8f5a")


def curve_svg(found: Exploration) -> str:
    """Return the picture of an exploration."""
    body = [
        _text(LEFT, 26, f"{found.source or 'it'} → {found.target}", size=16),
        _text(LEFT, 44, found.case(), color=_DIM),
        *_curve(found),
        *_trace(found),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n'
        + "\n".join(body)
        + "\n</svg>\n"
    )


def content_floor(points: Sequence[Point]) -> float:
    """Return where the axis of the content kept begins: below all points, in steps of 10 %."""
    lowest = min((each.content_kept for each in points), default=0.0)
    return max(0.0, int(lowest * 10.0 - 0.01) / 10.0)


def _curve(found: Exploration) -> Iterable[str]:
    floor = content_floor(found.points)

    def across(share: float) -> float:
        return LEFT + (RIGHT - LEFT) * share

    def down(content: float) -> float:
        return CURVE_BOTTOM - (CURVE_BOTTOM - CURVE_TOP) * (content - floor) / (1.0 - floor)

    for step in range(0, 101, 20):
        x = across(step / 100.0)
        yield _line([(x, CURVE_TOP), (x, CURVE_BOTTOM)], _GRID)
        yield _text(x, CURVE_BOTTOM + 16, f"{step} %", color=_DIM, anchor="middle")
    for step in range(round(floor * 10), 11):
        y = down(step / 10.0)
        yield _line([(LEFT, y), (RIGHT, y)], _GRID)
        yield _text(LEFT - 8, y + 4, f"{10 * step} %", color=_DIM, anchor="end")
    yield _text(RIGHT, CURVE_BOTTOM + 34, "target heard →", color=_DIM, anchor="end")
    yield _text(LEFT, CURVE_TOP - 14, "↑ content kept", color=_DIM)
    places = [
        (each, across(each.target_probability or 0.0), down(each.content_kept))
        for each in found.points
    ]
    yield _line([(x, y) for _, x, y in places], _CURVE, width=2)
    for each, x, y in places:
        color = _MARK if each.automatic else _CURVE
        radius = 7 if each.automatic else 4
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{color}"/>'
        name = f"auto, {each.switch_percent:g} %" if each.automatic else f"{each.switch_percent:g}"
        beside = x < RIGHT - 90
        down_by = 14 if y < CURVE_TOP + 12 else -6
        anchor = "start" if beside else "end"
        yield _text(x + (10 if beside else -10), y + down_by, name, color=color, anchor=anchor)


def _trace(found: Exploration) -> Iterable[str]:
    def across(percent: float) -> float:
        return LEFT + (RIGHT - LEFT) * percent / 100.0

    def down(share: float) -> float:
        return TRACE_BOTTOM - (TRACE_BOTTOM - TRACE_TOP) * share

    yield _text(LEFT, TRACE_TOP - 24, "What the classifier hears, step by step")
    for share in (0.0, 0.5, 1.0):
        yield _line([(LEFT, down(share)), (RIGHT, down(share))], _GRID)
        yield _text(LEFT - 8, down(share) + 4, f"{100 * share:.0f} %", color=_DIM, anchor="end")
    for percent in range(0, 101, 20):
        yield _text(across(percent), TRACE_BOTTOM + 16, f"{percent} %", color=_DIM, anchor="middle")
    yield _text(RIGHT, TRACE_BOTTOM + 34, "step →", color=_DIM, anchor="end")
    for index, ((name, shares), color) in enumerate(zip(found.likeliest(), _LINES, strict=False)):
        places = [(across(p), down(s)) for p, s in zip(found.trace_percent, shares, strict=True)]
        yield _line(places, color, width=2)
        yield _text(LEFT + 130 * index, TRACE_TOP - 8, name, color=color)
    if found.automatic_percent is not None:
        x = across(found.automatic_percent)
        yield _line([(x, TRACE_TOP), (x, TRACE_BOTTOM)], _MARK, width=2, dashed=True)
        yield _text(x + 6, TRACE_TOP + 14, "switch", color=_MARK)


def _line(
    places: Sequence[tuple[float, float]], color: str, *, width: int = 1, dashed: bool = False
) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    return (
        f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="{width}"{dash}/>'
    )


def _text(
    x: float, y: float, words: str, *, size: int = 12, color: str = _INK, anchor: str = "start"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{color}" '
        f'text-anchor="{anchor}">{escape(words)}</text>'
    )
