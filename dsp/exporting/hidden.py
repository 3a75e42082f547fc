"""The hidden folder that an export works in, and those that killed exports have left behind.

Whoever works in one holds a lock in it, which the system takes back with the process, however that
ends. So a folder whose lock is free is nobody's, and goes with the next export to its place. Where
there are no such locks (Windows, some network disks) it stays until the user removes it.
"""

import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

PREFIX = ".tonewright-export-"
_LOCK = ".lock"


class HiddenFolder:
    """A new folder beside the files that will be exported; ``remove`` it.

    Args:
        place: The folder that it is made in; what killed exports have left there is removed.

    Attributes:
        path: The hidden folder.

    Raises:
        OSError: If nothing can be written there.
    """

    def __init__(self, place: Path) -> None:
        remove_left(place)
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        # The lock has its name only when it is held, so that nobody finds it free.
        unnamed = self.path / f"{_LOCK}.new"
        self._lock = unnamed.open("wb")
        if _take(self._lock):
            unnamed.rename(self.path / _LOCK)

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        self._lock.close()
        shutil.rmtree(self.path, ignore_errors=True)


def remove_left(place: Path) -> None:
    """Remove hidden folders in a folder whose exports have ended without it."""
    for lock in place.glob(f"{PREFIX}*/{_LOCK}"):
        try:
            with lock.open("r+b") as file:
                free = _take(file)
        except OSError:
            continue  # it went just now, or is another user's
        if free:
            shutil.rmtree(lock.parent, ignore_errors=True)


def _take(lock: BinaryIO) -> bool:
    """Return whether a lock was free; it is held until the file is closed."""
    try:
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True
