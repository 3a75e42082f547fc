"""Another sample rate, or another speed: band-limited resampling of a stream by soxr.

Quality is soxr's VHQ (28 bits, linear phase). Sample 0 stays sample 0: the filter's delay is
taken out. Rates may be any numbers above 0, so that ``to_rate / speed_ratio`` plays a clip
faster or slower as on tape.
"""

from fractions import Fraction
from math import floor, isfinite

import numpy as np
import soxr

from tonewright.dsp.audio.signal import Audio, silence

_QUALITY = "VHQ"


def resampled_length(length_samples: int, from_rate: float, to_rate: float) -> int:
    """Return how many samples resampling gives: the nearest number, halves up.

    Exact for any length, as the rates are taken as the fractions that they are.
    """
    return floor(length_samples * Fraction(to_rate) / Fraction(from_rate) + Fraction(1, 2))


class Resampler:
    """Resamples a stream; pieces of any size give what one call gives, bit for bit.

    Equal rates pass the audio through as it is.

    Args:
        from_rate: Rate of the input in Hz, above 0.
        to_rate: Rate of the output in Hz, above 0.
        channels: At least 1.

    Raises:
        ValueError: If an argument is out of range.
    """

    def __init__(self, from_rate: float, to_rate: float, channels: int) -> None:
        for name, rate in (("from_rate", from_rate), ("to_rate", to_rate)):
            if not (isfinite(rate) and rate > 0):
                raise ValueError(f"{name} must be above 0 Hz, not {rate}")
        if channels < 1:
            raise ValueError(f"channels must be at least 1, not {channels}")
        self._rates = from_rate, to_rate
        self._channels = channels
        self._taken = 0
        self._given = 0
        self._stream = (
            soxr.ResampleStream(from_rate, to_rate, channels, "float32", _QUALITY)
            if from_rate != to_rate
            else None
        )

    def process(self, audio: Audio) -> Audio:
        """Return what is ready after the next piece; may be empty.

        Shape:
            ``(channels, samples)`` to ``(channels, any number of samples)``.

        Raises:
            ValueError: If the number of channels is another.
        """
        if audio.shape[0] != self._channels:
            raise ValueError(f"audio has {audio.shape[0]} channels, not {self._channels}")
        self._taken += audio.shape[1]
        return audio if self._stream is None else self._run(audio, last=False)

    def finish(self) -> Audio:
        """Return the rest after the last piece, so that all is ``resampled_length`` long."""
        if self._stream is None:
            return silence(self._channels, 0)
        rest = self._run(silence(self._channels, 0), last=True)
        missing = resampled_length(self._taken, *self._rates) - self._given
        # soxr's own count may differ by the rounding of its clock.
        if missing > 0:
            return np.concatenate((rest, silence(self._channels, missing)), axis=1)
        return rest[:, : rest.shape[1] + missing]

    def _run(self, audio: Audio, *, last: bool) -> Audio:
        assert self._stream is not None
        out = self._stream.resample_chunk(np.ascontiguousarray(audio.T), last)
        self._given += out.shape[0]
        return np.ascontiguousarray(out.T)


def resample(audio: Audio, from_rate: float, to_rate: float) -> Audio:
    """Return audio at another rate.

    Shape:
        ``(channels, samples)`` to ``(channels, resampled_length(samples, from_rate, to_rate))``.
    """
    resampler = Resampler(from_rate, to_rate, audio.shape[0])
    return np.concatenate((resampler.process(audio), resampler.finish()), axis=1)
