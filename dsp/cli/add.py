"""Add files to a project: a track for each file, and for each track of a MIDI file."""

import argparse
from pathlib import Path

from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.summary import document, folder_of, text
from tonewright.dsp.cli.usage import Parser
from tonewright.dsp.project.folder import links_media, load, save
from tonewright.dsp.project.media import add_files


def add_arguments(parser: Parser) -> None:
    """Add the arguments of this command."""
    parser.intermixed = True
    parser.add_argument("project", metavar="PROJECT", type=Path)
    parser.add_argument("files", metavar="FILE", type=Path, nargs="+", help="audio, video, MIDI")
    parser.add_argument(
        "--link",
        action="store_true",
        help="leave media where they are; so it is where the project has linked media already",
    )


def run(args: argparse.Namespace, console: Console) -> None:
    """Add the files and save the project."""
    project = load(args.project)
    folder = folder_of(args.project.absolute())
    linked = links_media(project, folder)
    added = add_files(project, args.files)
    project = save(added.project, folder, collect=not (args.link or linked))
    for warning in added.warnings:
        console.note(warning)
    console.result(document(project) | {"warnings": added.warnings}, text(project))
