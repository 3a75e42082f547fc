"""Those who do the work of a batch, as the parent sees them: here, processes of this machine."""

import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tonewright.dsp.batch.task import Task
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.rendering.environment import worker_environment
from tonewright.dsp.rendering.store import Store

_MEMORY_SHARE = 0.8
_LEAST_WORKER_BYTES = 10**9
_START_SECONDS = 120.0
"""For how long a process that is starting is not expected to say anything."""


def physical_memory_bytes() -> int:
    """Return the memory of this machine; 8 GB where the system does not tell."""
    if sys.platform == "win32":
        return 8 * 10**9
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def default_workers() -> int:
    """Return one worker a core, fewer where each would have less than 1 GB."""
    by_memory = int(physical_memory_bytes() * _MEMORY_SHARE) // _LEAST_WORKER_BYTES
    return max(1, min(os.cpu_count() or 1, by_memory))


def default_memory_bytes(workers: int) -> int:
    """Return what each of some workers may take, so that all fit into 80 % of the memory."""
    return int(physical_memory_bytes() * _MEMORY_SHARE) // workers


@dataclass(frozen=True, slots=True)
class Event:
    """What a worker said.

    Attributes:
        worker: Who.
        verb: As in ``worker``; ``"ended"`` with how it ended; or ``"stalled"``.
        content: What belongs to the verb.
        folder: Where the files are, if not in the folder of the task.
    """

    worker: "Member"
    verb: str
    content: Any = None
    folder: Path | None = None


class Member(Protocol):
    """Does one task at a time, and says so by events."""

    def give(self, task: Task) -> None:
        """Begin a task."""

    def hold(self, paused: bool) -> None:
        """Let the task rest, if it can, or go on."""

    def silent_seconds(self) -> float:
        """Return for how long nothing has been heard of the task; 0 while it rests."""

    def end(self) -> None:
        """Let the task go, and release everything."""


class Crew(Protocol):
    """Those who do the work of a batch."""

    def size(self) -> int:
        """Return how many members there may be now."""

    def hire(self, events: "queue.Queue[Event]", *, alone: bool) -> Member:
        """Return a new member; ``alone``, it may take the means of all."""

    def grows(self) -> bool:
        """Return whether a member that is alone has more memory than others."""


class LocalCrew:
    """Processes of this machine.

    Args:
        store: Where rendered audio is kept.
        registry: The effects.
        workers: How many processes.
        memory_bytes: What each may take.
    """

    def __init__(
        self, store: Store, registry: Registry, *, workers: int, memory_bytes: int
    ) -> None:
        self._store = store
        self._registry = registry
        self._workers = workers
        self._memory_bytes = memory_bytes

    def size(self) -> int:
        """Return how many processes there may be."""
        return self._workers

    def hire(self, events: "queue.Queue[Event]", *, alone: bool) -> "CrewMember":
        """Start a process."""
        share = self._workers if alone else 1
        return CrewMember(
            self._store,
            self._registry,
            memory_bytes=self._memory_bytes * share,
            threads=share,
            events=events,
        )

    def grows(self) -> bool:
        """Return whether there is more memory for one than for each of all."""
        return self._workers > 1


class CrewMember:
    """A worker process. It is started at once and lives until ``end``.

    Args:
        store: Where rendered audio is kept.
        registry: Its user files are loaded by the process too.
        memory_bytes: What the process may take.
        threads: How many threads its libraries may use.
        events: Where what it says goes.
    """

    def __init__(
        self,
        store: Store,
        registry: Registry,
        *,
        memory_bytes: int,
        threads: int,
        events: "queue.Queue[Event]",
    ) -> None:
        self._store = store
        self._events = events
        self._rests = False
        self._started = False
        self._heard_seconds = time.monotonic()
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tonewright.dsp.batch.worker"),
                *(str(memory_bytes), str(store.folder), *map(str, registry.files)),
            ],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=worker_environment(threads),
            start_new_session=True,  # Ctrl-C is for the parent
        )
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def give(self, task: Task) -> None:
        """Send a task; a process that has died says so by its event."""
        self._heard_seconds = time.monotonic()
        self._send(task)

    def hold(self, paused: bool) -> None:
        """Let the process rest at the next block of its task, or go on."""
        self._rests = paused
        self._heard_seconds = time.monotonic()
        self._send(paused)

    def silent_seconds(self) -> float:
        """Return for how long the process has not been heard; 0 while it rests."""
        if self._rests:
            return 0.0
        silent = time.monotonic() - self._heard_seconds
        return silent if self._started else max(0.0, silent - _START_SECONDS)

    def end(self) -> None:
        """End the process, whatever it does, and clear away what it was rendering."""
        self._process.kill()
        self._process.wait()
        self._listener.join()
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._store.discard_parts(self._process.pid)

    def _send(self, message: Task | bool) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(pickle.dumps(message))
        except BrokenPipeError:
            return

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with os.fdopen(os.dup(self._process.stdout.fileno()), "rb") as pipe:
            while True:
                try:
                    verb, content = pickle.load(pipe)
                except (EOFError, pickle.UnpicklingError):
                    code = self._process.wait()
                    self._events.put(Event(self, "ended", _cause(code)))
                    return
                self._started = True
                self._heard_seconds = time.monotonic()
                self._events.put(Event(self, verb, content))


def _cause(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
