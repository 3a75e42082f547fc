"""How far a control has travelled for a number, and back; 0 is its minimum, 1 its maximum."""

import math
from dataclasses import dataclass
from typing import Protocol

from tonewright.dsp.effects.protocol import Parameter, ParameterKind


class Travel(Protocol):
    """The way of a control."""

    def fraction_of(self, value: float) -> float:
        """Return the travel, 0 to 1, of a value; of one outside the range, the nearer end."""
        ...

    def value_at(self, fraction: float) -> float:
        """Return the value at a travel of 0 to 1."""
        ...


@dataclass(frozen=True, slots=True)
class Linear:
    """Equal ways are equal differences.

    Attributes:
        whole: Whether values are whole numbers.
    """

    minimum: float
    maximum: float
    whole: bool = False

    def fraction_of(self, value: float) -> float:
        """Return the travel of a value."""
        return _clamped((value - self.minimum) / (self.maximum - self.minimum))

    def value_at(self, fraction: float) -> float:
        """Return the value at a travel."""
        value = self.minimum + (self.maximum - self.minimum) * _clamped(fraction)
        return round(value) if self.whole else value


@dataclass(frozen=True, slots=True)
class Logarithmic:
    """Equal ways are equal ratios; the range is above 0."""

    minimum: float
    maximum: float
    whole: bool = False

    def fraction_of(self, value: float) -> float:
        """Return the travel of a value."""
        if value <= self.minimum:
            return 0.0
        return _clamped(math.log(value / self.minimum) / math.log(self.maximum / self.minimum))

    def value_at(self, fraction: float) -> float:
        """Return the value at a travel."""
        value = self.minimum * (self.maximum / self.minimum) ** _clamped(fraction)
        return round(value) if self.whole else value


@dataclass(frozen=True, slots=True)
class Decibels:
    """The law of faders and meters: the travel is the cube root of the gain.

    Near the top a decibel has room, and far below they crowd together.
    """

    minimum: float = -90.0
    maximum: float = 18.0

    def fraction_of(self, value: float) -> float:
        """Return the travel of a level in dB."""
        if value <= self.minimum:
            return 0.0
        return 10.0 ** ((min(value, self.maximum) - self.maximum) / 60.0)

    def value_at(self, fraction: float) -> float:
        """Return the level in dB at a travel."""
        if fraction <= 0.0:
            return self.minimum
        return max(self.minimum, self.maximum + 60.0 * math.log10(_clamped(fraction)))


def travel_of(parameter: Parameter) -> Travel | None:
    """Return the way of a parameter's knob; None if it is no number with two ends."""
    low, high = parameter.minimum, parameter.maximum
    number = parameter.kind in (ParameterKind.FLOAT, ParameterKind.INT)
    if not number or low is None or high is None or not low < high:
        return None
    whole = parameter.kind is ParameterKind.INT
    if parameter.logarithmic and low > 0:
        return Logarithmic(low, high, whole)
    return Linear(low, high, whole)


def _clamped(fraction: float) -> float:
    return min(max(fraction, 0.0), 1.0)
