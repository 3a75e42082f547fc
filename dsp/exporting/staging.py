"""Files that appear together or not at all.

Each file is first written to a hidden folder beside its place, on the same disk. ``publish``
renames all of them into place; when one cannot be renamed, those before it are taken back and
what they replaced is put back. Leaving the context removes all that was not published; what a
process leaves that is killed goes with the next export to the same place.
"""

import errno
from pathlib import Path
from types import TracebackType
from typing import Self

from tonewright.dsp.errors import ExportError
from tonewright.dsp.exporting.hidden import HiddenFolder


def export_error(path: Path, error: OSError) -> ExportError:
    """Return the line for the user that says why a path could not be written, and what helps."""
    remedies = {
        errno.ENOSPC: "the disk is full; free some space or choose another folder",
        errno.EDQUOT: "the disk quota is used up; free some space or choose another folder",
        errno.EFBIG: "the file grows too large for this disk; choose another one",
        errno.EACCES: "it may not be written; choose another folder or change its permissions",
        errno.EPERM: "it may not be written; choose another folder or change its permissions",
        errno.EROFS: "the disk is read-only; choose another folder",
        errno.ENOENT: "the folder has vanished; is the disk still connected?",
        errno.ENOTDIR: "a part of this path is a file and no folder; choose another folder",
        errno.EEXIST: "a part of this path is a file and no folder; choose another folder",
        errno.EISDIR: "a folder of this name is in the way; rename it",
        errno.ENAMETOOLONG: "the name is too long; shorten the pattern or the track's name",
    }
    reason = remedies.get(error.errno or 0, f"{error.strerror or error}; choose another folder")
    return ExportError(f"{path}: {reason}")


class Staging:
    """A context manager for files on their way."""

    def __init__(self) -> None:
        self._made: list[Path] = []
        self._hidden: dict[Path, HiddenFolder] = {}
        self._parts: dict[Path, Path] = {}
        self._scratch = 0
        self._published = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for hidden in self._hidden.values():
            hidden.remove()
        if not self._published:
            for folder in reversed(self._made):
                if folder.is_dir() and not any(folder.iterdir()):
                    folder.rmdir()

    def part(self, target: Path) -> Path:
        """Return where to write what will be ``target``; its name is the same.

        Raises:
            ExportError: If nothing can be written there.
        """
        self._parts[target] = self.scratch(target.parent).with_name(target.name)
        return self._parts[target]

    def scratch(self, folder: Path, suffix: str = "") -> Path:
        """Return a path for what is needed only on the way, on the disk of a folder.

        Raises:
            ExportError: If nothing can be written there.
        """
        if folder not in self._hidden:
            try:
                self._make(folder)
                self._hidden[folder] = HiddenFolder(folder)
            except OSError as error:
                raise export_error(folder, error) from error
        self._scratch += 1
        return self._hidden[folder].path / f"{self._scratch}{suffix}"

    def publish(self, *, overwrite: bool = False) -> None:
        """Rename every part to its target.

        Args:
            overwrite: Replace files that are there.

        Raises:
            ExportError: If one cannot be renamed; then no target has changed.
        """
        for target in self._parts:
            if target.exists() and not overwrite:
                raise ExportError(f"{target}: has appeared during the export; export again")
        done: list[tuple[Path, Path]] = []
        for target, part in self._parts.items():
            try:
                if target.is_file():
                    before = self.scratch(target.parent)
                    target.replace(before)
                    done.append((target, before))
                part.replace(target)
                done.append((part, target))
            except OSError as error:
                for source, place in reversed(done):
                    place.replace(source)
                raise export_error(target, error) from error
        self._published = True

    def _make(self, folder: Path) -> None:
        missing = []
        while not folder.exists():
            missing.append(folder)
            folder = folder.parent
        for each in reversed(missing):
            each.mkdir()
            self._made.append(each)
