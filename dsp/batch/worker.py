"""The worker process: it owns the networks, does one job after another, and may be killed.

The parent starts it as ``python -m`` this module, so it never imports the program that started
it. Pickled tasks come in, and True or False to rest and to go on; pickled pairs go out:
``("ready", None)``, ``("progress", Progress)``, ``("done", Made)``, ``("failed", error)``,
``("memory", None)``. When the pipe is closed, the parent has gone or wants no more, and the process
ends where it stands.
"""

import os
import pickle
import queue
import sys
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO

from tonewright.dsp.batch.remote import upload
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
    def __init__(self, answers: BinaryIO, renderer: Renderer, go_on: threading.Event) -> None:
        self._answers = answers
        self._renderer = renderer
        self._go_on = go_on
        self._next_report_seconds = 0.0
        self._stage = ""

    def serve(self, tasks: "queue.SimpleQueue[Task]") -> None:
        self._send("ready", None)
        while True:
            task = tasks.get()
            try:
                made = work(task, self._renderer, self._report)
                if task.upload and made.files:
                    self._report(Progress(1.0, "uploading"))
                    upload(task, made)
                self._send("done", made)
            except Exception as error:  # noqa: BLE001 - the edge of the process
                if _wants_memory(error):
                    self._send("memory", None)
                elif isinstance(error, TonewrightError):
                    self._send("failed", error)
                else:
                    said = f"{task.source}: {type(error).__name__}: {error}"
                    self._send("failed", RenderError(said))

    def _report(self, progress: Progress) -> None:
        self._go_on.wait()
        now = time.monotonic()
        if now >= self._next_report_seconds or progress.stage != self._stage:
            self._next_report_seconds = now + _REPORT_SECONDS
            self._stage = progress.stage
            self._send("progress", progress)

    def _send(self, verb: str, content: Any) -> None:
        try:
            self._answers.write(pickle.dumps((verb, content)))
            self._answers.flush()
        except BrokenPipeError:
            os._exit(0)  # the parent has gone


def _wants_memory(error: BaseException | None) -> bool:
    """Return whether it is for want of memory, which is not the input's fault.

    Some effects wrap what they meet, and torch has errors of its own for it.
    """
    while error is not None:
        if (
            isinstance(error, MemoryError)
            or type(error).__name__ == "OutOfMemoryError"
            or "can't allocate memory" in str(error)
        ):
            return True
        error = error.__cause__
    return False


def _listen(requests: BinaryIO, tasks: "queue.SimpleQueue[Task]", go_on: threading.Event) -> None:
    while True:
        try:
            message = pickle.load(requests)
        except (EOFError, pickle.UnpicklingError):
            os._exit(0)
        if isinstance(message, Task):
            tasks.put(message)
        elif message:
            go_on.clear()
        else:
            go_on.set()


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
    go_on = threading.Event()
    go_on.set()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, tasks, go_on), daemon=True).start()
    _Worker(answers, renderer, go_on).serve(tasks)


if __name__ == "__main__":
    main()
