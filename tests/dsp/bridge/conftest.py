"""An engine in this process, and a plugin in Python: the other side of its memory and messages."""

import mmap
import os
import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tonewright.dsp.bridge.chains import NamedChain
from tonewright.dsp.bridge.memory import PROTOCOL, RING_MARKS, RING_SAMPLES, memory_bytes
from tonewright.dsp.bridge.rendezvous import Meeting, find
from tonewright.dsp.bridge.server import Server
from tonewright.dsp.bridge.studio import Studio
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.project.document import EffectSpec, new_id
from tonewright.dsp.rendering.store import Store

RATE = 48_000
PATIENCE_SECONDS = 20
MAGIC = 0x54775242
MARK = struct.Struct("<qqdII")


def make_chain(name: str, *effects: tuple[str, dict[str, Any]]) -> NamedChain:
    return NamedChain(
        name, tuple(EffectSpec(new_id(), e, params=tuple(sorted(p.items()))) for e, p in effects)
    )


@pytest.fixture
def quiet() -> NamedChain:
    return make_chain("Quiet", ("gain", {"gain_db": -12.0}))


class Plugin:
    """The memory and the connection of a plugin; what it plays is read back at once."""

    def __init__(self, folder: Path, *, channels: int = 2) -> None:
        self.channels = channels
        self._memory = os.memfd_create("test")
        os.ftruncate(self._memory, memory_bytes(channels))
        self.map = mmap.mmap(self._memory, memory_bytes(channels))
        struct.pack_into(
            "<6I", self.map, 0, MAGIC, PROTOCOL, channels, RATE, RING_SAMPLES, RING_MARKS
        )
        self._near, self._far = socket.socketpair()
        self._folder = folder
        self._received = b""
        self._fed = self._marks = 0

    def connect(self, *, token: str | None = None, chain: str = "", takes: str = "") -> None:
        meeting = find(self._folder)
        assert meeting is not None
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.settimeout(PATIENCE_SECONDS)
        self._connection.connect(str(meeting.path))
        hello = f"hello\t{PROTOCOL}\t{token or meeting.token}\t{RATE}\t{self.channels}\n"
        descriptors = [self._memory, self._far.fileno()]
        socket.send_fds(self._connection, [hello.encode()], descriptors)
        self.say(f"chain\t{chain}")
        self.say(f"takes\t{takes}")
        self.say("begin")

    def say(self, line: str) -> None:
        self._connection.sendall(line.encode() + b"\n")

    def hear(self, wanted: str) -> str:
        """Return the content of the next message of a verb."""
        while True:
            while b"\n" not in self._received:
                data = self._connection.recv(1 << 16)
                assert data, f"hung up before {wanted}"
                self._received += data
            line, _, self._received = self._received.partition(b"\n")
            verb, _, content = line.decode().partition("\t")
            if verb == wanted:
                return content

    def play(self, audio: Any, **mark: Any) -> Any:
        """Send a block of 16 samples or more; return what comes back, once it is as long."""
        self.mark(**mark)
        start = 4_096 + RING_MARKS * MARK.size
        rings = np.frombuffer(self.map, "<f4", offset=start).reshape(2, self.channels, RING_SAMPLES)
        places = np.arange(self._fed, self._fed + audio.shape[1]) % RING_SAMPLES
        rings[0][:, places] = audio
        self._fed += audio.shape[1]
        struct.pack_into("<Q", self.map, 64, self._fed)
        self._near.send(b"x")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while struct.unpack_from("<Q", self.map, 192)[0] < self._fed:
            assert time.monotonic() < deadline, "the engine does not answer"
            os.sched_yield()
        heard = rings[1][:, places].copy()
        del rings
        return heard

    def mark(self, **mark: Any) -> None:
        if not mark:
            return
        flags = sum(
            bit for bit, name in ((1, "playing"), (2, "place"), (4, "capture")) if mark.get(name)
        )
        where = 4_096 + self._marks % RING_MARKS * MARK.size
        MARK.pack_into(self.map, where, self._fed, mark.get("frame", 0), 120.0, flags, 0)
        self._marks += 1
        struct.pack_into("<Q", self.map, 128, self._marks)

    def close(self) -> None:
        """Hang up; once is enough."""
        if self.map.closed:
            return
        self.map.close()
        os.close(self._memory)
        self._near.close()
        self._far.close()
        if hasattr(self, "_connection"):
            self._connection.close()


@pytest.fixture
def studio(tmp_path: Path, quiet: NamedChain) -> Iterator[Studio]:
    """Serve plugins that come to ``tmp_path / "run"``."""
    with Meeting(tmp_path / "run") as meeting:
        studio = Studio(
            meeting.token,
            default_registry(),
            results=Store(tmp_path / "results"),
            captures=Store(tmp_path / "captures"),
            presets_folder=tmp_path / "presets",
            chain=quiet,
        )
        with Server(meeting, studio):
            yield studio
        studio.close()


@pytest.fixture
def make_plugin(studio: Studio, tmp_path: Path) -> Iterator[Callable[..., Plugin]]:
    plugins: list[Plugin] = []

    def make(**options: Any) -> Plugin:
        plugins.append(Plugin(tmp_path / "run", **options))
        return plugins[-1]

    yield make
    for plugin in plugins:
        plugin.close()
