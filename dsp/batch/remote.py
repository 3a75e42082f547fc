"""Outputs at an address that fsspec knows: object stores, SFTP, a file server.

A worker makes files on its own disk and uploads them below a token, the receipt last, once each is
there in its full size; the parent moves them to their places. What is at the address is listed once
a run.
"""

import os
import shutil
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from tonewright.dsp.batch.jobs import STATE_FOLDER
from tonewright.dsp.batch.made import RECEIPT, Made, Stamp, parse_receipt
from tonewright.dsp.batch.task import Task
from tonewright.dsp.errors import BatchError, ExportError

_CHANGES = ("ETag", "etag", "mtime", "LastModified", "last_modified", "created")
"""By what file systems tell that a file is another one; the first that is there is taken."""


class UploadError(ExportError):
    """An output was made, and could not be brought to its address."""


def file_system(url: str) -> tuple[Any, str]:
    """Return the file system of an address, and the path there.

    Raises:
        BatchError: If fsspec or the package for this kind of address is missing, or it is no
            address.
    """
    try:
        from fsspec.core import url_to_fs

        system, root = url_to_fs(url)
    except ImportError as error:
        raise BatchError(
            f"{url}: needs more packages ({error}); pip install 'tonewright[cluster]'"
        ) from error
    except (ValueError, OSError) as error:
        raise BatchError(f"{url}: cannot be used ({error}); check the address") from error
    return system, str(root).rstrip("/")


def upload(task: Task, made: Made) -> None:
    """Bring what was made for a task to its address, and remove it here.

    Raises:
        UploadError: If the address refuses.
    """
    system, root = file_system(task.upload)
    target = f"{root}/{task.folder.name}"
    with _refusals(task.upload):
        for name in (*(each.path for each in made.files), RECEIPT):
            part, there = task.folder / name, f"{target}/{name}"
            system.makedirs(there.rpartition("/")[0], exist_ok=True)
            system.put_file(str(part), there)
            system.invalidate_cache()
            arrived = system.info(there)["size"]
            if arrived != part.stat().st_size:
                raise UploadError(
                    f"{task.upload}: of {name} only {arrived} bytes arrived; run the batch again"
                )
    shutil.rmtree(task.folder, ignore_errors=True)


class RemoteOutputs:
    """Outputs at an address.

    Args:
        url: The address of their folder.

    Raises:
        BatchError: If it cannot be used.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._system, self._root = file_system(url)
        self.upload = f"{url}/{STATE_FOLDER}"
        self._parts = f"{self._root}/{STATE_FOLDER}"
        self._stamps: dict[str, Stamp] | None = None

    def place(self, path: str) -> str:
        """Return the address of an output."""
        return f"{self._url}/{path}"

    def stamp(self, path: str) -> Stamp:
        """Return the stamp of an output's file; (-1, -1) if there is none."""
        return self._listed().get(path, Stamp(-1, -1))

    def exists(self, output: str) -> bool:
        """Return whether there is a file or a folder of that name."""
        return any(f"{path}/".startswith(f"{output}/") for path in self._listed())

    def receipts(self) -> Iterator[tuple[str, str, str, Made]]:
        """Yield token, output, recipe and content of every receipt.

        Raises:
            BatchError: If one cannot be read.
        """
        with _refusals(self._url):
            paths = self._system.glob(f"{self._parts}/*/{RECEIPT}")
        for path in sorted(paths):
            try:
                found = parse_receipt(self._system.cat_file(path).decode())
            except (OSError, ValueError) as error:
                raise BatchError(f"{path}: cannot be read ({error}); delete its folder") from error
            yield str(path).split("/")[-2], *found

    def publish(self, token: str, made: Made) -> None:
        """Take the files of a receipt to their places; done again, it goes on where it stopped.

        Raises:
            UploadError: If the address refuses.
        """
        with _refusals(self._url):
            for each in made.files:
                part = f"{self._parts}/{token}/{each.path}"
                target = f"{self._root}/{each.path}"
                self._system.makedirs(target.rpartition("/")[0], exist_ok=True)
                if self._system.exists(part):
                    self._system.mv(part, target)
                self._system.invalidate_cache()
                self._listed()[each.path] = _stamp(self._system.info(target))

    def discard(self, token: str) -> None:
        """Remove what was made or begun; what cannot be removed is left for the next run."""
        self._remove(f"{self._parts}/{token}")

    def clear(self) -> None:
        """Remove everything that was made or begun."""
        self._remove(self._parts)

    def deliver(self, reports: Iterable[Path]) -> None:
        """Bring the report to the outputs.

        Raises:
            UploadError: If the address refuses.
        """
        with _refusals(self._url):
            self._system.makedirs(self._root, exist_ok=True)
            for path in reports:
                self._system.put_file(os.fspath(path), f"{self._root}/{path.name}")

    def _listed(self) -> dict[str, Stamp]:
        if self._stamps is None:
            with _refusals(self._url):
                there = self._system.exists(self._root)
                found = self._system.find(self._root, detail=True) if there else {}
            self._stamps = {
                str(name).removeprefix(self._root).lstrip("/"): _stamp(info)
                for name, info in found.items()
            }
        return self._stamps

    def _remove(self, path: str) -> None:
        with suppress(OSError):
            if self._system.exists(path):
                self._system.rm(path, recursive=True)


def _stamp(info: dict[str, Any]) -> Stamp:
    change = next((info[name] for name in _CHANGES if name in info), None)
    if isinstance(change, datetime):  # one and the same system gives this or seconds
        change = change.timestamp()
    return Stamp(info["size"], zlib.crc32(repr(change).encode()))


@contextmanager
def _refusals(url: str) -> Iterator[None]:
    try:
        yield
    except UploadError:
        raise
    except Exception as error:  # every kind of file system has errors of its own
        raise UploadError(
            f"{url}: refuses ({type(error).__name__}: {error}); check the connection and your "
            "rights there, and run the batch again"
        ) from error
