"""The parent's side of the worker processes."""

import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import Any

from tonewright.dsp.batch.task import Task
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.rendering.store import Store

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_MEMORY_SHARE = 0.8
_LEAST_WORKER_BYTES = 10**9


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
    """What a worker said; ``verb`` is as in ``worker``, or ``"ended"`` with how it ended."""

    worker: "CrewMember"
    verb: str
    content: Any = None


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
        events: "queue.SimpleQueue[Event]",
    ) -> None:
        self._store = store
        self._events = events
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tonewright.dsp.batch.worker"),
                *(str(memory_bytes), str(store.folder), *map(str, registry.files)),
            ],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | dict.fromkeys(_THREAD_VARIABLES, str(threads)),
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
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(pickle.dumps(task))
        except BrokenPipeError:
            return

    def end(self) -> None:
        """End the process, whatever it does, and clear away what it was rendering."""
        self._process.kill()
        self._process.wait()
        self._listener.join()
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._store.discard_parts(self._process.pid)

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
                self._events.put(Event(self, verb, content))


def _cause(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
