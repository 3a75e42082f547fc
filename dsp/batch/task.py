"""A job as it goes to a worker; light, for the parent loads nothing that works on audio."""

from dataclasses import dataclass
from pathlib import Path

from tonewright.dsp.batch.jobs import Recipe
from tonewright.dsp.errors import BatchError


class ChangedError(BatchError):
    """An input was written to while it was read."""


@dataclass(frozen=True, slots=True)
class Task:
    """A job as a worker gets it.

    Attributes:
        output: Its place below the folder of the batch.
        source: The input.
        recipe: What is done to it.
        folder: A new folder on the disk of the outputs, for what is made.
        made_sha256: If the input's checksum is still this, there is nothing to do.
        upload: Where what was made is to be brought; empty if the folder is where it is needed.
        chunk_divisor: Effects take chunks of this fraction of their length, to save memory.
    """

    output: str
    source: Path
    recipe: Recipe
    folder: Path
    made_sha256: str | None
    upload: str = ""
    chunk_divisor: int = 1
