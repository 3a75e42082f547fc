"""Effects of pedalboard that work on whole signals only, run on long chunks.

``PitchShift`` and ``GSMFullRateCompressor`` empty a delay line inside at the start of every call:
streamed with ``reset=False``, the first returns silence and the second a damaged signal. Given a
whole signal they are right, so each chunk is one.
"""

from typing import Any

import numpy as np

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.chunked import ChunkedEffect

RING_SECONDS = 0.04
"""Two frames of GSM: how far from a sound its coded form reaches."""


class PitchShift(ChunkedEffect):
    """Another pitch at the same speed, by ``semitones``; chunks join where they are most alike."""

    chunk_seconds = 30.0
    overlap_seconds = 2.0
    fade_seconds = 0.05

    def __init__(self, semitones: float) -> None:
        import pedalboard

        self.semitones = semitones
        self._plugin: Any = pedalboard.PitchShift(semitones)
        super().__init__()

    def process_chunk(self, audio: Audio, sample_rate: float) -> Audio:
        """Return a chunk at another pitch."""
        return self._plugin.process(audio, sample_rate)


class GsmFullRateCompressor(ChunkedEffect):
    """The GSM full rate codec; ``quality`` is one of ``tails.QUALITIES``.

    The codec works in frames of 20 ms, and every chunk starts with a whole one. It hisses on
    silence, so what it returns far from any input is silenced.
    """

    chunk_seconds = 2.0
    overlap_seconds = 0.2
    fade_seconds = 0.02

    def __init__(self, quality: str) -> None:
        import pedalboard

        self.quality = quality
        self._plugin: Any = pedalboard.GSMFullRateCompressor(
            getattr(pedalboard.Resample.Quality, quality)
        )
        super().__init__()

    def process_chunk(self, audio: Audio, sample_rate: float) -> Audio:
        """Return a chunk coded and decoded, all channels the same."""
        coded = self._plugin.process(audio, sample_rate)
        reach = round(RING_SECONDS * sample_rate)
        sounding = np.pad(np.cumsum(audio.any(axis=0)), (reach + 1, reach), mode="edge")
        sounding[: reach + 1] = 0
        coded[:, sounding[2 * reach + 1 :] == sounding[: -2 * reach - 1]] = 0.0
        return coded
