"""Audio files in: what they are, and their samples in pieces, whatever the format.

A file is judged by its content, never by its name. WAV, AIFF, FLAC and Ogg Vorbis are read by
libsndfile (``sndfile``), all others by FFmpeg (``ffmpeg``); of a file with several audio streams
it is the first. Accepted are 8,000 to 192,000 Hz and 1 to 8 channels.

The rule for bad files: a file is taken whole or refused. One that was cut off, that cannot be
decoded to its end or that holds NaN or infinity is a ``MediaError`` that says how much of it
could be read, because a song whose end is missing is better noticed at import than at a concert.
What shows without decoding is found on opening; the rest when it is read, or its length asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np

from tonewright.dsp.audio.bwf import Broadcast, read_broadcast
from tonewright.dsp.audio.downmix import downmix
from tonewright.dsp.audio.ffmpeg import FfmpegDecoder
from tonewright.dsp.audio.intact import shortfall
from tonewright.dsp.audio.signal import Audio, first_not_finite
from tonewright.dsp.audio.sndfile import SndfileDecoder, is_for_sndfile
from tonewright.dsp.audio.writer import AudioWriter, Encoding
from tonewright.dsp.errors import MediaError

__all__ = [
    "BLOCK_SAMPLES",
    "AudioInfo",
    "AudioReader",
    "AudioWriter",
    "Broadcast",
    "Encoding",
    "downmix",
    "probe",
    "read",
    "read_broadcast",
    "seeks_quickly",
]

BLOCK_SAMPLES = 65_536
"""Samples in a block where nobody asks for another size."""

# WAV, RF64, AIFF, W64 and FLAC.
_SEEKING = (b"RIFF", b"RF64", b"FORM", b"riff", b"fLaC")

SAMPLE_RATES = (8_000, 192_000)
CHANNELS = (1, 8)


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What an audio file is.

    Attributes:
        length_samples: Exact for every format.
        format: The container as found: ``"WAV"``, ``"FLAC"``, ``"MP3"``, ``"OGG"``, ``"MP4"``
            (also M4A and MOV), ``"MATROSKA"`` (also WebM).
        subtype: The codec as found: ``"PCM_24"``, ``"FLOAT"``, ``"AAC"``, ``"VORBIS"``.
        time_reference_samples: Samples since midnight at the start, if a bext chunk says so.
    """

    sample_rate: int
    channels: int
    length_samples: int
    format: str
    subtype: str
    time_reference_samples: int | None = None

    @property
    def duration_seconds(self) -> float:
        """The length in seconds."""
        return self.length_samples / self.sample_rate


class AudioReader:
    """Reads a file as a stream of float32 ``(channels, samples)``; a context manager.

    A sample has the same value however it was reached: seeking in a lossy file decodes what it
    skips, from the start if it goes back.

    Attributes:
        sample_rate: In Hz.
        channels: 1 to 8.
        format: See ``AudioInfo``.
        subtype: See ``AudioInfo``.

    Raises:
        MediaError: If the file cannot be read or is refused; on reading too.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        try:
            lacking = self._shortfall()
            self._decoder = self._open(lacking)
        except OSError as error:
            raise MediaError(
                f"{path}: cannot be opened ({error.strerror}); check the name and your rights"
            ) from error
        self.sample_rate = self._decoder.sample_rate
        self.channels = self._decoder.channels
        self.format = self._decoder.format
        self.subtype = self._decoder.subtype
        self._position = 0
        try:
            self._check(lacking)
        except MediaError:
            self.close()
            raise

    @property
    def length_samples(self) -> int:
        """The exact number of samples; where FFmpeg reads, it is counted by decoding once."""
        return self._decoder.length_samples

    def read(self, length_samples: int) -> Audio:
        """Return the next samples, fewer (or none) only at the end.

        Shape:
            ``(channels, 0 to length_samples)``.
        """
        if length_samples < 0:
            raise ValueError(f"length_samples must not be negative: {length_samples}")
        audio = self._decoder.read(length_samples)
        bad = first_not_finite(audio)
        if bad is not None:
            channel, sample = bad
            at = self._position + sample
            raise MediaError(
                f"{self._path}: holds {audio[channel, sample]} at sample {at} "
                f"({at / self.sample_rate:.2f} s) of channel {channel + 1}; export it again"
            )
        self._position += audio.shape[1]
        return audio

    def seek(self, sample: int) -> None:
        """Go to a sample, counted from 0; behind the end there is nothing to read."""
        if sample < 0:
            raise ValueError(f"sample must not be negative: {sample}")
        self._decoder.seek(sample)
        self._position = sample

    def blocks(self, block_samples: int = BLOCK_SAMPLES) -> Iterator[Audio]:
        """Yield the rest in blocks of ``block_samples``, the last one shorter."""
        while (audio := self.read(block_samples)).shape[1]:
            yield audio

    def close(self) -> None:
        """Close the file."""
        self._decoder.close()

    def __enter__(self) -> "AudioReader":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _shortfall(self) -> str | None:
        with self._path.open("rb") as file:
            if not file.read(1):
                raise MediaError(f"{self._path}: is empty; export or copy it again")
            return shortfall(file)

    def _open(self, lacking: str | None) -> SndfileDecoder | FfmpegDecoder:
        try:
            if is_for_sndfile(self._path):
                return SndfileDecoder(self._path)
            return FfmpegDecoder(self._path)
        except MediaError as error:
            if lacking is None:
                raise
            raise MediaError(
                f"{self._path}: was cut off: {lacking}, of which nothing can be decoded; "
                "export or copy it again"
            ) from error

    def _check(self, lacking: str | None) -> None:
        for name, unit, value, (least, most) in (
            ("sample rate", " Hz", self.sample_rate, SAMPLE_RATES),
            ("number of channels", "", self.channels, CHANNELS),
        ):
            if not least <= value <= most:
                raise MediaError(
                    f"{self._path}: its {name} is {value:,}{unit}, outside {least:,} to "
                    f"{most:,}{unit}; convert it first"
                )
        if lacking is not None:
            raise MediaError(
                f"{self._path}: was cut off: {lacking}, of which "
                f"{self.length_samples / self.sample_rate:.2f} s can be decoded; "
                "export or copy it again"
            )
        if isinstance(self._decoder, SndfileDecoder):
            if not self.length_samples:
                raise MediaError(f"{self._path}: holds no samples; export it again")
            if self.format == "FLAC":
                self._decoder.require_end()


def probe(path: str | Path) -> AudioInfo:
    """Return what an audio file is, with its exact length.

    Raises:
        MediaError: If the file cannot be read or is refused.
    """
    with AudioReader(path) as reader:
        length_samples = reader.length_samples
    broadcast = read_broadcast(path)
    return AudioInfo(
        reader.sample_rate,
        reader.channels,
        length_samples,
        reader.format,
        reader.subtype,
        broadcast.time_reference_samples if broadcast else None,
    )


def seeks_quickly(path: str | Path) -> bool:
    """Return whether going to any sample takes no time: nothing has to be decoded on the way.

    Raises:
        MediaError: If the file cannot be opened.
    """
    try:
        with Path(path).open("rb") as file:
            return file.read(4) in _SEEKING
    except OSError as error:
        raise MediaError(
            f"{path}: cannot be opened ({error.strerror}); check the name and your rights"
        ) from error


def read(
    path: str | Path, start_samples: int = 0, length_samples: int | None = None
) -> tuple[Audio, int]:
    """Return a file's audio, or a part of it, and its sample rate.

    Shape:
        ``(channels, up to length_samples)``; fewer where the file ends.

    Raises:
        MediaError: If the file cannot be read or is refused.
    """
    with AudioReader(path) as reader:
        reader.seek(start_samples)
        if length_samples is None:
            pieces = list(reader.blocks())
            empty = np.zeros((reader.channels, 0), np.float32)
            return np.concatenate([empty, *pieces], axis=1), reader.sample_rate
        return reader.read(length_samples), reader.sample_rate
