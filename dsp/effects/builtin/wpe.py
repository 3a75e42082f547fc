"""Dereverberation by weighted prediction error: late echoes predicted from the past, and taken off.

The method of Nakatani and others, from the package nara_wpe; all channels are used jointly. It
needs no training and is the baseline that a trained dereverberation must beat. Frames are about
40 ms, a quarter of that apart: 2048 samples at 44.1 and 48 kHz.
"""

import math

import numpy as np

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.chunked import ChunkedEffect
from tonewright.dsp.effects.protocol import (
    EffectType,
    Parameter,
    ParameterKind,
    Params,
    RunsIn,
    Tail,
)

FRAME_SECONDS = 0.04

SAME_SIGNAL = 1e-6
"""Channels that differ by less than this share of their power hold one signal."""


class WpeDereverb(ChunkedEffect):
    """Dereverberation of chunks of 15 s.

    Attributes:
        taps: How many past frames a frame is predicted from.
        delay: How many frames in between are left alone: direct sound and early echoes.
        iterations: How often the estimate of the dry signal's power is refined.
    """

    chunk_seconds = 15.0
    overlap_seconds = 1.0

    def __init__(self, taps: int, delay: int, iterations: int) -> None:
        self.taps = taps
        self.delay = delay
        self.iterations = iterations
        super().__init__()

    def process_chunk(self, audio: Audio, sample_rate: float) -> Audio:
        """Return a chunk without its late echoes."""
        from nara_wpe.utils import istft, stft
        from nara_wpe.wpe import wpe_v8

        if not audio.any():
            return audio
        size = 2 ** round(math.log2(FRAME_SECONDS * sample_rate))
        frames = stft(audio, size, size // 4)  # (channels, frames, bins)
        by_bin = np.ascontiguousarray(frames.transpose(2, 0, 1))
        # The power is inverted: bins without any are left as they are.
        power = np.square(np.abs(by_bin)).mean(axis=(1, 2))
        heard = power > 1e-12 * power.max()
        # Nor can channels that are copies be told apart, in a bin or in all of them (a mono file in
        # stereo, bass below a crossover): each bin is turned to as many axes as it has signals.
        sizes, axes = np.linalg.eigh(by_bin @ by_bin.conj().transpose(0, 2, 1))
        signals = np.count_nonzero(sizes > SAME_SIGNAL * sizes[:, -1:], axis=1)
        for count in np.unique(signals[heard]):
            chosen = heard & (signals == count)
            basis = axes[chosen][:, :, -count:]
            parts = basis.conj().transpose(0, 2, 1) @ by_bin[chosen]
            dried = wpe_v8(parts, taps=self.taps, delay=self.delay, iterations=self.iterations)
            by_bin[chosen] -= basis @ (parts - dried)
        dry = istft(by_bin.transpose(1, 2, 0), size, size // 4)
        return dry[:, : audio.shape[1]].astype(np.float32)


def _tail(params: Params) -> Tail:
    frames = int(params["taps"]) + int(params["delay"]) + 4
    return Tail(frames * FRAME_SECONDS * math.sqrt(2.0) / 4.0, FRAME_SECONDS)


WPE_TYPE = EffectType(
    id="wpe_dereverb",
    name="Dereverberation (WPE)",
    factory=f"{__name__}:WpeDereverb",
    parameters=(
        Parameter("taps", 10, 1, 60, ParameterKind.INT, "frames"),
        Parameter("delay", 3, 1, 20, ParameterKind.INT, "frames"),
        Parameter("iterations", 3, 1, 10, ParameterKind.INT),
    ),
    runs_in=RunsIn.RENDERED,
    tail=_tail,
    block_tolerance_db=-math.inf,
    description="Takes late echoes off, without a network",
)
