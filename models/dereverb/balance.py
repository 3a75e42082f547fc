"""Level and colour of a direct sound that a network found too soft.

A network that is punished for what remains of the room takes some of the direct sound, too, more
in some bands than in others. Two things that can be measured set it right, both pooled over
channels, so that sources stay where they are:

* **Level.** In points where most of what was heard is direct sound, it must be as loud as what was
  heard: one gain by least squares over these points.
* **Colour.** Over seconds, the room changes the balance of bands one way and the network another;
  the dry balance lies in between. Each band goes its own share of the way from what was found to
  what was heard, by ``MORE_DB`` at most; and some are made up for by what the network takes from
  them whatever the room.
"""

import numpy as np
import numpy.typing as npt

from tonewright.models.dereverb.bands import BIN_HZ

Spectrum = npt.NDArray[np.complex64]
"""Frames, ``(channels, bins, frames)``."""

BANDS = 24
"""Of equal width on the ERB scale up to 24 kHz; they overlap linearly."""

COLOUR_BANDS = 48
"""Half as wide as others: a third octave of lows has a colour of its own."""

COVERING = 0.1
"""Share of what was heard in a frame from where on direct sound covers all of the room that stays,
which in turn covers what the network gets wrong. With less of it less stays, so that the tail
behind a note goes: by 2 dB on held-out samples of instruments."""

MORE_DB = 12.0
DIRECT = (0.3, 0.8)
"""Share of what was heard from where on a point counts as direct, and where it counts fully."""

LARGEST_SHARE = 1.5
LEVEL_GAINS = (1.0, 4.0)
FAINT = 1e-4
"""Bands this far below the loudest have no colour of their own."""


def band_weights(bins: int, bands: int = BANDS) -> npt.NDArray[np.float32]:
    """Return how much every bin belongs to every band, ``(bands, bins)``; each bin's sum is 1."""
    erb = np.log1p(BIN_HZ * np.arange(bins) / 228.8) / np.log1p(24_000.0 / 228.8)
    place = np.clip(erb * bands - 0.5, 0.0, bands - 1.0)
    return np.maximum(1.0 - np.abs(place - np.arange(bands)[:, None]), 0.0).astype(np.float32)


def over_bands(points: dict[int, float]) -> npt.NDArray[np.float64]:
    """Return the value at each colour band, ``(COLOUR_BANDS,)``, of those at some Hz."""
    middle = (np.arange(COLOUR_BANDS) + 0.5) / COLOUR_BANDS
    centres_hz = 228.8 * np.expm1(middle * np.log1p(24_000.0 / 228.8))
    return np.interp(centres_hz, list(points), list(points.values()))


def power(spectrum: Spectrum) -> npt.NDArray[np.float32]:
    """Return the power of each point, of the same shape; an absolute value would take a root."""
    return np.square(spectrum.real) + np.square(spectrum.imag)


def powers(
    wet: Spectrum,
    dry: Spectrum,
    weights: npt.NDArray[np.float32],
) -> npt.NDArray[np.float64]:
    """Return what is averaged over time: powers of bands, and the products of direct points.

    Shape:
        ``(channels, bins, frames)`` to ``(2 COLOUR_BANDS + 2, frames)``.
    """
    heard, found = power(wet), power(dry)
    share = np.sqrt(found / (heard + np.float32(1e-18)))
    low, high = DIRECT
    direct = np.clip((share - low) / (high - low), 0.0, 1.0) * (share < LARGEST_SHARE)
    shared = wet.real * dry.real + wet.imag * dry.imag
    rows = [*(weights @ heard.sum(axis=0)), *(weights @ found.sum(axis=0)),
            (direct * shared).sum(axis=(0, 1)), (direct * found).sum(axis=(0, 1))]  # fmt: skip
    return np.array(rows, np.float64)


def removed_room(wet: Spectrum, dry: Spectrum, floor: float, stays: float) -> Spectrum:
    """Return the room that is taken away from frames, of the same shape.

    Args:
        wet: What was heard, ``(channels, bins, frames)``.
        dry: Its direct sound.
        floor: How much of a point is left at least, 0 to 1.
        stays: Share of the room that stays in a frame whose direct sound covers it.
    """
    heard, found = power(wet), power(dry)
    raised = np.maximum(np.float32(floor**2) * heard / np.maximum(found, np.float32(1e-20)), 1.0)
    kept = np.sqrt(raised) * dry
    direct, all_heard = (
        each.sum(axis=(0, 1), dtype=np.float64) for each in (raised * found, heard)
    )
    covered = np.minimum(direct / (COVERING * all_heard + 1e-18), 1.0)
    return (1.0 - stays * covered).astype(np.float32) * (wet - kept)


def gains(
    averages: npt.NDArray[np.float64],
    weights: npt.NDArray[np.float32],
    shares: npt.NDArray[np.float64],
    always_db: npt.NDArray[np.float64] | float = 0.0,
) -> npt.NDArray[np.float32]:
    """Return the gain of each bin of the direct sound.

    Args:
        averages: Of ``powers``.
        weights: Of bins in colour bands.
        shares: How far the balance goes to that of what was heard, by colour band.
        always_db: What each colour band gains besides.

    Shape:
        Averages of ``powers``, ``(2 COLOUR_BANDS + 2, ...)``, to ``(bins, ...)``.
    """
    way, more_db = (
        np.broadcast_to(each, COLOUR_BANDS).reshape(-1, *(1 for _ in averages.shape[1:]))
        for each in (shares, always_db)
    )
    bands = averages[: 2 * COLOUR_BANDS].reshape(2, COLOUR_BANDS, *averages.shape[1:])
    heard, found = bands + FAINT * bands.max(axis=1, keepdims=True) + 1e-18
    apart_db = 10.0 * np.log10(heard / found)
    apart_db = apart_db - np.median(apart_db, axis=0)
    colour_db = np.clip(way * apart_db + more_db, -MORE_DB, MORE_DB)
    colour = 10.0 ** (colour_db / 20.0)
    # The colour's gains are not to change the level.
    colour = colour * np.sqrt(found.sum(axis=0) / (np.square(colour) * found).sum(axis=0))
    product, power = averages[2 * COLOUR_BANDS :]
    level = np.clip((product + 1e-18) / (power + 1e-18), *LEVEL_GAINS)
    return np.asarray(np.tensordot(weights.T, level * colour, axes=1), np.float32)
