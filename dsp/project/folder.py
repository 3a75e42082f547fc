"""A project on the disk is a folder.

    project.json       the project, text that diffs well
    project.json.bak   the one saved before
    media/             the audio, the SoundFonts and the files of effects that it plays
    links.json         where media lie on this machine that were not collected, by checksum
    view.json          what the desktop remembers of its view; not touched here
    autosave/          see ``dsp.project.journal``

In memory the path of a medium is absolute. In ``project.json`` it is always a place inside the
folder, so a project can be moved, sent and put under version control; a path that leaves the
folder is refused. A medium whose file is not there is kept: it is missing, which is a state. So it
is with the files that effects play (``dsp.project.effect_files``), but that one which is not
collected keeps its absolute path.
"""

import shutil
from dataclasses import replace
from pathlib import Path

from tonewright.dsp.errors import ProjectError, SchemaTooNewError
from tonewright.dsp.project.atomic import replacing
from tonewright.dsp.project.document import FilePath, Json, Media, Project, new_id
from tonewright.dsp.project.effect_files import effect_files, with_effect_files
from tonewright.dsp.project.json_text import dumps, read
from tonewright.dsp.project.media_files import collect as collect_medium
from tonewright.dsp.project.media_files import inside, is_missing, names_inside, sha256_of
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
        collect: Copy media, and files of effects, from elsewhere into ``media/``, each content
            once. If not, they stay where they are, and ``links.json`` notes where media are.

    Returns:
        The project whose files have their new paths; the same object if none moved.

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
    played = _played(project, folder)
    names = names_inside((*project.media, *played), folder)
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
    places = _places(played, names, folder, collect=collect)

    def named(path: str) -> str:
        return FilePath(names[path]) if path in places else str(path)

    def placed(path: str) -> str:
        return FilePath(places[path]) if path in places else str(path)

    written = replace(
        with_effect_files(project, named),
        media=tuple(replace(medium, path=names[medium.path]) for medium in project.media),
    )
    content = dumps(to_json(written))
    _write_links(folder / LINKS_FILE, links)
    _back_up(folder)
    with replacing(folder / PROJECT_FILE) as file:
        file.write(content)
    saved = with_effect_files(project, placed)
    return saved if tuple(media) == project.media else replace(saved, media=tuple(media))


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
        project = with_effect_files(project, lambda path: _effect_file(path, folder))
        validate(project)
    except SchemaTooNewError as error:
        raise SchemaTooNewError(f"{file}: {error}") from error
    except ProjectError as error:
        raise ProjectError(f"{file}: {error}") from error
    return project


def links_media(project: Project, folder: Path) -> bool:
    """Return whether some of the media of a loaded project were left where they are."""
    return any(not Path(each.path).is_relative_to(folder.absolute()) for each in project.media)


def _played(project: Project, folder: Path) -> list[Media]:
    """Return the files of effects as if they were media; not those that are lost elsewhere."""
    played = []
    for name in effect_files(project):
        path = Path(name)
        if path.is_file():
            played.append(Media(new_id(), path.stem, name, sha256_of(path)))
        elif path.resolve().is_relative_to(folder.resolve()):
            played.append(Media(new_id(), path.stem, name, ""))
    return played


def _places(
    played: list[Media], names: dict[str, str], folder: Path, *, collect: bool
) -> dict[str, Path]:
    """Return where in the folder the files of effects are, by path; copy them there if wanted."""
    places: dict[str, Path] = {}
    for each in played:
        target = folder / names[each.path]
        is_there = target.resolve() == Path(each.path).resolve()
        if collect and not is_there and not target.is_file():
            collect_medium(each, target)
        if collect or is_there:
            places[each.path] = target
    return places


def _effect_file(path: str, folder: Path) -> str:
    """Return the value of a parameter that a project file gives."""
    if not isinstance(path, FilePath):
        return path
    return FilePath(inside(folder, path, "the file of an effect"))


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
