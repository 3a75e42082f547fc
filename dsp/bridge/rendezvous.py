"""Where a plugin finds the engine: a file that only this user can read.

It has two lines, the path of a Unix socket and a token. The socket has a random name and permission
0600, and its folder 0700; nothing listens on a network. ``desktop/plugin/engine.cpp`` looks in the
same places.
"""

import os
import secrets
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tonewright.dsp.errors import BridgeError

RUNTIME_VARIABLE = "TONEWRIGHT_RUNTIME"
_FILE = "engine"


def runtime_folder() -> Path:
    """Return the folder: ``$TONEWRIGHT_RUNTIME``, else one in the user's runtime folder."""
    chosen = os.environ.get(RUNTIME_VARIABLE)
    if chosen:
        return Path(chosen)
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return Path(runtime) / "tonewright" if runtime else Path(f"/tmp/tonewright-{os.getuid()}")


@dataclass(frozen=True, slots=True)
class Rendezvous:
    """What a plugin needs to know of an engine."""

    path: Path
    token: str


def find(folder: Path) -> Rendezvous | None:
    """Return the engine that serves; None if none does.

    A file that an engine left behind when it was killed is no engine.
    """
    try:
        path, token = (folder / _FILE).read_text("utf-8").splitlines()
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(path)
    except (OSError, ValueError):
        return None
    return Rendezvous(Path(path), token)


class Meeting:
    """A listening socket that plugins find, as a context manager.

    Args:
        folder: From ``runtime_folder``.

    Attributes:
        listener: The socket.
        token: What a plugin must say.

    Raises:
        BridgeError: If an engine serves already, or the folder is not the user's own.
    """

    def __init__(self, folder: Path) -> None:
        _own(folder)
        if find(folder) is not None:
            raise BridgeError(f"{folder}: an engine serves there already; it is enough for all")
        self.token = secrets.token_hex(32)
        self._file = folder / _FILE
        self._path = folder / f"{secrets.token_hex(8)}.sock"
        for left_behind in folder.glob("*.sock"):
            left_behind.unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            self.listener.bind(str(self._path))
        except OSError as error:
            self.listener.close()
            raise BridgeError(
                f"{folder}: no socket can be made there ({error.strerror}); "
                f"name another folder in {RUNTIME_VARIABLE}"
            ) from error
        finally:
            os.umask(before)
        self.listener.listen()
        self._publish()

    def _publish(self) -> None:
        beside = self._file.with_suffix(".part")
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{self._path}\n{self.token}\n")
        beside.replace(self._file)

    def __enter__(self) -> "Meeting":
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()
        with suppress(FileNotFoundError):
            if self.token in self._file.read_text("utf-8"):
                self._file.unlink()
        self._path.unlink(missing_ok=True)


def _own(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        about = folder.lstat()
    except OSError as error:
        raise BridgeError(
            f"{folder}: cannot be made ({error.strerror}); "
            f"name another folder in {RUNTIME_VARIABLE}"
        ) from error
    if about.st_uid != os.getuid() or about.st_mode & 0o077 or not folder.is_dir():
        raise BridgeError(
            f"{folder}: others can read or write it; delete it, or set its permissions to 700"
        )
