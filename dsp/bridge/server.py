"""Lets plugins in: a thread for each, for as long as the engine serves."""

import os
import socket
import struct
import sys
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from tonewright.dsp.bridge.rendezvous import Meeting
from tonewright.dsp.bridge.session import Session
from tonewright.dsp.bridge.studio import Studio

SWITCH_SECONDS = 0.0005
"""How long one thread may keep Python's lock: a block of audio must not wait for a render."""

_CREDENTIALS = struct.Struct("3i")


class Server:
    """Serves plugins beside the caller; a context manager.

    Args:
        meeting: Where plugins come to.
        studio: What they share.
    """

    def __init__(self, meeting: Meeting, studio: Studio) -> None:
        self._listener = meeting.listener
        self._studio = studio
        self._lock = threading.Lock()
        self._connections: dict[int, tuple[socket.socket, threading.Thread]] = {}
        self._thread = threading.Thread(target=self._accept, name="bridge", daemon=True)

    def __enter__(self) -> Self:
        self._switch_seconds = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_SECONDS)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        with self._lock:
            serving = list(self._connections.values())
        for connection, thread in serving:
            with suppress(OSError):  # the plugin has hung up just now
                connection.shutdown(socket.SHUT_RDWR)
            thread.join()
        sys.setswitchinterval(self._switch_seconds)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # the engine ends
            if _user_of(connection) != os.getuid():
                connection.close()
                continue
            thread = threading.Thread(
                target=self._serve, args=(connection,), name="plugin", daemon=True
            )
            with self._lock:
                self._connections[id(connection)] = connection, thread
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        Session(connection, self._studio).serve()
        with self._lock:
            del self._connections[id(connection)]


def _user_of(connection: socket.socket) -> int:
    """Return the user at the other end."""
    data = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return int(_CREDENTIALS.unpack(data)[1])
