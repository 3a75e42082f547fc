"""A project on the disk is a folder.

    project.json       the project, text that diffs well
    project.json.bak   the one saved before
    media/             the audio and SoundFonts it plays
    links.json         where media lie on this machine that were not collected, by checksum
    view.json          what the desktop remembers of its view; not touched here
    autosave/          see ``dsp.project.journal``

In memory the path of a medium is absolute. In ``project.json`` it is always a place inside the
folder, so a project can be moved, sent and put under version control; a path that leaves the
folder is refused. A medium whose file is not there is kept: it is missing, which is a state.
"""

import shutil
from dataclasses import replace
from pathlib import Path

from tonewright.dsp.errors import ProjectError, SchemaTooNewError
from tonewright.dsp.project.atomic import replacing
from tonewright.dsp.project.document import Json, Media, Project
from tonewright.dsp.project.json_text import dumps, read
from tonewright.dsp.project.media_files import collect as collect_medium
from tonewright.dsp.project.media_files import inside, is_missing, names_inside
from tonewright.dsp.project.schema import from_json, to_json
from tonewright.dsp.project.validate import validate

PROJECT_FILE = "project.json"
BACKUP_FILE = "project.json.bak"
LINKS_FILE = "links.json"
AUTOSAVE_FOLDER = "autosave"


def save(project: Project, folder: Path, *, collect: bool = True) -> Project:
    """Write a project to its folder, atomically, and return it as ``load`` would.

    Args:
        project: The project.
        folder: Made if it is not there; what else it holds stays.
        collect: Copy media from elsewhere into ``media/``, each content once. If not, they stay
            where they are and ``links.json`` notes it.

    Returns:
        The project whose media have their new paths; the same object if none moved.

    Raises:
        ProjectError: If the project is inconsistent, a medium has changed since it was imported,
            or something cannot be written. The project saved before is untouched.
        MediaError: If a medium cannot be read.
    """
    validate(project)
    folder = folder.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProjectError(
            f"{folder}: the project folder cannot be made: {error.strerror}; choose another place"
        ) from error
    names = names_inside(project.media, folder)
    links: dict[str, str] = {}
    media: list[Media] = []
    for medium in project.media:
        target = folder / names[medium.path]
        if target.resolve() == Path(medium.path).resolve():
            media.append(medium)
        elif collect and not is_missing(medium):
            if not target.is_file():
                collect_medium(medium, target)
            media.append(replace(medium, path=str(target)))
        else:
            links[medium.sha256] = medium.path
            media.append(medium)
    named = [replace(medium, path=names[medium.path]) for medium in project.media]
    content = dumps(to_json(replace(project, media=tuple(named))))
    _write_links(folder / LINKS_FILE, links)
    _back_up(folder)
    with replacing(folder / PROJECT_FILE) as file:
        file.write(content)
    saved = tuple(media)
    return project if saved == project.media else replace(project, media=saved)


def load(path: Path) -> Project:
    """Read a project from its folder, or from the ``project.json`` in it.

    Raises:
        SchemaTooNewError: If a newer Tonewright wrote it.
        ProjectError: If there is none, it is damaged or inconsistent, or a path in it leaves the
            folder; the message names file, place and remedy.
    """
    folder = (path if path.is_dir() else path.parent).absolute()
    file = folder / PROJECT_FILE if path.is_dir() else path.absolute()
    if not file.is_file():
        raise ProjectError(f"{file}: there is no project; make one with: tonewright new {folder}")
    data = _with_remedy(folder, file)
    try:
        project = from_json(data)
        project = replace(project, media=_located(project, folder))
        validate(project)
    except SchemaTooNewError as error:
        raise SchemaTooNewError(f"{file}: {error}") from error
    except ProjectError as error:
        raise ProjectError(f"{file}: {error}") from error
    return project


def _located(project: Project, folder: Path) -> tuple[Media, ...]:
    """Return the media of a project file with absolute paths."""
    links: Json = read(folder / LINKS_FILE) if (folder / LINKS_FILE).is_file() else {}
    if not isinstance(links, dict) or not all(isinstance(path, str) for path in links.values()):
        raise ProjectError(f"{LINKS_FILE} must map checksums to paths: delete it, then relink")
    media = []
    for index, medium in enumerate(project.media):
        path = inside(folder, medium.path, f"media[{index}].path")
        if not path.is_file() and medium.sha256 in links:
            path = Path(links[medium.sha256])
        media.append(replace(medium, path=str(path)))
    return tuple(media)


def _with_remedy(folder: Path, file: Path) -> Json:
    """Read the project file; say where an earlier state is if it is damaged."""
    try:
        return read(file)
    except ProjectError as error:
        earlier = [
            name
            for name in (AUTOSAVE_FOLDER, BACKUP_FILE)
            if (folder / name).is_file() or any((folder / name).glob("*/*.json"))
        ]
        remedy = f"an earlier state is in {' and '.join(earlier)}" if earlier else "restore a copy"
        raise ProjectError(f"{error}; {remedy}") from error


def _write_links(path: Path, links: dict[str, str]) -> None:
    if links:
        with replacing(path) as file:
            file.write(dumps(dict(sorted(links.items()))))
    else:
        path.unlink(missing_ok=True)


def _back_up(folder: Path) -> None:
    saved = folder / PROJECT_FILE
    if saved.is_file():
        with saved.open("rb") as source, replacing(folder / BACKUP_FILE) as backup:
            shutil.copyfileobj(source, backup)
