"""How the network sees a spectrum: its frames and bands, and what it may be; no torch here.

Frames of 32 ms, 16 ms apart, have bins 31.25 Hz apart at any sample rate. Up to 5 kHz, 40 bands
hold 4 bins each; above, 4 bands hold 4 slots each, a slot being 1/16 of the way to 24 kHz on the
ERB scale. A **point** is a bin or a slot.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LOW_BINS = 160
BAND_POINTS = 4
SLOTS = 16
SLOT_EDGES_HZ = (5_000.0, 24_000.0)
BIN_HZ = 31.25
COMPRESSION = 0.3
LEVEL_FLOOR = 1e-3
"""Below this, about -80 dBFS of noise, a signal is not made louder for the network."""

LEVEL_FRAMES = 188
"""Over how many frames, 3 s, a causal network's level fades."""

FEATURES = 5
"""Of a point: size, real and imaginary part, and those of its advance since the last frame."""

BANDS = (LOW_BINS + SLOTS) // BAND_POINTS
LOW_BANDS = LOW_BINS // BAND_POINTS


@dataclass(frozen=True, slots=True)
class Shape:
    """The hyper-parameters of a network.

    Attributes:
        width: Numbers in a band's vector.
        hidden: Of a GRU, what it remembers in each direction.
        layers: How many layers.
        past: Frames behind the present one that a filter uses.
        ahead: Frames in front of it that a filter uses; 0 in a causal network.
        both_ways: Whether the GRUs also run backwards; False in a causal network.
        masks: Whether low bins, too, get gains and keep their phase, instead of filters.
    """

    width: int = 64
    hidden: int = 32
    layers: int = 3
    past: int = 7
    ahead: int = 2
    both_ways: bool = True
    masks: bool = False

    @property
    def taps(self) -> int:
        """Frames that a filter uses."""
        return self.past + 1 + self.ahead


def frame_samples(sample_rate: float) -> int:
    """Return the length of a frame, twice the hop: 32 ms to the nearest even number."""
    return 2 * round(0.016 * sample_rate)


def slot_weights(bins: int) -> npt.NDArray[np.float32]:
    """Return how much every bin above ``LOW_BINS`` belongs to every slot; each sums to 1.

    Shape:
        ``(SLOTS, bins - LOW_BINS)``; neighbours overlap linearly, the last slot has all above.
    """
    low, high = (np.log1p(edge / 228.8) for edge in SLOT_EDGES_HZ)
    erb = np.log1p(BIN_HZ * np.arange(LOW_BINS, bins) / 228.8)
    place = np.clip((erb - low) / (high - low) * SLOTS - 0.5, 0.0, SLOTS - 1.0)
    return np.maximum(1.0 - np.abs(place - np.arange(SLOTS)[:, None]), 0.0).astype(np.float32)
