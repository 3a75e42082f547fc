"""Late reverberation that what was heard a moment ago must leave, and a gain against it.

What a network leaves of a room is heard best where the direct sound is over. There the level falls
as the room lets it, so it can be told from what was heard before: after Lebart, Boucher and Denbigh
(2001), the power of late reverberation is that of all that was heard a delay ago, less what decays
in between, ``10^(-6 delay / RT60)`` of it. The gain is that of spectral subtraction,
``sqrt(1 - late / heard)``: next to 1 where a sound begins or stays, low where it falls.

Only the streaming effect needs it: the network that looks ahead has learnt to leave no tails.
Powers are those of bands, pooled over channels, so that sources stay where they are.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from tonewright.models.dereverb.recursion import Recursion

FRAME_SECONDS = 0.016
DELAY_FRAMES = 5
"""What came sooner, within 80 ms, is early."""

SMOOTH_FRAMES = 1.5
"""Over how many frames powers fade, so that single draws of the tail's noise do not count."""

LOWEST_GAIN = 0.1


class LateGains:
    """Gains over a stream of frames.

    Args:
        weights: How much every bin belongs to every band, ``(bands, bins)``; each bin's sum is 1.
        rt60_seconds: A reverberation time: what falls as fast as in such a room, or faster, is
            late. It need not be the room's, of which a network has taken the most.
    """

    def __init__(self, weights: npt.NDArray[np.float32], rt60_seconds: float) -> None:
        self._weights = weights
        delay_seconds = DELAY_FRAMES * FRAME_SECONDS
        self._decay = 10.0 ** (-6.0 * delay_seconds / rt60_seconds)
        self._average = Recursion(SMOOTH_FRAMES)
        self._past = np.zeros((len(weights), DELAY_FRAMES))

    def __call__(self, wet: npt.NDArray[np.complexfloating[Any, Any]]) -> npt.NDArray[np.float32]:
        """Return the gains of the next frames, ``LOWEST_GAIN`` to 1.

        Shape:
            ``(channels, bins, frames)`` to ``(bins, frames)``.
        """
        power = np.square(np.abs(wet)).sum(axis=0, dtype=np.float64)
        heard = self._average(self._weights @ power)
        known = np.concatenate([self._past, heard], axis=1)
        frames = heard.shape[1]
        self._past = known[:, frames:]
        late = self._decay * known[:, :frames]
        kept = np.maximum(1.0 - late / np.maximum(heard, 1e-18), 0.0)
        return np.asarray(self._weights.T @ np.maximum(np.sqrt(kept), LOWEST_GAIN), np.float32)
