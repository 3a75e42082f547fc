"""The worker process: it owns the networks, does one job after another, and may be killed.

The parent starts it as ``python -m`` this module, so it never imports the program that started
it. Pickled tasks come in; pickled pairs go out: ``("ready", None)``, ``("progress", Progress)``,
``("done", Made)``, ``("failed", error)``, ``("memory", None)``. When the pipe is closed, the
parent has gone or wants no more, and the process ends where it stands.
"""

import os
import pickle
import queue
import sys
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO

from tonewright.dsp.batch.task import Task
from tonewright.dsp.batch.work import work
from tonewright.dsp.effects.registry import load_registry
from tonewright.dsp.errors import RenderError, TonewrightError
from tonewright.dsp.rendering.inline import InlineQueue
from tonewright.dsp.rendering.job import Progress
from tonewright.dsp.rendering.renderer import Renderer
from tonewright.dsp.rendering.store import Store

_REPORT_SECONDS = 0.1


def limit_memory(memory_bytes: int) -> None:
    """Let the process have no more memory of its own than this, where the system can.

    Code, and files that are mapped, do not count. What asks for more gets ``MemoryError``.
    """
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))


class _Worker:
    def __init__(self, answers: BinaryIO, renderer: Renderer) -> None:
        self._answers = answers
        self._renderer = renderer
        self._next_report_seconds = 0.0

    def serve(self, tasks: "queue.SimpleQueue[Task]") -> None:
        self._send("ready", None)
        while True:
            task = tasks.get()
            try:
                self._send("done", work(task, self._renderer, self._report))
            except MemoryError:
                self._send("memory", None)
            except TonewrightError as error:
                # Some effects wrap what they meet; the want of memory is not the input's fault.
                if isinstance(error.__cause__, MemoryError):
                    self._send("memory", None)
                else:
                    self._send("failed", error)
            except Exception as error:  # noqa: BLE001 - the edge of the process
                said = f"{task.source}: {type(error).__name__}: {error}"
                self._send("failed", RenderError(said))

    def _report(self, progress: Progress) -> None:
        now = time.monotonic()
        if now >= self._next_report_seconds:
            self._next_report_seconds = now + _REPORT_SECONDS
            self._send("progress", progress)

    def _send(self, verb: str, content: Any) -> None:
        try:
            self._answers.write(pickle.dumps((verb, content)))
            self._answers.flush()
        except BrokenPipeError:
            os._exit(0)  # the parent has gone


def _listen(requests: BinaryIO, tasks: "queue.SimpleQueue[Task]") -> None:
    while True:
        try:
            tasks.put(pickle.load(requests))
        except (EOFError, pickle.UnpicklingError):
            os._exit(0)


def main() -> None:
    """Serve the parent until it closes the pipe."""
    memory, folder, *files = sys.argv[1:]
    limit_memory(int(memory))
    # Whatever a library prints must not get between the messages.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if hasattr(os, "nice"):
        os.nice(5)
    registry = load_registry(map(Path, files))
    renderer = Renderer(executor=InlineQueue(Store(Path(folder)), registry))
    tasks: queue.SimpleQueue[Task] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, tasks), daemon=True).start()
    _Worker(answers, renderer).serve(tasks)


if __name__ == "__main__":
    main()
