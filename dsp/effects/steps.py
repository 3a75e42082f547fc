"""How a curve moves a parameter: in few steps where it is slow, in small ones where it is fast.

Setting a parameter cuts the stream, and every cut costs a call. So a step is as long as
``SLOW_SHARE`` allows for how much the value moves meanwhile, and has the value between those of its
ends: half as far from the curve as the value of its beginning would be. Before, the curve is
averaged over ``SMOOTHING_SAMPLES`` around each place: a straight line stays what it is, and a jump
becomes a ramp of 5 ms at 48 kHz, which does not click. Places count from the start of the stream,
so that the sound does not depend on the caller's blocks.
"""

import numpy as np

from tonewright.dsp.effects.automation import Curve, Values
from tonewright.dsp.effects.protocol import Parameter, ParameterKind
from tonewright.dsp.errors import EffectError

FINE_SAMPLES = 64
GRID_SAMPLES = 512
FILTER_GRID_SAMPLES = 1_024
"""Only a filter's frequency may rest this long: the filter's state runs on, so that a step of it is
no step of the sound, as one of a gain is."""

SLOW_SHARE = 0.002
"""A step of a grid is right where the value moves by at most this share of the parameter's range
(in ratios where it is logarithmic): 0.3 dB of a gain, a third of a semitone of a cutoff. Where it
moves more, steps are of ``FINE_SAMPLES``."""

SMOOTHING_SAMPLES = 256
AHEAD_SAMPLES = 256 * FILTER_GRID_SAMPLES

_FREQUENCIES = ("frequency_hz", "cutoff_hz")


def is_frequency(name: str) -> bool:
    """Return whether a parameter is a frequency of a filter, which the sample rate must hold."""
    return name.endswith(_FREQUENCIES)


class Steps:
    """The values that one automated parameter takes, in the order of the stream.

    Attributes:
        name: The parameter's.
    """

    def __init__(
        self, parameter: Parameter, curve: Curve, *, effect: str, sample_rate: float
    ) -> None:
        self.name = parameter.name
        self._parameter = parameter
        self._curve = curve
        self._effect = effect
        self._grids_samples = [GRID_SAMPLES]
        self._band_hz = np.inf
        if is_frequency(parameter.name):
            self._grids_samples.append(FILTER_GRID_SAMPLES)
            self._band_hz = sample_rate / 2
        self._last = np.nan
        self._computed_samples = 0
        self._ahead: tuple[np.ndarray, Values] = np.empty(0, np.int64), np.empty(0)
        if parameter.minimum is None or parameter.maximum is None:
            self._range: tuple[float, float] | None = None
        elif parameter.logarithmic:
            self._range = float(np.log(parameter.minimum)), float(np.log(parameter.maximum))
        else:
            self._range = float(parameter.minimum), float(parameter.maximum)

    def until(self, end_samples: int) -> tuple[list[int], list[float]]:
        """Return positions and values: each new value before ``end_samples``, in order, once.

        Raises:
            EffectError: If the curve leaves the parameter's range, or what the sample rate holds.
        """
        while self._computed_samples < end_samples:
            self._compute()
        places, values = self._ahead
        now = int(np.searchsorted(places, end_samples))
        self._ahead = places[now:], values[now:]
        return places[:now].tolist(), values[:now].tolist()

    def _compute(self) -> None:
        """Work out the values of some time ahead: many at once cost little more than one."""
        start = self._computed_samples
        self._computed_samples += AHEAD_SAMPLES
        places = np.arange(start, self._computed_samples + 1, FINE_SAMPLES)
        values = self._smoothed(places)
        scaled = self._scaled(values)
        begins = np.ones(len(places), bool)
        for grid_samples in self._grids_samples:
            per_step = grid_samples // FINE_SAMPLES
            inside = np.lib.stride_tricks.sliding_window_view(scaled, per_step + 1)[::per_step]
            slow = np.ptp(inside, axis=1) <= SLOW_SHARE
            begins[:-1].reshape(-1, per_step)[slow, 1:] = False
        at = np.flatnonzero(begins)
        values = self._rounded(0.5 * (values[at[:-1]] + values[at[1:]]))
        places = places[at[:-1]]
        new = values != np.concatenate([[self._last], values[:-1]])
        self._last = float(values[-1])
        waiting_places, waiting_values = self._ahead
        self._ahead = (
            np.concatenate([waiting_places, places[new]]),
            np.concatenate([waiting_values, values[new]]),
        )

    def at(self, position_samples: int) -> float:
        """Return the value at one place."""
        return float(self._rounded(self._smoothed(np.asarray([position_samples])))[0])

    @property
    def last(self) -> float:
        """The value that the curve ends with."""
        return self._rounded(self._curve.values(np.asarray([2**53])))[0]

    def _smoothed(self, places: np.ndarray) -> Values:
        reach = SMOOTHING_SAMPLES // 2
        lattice = np.arange(places[0] - reach, places[-1] + reach + 1, FINE_SAMPLES)
        window = SMOOTHING_SAMPLES // FINE_SAMPLES + 1
        curve = self._curve.values(lattice)
        self._require_inside(float(curve.min()), float(curve.max()))
        around = [curve[first : first + len(places)] for first in range(window)]
        # The mean of equal values is that value only to the last bit, and a bit is a step.
        moves = np.logical_or.reduce([each != around[0] for each in around])
        return np.where(moves, sum(around) / window, around[0])

    def _require_inside(self, least: float, most: float) -> None:
        low = -np.inf if self._parameter.minimum is None else self._parameter.minimum
        high = np.inf if self._parameter.maximum is None else self._parameter.maximum
        if least < low or most > high:
            raise EffectError(
                f"{self._effect}: automation takes {self.name} to "
                f"{least if least < low else most:g}, outside {low:g} to {high:g}"
            )
        if most >= self._band_hz:
            raise EffectError(
                f"{self._effect}: automation takes {self.name} to {most:g}, and it must stay below "
                f"half the sample rate, {self._band_hz:g} Hz; lower the curve or raise the rate"
            )

    def _rounded(self, values: Values) -> Values:
        return np.rint(values) if self._parameter.kind is ParameterKind.INT else values

    def _scaled(self, values: Values) -> Values:
        if self._range is None:
            return values * 1e6  # nobody knows what is slow: all that moves is not
        low, high = self._range
        return ((np.log(values) if self._parameter.logarithmic else values) - low) / (high - low)
