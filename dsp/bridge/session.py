"""One plugin at the engine: its messages, and its audio on the way through the chain.

Messages are lines, ``verb<TAB>content``. A plugin says ``hello`` (protocol, token, sample rate,
channels; the shared memory and the wire that wakes come along), ``chain``, ``takes`` and ``begin``,
later perhaps ``next``, ``previous`` or ``open``. The engine answers ``chain``, ``name`` and
``ready`` (what is held back, in samples) or ``refused`` (why), later ``status``, ``takes`` and
``choose`` (another chain).
"""

import array
import hmac
import os
import select
import socket
import threading
from contextlib import suppress

import numpy as np

from tonewright.dsp.bridge.chains import NamedChain, kept_chains, neighbour, parse_chain, read_chain
from tonewright.dsp.bridge.live import LiveChain
from tonewright.dsp.bridge.memory import PROTOCOL, SharedMemory
from tonewright.dsp.bridge.opened import opened
from tonewright.dsp.bridge.place import Placing
from tonewright.dsp.bridge.studio import Studio
from tonewright.dsp.bridge.takes import Takes
from tonewright.dsp.errors import BridgeError, TonewrightError

_BLOCK_SAMPLES = 8_192
_LONGEST_LINE = 1 << 24
_HELLO_SECONDS = 10.0
_DESCRIPTORS = 2
_PRIORITY = 10  # of 1 to 99; hosts run their audio above it


class Session:
    """Serves one connection until it ends.

    Args:
        connection: Of the plugin; closed at the end.
        studio: What all sessions share.
    """

    def __init__(self, connection: socket.socket, studio: Studio) -> None:
        self._connection = connection
        self._studio = studio
        self._received = b""
        self._descriptors: list[int] = []
        self._sending = threading.Lock()
        self._chain = NamedChain("")
        self._takes = Takes(())
        self._sample_rate = 48_000  # the plugin says another one

    def serve(self) -> None:
        """Serve until the plugin hangs up."""
        try:
            self._connection.settimeout(_HELLO_SECONDS)
            try:
                self._greeted()
            except TonewrightError as error:
                self.send("refused", str(error))
                self._idle()
        except (OSError, EOFError):
            pass  # the plugin has gone
        except Exception as error:  # noqa: BLE001 - the edge of the thread: the plugin tells it
            self.send("status", f"{type(error).__name__}: {error}")
        finally:
            self._connection.close()
            for descriptor in self._descriptors:
                os.close(descriptor)

    # --- messages ---------------------------------------------------------------------------

    def send(self, verb: str, content: object = "") -> None:
        """Send a message; from any thread."""
        line = f"{verb}\t{' '.join(str(content).splitlines())}\n"
        with self._sending, suppress(OSError):
            self._connection.sendall(line.encode("utf-8"))

    def _line(self) -> tuple[str, str]:
        """Return the next message: its verb and its content."""
        while b"\n" not in self._received:
            self._receive()
        line, _, self._received = self._received.partition(b"\n")
        verb, _, content = line.decode("utf-8", "replace").partition("\t")
        return verb, content

    def _receive(self) -> None:
        size = array.array("i").itemsize
        data, ancillary, _, _ = self._connection.recvmsg(
            1 << 16, socket.CMSG_SPACE(_DESCRIPTORS * size)
        )
        for level, kind, content in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                sent = array.array("i")
                sent.frombytes(content[: len(content) - len(content) % size])
                self._descriptors.extend(sent)
        if not data:
            raise EOFError
        self._received += data
        if len(self._received) > _LONGEST_LINE:
            raise BridgeError("the plugin sent a message without an end")

    # --- the stream -------------------------------------------------------------------------

    def _greeted(self) -> None:
        verb, content = self._line()
        fields = content.split("\t")
        if verb != "hello" or len(fields) != 4:
            raise BridgeError("the plugin did not say hello; update it: make plugin")
        if fields[0] != str(PROTOCOL):
            raise BridgeError("the plugin is of another version; update it: make plugin")
        if not hmac.compare_digest(fields[1].encode(), self._studio.token.encode()):
            raise BridgeError("the plugin does not know the token")
        if len(self._descriptors) != _DESCRIPTORS:
            raise BridgeError("the plugin sent no memory; update it: make plugin")
        said = {}
        while (message := self._line())[0] != "begin":
            said[message[0]] = message[1]
        self._chain = parse_chain(said["chain"]) if said.get("chain") else self._studio.chain
        self._takes = Takes.parsed(said.get("takes", ""))
        memory = SharedMemory(self._descriptors[0])
        self._sample_rate = memory.sample_rate
        try:
            self._play(memory)
        finally:
            memory.close()

    def _play(self, memory: SharedMemory) -> None:
        self.send("chain", self._chain.text())
        self.send("name", self._chain.name or "no effects")
        live, reason = self._live(memory)
        placing = Placing(
            self._chain,
            self._takes,
            self._studio,
            sample_rate=memory.sample_rate,
            channels=memory.channels,
            said=self.send,
            fallback=reason,
        )
        with placing:
            self.send("status", reason or "ready")
            self.send("ready", live.held_samples if live else 0)
            self._loop(memory, live, placing)

    def _live(self, memory: SharedMemory) -> tuple[LiveChain | None, str]:
        """Return the chain at work, or why there is none: it may still be placed."""
        try:
            return LiveChain(
                self._chain,
                self._studio.registry,
                sample_rate=memory.sample_rate,
                channels=memory.channels,
            ), ""
        except BridgeError as error:
            return None, str(error)

    def _loop(self, memory: SharedMemory, live: LiveChain | None, placing: "Placing") -> None:
        wire = self._descriptors[1]
        os.set_blocking(wire, False)
        self._connection.settimeout(None)
        poll = select.poll()
        poll.register(self._connection, select.POLLIN)
        poll.register(wire, select.POLLIN)
        _hurry()
        while True:
            for descriptor, _ in poll.poll():
                if descriptor == wire:
                    with suppress(BlockingIOError):
                        os.read(wire, 1 << 16)
                else:
                    self._obey(*self._line())
            while memory.waiting_samples:
                self._pass(memory, live, placing)
            self._takes = placing.takes

    def _pass(self, memory: SharedMemory, live: LiveChain | None, placing: "Placing") -> None:
        # The samples are counted first: a mark is there before the samples that it is about.
        audio = memory.read(_BLOCK_SAMPLES)
        for mark in memory.marks():
            placing.mark(mark)
        if not np.isfinite(audio).all():
            audio = np.nan_to_num(audio, nan=0.0, posinf=0.0, neginf=0.0)
        wet = live.process(audio) if live else None
        memory.write(placing.process(audio, wet))

    def _idle(self) -> None:
        """Listen to one that was refused: it may choose another chain."""
        self._connection.settimeout(None)
        while True:
            self._obey(*self._line())

    def _obey(self, verb: str, content: str) -> None:
        if verb in ("next", "previous"):
            kept = kept_chains(self._studio.presets_folder)
            name = neighbour(kept.names(), self._chain.name, 1 if verb == "next" else -1)
            if name is None:
                self.send("status", "no chains are kept: tonewright chain save NAME EFFECT,...")
            else:
                self.send("choose", read_chain(kept.get(name) | {"name": name}).text())
        elif verb == "open":
            # In a thread: what is heard must not wait for files.
            self._studio.render(self._open, lambda error: self.send("status", error))

    def _open(self) -> None:
        """Open the editor at this plugin: its chain, its takes in their places."""
        folder = opened(
            self._chain, self._takes, self._studio.captures, sample_rate=self._sample_rate
        )
        self._studio.open_desktop((folder,))


def _hurry() -> None:
    """Put this thread, but none that it starts, before all that is not audio, if it is allowed."""
    with suppress(PermissionError):
        policy = os.SCHED_RR | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(0, policy, os.sched_param(_PRIORITY))
