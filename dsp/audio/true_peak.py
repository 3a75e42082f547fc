"""True peak: the largest value of the signal between its samples (ITU-R BS.1770-4, annex 2).

The signal is oversampled four times by a windowed sinc. Because a filter's output cannot exceed
its input's peak times the sum of its coefficients' magnitudes, most segments need no filtering:
they cannot hold a new maximum.
"""

from functools import cache

import numpy as np

from tonewright.dsp.audio.signal import Audio, silence

_OVERSAMPLING = 4
_HALF_TAPS = 16  # input samples on each side of an interpolated value
_SEGMENT_SAMPLES = 32  # one row of the matrix product
_PRODUCT_ROWS = 32
_WINDOW_SAMPLES = _SEGMENT_SAMPLES + 2 * _HALF_TAPS  # two segments


@cache
def _interpolation() -> Audio:
    """Return the matrix from a window of the signal to the values between its middle samples.

    Shape:
        ``(window, segment * 3)``; the fourth phase is the samples themselves.
    """
    times = np.arange(_WINDOW_SAMPLES) - (_HALF_TAPS - 1)
    columns = []
    for sample in range(_SEGMENT_SAMPLES):
        for phase in range(1, _OVERSAMPLING):
            distance = times - sample - phase / _OVERSAMPLING
            reach = np.clip(1.0 - (distance / _HALF_TAPS) ** 2, 0.0, None)
            taps = np.sinc(distance) * np.i0(6.0 * np.sqrt(reach)) * (reach > 0)
            columns.append(taps / taps.sum())
    return np.stack(columns, axis=1).astype(np.float32)


class TruePeakMeter:
    """Measures the true peak of a stream; pieces of any size give what one call gives.

    Args:
        channels: At least 1.
    """

    def __init__(self, channels: int) -> None:
        self._matrix = _interpolation()
        self._headroom = float(np.abs(self._matrix).sum(axis=0).max())
        # Zeros stand before the stream; at its end the newest samples wait for what follows.
        self._history = silence(channels, _HALF_TAPS - 1)
        self._peak = 0.0
        self.sample_peak = 0.0

    def add(self, audio: Audio) -> None:
        """Take the next piece, shape ``(channels, samples)``."""
        if audio.shape[1]:
            self.sample_peak = max(self.sample_peak, float(np.abs(audio).max()))
        signal = np.concatenate((self._history, audio), axis=1)
        segments = max(0, signal.shape[1] - 2 * _HALF_TAPS) // _SEGMENT_SAMPLES
        self._peak = self._largest(signal, segments)
        self._history = signal[:, segments * _SEGMENT_SAMPLES :].copy()

    @property
    def true_peak(self) -> float:
        """The largest magnitude so far, with silence taken to follow; full scale is 1.0."""
        rest = silence(self._history.shape[0], _WINDOW_SAMPLES + _SEGMENT_SAMPLES)
        signal = np.concatenate((self._history, rest), axis=1)
        segments = (signal.shape[1] - 2 * _HALF_TAPS) // _SEGMENT_SAMPLES
        return max(self.sample_peak, self._largest(signal, segments))

    def _largest(self, signal: Audio, segments: int) -> float:
        peak = max(self._peak, self.sample_peak)
        if not segments:
            return peak
        # A window is two segments long, so that neighbours share one.
        whole = signal[:, : (segments + 1) * _SEGMENT_SAMPLES]
        starts = np.arange(0, whole.shape[1], _SEGMENT_SAMPLES)
        largest = np.maximum.reduceat(np.abs(whole), starts, axis=1)
        bounds = np.maximum(largest[:, :-1], largest[:, 1:]) * self._headroom
        candidates = np.flatnonzero(bounds > peak)
        if candidates.size:
            # In small products: BLAS would spread a large one over all cores, which costs more
            # than it gives where they are busy. Rows that repeat fill the last one.
            rows = np.resize(candidates, -(-candidates.size // _PRODUCT_ROWS) * _PRODUCT_ROWS)
            parts = whole.reshape(len(whole), -1, _SEGMENT_SAMPLES)
            pairs = np.concatenate((parts[:, :-1], parts[:, 1:]), axis=2)
            windows = pairs.reshape(-1, _WINDOW_SAMPLES)[rows]
            products = windows.reshape(-1, _PRODUCT_ROWS, _WINDOW_SAMPLES)
            values = products @ self._matrix
            peak = max(peak, float(values.max()), -float(values.min()))
        return peak
