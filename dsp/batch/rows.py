"""What the state tells of jobs, as values."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    AGAIN = "again"
    DONE = "done"
    FAILED = "failed"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job that is to be rendered.

    Attributes:
        weight: About how much work it is, in bytes of input.
        made_sha256: Checksum of the input that the output on disk was made from by the same
            recipe; None if there is no such output.
        tries: How often it was begun in this run.
    """

    output: str
    source: Path
    recipe: str
    weight: int
    made_sha256: str | None
    tries: int


@dataclass(frozen=True, slots=True)
class JobRow:
    """What the report tells of a job; ``files`` holds what was measured of its outputs."""

    output: str
    source: str
    kind: str
    state: JobState
    reason: str
    worked: bool
    seconds: float | None
    tries: int
    notes: tuple[str, ...]
    recipe: Any
    files: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many jobs of the last plan are where; ``skipped`` were done before and unchanged."""

    done: int
    failed: int
    skipped: int
    left: int
