"""The outline of a sound for drawing: smallest and largest value of ever longer stretches.

Level 0 holds a pair for each ``BASE_SAMPLES``, each further level one for four of the level
below; an hour of stereo at 44.1 kHz takes 6.6 MB (2.5 MB in a file). Values are float16, rounded
outwards: a drawn peak is never smaller than the true one, and larger by at most 0.1 % or 1e-7.
"""

import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.errors import ExportError, MediaError
from tonewright.dsp.project.atomic import replacing

BASE_SAMPLES = 256
_FACTOR = 4
_MAGIC = b"TWPEAKS\0"
_VERSION = 1
_HEADER = struct.Struct("<8sHHQI")  # magic, version, channels, samples, base
_CHECKSUM = struct.Struct("<I")  # of all before and behind it
_LIMIT = float(np.finfo(np.float16).max)

Level = npt.NDArray[np.float16]
"""Shape ``(pairs, channels, 2)``: minimum and maximum."""


class PeakPyramid:
    """The peaks of a whole sound; see ``build``.

    Attributes:
        channels: Of the sound.
        length_samples: Of the sound.
    """

    def __init__(self, base: Level, length_samples: int) -> None:
        self.channels = base.shape[1]
        self.length_samples = length_samples
        self._levels = [base]
        while len(self._levels[-1]) > 1:
            self._levels.append(_reduced(self._levels[-1], _FACTOR))

    @property
    def size_bytes(self) -> int:
        """Memory that the peaks take."""
        return sum(level.nbytes for level in self._levels)

    def window(self, start_samples: int, end_samples: int, columns: int) -> npt.NDArray[np.float32]:
        """Return what to draw of ``[start_samples, end_samples)`` in so many columns.

        A column shows every extreme of the samples that it covers, and perhaps some of up to
        ``BASE_SAMPLES`` (or a quarter of a column) beside them. Outside the sound it is flat.

        Returns:
            Shape ``(channels, columns, 2)``: minimum and maximum.

        Raises:
            ValueError: If the range is empty or there are no columns.
        """
        if end_samples <= start_samples or columns < 1:
            raise ValueError(f"nothing to draw: {start_samples} to {end_samples} in {columns}")
        width = (end_samples - start_samples) / columns
        level, pair_samples = 0, BASE_SAMPLES
        while pair_samples * _FACTOR * _FACTOR <= width and level + 1 < len(self._levels):
            level, pair_samples = level + 1, pair_samples * _FACTOR
        edges = start_samples + (end_samples - start_samples) * np.arange(columns + 1) // columns
        starts = np.clip(edges[:-1], 0, self.length_samples)
        # A column narrower than a sample still shows the one that it lies in.
        ends = np.clip(np.maximum(edges[1:], edges[:-1] + 1), 0, self.length_samples)
        shown = np.zeros((self.channels, columns, 2), np.float32)
        inside = starts < ends
        if inside.any():
            first = starts[inside] // pair_samples
            last = -(-ends[inside] // pair_samples)
            pairs = self._levels[level][first[0] : last[-1]].astype(np.float32)
            # reduceat takes [first, last) of every other pair; its last index must exist.
            pairs = np.concatenate((pairs, pairs[-1:]))
            bounds = np.stack((first, last), axis=1).ravel() - first[0]
            shown[:, inside, 0] = np.minimum.reduceat(pairs[..., 0], bounds)[::2].T
            shown[:, inside, 1] = np.maximum.reduceat(pairs[..., 1], bounds)[::2].T
        return shown

    def save(self, path: Path) -> None:
        """Write the peaks to a file, which appears whole.

        Raises:
            ExportError: If it cannot be written; nothing is left then.
        """
        base = self._levels[0].astype("<f2").tobytes()
        header = _HEADER.pack(_MAGIC, _VERSION, self.channels, self.length_samples, BASE_SAMPLES)
        checksum = _CHECKSUM.pack(zlib.crc32(base, zlib.crc32(header)))
        with replacing(path, refused=ExportError) as file:
            file.write(header + checksum + base)


def build(blocks: Iterable[Audio], channels: int) -> PeakPyramid:
    """Return the peaks of a stream, such as ``AudioReader.blocks()``.

    Args:
        blocks: Each ``(channels, samples)``, of any length.
        channels: At least 1.
    """
    pieces: list[Level] = [np.zeros((0, channels, 2), np.float16)]
    rest = np.zeros((channels, 0), np.float32)
    length_samples = 0
    for block in blocks:
        length_samples += block.shape[1]
        audio = np.concatenate((rest, block), axis=1) if rest.shape[1] else block
        whole = audio.shape[1] // BASE_SAMPLES * BASE_SAMPLES
        pieces.append(_peaks(audio[:, :whole]))
        rest = audio[:, whole:].copy()
    if rest.shape[1]:
        padding = BASE_SAMPLES - rest.shape[1]
        pieces.append(_peaks(np.pad(rest, ((0, 0), (0, padding)), mode="edge")))
    return PeakPyramid(np.concatenate(pieces), length_samples)


def load(path: Path) -> PeakPyramid:
    """Return saved peaks.

    Raises:
        MediaError: If the file is damaged, of another version or missing: build them again.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MediaError(f"{path}: no peaks ({error.strerror}); build them again") from error
    header, rest = content[: _HEADER.size], content[_HEADER.size :]
    if len(rest) < _CHECKSUM.size:
        raise MediaError(f"{path}: holds no peaks; build them again")
    magic, version, channels, length_samples, base = _HEADER.unpack(header)
    if (magic, version, base) != (_MAGIC, _VERSION, BASE_SAMPLES):
        raise MediaError(f"{path}: holds no peaks of this version; build them again")
    peaks = rest[_CHECKSUM.size :]
    checksum = zlib.crc32(peaks, zlib.crc32(header))
    if rest[: _CHECKSUM.size] != _CHECKSUM.pack(checksum):
        raise MediaError(f"{path}: its peaks are damaged; build them again")
    pairs = -(-length_samples // BASE_SAMPLES)
    level = np.frombuffer(peaks, "<f2").astype(np.float16).reshape(pairs, channels, 2)
    return PeakPyramid(level, length_samples)


def _peaks(audio: Audio) -> Level:
    parts = audio.reshape(audio.shape[0], -1, BASE_SAMPLES)
    return np.stack(
        (_outwards(parts.min(axis=2), -1.0), _outwards(parts.max(axis=2), 1.0)), axis=2
    ).transpose(1, 0, 2)


def _outwards(values: Audio, direction: float) -> npt.NDArray[np.float16]:
    values = np.clip(values, -_LIMIT, _LIMIT)
    half = values.astype(np.float16)
    short = (values - half) * direction > 0
    half[short] = np.nextafter(half[short], np.float16(direction * np.inf))
    return half


def _reduced(level: Level, factor: int) -> Level:
    starts = np.arange(0, len(level), factor)
    return np.stack(
        (
            np.minimum.reduceat(level[..., 0], starts),
            np.maximum.reduceat(level[..., 1], starts),
        ),
        axis=2,
    )
