"""Where outputs go: how finished files get to their places, and what is known of them there.

Files are made in a folder of their own, named by a token. It is inside the folder of the outputs,
so that taking a file to its place is a rename.
"""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from tonewright.dsp.batch.jobs import STATE_FOLDER
from tonewright.dsp.batch.made import RECEIPT, Made, Stamp, parse_receipt
from tonewright.dsp.errors import BatchError
from tonewright.dsp.exporting.staging import export_error


class Outputs(Protocol):
    """The place of the outputs of a batch."""

    upload: str
    """Where workers bring what they have made; empty if it is made where it is needed."""

    def place(self, path: str) -> str:
        """Return where an output is, for people."""

    def stamp(self, path: str) -> Stamp:
        """Return the stamp of an output's file; (-1, -1) if there is none."""

    def exists(self, output: str) -> bool:
        """Return whether there is a file or a folder of that name."""

    def receipts(self) -> Iterator[tuple[str, str, str, Made]]:
        """Yield token, output, recipe and content of every receipt."""

    def publish(self, token: str, made: Made) -> None:
        """Take the files of a receipt to their places; done again, it goes on where it stopped."""

    def discard(self, token: str) -> None:
        """Remove what was made or begun under a token."""

    def clear(self) -> None:
        """Remove everything that was made or begun."""

    def deliver(self, reports: Iterable[Path]) -> None:
        """Bring the report to the outputs."""


class FolderOutputs:
    """Outputs in a folder.

    Args:
        out: The folder; it is never made here.
    """

    upload = ""

    def __init__(self, out: Path) -> None:
        self._out = out

    def place(self, path: str) -> str:
        """Return the path of an output."""
        return str(self._out / path)

    def stamp(self, path: str) -> Stamp:
        """Return the stamp of an output's file; (-1, -1) if there is none."""
        return Stamp.of(self._out / path)

    def exists(self, output: str) -> bool:
        """Return whether there is a file or a folder of that name."""
        return (self._out / output).exists()

    def receipts(self) -> Iterator[tuple[str, str, str, Made]]:
        """Yield token, output, recipe and content of every receipt.

        Raises:
            BatchError: If one cannot be read.
        """
        for path in sorted((self._out / STATE_FOLDER).glob(f"*/{RECEIPT}")):
            try:
                yield path.parent.name, *parse_receipt(path.read_text("utf-8"))
            except (OSError, ValueError) as error:
                raise BatchError(f"{path}: cannot be read ({error}); delete its folder") from error

    def publish(self, token: str, made: Made) -> None:
        """Take the files of a receipt to their places; done again, it goes on where it stopped.

        Raises:
            ExportError: If the disk refuses.
        """
        for each in made.files:
            part, target = self._parts(token) / each.path, self._out / each.path
            try:
                for parent in reversed(target.relative_to(self._out).parents[:-1]):
                    (self._out / parent).mkdir(exist_ok=True)
                if part.exists():
                    part.replace(target)
            except OSError as error:
                raise export_error(target, error) from error

    def discard(self, token: str) -> None:
        """Remove what was made or begun; what cannot be removed is left for the next run."""
        shutil.rmtree(self._parts(token), ignore_errors=True)

    def clear(self) -> None:
        """Remove everything that was made or begun."""
        for parts in (self._out / STATE_FOLDER).iterdir():
            if parts.is_dir():
                self.discard(parts.name)

    def deliver(self, reports: Iterable[Path]) -> None:
        """Do nothing: the report is where the outputs are."""

    def _parts(self, token: str) -> Path:
        return self._out / STATE_FOLDER / token
