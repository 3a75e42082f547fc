"""Broadcast WAV: the ``bext`` chunk of EBU Tech 3285, version 1.

It tells who made a recording and when, and at which sample since midnight it starts
(``time_reference_samples``), by which editors and dubbing stages place it.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

from tonewright.dsp.audio.chunks import riff_chunks
from tonewright.dsp.errors import MediaError

_FIXED = struct.Struct("<256s32s32s10s8sQH64s190s")
_VERSION = 1
_HISTORY_LIMIT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Broadcast:
    """What a bext chunk says.

    The standard wants ASCII and fixed sizes: in a file, other characters become ``?`` and texts
    are cut to the sizes given here.

    Attributes:
        description: 256 characters.
        originator: Who made it, 32 characters.
        originator_reference: Their own number for it, 32 characters.
        origination_date: ``YYYY-MM-DD``.
        origination_time: ``HH:MM:SS``.
        time_reference_samples: Samples since midnight at the start, 0 to 2**64 - 1.
        coding_history: One line for each step, of any length.
    """

    description: str = ""
    originator: str = ""
    originator_reference: str = ""
    origination_date: str = ""
    origination_time: str = ""
    time_reference_samples: int = 0
    coding_history: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.time_reference_samples < 2**64:
            raise ValueError(
                f"time_reference_samples must be 0 to 2**64 - 1, not {self.time_reference_samples}"
            )


def broadcast_chunk(broadcast: Broadcast) -> bytes:
    """Return the content of the bext chunk, without its name and length."""
    fixed = _FIXED.pack(
        _ascii(broadcast.description),
        _ascii(broadcast.originator),
        _ascii(broadcast.originator_reference),
        _ascii(broadcast.origination_date),
        _ascii(broadcast.origination_time),
        broadcast.time_reference_samples,
        _VERSION,
        b"",
        b"",
    )
    lines = broadcast.coding_history.splitlines()
    history = b"".join(_ascii(line) + b"\r\n" for line in lines)
    # libsndfile loses its way behind an odd length in an RF64.
    return fixed + history + b"\0" * (len(history) % 2)


def read_broadcast(path: str | Path) -> Broadcast | None:
    """Return what the bext chunk of a WAV or RF64 file says; None if it has none.

    Raises:
        MediaError: If the file cannot be read or the chunk is too short.
    """
    try:
        with Path(path).open("rb") as file:
            for chunk in riff_chunks(file):
                if chunk.name == b"bext":
                    file.seek(chunk.start)
                    content = file.read(min(chunk.length, _HISTORY_LIMIT_BYTES))
                    break
            else:
                return None
    except OSError as error:
        raise MediaError(f"{path}: cannot be read ({error.strerror}); check the file") from error
    if len(content) < _FIXED.size:
        raise MediaError(
            f"{path}: its bext chunk has {len(content)} bytes, not {_FIXED.size}; export it again"
        )
    description, originator, reference, date, time, time_reference, *_ = _FIXED.unpack_from(content)
    return Broadcast(
        _text(description),
        _text(originator),
        _text(reference),
        _text(date),
        _text(time),
        time_reference,
        "\n".join(_text(content[_FIXED.size :]).splitlines()),
    )


def _ascii(text: str) -> bytes:
    return text.encode("ascii", "replace")


def _text(field: bytes) -> str:
    # Other programs write UTF-8 or Latin-1 here; what cannot be told is shown as such.
    return field.split(b"\0", 1)[0].decode("utf-8", "replace")
