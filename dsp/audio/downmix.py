"""From many channels to two or one: the matrix of ITU-R BS.775, and where each channel sits.

Channels are in WAVE order. The centre goes to both sides at -3 dB, each surround to its own side
at -3 dB, a back centre to both at -6 dB; the LFE is left out. Nothing is normalised: the sum may
exceed full scale, which float audio holds and a later stage decides about. Mono is the mean of
the two sides, which is the mono row of BS.775 at -3 dB: identical channels keep their level.
"""

from math import sqrt

import numpy as np

from tonewright.dsp.audio.signal import Audio

LAYOUTS = {
    1: ("M",),
    2: ("L", "R"),
    3: ("L", "R", "C"),
    4: ("L", "R", "BL", "BR"),
    5: ("L", "R", "C", "BL", "BR"),
    6: ("L", "R", "C", "LFE", "BL", "BR"),
    7: ("L", "R", "C", "LFE", "BC", "SL", "SR"),
    8: ("L", "R", "C", "LFE", "BL", "BR", "SL", "SR"),
}
"""What each channel of a file is, by the number of channels."""

_MINUS_3_DB = sqrt(0.5)
_SIDES = {
    "M": (1.0, 1.0),
    "L": (1.0, 0.0),
    "R": (0.0, 1.0),
    "C": (_MINUS_3_DB, _MINUS_3_DB),
    "LFE": (0.0, 0.0),
    "BC": (0.5, 0.5),
    "BL": (_MINUS_3_DB, 0.0),
    "BR": (0.0, _MINUS_3_DB),
    "SL": (_MINUS_3_DB, 0.0),
    "SR": (0.0, _MINUS_3_DB),
}


def downmix(audio: Audio, channels: int) -> Audio:
    """Return audio in one or two channels; mono is copied to both sides.

    Args:
        audio: Shape ``(1 to 8 channels, samples)``.
        channels: 1 or 2.

    Returns:
        Shape ``(channels, samples)``; ``audio`` itself where it has as many.

    Raises:
        ValueError: If either number of channels is another.
    """
    if audio.shape[0] == channels:
        return audio
    matrix = _matrix(audio.shape[0], channels)
    # One channel after the other, as BLAS would add them in an order of its own choosing.
    mixed = np.zeros((channels, audio.shape[1]), np.float32)
    for side, gains in enumerate(matrix):
        for gain, channel in zip(gains, audio, strict=True):
            if gain:
                mixed[side] += np.float32(gain) * channel
    return mixed


def _matrix(from_channels: int, channels: int) -> list[list[float]]:
    if from_channels not in LAYOUTS or channels not in (1, 2):
        raise ValueError(f"no downmix from {from_channels} to {channels} channels")
    sides = [_SIDES[name] for name in LAYOUTS[from_channels]]
    left, right = [side[0] for side in sides], [side[1] for side in sides]
    if channels == 2:
        return [left, right]
    return [[(a + b) / 2 for a, b in zip(left, right, strict=True)]]
