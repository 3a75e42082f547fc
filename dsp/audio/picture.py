"""Pictures of levels as PNG files: dark is quiet, bright is loud."""

import struct
import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tonewright.dsp.audio.spectrogram import Levels

_STOPS = (  # red, green, blue; each is brighter than the one before
    (0, 0, 8),
    (32, 16, 84),
    (98, 24, 112),
    (168, 44, 92),
    (224, 88, 50),
    (246, 160, 44),
    (252, 252, 180),
)
_SHADES = 96
_GAP_PIXELS = 6
_WHITE = _SHADES


def palette() -> npt.NDArray[np.uint8]:
    """Return the colours from quiet to loud, of rising brightness, and white behind them.

    Shape:
        ``(shades + 1, 3)``: red, green, blue.
    """
    places = np.linspace(0.0, 1.0, len(_STOPS))
    shades = np.linspace(0.0, 1.0, _SHADES)
    stops = np.asarray(_STOPS, np.float64)
    ramp = [np.interp(shades, places, stops[:, color]) for color in range(3)]
    colors = np.stack(ramp, axis=1)
    return np.vstack([np.round(colors), [[255, 255, 255]]]).astype(np.uint8)


def panels(pictures: Sequence[Levels], *, quiet_db: float, loud_db: float) -> bytes:
    """Return levels as one PNG, one above the other with a white gap.

    Args:
        pictures: Of equal width; row 0 is drawn at the bottom.
        quiet_db: What is drawn darkest.
        loud_db: What is drawn brightest, above ``quiet_db``.
    """
    rows: list[npt.NDArray[np.uint8]] = []
    for levels in pictures:
        if rows:
            rows.append(np.full((_GAP_PIXELS, levels.shape[1]), _WHITE, np.uint8))
        share = np.clip((levels[::-1] - quiet_db) / (loud_db - quiet_db), 0.0, 1.0)
        rows.append(np.round(share * (_SHADES - 1)).astype(np.uint8))
    return _png(np.concatenate(rows), palette())


def _png(pixels: npt.NDArray[np.uint8], colors: npt.NDArray[np.uint8]) -> bytes:
    """Return a PNG of palette indices, shape ``(height, width)``."""
    height, width = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    # Each line of a PNG begins with the number of its filter: 0 is none.
    lines = np.pad(pixels, ((0, 0), (1, 0))).tobytes()
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", colors.tobytes()),
            _chunk(b"IDAT", zlib.compress(lines, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(data, zlib.crc32(kind))
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
