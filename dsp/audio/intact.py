"""Whether a file ends where it says that it does.

Decoders play what there is of a file that was cut off in a transfer or a crash, and say nothing.
Each format promises its length somewhere; here it is compared with the bytes that are there. A
header of unknown length (0xFFFFFFFF, as programs write that stream a WAV) promises 4 GB too.
"""

from typing import BinaryIO

from tonewright.dsp.audio.chunks import (
    aiff_chunks,
    mp4_boxes,
    riff_chunks,
    size_of,
    w64_chunks,
)

_TAIL_BYTES = 70_000  # an Ogg page has at most 65,307 bytes
_XING_BYTES = 8_192


def shortfall(file: BinaryIO) -> str | None:
    """Return in words what is missing at the end of a media file; None if nothing is known to be.

    Known are WAV, RF64, W64, AIFF, MP4 and its kin, Matroska and WebM, Ogg, and MP3 with a Xing
    header; FLAC shows when its last sample is read.
    """
    size = size_of(file)
    promised = max(
        (end(file) for end in (_audio_chunk_end, _mp4_end, _matroska_end, _mp3_end)), default=0
    )
    if promised > size:
        return f"it promises {promised:,} bytes and holds {size:,}"
    if _is_open_ogg(file, size):
        return "its last Ogg page is missing"
    return None


def _audio_chunk_end(file: BinaryIO) -> int:
    """Only the audio counts: tags behind it are often badly written."""
    for chunks in (riff_chunks, aiff_chunks, w64_chunks):
        for chunk in chunks(file):
            if chunk.name in (b"data", b"SSND"):
                return chunk.end
    return 0


def _mp4_end(file: BinaryIO) -> int:
    # Other boxes are of no weight, and what follows the last may be no box at all.
    media = (b"moov", b"moof", b"mdat")
    return max((box.end for box in mp4_boxes(file) if box.name in media), default=0)


def _matroska_end(file: BinaryIO) -> int:
    """Follow EBML's elements, an id and a length of variable size, to the end of the segment."""
    file.seek(0)
    if file.read(4) != b"\x1a\x45\xdf\xa3":
        return 0
    file.seek(0)
    while (element := _variable_number(file, keep_marker=True)) is not None:
        length = _variable_number(file, keep_marker=False)
        if length is None:  # a live stream does not know its length
            return 0
        if element == 0x18538067:
            return file.tell() + length
        file.seek(length, 1)
    return 0


def _variable_number(file: BinaryIO, *, keep_marker: bool) -> int | None:
    first = file.read(1)
    if not first or not first[0]:
        return None
    more = 8 - first[0].bit_length()
    marker = 1 << (7 - more)
    head = first[0] if keep_marker else first[0] ^ marker
    value = int.from_bytes(bytes([head]) + file.read(more))
    unknown = (1 << 7 * (more + 1)) - 1
    return None if value == unknown and not keep_marker else value


def _mp3_end(file: BinaryIO) -> int:
    """Read the byte count of the Xing header in the first frame, behind an ID3v2 tag."""
    file.seek(0)
    head = file.read(10)
    start = 0
    if head[:3] == b"ID3" and len(head) == 10:
        start = 10 + sum(byte << 7 * (3 - place) for place, byte in enumerate(head[6:]))
    file.seek(start)
    frame = file.read(_XING_BYTES)
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE0 != 0xE0:
        return 0
    # The header stands behind the side information, whose length depends on the frame's kind.
    for offset in (13, 21, 36):
        if frame[offset : offset + 4] in (b"Xing", b"Info"):
            flags = int.from_bytes(frame[offset + 4 : offset + 8])
            at = offset + 8 + (4 if flags & 1 else 0)
            return start + int.from_bytes(frame[at : at + 4]) if flags & 2 else 0
    return 0


def _is_open_ogg(file: BinaryIO, size: int) -> bool:
    file.seek(0)
    if file.read(4) != b"OggS":
        return False
    start = max(0, size - _TAIL_BYTES)
    file.seek(start)
    tail = file.read()
    page = tail.rfind(b"OggS")
    header = tail[page : page + 27]
    if page < 0 or len(header) < 27:
        return True
    table = tail[page + 27 : page + 27 + header[26]]
    is_last = bool(header[5] & 4)
    return not is_last or len(tail) < page + 27 + header[26] + sum(table)
