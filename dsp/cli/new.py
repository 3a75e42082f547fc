"""Start a project in a new folder, with a track for each file.

A MIDI file gives a track for each of its own; the first one also gives the tempo map.
"""

import argparse
import shutil
from pathlib import Path

from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.summary import document, text
from tonewright.dsp.cli.usage import Parser, sample_rate
from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.edits import add_media, set_project
from tonewright.dsp.project.folder import PROJECT_FILE, save
from tonewright.dsp.project.media import import_soundfont, new_project_from_files


def add_arguments(parser: Parser) -> None:
    """Add the arguments of this command."""
    parser.intermixed = True
    parser.add_argument("project", metavar="PROJECT", type=Path, help="the folder to make")
    parser.add_argument(
        "files", metavar="FILE", type=Path, nargs="*", default=[], help="audio, video, MIDI"
    )
    parser.add_argument("--name", help="of the project; else the folder's")
    parser.add_argument(
        "--rate", metavar="HZ", type=sample_rate, help="sample rate; else the first audio file's"
    )
    parser.add_argument(
        "--link", action="store_true", help="leave media where they are instead of copying them"
    )
    parser.add_argument(
        "--soundfont", metavar="FILE.sf2", type=Path, help="play MIDI tracks through this"
    )


def run(args: argparse.Namespace, console: Console) -> None:
    """Make the project."""
    folder: Path = args.project.absolute()
    if (folder / PROJECT_FILE).exists():
        raise ProjectError(
            f"{args.project}: is a project already; add to it with 'tonewright add', or choose "
            "another folder"
        )
    added = new_project_from_files(args.name or folder.name, args.files)
    project = added.project
    if args.rate is not None:
        project = set_project(project, sample_rate=args.rate)
    if args.soundfont is not None:
        medium = import_soundfont(args.soundfont)
        project = set_project(add_media(project, medium), soundfont_id=medium.id)
    is_new = not folder.exists()
    try:
        project = save(project, folder, collect=not args.link)
    except BaseException:
        if is_new:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    for warning in added.warnings:
        console.note(warning)
    console.result(document(project) | {"warnings": added.warnings}, text(project))
