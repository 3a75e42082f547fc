"""Reading a command line: a parser that suggests, and the values that options take.

Times are seconds (``90.5``), ``m:ss`` (``1:30.5``) or ``h:mm:ss``; a range is two of the same
form with a colon between (``90:120``, ``1:30:2:00``), or any two with a dash (``90-2:00``).
"""

import argparse
import math
import re
from collections.abc import Callable
from typing import Any, NoReturn

from tonewright.dsp.cli.names import suggestion
from tonewright.dsp.project.document import TimeRange

_ON_OFF = dict.fromkeys(("on", "yes", "true", "1"), True) | dict.fromkeys(
    ("off", "no", "false", "0"), False
)


class UsageError(argparse.ArgumentTypeError):
    """A command line that cannot be read; ends the program with 2, wherever it shows."""


class Parser(argparse.ArgumentParser):
    """An argument parser without abbreviations that suggests the option that was meant.

    Attributes:
        intermixed: Whether options may stand between the arguments of one list.
        more_help: Gives what help adds, from what was said before ``--help``.
        actions: The parsers of a command's actions, if it has some; see ``add_action``.
    """

    def __init__(self, prog: str, description: str | None, epilog: str | None = None) -> None:
        super().__init__(
            prog,
            description=description,
            epilog=epilog,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            add_help=False,
        )
        self.intermixed = False
        self.more_help: Callable[[argparse.Namespace], str] = lambda _: ""
        self.actions: list[Parser] = []
        self._choices: Any = None
        self.add_argument("-h", "--help", action=_Help, nargs=0, help="print this and end")

    def add_action(self, name: str, description: str) -> "Parser":
        """Return the parser of a new action: the word behind the command's name."""
        if self._choices is None:
            self._choices = self.add_subparsers(dest="action", metavar="ACTION", required=True)
        action: Parser = self._choices.add_parser(name, description=description, help=description)
        self.actions.append(action)
        return action

    def parse_args(  # type: ignore[override]
        self, args: list[str], namespace: argparse.Namespace
    ) -> argparse.Namespace:
        """Parse into a namespace; exit with 2 and a suggestion if an argument is not known."""
        parse = self.parse_known_intermixed_args if self.intermixed else self.parse_known_args
        _, unknown = parse(args, namespace)
        if unknown:
            options = set(re.findall(r"--[a-z][a-z-]*", self.format_help()))
            first = unknown[0].split("=")[0]
            if not first.startswith("-"):
                self.error(f"{first!r} is one argument too many")
            self.error(f"there is no option {first!r}{suggestion(first, options)}")
        return namespace

    def error(self, message: str) -> NoReturn:
        """Print the message and where help is, and exit with 2."""
        self.exit(2, f"{self.prog}: {message} (see '{self.prog} --help')\n")


class _Help(argparse.Action):
    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, *_: object
    ) -> NoReturn:
        assert isinstance(parser, Parser)
        print(parser.format_help() + parser.more_help(namespace))
        parser.exit()


def seconds(text: str) -> float:
    """Return a time in seconds, at least 0.

    Raises:
        UsageError: If the text is no time.
    """
    parts = text.split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    valid = (
        1 <= len(numbers) <= 3
        and all(math.isfinite(each) and each >= 0 for each in numbers)
        and all(each < 60 for each in numbers[1:])
        and all(part.isdigit() for part in parts[:-1])
    )
    if not valid:
        raise UsageError(f"{text!r} is no time; write seconds or m:ss")
    return sum(each * 60.0**index for index, each in enumerate(reversed(numbers)))


def time_range(text: str) -> TimeRange:
    """Return a range in seconds.

    Raises:
        UsageError: If the text is no range, or an empty one.
    """
    if "-" in text:
        first, _, last = text.partition("-")
    else:
        parts = text.split(":")
        middle = len(parts) // 2
        if len(parts) % 2:
            raise UsageError(f"{text!r} is no range; write START:END in seconds, or m:ss-m:ss")
        first, last = ":".join(parts[:middle]), ":".join(parts[middle:])
    found = TimeRange(seconds(first), seconds(last))
    if found.start_seconds >= found.end_seconds:
        raise UsageError(f"{text!r} is an empty range; the end comes last")
    return found


def assignment(text: str) -> tuple[str, str]:
    """Return the name and the value of ``name=value``.

    Raises:
        UsageError: If the text is something else.
    """
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"{text!r} sets nothing; write name=value")
    return name.strip(), value.strip()


def on_off(text: str) -> bool:
    """Return whether a text says on or off.

    Raises:
        UsageError: If the text is something else.
    """
    if text.casefold() not in _ON_OFF:
        raise UsageError(f"{text!r} is not on or off")
    return _ON_OFF[text.casefold()]


def whole(text: str) -> int:
    """Return a whole number, at least 0.

    Raises:
        UsageError: If the text is something else.
    """
    if not text.isdecimal():
        raise UsageError(f"{text!r} is no whole number")
    return int(text)


def share(text: str) -> float:
    """Return a number from 0 to 1.

    Raises:
        UsageError: If the text is something else.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 <= value <= 1.0:
        raise UsageError(f"{text!r} is not from 0 to 1")
    return value


def sample_rate(text: str) -> int:
    """Return a sample rate in Hz, 8000 to 192000; ``44.1k`` is one too.

    Raises:
        UsageError: If the text is something else.
    """
    number, thousand = (text[:-1], 1000.0) if text[-1:] in "kK" else (text, 1.0)
    try:
        rate = float(number) * thousand
    except ValueError:
        rate = math.nan
    if not (8_000 <= rate <= 192_000 and rate == int(rate)):
        raise UsageError(f"{text!r} is no sample rate; take 8000 to 192000 Hz")
    return int(rate)
