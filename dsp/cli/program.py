"""The program around the subcommands: parsing, signals, errors, exit codes.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 cancelled. Results go to standard output,
everything else to standard error. A subcommand is a module of this package with
``add_arguments(parser)`` and ``run(args, console)``; only the one that is used is imported, and
nothing here imports more than the standard library.
"""

import argparse
import importlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from tonewright.dsp.cli.console import Console, printable
from tonewright.dsp.cli.names import suggestion
from tonewright.dsp.cli.stopping import Stopping
from tonewright.dsp.cli.usage import Parser, UsageError
from tonewright.dsp.errors import CancelledError, TonewrightError

DONE, FAILED, USAGE, CANCELLED = 0, 1, 2, 130

COMMANDS = {
    "new": "start a project, with a track for each file",
    "add": "add files to a project, a track for each",
    "info": "tell what a project, an audio file or a MIDI file holds",
    "generate": "make a clip from a prompt and a seed",
    "explore": "hear a change of instrument at several switch positions, and see what each keeps",
    "effects": "list the effects, or the parameters of one",
    "apply": "put effects on an audio or MIDI file",
    "arrange": "put an effect on all notes of a project, as new tracks",
    "render": "render a project to a mix, stems and MIDI files",
    "export": "write a project for another program: DAWproject, REAPER, OpenTimelineIO",
    "handoff": "write a project in every form, with stems and MIDI, into one folder",
    "batch": "render many files and projects, and carry on where it was stopped",
    "plugins": "find VST3 plugins, and list those that can be used",
    "fx": "list, add, remove and set the effects of a track",
    "chain": "keep chains for the plugin in a DAW",
    "serve": "serve the plugins in DAWs on this machine",
    "instrument": "tell or choose what a MIDI track sounds through",
    "doctor": "tell what is installed, how fast it is, and what is missing",
    "demo": "render the song that ships with Tonewright",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code.

    Args:
        argv: The arguments without the program's name; the process's own if None.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A letter that the terminal cannot show is no reason to fail.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        with Stopping() as stopping:
            code = _run(arguments, stopping)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough. Python would complain when it flushes once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        _complain("cancelled")
        return CANCELLED
    return code


def _run(arguments: list[str], stopping: Stopping) -> int:
    debug = "--debug" in arguments
    try:
        module, args, parser = _parse(arguments)
        console = Console(as_json=args.json, quiet=args.quiet, stopping=stopping)
        with console:
            try:
                module.run(args, console)
            except UsageError as error:
                parser.error(str(error))
    except SystemExit as ending:  # how argparse ends: 0 after --help, 2 after a usage error
        return ending.code if isinstance(ending.code, int) else USAGE
    except BrokenPipeError:
        raise
    except TonewrightError as error:
        if debug:
            traceback.print_exc()
        _complain(str(error))
        return CANCELLED if isinstance(error, CancelledError) else FAILED
    except Exception as error:  # noqa: BLE001 - the edge of the program
        if debug:
            traceback.print_exc()
        _complain(
            f"internal error: {type(error).__name__}: {error} "
            "(run with --debug for the traceback, and please report it)"
        )
        return FAILED
    return DONE


def _complain(message: str) -> None:
    line = printable(" ".join(message.splitlines()))
    print(f"tonewright: {line}", file=sys.stderr, flush=True)


def _parse(arguments: list[str]) -> tuple[Any, argparse.Namespace, Parser]:
    # The options for all commands may stand before and behind the command's name.
    top = Parser(
        "tonewright",
        "Edit and render music without changing a source file.",
        "commands:\n"
        + "\n".join(f"  {name:9} {summary}" for name, summary in COMMANDS.items())
        + "\n\n'tonewright COMMAND --help' tells more.",
    )
    top.add_argument("--version", action=_Version, nargs=0, help="print the version and end")
    top.add_argument("command", metavar="COMMAND")
    top.add_argument("rest", metavar="...", nargs=argparse.REMAINDER)
    _add_common_options(top)
    args = argparse.Namespace(json=False, quiet=False, debug=False, effects_from=[], store=None)
    top.parse_args(arguments, args)
    name = args.command.lower()
    if name not in COMMANDS:
        top.error(f"there is no command {args.command!r}{suggestion(name, COMMANDS)}")
    module = importlib.import_module(f"tonewright.dsp.cli.{name}")
    parser = Parser(f"tonewright {name}", module.__doc__)
    module.add_arguments(parser)
    for each in (parser, *parser.actions):
        _add_common_options(each)
    parser.parse_args(args.rest, args)
    return module, args, parser


def _add_common_options(parser: Parser) -> None:
    common = parser.add_argument_group("options of every command")
    omitted = argparse.SUPPRESS  # what was said before the command's name stays
    common.add_argument(
        "--json", action="store_true", default=omitted, help="print the result as JSON"
    )
    common.add_argument(
        "--quiet", action="store_true", default=omitted, help="no progress and no notes"
    )
    common.add_argument(
        "--debug", action="store_true", default=omitted, help="print tracebacks of errors"
    )
    common.add_argument(
        "--effects-from",
        metavar="FILE.py",
        type=Path,
        action="append",
        default=omitted,
        help="load effects from a Python file; may be repeated",
    )
    common.add_argument(
        "--store",
        metavar="DIR",
        type=Path,
        default=omitted,
        help="keep rendered audio there, not in the user's cache",
    )


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> NoReturn:
        from importlib.metadata import version

        print(f"tonewright {version('tonewright')}")
        parser.exit()
