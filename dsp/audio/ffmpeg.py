"""Decoding MP3, M4A, Opus and the sound of video with FFmpeg, through PyAV.

What a container says about lengths and positions is often an estimate, and a codec that is
entered in the middle gives other samples than one that came from the start. So the truth is
what decoding from the first sample gives, with the delay and padding taken off that the file
declares: the length is counted by decoding once, and a seek decodes what it skips (about 1 s
for 15 minutes).
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import av
import numpy as np

from tonewright.dsp.audio.signal import Audio, silence
from tonewright.dsp.errors import MediaError

# Others, such as playlists, would open further files and addresses.
_FORMATS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,eac3,flac,flv,matroska,mov,mp3,mpeg,mpegts,ogg,"
    "tta,w64,wav,wv"
)
_FORMAT_NAMES = {"mov,mp4,m4a,3gp,3g2,mj2": "MP4", "matroska,webm": "MATROSKA"}
_FULL_SCALE = {"u8": 2**7, "s16": 2**15, "s32": 2**31, "s64": 2**63, "flt": 1, "dbl": 1}


class FfmpegDecoder:
    """Reads the first audio stream of a file from any sample.

    Attributes:
        format: The container: ``"MP3"``, ``"OGG"``, ``"MP4"``, ``"MATROSKA"``.
        subtype: The codec: ``"AAC"``, ``"OPUS"``.

    Raises:
        MediaError: If it cannot be decoded.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open()
        try:
            # Only a decoded frame tells the truth: HE-AAC declares half its rate.
            self._frame = next(self._frames, None)
            if self._frame is None:
                raise MediaError(f"{path}: holds no sound; choose another file")
            self.sample_rate: int = self._frame.sample_rate
            self.channels: int = len(self._frame.layout.channels)
        except MediaError:
            self.close()
            raise
        name = self._container.format.name
        self.format: str = _FORMAT_NAMES.get(name, name.upper())
        codec = self._container.streams.audio[0].codec_context.codec
        self.subtype: str = codec.canonical_name.upper()

    def _open(self) -> None:
        try:
            self._container = av.open(
                str(self._path.absolute()),  # a relative name may look like an address
                container_options={"format_whitelist": _FORMATS, "protocol_whitelist": "file"},
                metadata_errors="replace",
            )
        except av.FFmpegError as error:
            raise MediaError(
                f"{self._path}: is no audio or video file that can be read; "
                "export it as WAV, FLAC or MP3"
            ) from error
        streams = self._container.streams.audio
        if not streams or streams[0].codec_context is None:
            self.close()
            raise MediaError(f"{self._path}: has no sound; choose a file with an audio track")
        self._frames = self._decode(streams[0])
        self._frame = None
        self._frame_start = 0
        self._position = 0

    def _decode(self, stream: Any) -> Iterator[Any]:
        decoded = 0
        rate = 0
        layout = ""
        try:
            for frame in self._container.decode(stream):
                if decoded and (frame.sample_rate, frame.layout.name) != (rate, layout):
                    raise MediaError(
                        f"{self._path}: changes its sample rate or channels at "
                        f"{decoded / rate:.2f} s; export it again"
                    )
                rate, layout = frame.sample_rate, frame.layout.name
                decoded += frame.samples
                if frame.samples:
                    yield frame
        except av.FFmpegError as error:
            raise MediaError(
                f"{self._path}: cannot be decoded from {decoded / max(rate, 1):.2f} s on; "
                "export or copy it again"
            ) from error

    @property
    def length_samples(self) -> int:
        """The number of samples; counting takes a moment the first time."""
        status = self._path.stat()
        return _count_samples(self._path, status.st_size, status.st_mtime_ns)

    def seek(self, sample: int) -> None:
        """Go to a sample; behind the end there is nothing to read."""
        if sample < self._frame_start:
            self.close()
            self._open()
            self._frame = next(self._frames, None)
        self._position = sample

    def read(self, length_samples: int) -> Audio:
        """Return the next samples, fewer only at the end."""
        pieces = [silence(self.channels, 0)]
        end = self._position + length_samples
        while self._frame is not None and self._position < end:
            frame_end = self._frame_start + self._frame.samples
            if self._position < frame_end:
                start = self._position - self._frame_start
                piece = _as_audio(self._frame)[:, start : end - self._frame_start]
                pieces.append(piece)
                self._position += piece.shape[1]
            if self._position >= frame_end:
                self._frame_start = frame_end
                self._frame = next(self._frames, None)
        return np.concatenate(pieces, axis=1)

    def count_to_end(self) -> int:
        """Decode the rest and return the number of samples of the whole; then all is read."""
        while self._frame is not None:
            self._frame_start += self._frame.samples
            self._frame = next(self._frames, None)
        return self._frame_start

    def close(self) -> None:
        """Close the file."""
        self._container.close()


# The size and time make a changed file another one.
@lru_cache(maxsize=256)
def _count_samples(path: Path, size_bytes: int, modified_ns: int) -> int:
    decoder = FfmpegDecoder(path)
    try:
        return decoder.count_to_end()
    finally:
        decoder.close()


def _as_audio(frame: Any) -> Audio:
    values = frame.to_ndarray()
    if not frame.format.is_planar:
        values = values.reshape(-1, len(frame.layout.channels)).T
    name = frame.format.name.removesuffix("p")
    audio = values.astype(np.float32)
    if name == "u8":
        audio -= 128.0
    return np.ascontiguousarray(audio / np.float32(_FULL_SCALE[name]))
