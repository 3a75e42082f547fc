"""Write a project as a file of another program: .dawproject, .rpp (REAPER) or .otio.

What the other format cannot hold is left out and told. A .dawproject holds the tracks with
Tonewright's effects also rendered, for programs that do not have them. For all formats at once,
with stems, see 'tonewright handoff'.
"""

import argparse
from pathlib import Path

from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.engine import renderer_of
from tonewright.dsp.cli.usage import Parser, UsageError
from tonewright.dsp.errors import ExportError
from tonewright.dsp.project.folder import load


def add_arguments(parser: Parser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("project", metavar="PROJECT", type=Path)
    parser.add_argument("file", metavar="FILE", type=Path, help=".dawproject, .rpp or .otio")
    parser.add_argument("--overwrite", action="store_true", help="replace a file that is there")


def run(args: argparse.Namespace, console: Console) -> None:
    """Write the file, and tell what was left out."""
    path: Path = args.file.absolute()
    kind = path.suffix.lower()
    if kind not in (".dawproject", ".rpp", ".otio"):
        raise UsageError(f"{args.file}: write a .dawproject, .rpp or .otio, not {kind!r}")
    if path.exists() and not args.overwrite:
        raise ExportError(f"{args.file}: is there already; choose another name, or --overwrite")
    path.parent.mkdir(parents=True, exist_ok=True)
    project = load(args.project)
    match kind:
        case ".dawproject":
            from tonewright.dsp.exchange.dawproject.writer import write_dawproject

            with console.work() as (report, cancel), renderer_of(args) as renderer:
                left = write_dawproject(
                    project, path, renderer=renderer, report=report, cancel=cancel
                )
        case ".rpp":
            from tonewright.dsp.exchange.reaper import write_rpp

            left = write_rpp(project, path)
        case _:
            from tonewright.dsp.exchange.otio import write_otio

            left = write_otio(project, path)
    for what in left:
        console.note(f"left out: {what}")
    console.result({"file": str(path), "left_out": left}, str(path))
