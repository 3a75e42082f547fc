"""Audio files out: a stream of blocks to a file that appears whole or not at all.

The file grows under a temporary name in the same folder and takes its place when it is closed
without an error. Depths of 16 and 24 bits are dithered (``dither``) and limited to full scale; 32f
keeps what is beyond it. The same audio, encoding and seed give the same bytes, whatever the size
of the blocks, with the same version of the encoder (FLAC and OGG).
"""

import errno
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from tonewright.dsp.audio.bwf import Broadcast, broadcast_chunk
from tonewright.dsp.audio.dither import Dither
from tonewright.dsp.audio.encoded import FlacFile, VorbisFile
from tonewright.dsp.audio.pcm import AiffFile, SampleFile, WavFile
from tonewright.dsp.audio.signal import Audio, require_finite
from tonewright.dsp.errors import ExportError

_DEPTHS = {"wav": ("16", "24", "32f"), "aiff": ("16", "24", "32f"), "flac": ("16", "24")}
_BLOCK_SAMPLES = 65_536
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How samples become bytes.

    Attributes:
        container: ``"wav"`` (RF64 where it is longer than 4 GB), ``"aiff"``, ``"flac"`` or
            ``"ogg"`` (Vorbis); also the extension of file names.
        depth: ``"16"``, ``"24"`` or, not for FLAC, ``"32f"``; OGG has none and takes no notice.
        quality: Of OGG, 0 (about 64 kbit/s in stereo) to 1 (about 500).
    """

    container: str = "wav"
    depth: str = "24"
    quality: float = 0.6

    def __post_init__(self) -> None:
        if self.container not in (*_DEPTHS, "ogg"):
            raise ValueError(f"container must be wav, aiff, flac or ogg, not {self.container!r}")
        depths = _DEPTHS.get(self.container)
        if depths and self.depth not in depths:
            raise ValueError(
                f"depth of {self.container} must be {' or '.join(depths)}, not {self.depth!r}"
            )
        if not 0.0 <= self.quality <= 1.0:
            raise ValueError(f"quality must be 0 to 1, not {self.quality}")

    @property
    def dithered(self) -> bool:
        """Whether samples become integers."""
        return self.container != "ogg" and self.depth != "32f"


class AudioWriter:
    """Writes a stream of float32 ``(channels, samples)``; a context manager.

    Leaving it with an error discards what was written; without one it closes.

    Args:
        path: Where the file will be; one that is there is replaced.
        sample_rate: 8,000 to 192,000 Hz.
        channels: 1 to 8, in WAVE order.
        broadcast: The bext chunk of a WAV.
        seed: Of the dither.

    Raises:
        ExportError: If it cannot be written; on every call.
        ValueError: If arguments are out of range.
    """

    def __init__(
        self,
        path: str | Path,
        sample_rate: int,
        channels: int,
        encoding: Encoding,
        *,
        broadcast: Broadcast | None = None,
        seed: int = 0,
    ) -> None:
        if not 8_000 <= sample_rate <= 192_000:
            raise ValueError(f"sample_rate must be 8000 to 192000 Hz, not {sample_rate}")
        if not 1 <= channels <= 8:
            raise ValueError(f"channels must be 1 to 8, not {channels}")
        if broadcast is not None and encoding.container != "wav":
            raise ValueError(f"{encoding.container} has no bext chunk")
        self._path = Path(path)
        self._channels = channels
        self._dither = Dither(int(encoding.depth), seed) if encoding.dithered else None
        self._temporary = self._path.with_name(f".{secrets.token_hex(8)}.part")
        self._file: BinaryIO | None = None
        self._samples: SampleFile | None = None
        self.length_samples = 0
        with self._guarded():
            if self._path.is_dir():
                raise ExportError("is a folder; choose a file name")
            self._file = self._temporary.open("x+b")
            self._samples = _sample_file(
                self._file, sample_rate, channels, encoding, broadcast=broadcast, seed=seed
            )

    @property
    def clipped_samples(self) -> int:
        """Values beyond full scale that were limited, each channel counted."""
        return self._dither.clipped_samples if self._dither else 0

    def write(self, audio: Audio) -> None:
        """Append audio of shape ``(channels, samples)``.

        Raises:
            ValueError: If it has another number of channels, or holds NaN or infinity.
        """
        if audio.ndim != 2 or audio.shape[0] != self._channels:
            raise ValueError(f"audio has shape {audio.shape}, not ({self._channels}, samples)")
        require_finite(audio)
        if self._samples is None:
            raise ValueError("the writer is closed")
        with self._guarded():
            for start in range(0, audio.shape[1], _BLOCK_SAMPLES):
                block = audio[:, start : start + _BLOCK_SAMPLES]
                self._samples.write(self._dither.quantize(block) if self._dither else block.T)
        self.length_samples += audio.shape[1]

    def close(self) -> None:
        """Complete the file and put it in its place."""
        if self._file is None or self._samples is None:
            return
        with self._guarded():
            self._samples.finish()
            self._file.close()
            self._temporary.replace(self._path)
        self._file = self._samples = None

    def discard(self) -> None:
        """Remove what was written; what stood at the path before stays."""
        if self._file is None:
            return
        if self._samples is not None:
            self._samples.abandon()
        # What the buffer still holds may find no room, and need not.
        with suppress(OSError):
            self._file.close()
        self._temporary.unlink(missing_ok=True)
        self._file = self._samples = None

    def __enter__(self) -> "AudioWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
        else:
            self.discard()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Leave nothing behind when something fails, and say it with the path."""
        try:
            yield
        except OSError as error:
            self.discard()
            raise self._failure(error) from error
        except ExportError as error:
            self.discard()
            raise ExportError(f"{self._path}: {error}") from error
        except BaseException:
            self.discard()
            raise

    def _failure(self, error: OSError) -> ExportError:
        if error.errno in _FULL:
            remedy = "make room or choose another disk"
        elif error.errno == errno.ENOENT:
            remedy = "make the folder first"
        else:
            remedy = "choose a folder that you may write to"
        return ExportError(f"{self._path}: cannot be written ({error.strerror}); {remedy}")


def _sample_file(
    file: BinaryIO,
    sample_rate: int,
    channels: int,
    encoding: Encoding,
    *,
    broadcast: Broadcast | None,
    seed: int,
) -> SampleFile:
    match encoding.container:
        case "wav":
            bext = broadcast_chunk(broadcast) if broadcast else b""
            return WavFile(file, sample_rate, channels, encoding.depth, bext)
        case "aiff":
            return AiffFile(file, sample_rate, channels, encoding.depth)
        case "flac":
            return FlacFile(file, sample_rate, channels, encoding.depth)
        case _:
            return VorbisFile(file, sample_rate, channels, encoding.quality, seed % 2**32)
