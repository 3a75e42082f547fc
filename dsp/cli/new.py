"""Start a project in a new folder, with a track for each file.

A MIDI file gives a track for each of its own; the first one also gives the tempo map. A
.dawproject or .otio file, alone, becomes the project; what it holds that Tonewright cannot is told.
"""

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.summary import document, text
from tonewright.dsp.cli.usage import Parser, sample_rate
from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.document import Project
from tonewright.dsp.project.edits import add_media, set_project
from tonewright.dsp.project.folder import PROJECT_FILE, save
from tonewright.dsp.project.media import Added, import_soundfont, new_project_from_files
from tonewright.dsp.project.media_files import MEDIA_FOLDER


def add_arguments(parser: Parser) -> None:
    """Add the arguments of this command."""
    parser.intermixed = True
    parser.add_argument("project", metavar="PROJECT", type=Path, help="the folder to make")
    parser.add_argument(
        "files",
        metavar="FILE",
        type=Path,
        nargs="*",
        default=[],
        help="audio, video, MIDI; or a project",
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
    is_new = not folder.exists()
    try:
        added = _added(args.name or folder.name, args.files, folder)
        project = _saved(added.project, args, folder)
    except BaseException:
        if is_new:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    for warning in added.warnings:
        console.note(warning)
    console.result(document(project) | {"warnings": added.warnings}, text(project))


def _added(name: str, files: Sequence[Path], folder: Path) -> Added:
    kinds = [each.suffix.lower() for each in files]
    if not {".dawproject", ".otio"} & set(kinds):
        return new_project_from_files(name, files)
    if len(files) > 1:
        raise ProjectError(f"{files[0]}: a project is made of it alone; add other files later")
    if kinds[0] == ".dawproject":
        from tonewright.dsp.exchange.dawproject.reader import read_dawproject

        imported = read_dawproject(files[0], folder / MEDIA_FOLDER)
    else:
        from tonewright.dsp.exchange.otio import read_otio

        imported = read_otio(files[0])
    project = set_project(imported.project, name=name)
    return Added(project, tuple(f"left out: {each}" for each in imported.left))


def _saved(project: Project, args: argparse.Namespace, folder: Path) -> Project:
    if args.rate is not None:
        project = set_project(project, sample_rate=args.rate)
    if args.soundfont is not None:
        medium = import_soundfont(args.soundfont)
        project = set_project(add_media(project, medium), soundfont_id=medium.id)
    return save(project, folder, collect=not args.link)
