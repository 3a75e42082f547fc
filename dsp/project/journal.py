"""Autosaves, and what can be recovered from them after a crash.

A running program writes each state of a project to a session folder of its own: in ``autosave/``
of the project's folder or, for a project that was never saved, in the user's data folder. A lock
on a file in the session folder, which the system drops when the program ends in whatever way,
tells the sessions of running programs from those of dead ones: only what the dead left is offered.

An autosave is named after the time it was written and holds, in its first line, the SHA-256 of the
rest, so half of one is never taken for a whole. Paths of media are absolute in it.
"""

import hashlib
import shutil
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

import platformdirs

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.atomic import replacing, sync
from tonewright.dsp.project.document import Project
from tonewright.dsp.project.folder import AUTOSAVE_FOLDER, PROJECT_FILE, load
from tonewright.dsp.project.json_text import dumps, loads
from tonewright.dsp.project.schema import from_json, to_json
from tonewright.dsp.project.validate import validate

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_LOCK_FILE = "lock"


@dataclass(frozen=True, slots=True)
class Recovery:
    """A state of a project that can be gone back to.

    Attributes:
        project: The project as it was.
        path: The autosave, or the project file.
        saved_ns: When it was written, in nanoseconds since 1970.
        autosave: Whether it is an autosave, newer than the last save; else it is that save.
    """

    project: Project
    path: Path
    saved_ns: int
    autosave: bool


@dataclass(frozen=True, slots=True)
class Recovered:
    """What ``Journal.recover`` found.

    Attributes:
        states: Newest first.
        problems: What was found but is damaged, one line each.
    """

    states: tuple[Recovery, ...]
    problems: tuple[str, ...]


class Journal:
    """The autosaves of one running program for one project; use it in a ``with`` statement.

    Args:
        folder: The project's folder; None for a project that was never saved.
        keep: How many autosaves are kept, at least 1.
        data_folder: Where autosaves go without a project folder; the user's data folder if None.
    """

    def __init__(
        self, folder: Path | None, *, keep: int = 5, data_folder: Path | None = None
    ) -> None:
        if keep < 1:
            raise ValueError(f"keep must be at least 1, not {keep}")
        self._project_folder = folder
        if folder is not None:
            self._base = folder / AUTOSAVE_FOLDER
        else:
            data_folder = data_folder or platformdirs.user_data_path("tonewright", appauthor=False)
            self._base = data_folder / AUTOSAVE_FOLDER
        self._keep = keep
        self._session = self._base / uuid.uuid4().hex
        self._mutex = threading.Lock()
        self._lock: BinaryIO | None = None
        self._written: Project | None = None
        self._unsynced: Path | None = None
        self._last_ns = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # After an error the autosaves stay, to be recovered.
        if kind is None:
            self.discard()
        self.close()

    def write(self, project: Project) -> None:
        """Keep a state of the project; may be called from any thread.

        The same object is not written twice in a row. When it returns, the state survives the end
        of the program in whatever way; a power cut after ``sync``.

        Raises:
            ProjectError: If it cannot be written.
        """
        with self._mutex:
            if project is self._written:
                return
            self._open()
            body = dumps(to_json(project))
            # Names must rise even where the clock stands still or is set back.
            self._last_ns = max(time.time_ns(), self._last_ns + 1)
            path = self._session / f"{self._last_ns:020d}.json"
            with replacing(path, synced=False) as file:
                file.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
            self._written, self._unsynced = project, path
            for old in _autosaves(self._session)[self._keep :]:
                old.unlink(missing_ok=True)

    def sync(self) -> None:
        """Put what was written last on the disk; ``write`` need not wait for this to end."""
        with self._mutex:
            path, self._unsynced = self._unsynced, None
        if path is not None:
            sync(path)

    def recover(self) -> Recovered:
        """Return what programs that have died left behind, and the last save.

        Autosaves older than the last save are not offered.
        """
        states: list[Recovery] = []
        problems: list[str] = []
        saved_ns = -1
        if self._project_folder is not None and (self._project_folder / PROJECT_FILE).exists():
            path = self._project_folder / PROJECT_FILE
            try:
                project = load(path)
            except ProjectError as error:
                problems.append(str(error))
            else:
                saved_ns = path.stat().st_mtime_ns
                states.append(Recovery(project, path, saved_ns, autosave=False))
        for session in self._dead_sessions():
            for path in _autosaves(session):
                written_ns = int(path.stem)
                if written_ns > saved_ns:
                    try:
                        states.append(Recovery(_read(path), path, written_ns, autosave=True))
                    except ProjectError as error:
                        problems.append(str(error))
        states.sort(key=lambda state: state.saved_ns, reverse=True)
        return Recovered(tuple(states), tuple(problems))

    def forget(self, recovery: Recovery) -> None:
        """Delete what a dead program left: the autosave's whole session."""
        if recovery.autosave:
            shutil.rmtree(recovery.path.parent)

    def discard(self) -> None:
        """Delete the autosaves of this program, after a save or when the user wants none of it."""
        with self._mutex:
            self._written = None
            for path in _autosaves(self._session):
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the session; autosaves that were not discarded can be recovered from now on."""
        with self._mutex:
            if self._lock is None:
                return
            self._lock.close()
            self._lock = None
            if not _autosaves(self._session):
                shutil.rmtree(self._session)

    def _open(self) -> None:
        """Make the session folder and lock it, once."""
        if self._lock is not None:
            return
        try:
            self._session.mkdir(parents=True, exist_ok=True)
            lock = (self._session / _LOCK_FILE).open("wb")
        except OSError as error:
            raise ProjectError(
                f"{self._session}: autosave cannot be written: {error.strerror}; save the project"
            ) from error
        _try_lock(lock)
        self._lock = lock

    def _dead_sessions(self) -> Iterator[Path]:
        """Yield the session folders that no running program has locked."""
        for lock_path in sorted(self._base.glob(f"*/{_LOCK_FILE}")):
            if lock_path.parent != self._session:
                with lock_path.open("r+b") as lock:
                    if _try_lock(lock):
                        yield lock_path.parent


def _autosaves(session: Path) -> list[Path]:
    """Return the autosaves of a session, newest first."""
    paths = [path for path in session.glob("*.json") if path.stem.isdecimal()]
    return sorted(paths, reverse=True)


def _read(path: Path) -> Project:
    """Return the project of an autosave.

    Raises:
        ProjectError: If it is damaged.
    """
    try:
        checksum, _, body = path.read_bytes().partition(b"\n")
    except OSError as error:
        raise ProjectError(f"{path}: cannot be read: {error.strerror}") from error
    if checksum != hashlib.sha256(body).hexdigest().encode():
        raise ProjectError(f"{path}: the autosave is damaged; an earlier one may be whole")
    data = loads(body, path)
    try:
        project = from_json(data)
        validate(project)
    except ProjectError as error:
        raise ProjectError(f"{path}: {error}") from error
    return project


def _try_lock(file: BinaryIO) -> bool:
    """Lock an open file until it is closed; False if another open file has the lock."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
