"""The worker process: it owns the networks, renders one job at a time, and may be killed.

``Worker`` is the caller's side. The process is started as ``python -m`` this module, so it never
imports the program that started it. Pickled pairs go over its pipes: ``("run", node or task)`` and
``("cancel", None)`` in; ``("progress", Progress)``, ``("done", answer or failures)``,
``("failed", error)`` out.
"""

import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

from tonewright.dsp.effects.registry import Registry, load_registry
from tonewright.dsp.errors import CancelledError, RenderError, TonewrightError
from tonewright.dsp.rendering.environment import worker_environment
from tonewright.dsp.rendering.job import CancelToken, Report
from tonewright.dsp.rendering.nodes import Stored
from tonewright.dsp.rendering.noted import Noted
from tonewright.dsp.rendering.store import Store
from tonewright.dsp.rendering.task import Task

GRACE_SECONDS = 0.6
"""How long a cancelled job may take to stop before its process is killed."""

_POLL_SECONDS = 0.05


class Worker:
    """A worker process, started at the first job and again after it was killed.

    Args:
        store: Where results go.
        registry: Its user files are loaded by the process too.
    """

    def __init__(self, store: Store, registry: Registry) -> None:
        self._store = store
        self._registry = registry
        self._process: subprocess.Popen[bytes] | None = None
        # No SimpleQueue: that of Python 3.11 may wait forever when its timeout has just passed.
        self._messages: queue.Queue[tuple[str, Any]] = queue.Queue()

    @property
    def pid(self) -> int | None:
        """The process's id, if it runs."""
        return self._process.pid if self._process else None

    def run(self, node: Stored | Noted | Task, *, report: Report, cancel: CancelToken) -> Any:
        """Render a node in the process, wait for it, and return what its ``render`` does.

        Of a task, return the answer.

        Raises:
            CancelledError: If ``cancel`` was set, at the latest ``GRACE_SECONDS`` later.
            TonewrightError: If the job failed, or the process died of it.
        """
        process = self._process or self._start()
        self._send(process, "run", node)
        polls_left: int | None = None
        while True:
            try:
                verb, content = self._messages.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                verb, content = "", None
            match verb:
                case "progress":
                    report(content)
                case "done":
                    return content
                case "failed":
                    raise content
                case "ended":
                    code = process.wait()
                    self.close()
                    raise RenderError(
                        f"{node.label}: the worker process died ({_cause(code)}); "
                        "the other jobs go on, render again to retry"
                    )
            if polls_left is None and cancel.cancelled:
                self._send(process, "cancel", None)
                polls_left = round(GRACE_SECONDS / _POLL_SECONDS)
            elif polls_left is not None and not verb:
                polls_left -= 1
                if polls_left <= 0:
                    self.close()
                    raise CancelledError("cancelled; the worker did not stop and was ended")

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._listener.join()
        self._store.discard_parts(self._process.pid)
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process = None

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tonewright.dsp.rendering.worker",
                str(self._store.folder),
                *map(str, self._registry.files),
            ],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=worker_environment(),
            start_new_session=True,  # Ctrl-C is for the parent, which cancels the job
        )
        assert process.stdout is not None
        self._messages = queue.Queue()
        self._listener = threading.Thread(
            target=_listen,
            args=(os.fdopen(os.dup(process.stdout.fileno()), "rb"), self._messages),
            daemon=True,
        )
        self._listener.start()
        self._process = process
        return process

    def _send(self, process: subprocess.Popen[bytes], verb: str, content: object) -> None:
        assert process.stdin is not None
        try:
            process.stdin.write(pickle.dumps((verb, content)))
        except BrokenPipeError:
            return  # it has died; the listener says so


def _listen(pipe: BinaryIO, messages: "queue.Queue[tuple[str, Any]]") -> None:
    with pipe:
        while True:
            try:
                messages.put(pickle.load(pipe))
            except (EOFError, pickle.UnpicklingError):
                messages.put(("ended", None))
                return


def _cause(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


class _Server:
    """The process's side: the main thread listens, so that it hears ``cancel`` during a job."""

    def __init__(self, answers: BinaryIO, store: Store, registry: Registry) -> None:
        self._answers = answers
        self._store = store
        self._registry = registry
        self._cancel = CancelToken()

    def serve(self, requests: BinaryIO) -> None:
        while True:
            try:
                verb, content = pickle.load(requests)
            except EOFError:
                # The parent has gone: what still runs is of no use to anyone.
                os._exit(0)
            if verb == "run":
                self._cancel = CancelToken()
                threading.Thread(target=self._run, args=(content, self._cancel)).start()
            else:
                self._cancel.cancel()

    def _run(self, node: Stored | Noted | Task, cancel: CancelToken) -> None:
        work = node.answer if isinstance(node, Task) else node.render
        try:
            answer = work(
                store=self._store,
                registry=self._registry,
                report=lambda progress: self._send("progress", progress),
                cancel=cancel,
            )
        except TonewrightError as error:
            self._send("failed", error)
        except Exception as error:  # noqa: BLE001 - the edge of the process: it becomes an event
            self._send("failed", RenderError(f"{node.label}: {type(error).__name__}: {error}"))
        else:
            self._send("done", answer)

    def _send(self, verb: str, content: object) -> None:
        self._answers.write(pickle.dumps((verb, content)))
        self._answers.flush()


def main() -> None:
    """Serve the parent until it closes the pipe."""
    folder, *files = sys.argv[1:]
    # Whatever a library prints must not get between the messages.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if hasattr(os, "nice"):
        os.nice(5)
    server = _Server(answers, Store(Path(folder)), load_registry(map(Path, files)))
    server.serve(sys.stdin.buffer)


if __name__ == "__main__":
    main()
