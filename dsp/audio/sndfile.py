"""Decoding WAV, RF64, W64, AIFF, FLAC and Ogg Vorbis with libsndfile, whose lengths are exact.

So are its seeks, except in Vorbis, where one decodes what it skips (1 s for 10 minutes).
"""

import os
from pathlib import Path

import numpy as np
import soundfile

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.errors import MediaError

_SKIP_SAMPLES = 65_536
_BREAK_SAMPLES = 1_024  # how finely the place of a fault is found


def is_for_sndfile(path: Path) -> bool:
    """Return whether a file's first bytes are those of a format of this module."""
    with path.open("rb") as file:
        head = file.read(300)
    if head[:4] in (b"RIFF", b"RF64"):
        return head[8:12] == b"WAVE"
    if head[:4] == b"FORM":
        return head[8:12] in (b"AIFF", b"AIFC")
    if head[:4] == b"fLaC" and len(head) > 26:
        # A stream that was never finished says that it has no samples; FFmpeg counts them.
        return any((head[21] & 0x0F, *head[22:26]))
    # The first page of an Ogg has one segment, so that its content starts at byte 28.
    is_vorbis = head[:4] == b"OggS" and head[28:35] == b"\x01vorbis"
    return is_vorbis or head[:4] == b"riff"


class SndfileDecoder:
    """Reads a file from any sample.

    Attributes:
        format: As libsndfile names it: ``"WAV"``, ``"RF64"``, ``"FLAC"``.
        subtype: Likewise: ``"PCM_16"``, ``"FLOAT"``.

    Raises:
        MediaError: If it cannot be decoded.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open()
        self.sample_rate: int = self._file.samplerate
        self.channels: int = self._file.channels
        self.length_samples: int = self._file.frames
        self.format: str = self._file.format.replace("WAVEX", "WAV")
        self.subtype: str = self._file.subtype

    def _open(self) -> None:
        # By descriptor, as by name soundfile would judge some files by their extension.
        descriptor = os.open(self._path, os.O_RDONLY)
        try:
            self._file = soundfile.SoundFile(descriptor, closefd=True)
        except soundfile.LibsndfileError as error:
            reason = " ".join(str(error.error_string).split()).rstrip(".")
            raise MediaError(
                f"{self._path}: cannot be decoded ({reason}); export it again"
            ) from error
        self._position = 0

    def seek(self, sample: int) -> None:
        """Go to a sample; behind the end there is nothing to read."""
        sample = min(sample, self.length_samples)
        if self.format != "OGG":
            try:
                self._file.seek(sample)
            except soundfile.LibsndfileError as error:
                raise self._broken() from error
            self._position = sample
            return
        if sample < self._position:
            self.close()
            self._open()
        while self._position < sample:
            self.read(min(_SKIP_SAMPLES, sample - self._position))

    def read(self, length_samples: int) -> Audio:
        """Return the next samples, fewer only at the end."""
        wanted = min(length_samples, self.length_samples - self._position)
        try:
            samples = self._file.read(wanted, "float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise self._broken() from error
        if samples.shape[0] < wanted:
            raise self._broken()
        self._position += wanted
        return np.ascontiguousarray(samples.T)

    def require_end(self) -> None:
        """Refuse a file whose last sample cannot be reached, as in a FLAC that was cut off."""
        try:
            self.seek(self.length_samples - 1)
            self.read(1)
        except MediaError:
            # Where it breaks, if it does, is found by going there.
            self.close()
            self._open()
            while self._position < self.length_samples:
                self.read(_BREAK_SAMPLES)
        self.seek(0)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _broken(self) -> MediaError:
        return MediaError(
            f"{self._path}: cannot be decoded from {self._position / self.sample_rate:.2f} s on, "
            f"of {self.length_samples / self.sample_rate:.2f} s; export or copy it again"
        )
