"""Audio as the whole project knows it: float32, ``(channels, samples)``, finite."""

from typing import Any

import numpy as np
import numpy.typing as npt

Audio = npt.NDArray[np.float32]
"""float32 of shape ``(channels, samples)``; full scale is 1.0."""


def as_audio(signal: npt.NDArray[Any], *, name: str = "audio") -> Audio:
    """Return a signal as float32 ``(channels, samples)``, checked once at the boundary.

    Args:
        signal: Shape ``(channels, samples)``, or ``(samples,)`` for one channel; any real dtype
            of floating point.
        name: What the message of an error calls it.

    Raises:
        ValueError: If it is no floating-point array of one or two dimensions, has more channels
            than samples (a transposed array), or holds NaN or infinity.
    """
    array = np.asarray(signal)
    if not np.issubdtype(array.dtype, np.floating):
        raise ValueError(f"{name} must be floating point, not {array.dtype}")
    if array.ndim == 1:
        array = array[np.newaxis]
    if array.ndim != 2:
        raise ValueError(f"{name} must have shape (channels, samples), not {array.shape}")
    if array.shape[0] > array.shape[1] > 0 and array.shape[0] > 8:
        raise ValueError(
            f"{name} has {array.shape[0]} channels and {array.shape[1]} samples: transposed?"
        )
    audio = np.ascontiguousarray(array, dtype=np.float32)
    require_finite(audio, name=name)
    return audio


def require_finite(audio: Audio, *, name: str = "audio") -> None:
    """Refuse NaN and infinity.

    Raises:
        ValueError: Naming the first bad channel and sample.
    """
    bad = first_not_finite(audio)
    if bad is not None:
        channel, sample = bad
        raise ValueError(
            f"{name} holds {audio[channel, sample]} at sample {sample} of channel {channel}"
        )


def first_not_finite(audio: Audio) -> tuple[int, int] | None:
    """Return (channel, sample) of the first NaN or infinity; None if all is finite."""
    # A finite sum proves all finite at a tenth of the cost; only a bad one pays for the search.
    with np.errstate(invalid="ignore"):  # the sum of both infinities
        if np.isfinite(np.sum(audio, dtype=np.float64)):
            return None
    bad = np.argwhere(~np.isfinite(audio.T))
    return (int(bad[0, 1]), int(bad[0, 0])) if bad.size else None


def silence(channels: int, length_samples: int) -> Audio:
    """Return zeros of shape ``(channels, length_samples)``."""
    return np.zeros((channels, length_samples), np.float32)
