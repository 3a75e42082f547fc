"""Writing FLAC and Ogg Vorbis with libsndfile, so that the same samples give the same file."""

import zlib
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import soundfile

from tonewright.dsp.errors import ExportError

_VORBIS_PIECE_SAMPLES = 4_096  # libvorbis takes a whole piece on its stack
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class _Output:
    """The file that libsndfile writes to; keeps an error, which cannot pass through C."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._error: OSError | None = None

    def write(self, data: bytes) -> int:
        if self._error is None:
            try:
                self._file.write(data)
                self._file.flush()  # so that a seek has nothing to write that could fail
            except OSError as error:
                self._error = error
        return len(data)

    def seek(self, offset: int, whence: int) -> int:
        return 0 if self._error else self._file.seek(offset, whence)

    def tell(self) -> int:
        return 0 if self._error else self._file.tell()

    def read(self, length: int) -> bytes:
        return b"" if self._error else self._file.read(length)

    def check(self) -> None:
        if self._error is not None:
            raise self._error


class _Encoder:
    """One of libsndfile's encoders behind a file of ours."""

    def __init__(
        self, file: BinaryIO, sample_rate: int, channels: int, subtype: str, **options: Any
    ) -> None:
        self._output = _Output(file)
        try:
            self._file = soundfile.SoundFile(
                self._output, "w", sample_rate, channels, subtype, **options
            )
        except soundfile.LibsndfileError as error:
            raise ExportError(
                f"{options['format']} cannot hold {channels} channels at {sample_rate} Hz; "
                "choose another rate or WAV"
            ) from error

    def write(self, samples: npt.NDArray[Any]) -> None:
        """Append samples as libsndfile takes them."""
        self._file.write(samples)
        self._output.check()

    def finish(self) -> None:
        """Complete the file."""
        self._file.close()
        self._output.check()

    def abandon(self) -> None:
        """Let go of the file."""
        self._file.close()


class FlacFile(_Encoder):
    """A FLAC of 16 or 24 bits.

    Args:
        file: Empty, open for reading, writing and seeking.

    Raises:
        ExportError: If FLAC cannot hold the rate; the path is for the caller to name.
    """

    def __init__(self, file: BinaryIO, sample_rate: int, channels: int, depth: str) -> None:
        super().__init__(file, sample_rate, channels, f"PCM_{depth}", format="FLAC")
        self._shift = 32 - int(depth)

    def write(self, samples: npt.NDArray[Any]) -> None:
        """Append int32 steps of the depth."""
        super().write(np.left_shift(samples, self._shift))


class VorbisFile(_Encoder):
    """An Ogg Vorbis of variable bit rate.

    libsndfile draws the number of the stream from the clock; it is replaced by ``serial``.

    Args:
        file: Empty, open for reading, writing and seeking.
        quality: 0 to 1.
        serial: 0 to 2**32 - 1.

    Raises:
        ExportError: If Vorbis cannot hold the rate; the path is for the caller to name.
    """

    def __init__(
        self, file: BinaryIO, sample_rate: int, channels: int, quality: float, serial: int
    ) -> None:
        options = {"format": "OGG", "compression_level": 1.0 - quality}
        super().__init__(file, sample_rate, channels, "VORBIS", **options)
        self._raw = file
        self._serial = serial
        self._rest = np.zeros((0, channels), np.float32)

    def write(self, samples: npt.NDArray[Any]) -> None:
        """Append float32 samples."""
        # What libvorbis makes of samples depends on how many it is given at a time.
        samples = np.concatenate((self._rest, samples))
        whole = len(samples) // _VORBIS_PIECE_SAMPLES * _VORBIS_PIECE_SAMPLES
        for start in range(0, whole, _VORBIS_PIECE_SAMPLES):
            super().write(samples[start : start + _VORBIS_PIECE_SAMPLES])
        self._rest = samples[whole:].copy()

    def finish(self) -> None:
        """Complete the file."""
        super().write(self._rest)
        super().finish()
        set_ogg_serial(self._raw, self._serial)


def set_ogg_serial(file: BinaryIO, serial: int) -> None:
    """Give all pages of an Ogg file with one stream another serial number, and new checksums."""
    position = 0
    while True:
        file.seek(position)
        header = bytearray(file.read(27))
        if len(header) < 27:
            return
        table = file.read(header[26])
        body = file.read(sum(table))
        header[14:18] = serial.to_bytes(4, "little")
        header[22:26] = bytes(4)
        header[22:26] = _ogg_checksum(bytes(header) + table + body).to_bytes(4, "little")
        file.seek(position)
        file.write(header)
        position += 27 + len(table) + len(body)


def _ogg_checksum(page: bytes) -> int:
    """CRC-32 with zlib's polynomial, but most significant bit first and nothing inverted."""
    mirrored = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)
