"""The files of media: their checksum, their place in a project folder, and finding them again."""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from tonewright.dsp.errors import MediaError, ProjectError
from tonewright.dsp.project.atomic import replacing
from tonewright.dsp.project.document import Media, Project

MEDIA_FOLDER = "media"
_BLOCK_BYTES = 1 << 20
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\ud800-\udfff]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST_NAME = 100


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, read in blocks.

    Raises:
        MediaError: If it cannot be read.
    """
    digest = hashlib.sha256()
    for block in _blocks(path):
        digest.update(block)
    return digest.hexdigest()


def is_missing(medium: Media) -> bool:
    """Tell whether there is no file where the medium should be."""
    return not Path(medium.path).is_file()


def missing_media(project: Project) -> tuple[Media, ...]:
    """Return the media whose files are not where they should be: their clips are silent."""
    return tuple(medium for medium in project.media if is_missing(medium))


def relink(project: Project, place: Path) -> Project:
    """Return the project with missing media found again by checksum, whatever their files' names.

    Args:
        project: The project.
        place: A folder, searched with all folders in it, or one file.

    Raises:
        ProjectError: If there is no such folder or file.
    """
    missing = missing_media(project)
    if not missing:
        return project
    if not place.exists():
        raise ProjectError(f"{place}: there is no such folder or file to search")
    wanted = {medium.sha256 for medium in missing}
    # Without a known size any file could be it.
    sizes = {medium.size_bytes for medium in missing}
    found: dict[str, Path] = {}
    for path, size_bytes in _files(place):
        if wanted <= found.keys():
            break
        if size_bytes in sizes or 0 in sizes:
            try:
                found.setdefault(sha256_of(path), path)
            except MediaError:
                continue  # a file that cannot be read is not the one that is looked for
    media = tuple(
        replace(medium, path=str(found[medium.sha256].absolute()))
        if medium in missing and medium.sha256 in found
        else medium
        for medium in project.media
    )
    return project if media == project.media else replace(project, media=media)


def inside(folder: Path, relative: str, place: str) -> Path:
    """Return the absolute path of what a project file names inside its folder.

    Args:
        folder: The project folder.
        relative: As in the project file, with ``/``.
        place: What the message of an error calls it.

    Raises:
        ProjectError: If it is no relative path or leaves the folder, be it by ``..`` or by a link.
    """
    parts = relative.split("/")
    if (
        not relative
        or "\\" in relative
        or "\0" in relative
        or relative[1:2] == ":"
        or any(part in ("", ".", "..") for part in parts)
    ):
        raise ProjectError(
            f"{place}: {relative!r} is not a path inside the project folder; copy the file into "
            f'"{MEDIA_FOLDER}" and write "{MEDIA_FOLDER}/name"'
        )
    path = folder.joinpath(*parts)
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ProjectError(
            f"{place}: {relative!r} is a link out of the project folder; "
            "replace it by the file that it links to"
        )
    return path.absolute()


def names_inside(media: Iterable[Media], folder: Path) -> dict[str, str]:
    """Return, by absolute path, the name that each medium has or will get inside a folder.

    What lies in the folder keeps its name. The rest is named after its file, in ``media/``; media
    of the same content share a file, and no two names differ in case only.
    """
    names: dict[str, str] = {}
    by_content: dict[str, str] = {}
    media = tuple(media)
    root = folder.resolve()
    for medium in media:
        path = Path(medium.path)
        if path.resolve().is_relative_to(root):
            names[medium.path] = path.resolve().relative_to(root).as_posix()
    taken = {name.casefold() for name in names.values()}
    for medium in media:
        if medium.path in names:
            continue
        if medium.sha256 not in by_content:
            name = _free_name(medium, taken, folder)
            taken.add(name.casefold())
            by_content[medium.sha256] = name
        names[medium.path] = by_content[medium.sha256]
    return names


def collect(medium: Media, target: Path) -> None:
    """Copy a medium's file, checking that it still is what was imported.

    Raises:
        ProjectError: If its content has changed or the copy cannot be written.
        MediaError: If it cannot be read.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProjectError(
            f"{target.parent}: cannot be made: {error.strerror}; choose another place"
        ) from error
    digest = hashlib.sha256()
    with replacing(target) as file:
        for block in _blocks(Path(medium.path)):
            digest.update(block)
            file.write(block)
        if digest.hexdigest() != medium.sha256:
            raise ProjectError(
                f"{medium.path}: it has changed since it was imported; import it again, or save "
                "without collecting media"
            )


def _free_name(medium: Media, taken: set[str], folder: Path) -> str:
    """Return a readable name in ``media/`` that is free, or holds the same content already."""
    original = Path(medium.path)
    stem = _UNSAFE.sub("_", original.stem).strip(" .")[:_LONGEST_NAME] or "media"
    suffix = _UNSAFE.sub("_", original.suffix)[:16].rstrip(" .")
    if _RESERVED.fullmatch(stem):
        stem = f"_{stem}"
    for tag in ("", f" {medium.sha256[:8]}", f" {medium.sha256}"):
        name = f"{MEDIA_FOLDER}/{stem}{tag}{suffix}"
        path = folder / name
        if path.is_file():
            if sha256_of(path) == medium.sha256:
                return name
        elif name.casefold() not in taken and not os.path.lexists(path):
            return name
    raise ProjectError(
        f"{folder / MEDIA_FOLDER}: the names for {medium.path} are taken by other files; move them"
    )


def _files(place: Path) -> Iterator[tuple[Path, int]]:
    """Yield the files below a folder (or the file itself) with their sizes in bytes, in order."""
    if place.is_file():
        yield place, place.stat().st_size
        return
    for root, folders, names in os.walk(place):
        folders.sort()
        for name in sorted(names):
            path = Path(root, name)
            if path.is_file():
                yield path, path.stat().st_size


def _blocks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                yield block
    except OSError as error:
        raise MediaError(f"{path}: cannot be read: {error.strerror}; is it there?") from error
