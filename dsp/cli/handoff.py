"""Write everything another studio may ask for into one folder.

That is a DAWproject (for Bitwig, Cubase, Studio One), a REAPER project, a timeline in
OpenTimelineIO, the stems, the MIDI files, and a text that says what each could not hold.
"""

import argparse
from pathlib import Path

from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.engine import renderer_of
from tonewright.dsp.cli.usage import Parser
from tonewright.dsp.project.folder import load


def add_arguments(parser: Parser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("project", metavar="PROJECT", type=Path)
    parser.add_argument("folder", metavar="FOLDER", type=Path)


def run(args: argparse.Namespace, console: Console) -> None:
    """Write the folder, and list its files and what was left out."""
    from tonewright.dsp.exchange.handoff import hand_off

    project = load(args.project)
    with console.work() as (report, cancel), renderer_of(args) as renderer:
        made = hand_off(
            project, args.folder.absolute(), renderer=renderer, report=report, cancel=cancel
        )
    for name, what in made.left:
        console.note(f"{name}: left out: {what}")
    files = [str(each) for each in made.files]
    left = [{"file": name, "left_out": what} for name, what in made.left]
    console.result({"files": files, "left_out": left}, "\n".join(files))
