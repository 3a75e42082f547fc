"""What a command says: one result on standard output, notes and progress on standard error."""

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from enum import Enum
from math import isfinite
from pathlib import Path
from typing import Any, Self, TextIO

from tonewright.dsp.cli.stopping import Stopping
from tonewright.dsp.rendering.job import CancelToken, Progress, Report, ignore, with_eta

_REWRITE_SECONDS = 0.1
_PLAIN_STEP = 0.1


def printable(text: str) -> str:
    """Return text that changes nothing of a terminal but its letters: the rest is escaped."""
    return "".join(
        letter if letter.isprintable() or letter == "\n" else ascii(letter)[1:-1] for letter in text
    )


def plain(value: Any) -> Any:
    """Return a value as JSON knows it; what is not finite becomes None."""
    match value:
        case Enum():
            return value.value
        case float():
            return value if isfinite(value) else None
        case None | bool() | int() | str():
            return value
        case Path():
            return str(value)
        case Mapping():
            return {str(key): plain(each) for key, each in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
        case Iterable():
            return [plain(each) for each in value]
        case _:
            raise TypeError(f"a {type(value).__name__} is no JSON")


class ProgressLine:
    """Shows progress: one rewritten line on a terminal, else a line for each tenth.

    Args:
        stream: Where it is shown.
        now: A clock in seconds.
    """

    def __init__(self, stream: TextIO, *, now: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._now = now
        self._next_seconds = -1.0
        self._next_fraction = 0.0
        self._shown = False

    def __call__(self, progress: Progress) -> None:
        """Show how far the work is, unless it was shown a moment ago."""
        left = ""
        if progress.eta_seconds is not None:
            left = f"  {_clock(progress.eta_seconds)} left"
        line = f"{100.0 * progress.fraction:3.0f} %{left}  {printable(progress.stage)}".rstrip()
        if not self._terminal:
            if progress.fraction >= self._next_fraction:
                self._next_fraction = progress.fraction + _PLAIN_STEP
                self._stream.write(line + "\n")
                self._stream.flush()
        elif self._now() >= self._next_seconds:
            self._next_seconds = self._now() + _REWRITE_SECONDS
            columns = shutil.get_terminal_size().columns
            self._stream.write(f"\r{line[: columns - 1]}\x1b[K")
            self._stream.flush()
            self._shown = True

    def clear(self) -> None:
        """Wipe the line, where one is shown."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = False


class Console:
    """The way out of a command, as a context manager.

    Args:
        as_json: The result is printed as JSON.
        quiet: Notes and progress are not shown.
        stopping: What Ctrl-C does.
    """

    def __init__(self, *, as_json: bool, quiet: bool, stopping: Stopping) -> None:
        self._as_json = as_json
        self._quiet = quiet
        self._stopping = stopping
        self._line = ProgressLine(sys.stderr)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._line.clear()

    @contextmanager
    def work(self) -> Iterator[tuple[Report, CancelToken]]:
        """Give long work what shows its progress, and the token that it looks at."""
        with self._stopping.listening() as cancel:
            yield ignore if self._quiet else with_eta(self._line), cancel

    def note(self, text: str) -> None:
        """Tell something beside the result."""
        if not self._quiet:
            self._line.clear()
            print(printable(" ".join(text.splitlines())), file=sys.stderr, flush=True)

    def event(self, document: Any, text: str = "") -> None:
        """Print something that happened on the way: a line of JSON with ``--json``, else a text."""
        self._line.clear()
        if self._as_json:
            print(json.dumps(plain(document), allow_nan=False))
        elif text:
            print(printable(text))
        sys.stdout.flush()

    def result(self, document: Any, text: str) -> None:
        """Print the result of the command: the document with ``--json``, else the text."""
        self._line.clear()
        if self._as_json:
            print(json.dumps(plain(document), indent=1, allow_nan=False))
        elif text:
            print(printable(text))
        sys.stdout.flush()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
