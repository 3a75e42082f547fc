"""What a worker hands over: files complete in a folder of their own, and a receipt.

The receipt is written last, when everything it names is on the disk. From then on the work is
done, whoever is killed: the files are moved to their places and recorded by the parent, or by the
next run. Moving what has been moved already changes nothing.
"""

import base64
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tonewright.dsp.exporting.staging import export_error
from tonewright.dsp.project.folder import PROJECT_FILE

RECEIPT = "receipt.json"


@dataclass(frozen=True, slots=True)
class Stamp:
    """By what a file that has been replaced or written to shows it; (-1, -1) is no file."""

    size_bytes: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path) -> "Stamp":
        """Return the stamp of a file, or of the document of a project folder."""
        try:
            found = (path / PROJECT_FILE if path.is_dir() else path).stat()
        except OSError:
            return cls(-1, -1)
        return cls(found.st_size, found.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class MadeFile:
    """One file of an output.

    Attributes:
        path: Below the folder of the batch, with ``/``.
        document: What was measured of it, as JSON, ``path``, ``size_bytes`` and ``sha256`` too.
        picture: Its spectrogram as PNG, if it has one.
    """

    path: str
    document: str
    picture: bytes | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a job.

    Attributes:
        source: The input's stamp, before and after.
        source_sha256: Checksum of its content.
        files: None of them if the output on disk is right as it is.
        notes: What the user should know.
    """

    source: Stamp
    source_sha256: str
    files: tuple[MadeFile, ...] = ()
    notes: tuple[str, ...] = ()


def write_receipt(folder: Path, output: str, recipe: str, made: Made) -> None:
    """Declare the files of a folder complete.

    Raises:
        ExportError: If the disk refuses.
    """
    for each in made.files:
        path = folder / each.path
        try:
            with path.open("rb") as file:
                os.fsync(file.fileno())
        except OSError as error:
            raise export_error(path, error) from error
    document = {
        "output": output,
        "recipe": recipe,
        "source": [made.source.size_bytes, made.source.mtime_ns],
        "source_sha256": made.source_sha256,
        "notes": made.notes,
        "files": [
            [each.path, each.document, base64.b64encode(each.picture or b"").decode()]
            for each in made.files
        ],
    }
    part = folder / f".{RECEIPT}"
    try:
        with part.open("wb") as file:
            file.write(json.dumps(document).encode())
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / RECEIPT)
    except OSError as error:
        raise export_error(part, error) from error


def parse_receipt(text: str) -> tuple[str, str, Made]:
    """Return output, recipe and content of a receipt.

    Raises:
        ValueError: If it is none.
    """
    document = json.loads(text)
    try:
        return document["output"], document["recipe"], _made(document)
    except (KeyError, TypeError) as error:
        raise ValueError(f"no receipt: {error!r}") from error


def _made(document: dict[str, Any]) -> Made:
    return Made(
        Stamp(*document["source"]),
        document["source_sha256"],
        tuple(
            MadeFile(path, said, base64.b64decode(picture) or None)
            for path, said, picture in document["files"]
        ),
        tuple(document["notes"]),
    )
