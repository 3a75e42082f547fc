"""Loudness after ITU-R BS.1770-4 and EBU R 128, measured on a stream.

The K-weighting filters are pyloudnorm's. Their output's energy is kept for each 100 ms, which is
all that gating, the momentary (400 ms) and short-term (3 s) windows and the range need: an hour
takes 288 kB. Surround channels (see ``downmix.LAYOUTS``) count +1.5 dB, the back pair of 7.1
does not, the LFE is left out; one channel counts as one speaker.

Levels of nothing are ``-inf``: also the integrated loudness of less than 400 ms, and what
the gate at -70 LUFS leaves empty. RMS is of all channels, 0 dBFS being a square wave of full
scale (a sine reads -3.01).
"""

from array import array
from dataclasses import dataclass
from math import inf, log10
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pyloudnorm.iirfilter import IIRfilter
from scipy.signal import sosfilt

from tonewright.dsp.audio.downmix import LAYOUTS
from tonewright.dsp.audio.file import AudioReader
from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.audio.true_peak import TruePeakMeter
from tonewright.dsp.units import gain_to_db

_STEPS_PER_SECOND = 10
_MOMENTARY_STEPS = 4
_SHORT_TERM_STEPS = 30
_ABSOLUTE_GATE_LUFS = -70.0
_BLOCK_SAMPLES = 16_384  # stays in the processor's cache
_SURROUND_WEIGHT = 1.41


@dataclass(frozen=True, slots=True)
class Loudness:
    """How loud a whole file is; see ``LoudnessMeter`` for each."""

    integrated_lufs: float
    range_lu: float
    max_momentary_lufs: float
    max_short_term_lufs: float
    true_peak_dbtp: float
    sample_peak_dbfs: float
    rms_dbfs: float


class LoudnessMeter:
    """Measures a stream; where pieces end makes no difference.

    Args:
        sample_rate: In Hz.
        channels: 1 to 8, in WAVE order.

    Raises:
        ValueError: If the number of channels is another.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        if channels not in LAYOUTS:
            raise ValueError(f"channels must be 1 to 8, not {channels}")
        self._sample_rate = sample_rate
        self._weights = np.array(_weights(LAYOUTS[channels]))
        shelf = IIRfilter(4.0, 1 / np.sqrt(2), 1500.0, sample_rate, "high_shelf")
        high_pass = IIRfilter(0.0, 0.5, 38.0, sample_rate, "high_pass")
        self._filter = np.array([[*each.b, *each.a] for each in (shelf, high_pass)])
        self._state = np.zeros((2, channels, 2))
        self._true_peak = TruePeakMeter(channels)
        self._samples = 0
        self._step_energy = 0.0
        self._energies = array("d")  # mean square of each 100 ms
        self._square_sum = 0.0

    def add(self, audio: Audio) -> None:
        """Take the next piece, shape ``(channels, samples)``, finite.

        Raises:
            ValueError: If it has another number of channels.
        """
        if audio.shape[0] != len(self._weights):
            raise ValueError(f"audio has {audio.shape[0]} channels, not {len(self._weights)}")
        for start in range(0, audio.shape[1], _BLOCK_SAMPLES):
            block = audio[:, start : start + _BLOCK_SAMPLES]
            self._true_peak.add(block)
            wide = block.astype(np.float64)
            self._square_sum += float(np.square(wide).sum())
            weighted, self._state = sosfilt(self._filter, wide, axis=1, zi=self._state)
            # In long silence the state would fade through numbers that processors are slow at.
            self._state[np.abs(self._state) < 1e-30] = 0.0
            # Not by BLAS, which would spread this over all cores for less than it costs.
            self._collect(np.einsum("c,cn,cn->n", self._weights, weighted, weighted))

    @property
    def integrated_lufs(self) -> float:
        """Loudness of all so far, gated at -70 LUFS and at 10 LU below what that leaves."""
        blocks = self._windows(_MOMENTARY_STEPS)
        blocks = blocks[blocks >= _energy(_ABSOLUTE_GATE_LUFS)]
        if not blocks.size:
            return -inf
        return _lufs(float(blocks[blocks > blocks.mean() / 10.0].mean()))

    @property
    def momentary_lufs(self) -> float:
        """Loudness of the last 400 ms, moved on every 100 ms."""
        return self._last(_MOMENTARY_STEPS)

    @property
    def short_term_lufs(self) -> float:
        """Loudness of the last 3 s, moved on every 100 ms."""
        return self._last(_SHORT_TERM_STEPS)

    @property
    def max_momentary_lufs(self) -> float:
        """The largest momentary loudness so far."""
        return _lufs(float(self._windows(_MOMENTARY_STEPS).max(initial=0.0)))

    @property
    def max_short_term_lufs(self) -> float:
        """The largest short-term loudness so far."""
        return _lufs(float(self._windows(_SHORT_TERM_STEPS).max(initial=0.0)))

    @property
    def range_lu(self) -> float:
        """Loudness range after EBU Tech 3342; 0 for less than 3 s."""
        windows = self._windows(_SHORT_TERM_STEPS)
        windows = windows[windows >= _energy(_ABSOLUTE_GATE_LUFS)]
        if not windows.size:
            return 0.0
        windows = windows[windows >= windows.mean() / 100.0]
        low, high = np.percentile(windows, (10, 95))
        return _lufs(float(high)) - _lufs(float(low))

    @property
    def true_peak_dbtp(self) -> float:
        """The true peak of all channels so far, oversampled four times."""
        return gain_to_db(self._true_peak.true_peak)

    @property
    def sample_peak_dbfs(self) -> float:
        """The largest sample of all channels so far."""
        return gain_to_db(self._true_peak.sample_peak)

    @property
    def rms_dbfs(self) -> float:
        """The root mean square of all channels so far, not weighted."""
        values = self._samples * len(self._weights)
        return gain_to_db((self._square_sum / values) ** 0.5) if values else -inf

    def result(self) -> Loudness:
        """Return all numbers for what has been added."""
        return Loudness(
            self.integrated_lufs,
            self.range_lu,
            self.max_momentary_lufs,
            self.max_short_term_lufs,
            self.true_peak_dbtp,
            self.sample_peak_dbfs,
            self.rms_dbfs,
        )

    def _collect(self, power: npt.NDArray[np.float64]) -> None:
        """Add power per sample to the 100 ms steps that it falls in."""
        position = 0
        while position < len(power):
            step_start, step_end = (
                (len(self._energies) + more) * self._sample_rate // _STEPS_PER_SECOND
                for more in (0, 1)
            )
            end = min(len(power), position + step_end - self._samples)
            self._step_energy += float(power[position:end].sum())
            self._samples += end - position
            position = end
            if self._samples == step_end:
                self._energies.append(self._step_energy / (step_end - step_start))
                self._step_energy = 0.0

    def _windows(self, steps: int) -> npt.NDArray[np.float64]:
        """Return the mean square of every complete window of so many steps."""
        energies = np.array(self._energies)
        if len(energies) < steps:
            return np.zeros(0)
        return np.lib.stride_tricks.sliding_window_view(energies, steps).mean(axis=1)

    def _last(self, steps: int) -> float:
        if len(self._energies) < steps:
            return -inf
        return _lufs(sum(self._energies[-steps:]) / steps)


def measure(path: str | Path) -> Loudness:
    """Return how loud a file is.

    Raises:
        MediaError: If it cannot be read.
    """
    with AudioReader(path) as reader:
        meter = LoudnessMeter(reader.sample_rate, reader.channels)
        for block in reader.blocks():
            meter.add(block)
    return meter.result()


def _weights(layout: tuple[str, ...]) -> list[float]:
    surrounds = {"SL", "SR"} if "SL" in layout else {"BL", "BR"}
    return [
        0.0 if name == "LFE" else _SURROUND_WEIGHT if name in surrounds else 1.0 for name in layout
    ]


def _lufs(energy: float) -> float:
    return -0.691 + 10.0 * log10(energy) if energy > 0 else -inf


def _energy(lufs: float) -> float:
    return 10.0 ** ((lufs + 0.691) / 10.0)
