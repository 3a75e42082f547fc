"""Names of exported files: a pattern with tokens, made safe for every file system.

A pattern is text with tokens in braces and, for subfolders, ``/``: ``{region}/{number} {track}``.
The extension is added to it. Names hold what Windows, macOS and Linux all allow, whatever a track
is called; a pattern that leaves the folder is refused.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from tonewright.dsp.errors import ExportError

TOKENS = (
    "project",
    "track",
    "number",
    "region",
    "kind",
    "date",
    "timecode",
    "take",
    "format",
)
"""What may stand in braces."""

MAX_NAME_BYTES = 200
"""Of one name in UTF-8: file systems hold 255, and temporary names need some of that."""

_TOKEN = re.compile(r"\{([^{}]*)\}")
_ILLEGAL = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f]')
_DEVICES = {"CON", "PRN", "AUX", "NUL", "CLOCK$"} | {
    f"{port}{digit}" for port in ("COM", "LPT") for digit in "0123456789¹²³"
}


def check_pattern(pattern: str) -> None:
    """Refuse a pattern that cannot name a file inside the folder.

    Raises:
        ExportError: Naming the unknown token and the known ones, or the part that leaves.
    """
    for token in _TOKEN.findall(pattern):
        if token not in TOKENS:
            known = ", ".join(f"{{{name}}}" for name in TOKENS)
            raise ExportError(f"naming pattern {pattern!r}: there is no {{{token}}}; use {known}")
    rest = _TOKEN.sub("", pattern)
    if "{" in rest or "}" in rest:
        raise ExportError(f"naming pattern {pattern!r}: a brace has no partner")
    parts = pattern.split("/")
    if pattern.startswith("/") or "\\" in pattern or re.match(r"[A-Za-z]:", pattern):
        raise ExportError(
            f"naming pattern {pattern!r}: it must stay in the export folder; "
            "begin with a name and separate subfolders with '/'"
        )
    if any(part.strip(" .") == "" for part in parts):
        raise ExportError(
            f"naming pattern {pattern!r}: every part between '/' needs a name that is not dots"
        )


def expand(pattern: str, values: Mapping[str, str], extension: str) -> PurePosixPath:
    """Return the relative path that a pattern names.

    Args:
        pattern: One that ``check_pattern`` lets through.
        values: The value of each token; an empty one takes the space beside it along.
        extension: Without the dot.
    """
    parts = []
    for part in pattern.split("/"):
        filled = _TOKEN.sub(lambda match: values[match[1]].replace("/", "_"), part)
        parts.append(re.sub(r"\s+", " ", filled))
    return PurePosixPath(*map(safe_name, parts[:-1]), safe_name(parts[-1], f".{extension}"))


def safe_name(name: str, suffix: str = "") -> str:
    """Return a name that every file system takes, with ``suffix`` at its end.

    Illegal characters become ``_``; dots and spaces at the ends go; a device name of Windows gets
    ``_`` in front; what is too long is cut between characters; nothing at all becomes ``untitled``.
    """
    clean = _ILLEGAL.sub("_", unicodedata.normalize("NFC", name))
    # Lone surrogates, from file names in no known encoding, cannot be written in UTF-8.
    clean = clean.encode("utf-8", "replace").decode("utf-8").strip(" .")
    if clean.split(".")[0].strip().upper() in _DEVICES:
        clean = f"_{clean}"
    room = MAX_NAME_BYTES - len(suffix.encode("utf-8"))
    cut = clean.encode("utf-8")[:room].decode("utf-8", "ignore").rstrip(" .")
    return f"{cut or 'untitled'}{suffix}"


def same_name(path: PurePosixPath) -> str:
    """Return what two paths share if a file system that ignores case takes them for one."""
    return unicodedata.normalize("NFC", str(path)).casefold()


def numbered(path: PurePosixPath) -> Iterator[PurePosixPath]:
    """Yield the path, then ``name (2).wav``, ``name (3).wav`` and so on."""
    yield path
    number = 2
    while True:
        yield path.with_name(safe_name(path.stem, f" ({number}){path.suffix}"))
        number += 1
