"""What both effects make of their controls; no torch here."""

import numpy as np

from tonewright.dsp.audio.signal import Audio

EARLY_FRAMES = 4
"""The length of the filter that predicts early reflections from the direct sound."""

REGULARISATION = 1e-3
"""Share of the power that is added where filters are fitted, so that they stay small."""

DRY_DB = (-24.0, -14.0)
"""What of the input is no part of the dry signal: of dry speech -29 dB or less, of rooms -12 or
more. Below the first of these a signal is left as it is, above the second it is not."""

STEP = 2.0**-23
"""Of 24 bits."""


def removed_part(room: Audio, amount: float) -> Audio:
    """Return how much of a room is taken away, in whole steps of 24 bits.

    Args:
        room: What the room added, ``(channels, samples)``.
        amount: 0 to 100 %.
    """
    return np.round(room * np.float32(amount / 100.0 / STEP)) * np.float32(STEP)
