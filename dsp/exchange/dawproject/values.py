"""Reads the values of a DAWproject's elements."""

from math import log10
from xml.etree.ElementTree import Element

from tonewright.dsp.project.document import (
    PPQ,
    ClockTime,
    MusicalTime,
    Time,
    TimeSignatureEvent,
)

_SILENCE_DB = -100.0


def signature(element: Element, ticks: int) -> TimeSignatureEvent:
    """Return the time signature of an element, at a place."""
    return TimeSignatureEvent(
        ticks, int(element.get("numerator", "4")), int(element.get("denominator", "4"))
    )


def ticks_of(beats: str) -> int:
    """Return ticks for a text in beats."""
    return round(float(beats) * PPQ)


def time_of(value: float, unit: str) -> Time:
    """Return a place for a number in ``"seconds"`` or ``"beats"``."""
    return ClockTime(value) if unit == "seconds" else MusicalTime(round(value * PPQ))


def gain_db_of(volume: Element | None) -> float:
    """Return the gain of a ``Volume``; 0 dB if there is none."""
    if volume is None:
        return 0.0
    value = float(volume.get("value", "1"))
    return value if volume.get("unit") == "decibel" else decibels(value)


def decibels(gain: float) -> float:
    """Return decibels for a factor, at least -100."""
    return round(max(_SILENCE_DB, 20.0 * log10(gain)), 6) + 0.0 if gain > 0.0 else _SILENCE_DB


def pan_of(normalized: float) -> float:
    """Return a pan, -1 (left) to 1, for one of 0 to 1."""
    return round(2.0 * normalized - 1.0, 9) + 0.0
