"""Files made of chunks, each a name and a length: WAV, RF64, W64, AIFF and MP4.

A chunk's end is where its header says, even where the file is shorter; what is done about that
is for others to say.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_UNKNOWN_32 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk's name, where its content starts, and how many bytes it says that it holds."""

    name: bytes
    start: int
    length: int

    @property
    def end(self) -> int:
        """The position behind the content."""
        return self.start + self.length


def size_of(file: BinaryIO) -> int:
    """Return a file's length in bytes; the position is lost."""
    return file.seek(0, os.SEEK_END)


def riff_chunks(file: BinaryIO) -> Iterator[Chunk]:
    """Yield the chunks of a WAV or RF64 file; none of any other.

    The data chunk of RF64 has the length that its ``ds64`` chunk gives.
    """
    file.seek(0)
    head = file.read(12)
    if head[:4] not in (b"RIFF", b"RF64", b"BW64") or head[8:12] != b"WAVE":
        return
    long_data = 0
    for chunk in _walk(file, 12, "little"):
        if chunk.name == b"ds64":
            file.seek(chunk.start + 8)
            long_data = int.from_bytes(file.read(8), "little")
        if chunk.name == b"data" and chunk.length == _UNKNOWN_32 and long_data:
            yield Chunk(chunk.name, chunk.start, long_data)
            # What follows lies behind the true length.
            yield from _walk(file, chunk.start + long_data + long_data % 2, "little")
            return
        yield chunk


def aiff_chunks(file: BinaryIO) -> Iterator[Chunk]:
    """Yield the chunks of an AIFF or AIFF-C file; none of any other."""
    file.seek(0)
    head = file.read(12)
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        yield from _walk(file, 12, "big")


def w64_chunks(file: BinaryIO) -> Iterator[Chunk]:
    """Yield the chunks of a Sony Wave64 file by the first four bytes of their names."""
    file.seek(0)
    if file.read(4) != b"riff":
        return
    size, position = size_of(file), 40
    while position + 24 <= size:
        file.seek(position)
        name = file.read(16)[:4]
        length = max(24, int.from_bytes(file.read(8), "little"))
        yield Chunk(name, position + 24, length - 24)
        position += (length + 7) // 8 * 8


def mp4_boxes(file: BinaryIO) -> Iterator[Chunk]:
    """Yield the outermost boxes of an MP4, M4A or QuickTime file; none of any other."""
    file.seek(4)
    if file.read(4) not in (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"):
        return
    size, position = size_of(file), 0
    while position + 8 <= size:
        file.seek(position)
        length, header = int.from_bytes(file.read(4), "big"), 8
        name = file.read(4)
        if length == 1:
            length, header = int.from_bytes(file.read(8), "big"), 16
        if length == 0:  # to the end of the file
            length = size - position
        length = max(header, length)
        yield Chunk(name, position + header, length - header)
        position += length


def _walk(file: BinaryIO, position: int, byteorder: str) -> Iterator[Chunk]:
    size = size_of(file)
    while position + 8 <= size:
        file.seek(position)
        name = file.read(4)
        length = int.from_bytes(file.read(4), byteorder)  # type: ignore[arg-type]
        yield Chunk(name, position + 8, length)
        position += 8 + length + length % 2
