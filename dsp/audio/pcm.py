"""Writing WAV, RF64 and AIFF byte by byte, so that the same samples give the same file.

(libsndfile puts the time of day into float files.) A WAV starts with a JUNK chunk that becomes
the ``ds64`` of an RF64 (EBU Tech 3306) when the file has grown beyond 4 GB.
"""

import struct
from fractions import Fraction
from typing import Any, BinaryIO, Protocol

import numpy as np
import numpy.typing as npt

from tonewright.dsp.errors import ExportError

LIMIT_BYTES = 2**32 - 1
"""The most that a RIFF or AIFF header can say."""

_SEE_DS64 = 0xFFFFFFFF

_SAMPLE_BYTES = {"16": 2, "24": 3, "32f": 4}
_CHANNEL_MASKS = {3: 0x7, 4: 0x33, 5: 0x37, 6: 0x3F, 7: 0x70F, 8: 0x63F}
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


class SampleFile(Protocol):
    """A file under construction."""

    def write(self, samples: npt.NDArray[Any]) -> None:
        """Append ``(samples, channels)``: int32 steps of the depth, or float32."""
        ...

    def finish(self) -> None:
        """Complete the headers."""
        ...

    def abandon(self) -> None:
        """Let go of the file, which will be removed."""
        ...


class WavFile:
    """A WAV that turns into an RF64 where it must.

    Args:
        file: Empty, open for writing and seeking.
        depth: ``"16"``, ``"24"`` or ``"32f"``.
        broadcast: The content of a bext chunk, or none.
    """

    def __init__(
        self, file: BinaryIO, sample_rate: int, channels: int, depth: str, broadcast: bytes = b""
    ) -> None:
        self._file = file
        self._depth = depth
        self._sample_bytes = channels * _SAMPLE_BYTES[depth]
        self._data_bytes = 0
        form = struct.pack(
            "<HIIHH",
            channels,
            sample_rate,
            sample_rate * self._sample_bytes,
            self._sample_bytes,
            8 * _SAMPLE_BYTES[depth],
        )
        tag = struct.pack("<H", 3 if depth == "32f" else 1)
        if channels in _CHANNEL_MASKS:  # more than two need to be told where they sit
            bits = 8 * _SAMPLE_BYTES[depth]
            extension = struct.pack("<HHI", 22, bits, _CHANNEL_MASKS[channels])
            form = b"\xfe\xff" + form + extension + tag + _GUID_TAIL
        else:
            form = tag + form + (b"\0\0" if depth == "32f" else b"")
        file.write(b"RIFF\0\0\0\0WAVE")
        self._chunk(b"JUNK", bytes(28))
        if broadcast:
            self._chunk(b"bext", broadcast)
        self._chunk(b"fmt ", form)
        self._fact = 0
        if depth == "32f":
            self._fact = file.tell() + 8
            self._chunk(b"fact", bytes(4))
        self._chunk(b"data", b"")
        self._data = file.tell()

    def write(self, samples: npt.NDArray[Any]) -> None:
        """Append samples."""
        self._file.write(_packed(samples, self._depth, "<"))
        self._data_bytes += len(samples) * self._sample_bytes

    def finish(self) -> None:
        """Complete the headers."""
        if self._data_bytes % 2:
            self._file.write(b"\0")
        riff_bytes = self._file.tell() - 8
        length_samples = self._data_bytes // self._sample_bytes
        long = riff_bytes > LIMIT_BYTES
        self._patch(4, _SEE_DS64 if long else riff_bytes)
        self._patch(self._data - 4, _SEE_DS64 if long else self._data_bytes)
        if self._fact:
            self._patch(self._fact, _SEE_DS64 if long else length_samples)
        if long:
            self._file.seek(0)
            self._file.write(b"RF64")
            self._file.seek(12)
            sizes = struct.pack("<QQQI", riff_bytes, self._data_bytes, length_samples, 0)
            self._chunk(b"ds64", sizes)

    def abandon(self) -> None:
        """Let go of the file: nothing is held."""

    def _chunk(self, name: bytes, content: bytes) -> None:
        padding = b"\0" * (len(content) % 2)
        self._file.write(name + struct.pack("<I", len(content)) + content + padding)

    def _patch(self, position: int, number: int) -> None:
        self._file.seek(position)
        self._file.write(struct.pack("<I", number))


class AiffFile:
    """An AIFF, or an AIFF-C where samples are float.

    Args:
        file: Empty, open for writing and seeking.
        depth: ``"16"``, ``"24"`` or ``"32f"``.
    """

    def __init__(self, file: BinaryIO, sample_rate: int, channels: int, depth: str) -> None:
        self._file = file
        self._depth = depth
        self._sample_bytes = channels * _SAMPLE_BYTES[depth]
        self._length_samples = 0
        is_float = depth == "32f"
        common = struct.pack(">hIh", channels, 0, 8 * _SAMPLE_BYTES[depth])
        common += _extended(sample_rate)
        if is_float:
            common += b"fl32" + b"\x0c32-bit float\0"
        file.write(b"FORM\0\0\0\0" + (b"AIFC" if is_float else b"AIFF"))
        if is_float:
            file.write(b"FVER" + struct.pack(">II", 4, 0xA2805140))
        self._length_position = file.tell() + 10
        file.write(b"COMM" + struct.pack(">I", len(common)) + common)
        file.write(b"SSND" + bytes(12))
        self._data = file.tell()

    def write(self, samples: npt.NDArray[Any]) -> None:
        """Append samples.

        Raises:
            ExportError: If the file outgrows the format; the path is for the caller to name.
        """
        self._length_samples += len(samples)
        if self._data + self._length_samples * self._sample_bytes > LIMIT_BYTES:
            raise ExportError("AIFF holds no more than 4 GB; export WAV or FLAC instead")
        self._file.write(_packed(samples, self._depth, ">"))

    def finish(self) -> None:
        """Complete the headers."""
        data_bytes = self._length_samples * self._sample_bytes
        if data_bytes % 2:
            self._file.write(b"\0")
        for position, number in (
            (4, self._file.tell() - 8),
            (self._length_position, self._length_samples),
            (self._data - 12, data_bytes + 8),
        ):
            self._file.seek(position)
            self._file.write(struct.pack(">I", number))

    def abandon(self) -> None:
        """Let go of the file: nothing is held."""


def _packed(samples: npt.NDArray[Any], depth: str, order: str) -> bytes:
    if depth == "32f":
        return samples.astype(f"{order}f4").tobytes()
    if depth == "16":
        return samples.astype(f"{order}i2").tobytes()
    four = samples.astype(f"{order}i4").reshape(-1, 1).view(np.uint8)
    return (four[:, :3] if order == "<" else four[:, 1:]).tobytes()


def _extended(number: int) -> bytes:
    """Return a whole number above 0 as the 80-bit float of AIFF."""
    exponent = number.bit_length() - 1
    return struct.pack(">HQ", 16383 + exponent, int(number * Fraction(2) ** (63 - exponent)))
