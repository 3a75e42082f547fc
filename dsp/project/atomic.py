"""Files that are the old one or the new one, whole, whatever happens."""

import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from tonewright.dsp.errors import ProjectError, TonewrightError


@contextmanager
def replacing(
    path: Path, *, refused: type[TonewrightError] = ProjectError, synced: bool = True
) -> Iterator[BinaryIO]:
    """Give a new file to write; it takes the place of ``path`` when the block ends well.

    Else it is removed and what was there is untouched. The content is on the disk before it
    becomes visible, so not even a power cut leaves half of it.

    Args:
        path: The file; its folder must exist.
        refused: What is raised if it cannot be written.
        synced: Whether to wait for the disk. Without, the file survives the end of the program at
            once, but a power cut only later: see ``sync``.

    Raises:
        TonewrightError: Of that class.
    """
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        try:
            with part.open("xb") as file:
                yield file
                file.flush()
                if synced:
                    os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise refused(
            f"{path}: cannot be written: {error.strerror}; make room or choose another folder"
        ) from error
    if synced:
        _sync_folder(path.parent)


def sync(path: Path) -> None:
    """Put a file that was written without on the disk; nothing if it is gone."""
    with suppress(OSError):
        with path.open("rb") as file:
            os.fsync(file.fileno())
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Put the names of a folder on the disk."""
    if sys.platform == "win32":
        return  # a folder cannot be opened there
    # Some network file systems refuse, and so do folders that may be written to but not listed;
    # the file itself is on the disk already.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
