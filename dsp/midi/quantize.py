"""The grid of musical time: where its lines are, and how far a position is pulled to one.

Lines are counted from each bar's start, so they stay on the beat through changes of signature; a
bar's end is a line too. Every second line is off the beat and may swing: it comes later by a third
of the spacing for a swing of 1, the feel of triplets.

    straight  |   .   |   .   |         swing 1  |    .  |    .  |
"""

import math
from bisect import bisect_right
from fractions import Fraction

from tonewright.dsp.project.document import TempoMap

GRIDS = {
    "1/1": Fraction(4),
    "1/2": Fraction(2),
    "1/4": Fraction(1),
    "1/8": Fraction(1, 2),
    "1/16": Fraction(1, 4),
    "1/32": Fraction(1, 8),
    "1/4t": Fraction(2, 3),
    "1/8t": Fraction(1, 3),
    "1/16t": Fraction(1, 6),
    "1/32t": Fraction(1, 12),
}
"""The spacing of each grid in quarter notes; ``t`` marks triplets."""


class Grid:
    """The lines of a grid over a tempo map, both in ticks of ``1 / ticks_per_quarter``.

    Args:
        name: One of ``GRIDS``.
        tempo_map: Whose time signatures give the bars.
        ticks_per_quarter: The resolution.
        swing: 0 (straight) to 1 (triplets).

    Raises:
        ValueError: If there is no such grid, or ``swing`` is outside its range.
    """

    def __init__(
        self, name: str, tempo_map: TempoMap, ticks_per_quarter: int, *, swing: float = 0.0
    ) -> None:
        if name not in GRIDS:
            raise ValueError(f"grid must be one of {', '.join(GRIDS)}, not {name!r}")
        if not 0.0 <= swing <= 1.0:
            raise ValueError(f"swing must be 0 to 1, not {swing}")
        self.spacing_ticks = GRIDS[name] * ticks_per_quarter
        self._swing_ticks = self.spacing_ticks * Fraction(swing) / 3
        self._signatures = tempo_map.time_signatures
        self._ticks_per_quarter = ticks_per_quarter

    def nearest(self, ticks: int) -> int:
        """Return the line nearest to a position, as a whole tick; of two the earlier."""
        bar_start, bar_end = self._bar(ticks)
        index = math.floor((ticks - bar_start) / self.spacing_ticks)
        lines: list[Fraction] = [bar_end]
        for each in (index - 1, index, index + 1):
            line = bar_start + each * self.spacing_ticks + (each % 2) * self._swing_ticks
            if each >= 0 and line < bar_end:
                lines.append(line)
        line = min(lines, key=lambda line: (abs(line - ticks), line))
        return round(line)

    def pulled(self, ticks: int, strength: float) -> int:
        """Return a position moved towards its nearest line, all the way for a strength of 1."""
        return ticks + round((self.nearest(ticks) - ticks) * strength)

    def _bar(self, ticks: int) -> tuple[Fraction, Fraction]:
        """Return where the bar around a position starts and ends."""
        index = bisect_right(self._signatures, ticks, key=lambda each: each.start_ticks) - 1
        signature = self._signatures[index]
        length = Fraction(4 * self._ticks_per_quarter * signature.numerator, signature.denominator)
        bars = (ticks - signature.start_ticks) // length
        start = signature.start_ticks + bars * length
        following = self._signatures[index + 1 : index + 2]
        return start, min([start + length, *(Fraction(each.start_ticks) for each in following)])
