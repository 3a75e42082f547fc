"""Readable tables and numbers, for the plan and the report."""

import math
from collections.abc import Sequence


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows in aligned columns under a header; numbers stand at the right."""
    lines = [list(header), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    right = [
        bool(rows) and all(row[column][:1] in _NUMERIC for row in rows)
        for column in range(len(header))
    ]
    return "\n".join(
        "  ".join(
            text.rjust(width) if number else text.ljust(width)
            for text, width, number in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


_NUMERIC = frozenset("0123456789-+≥~") | {""}


def duration(seconds: float) -> str:
    """Return a length as ``m:ss.mmm``."""
    thousandths = round(seconds * 1000)
    return f"{thousandths // 60_000}:{thousandths // 1000 % 60:02}.{thousandths % 1000:03}"


def decibels(level: float) -> str:
    """Return a level with one decimal; silence is ``-inf``."""
    return f"{level:.1f}"


def megabytes(size_bytes: int) -> str:
    """Return a size in megabytes."""
    return f"{size_bytes / 1e6:.2f} MB"


def finite(level: float) -> float | None:
    """Return a level as JSON can hold it: rounded to thousandths, None for silence."""
    return round(level, 3) if math.isfinite(level) else None
