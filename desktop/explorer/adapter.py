"""An exploration in the worker process, told of on the main thread."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal

from tonewright.desktop.tasks import Tasks
from tonewright.dsp.errors import TonewrightError
from tonewright.dsp.rendering.exploration import exploration_of
from tonewright.dsp.rendering.job import Progress
from tonewright.dsp.rendering.queue import Job, RenderQueue, State
from tonewright.dsp.rendering.task import Task


class Exploring(QObject):
    """Explores one passage at a time; ``close`` it before its tasks and its queue.

    Args:
        render_queue: Whose worker process computes.
        tasks: Plan what it is asked.

    Signals:
        progress (object): ``Progress``, at most as often as the event loop turns.
        found (object): ``Exploration``; the next one may begin.
        failed (str): One line for the user, empty if it was stopped; the next one may begin.
    """

    progress = Signal(object)
    found = Signal(object)
    failed = Signal(str)
    _news = Signal()

    def __init__(
        self, render_queue: RenderQueue, tasks: Tasks, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._queue = render_queue
        self._tasks = tasks
        self._lock = threading.Lock()
        self._job: Job | None = None
        self._planning = False
        self._wanted = False
        self._open = True
        self._told = False
        self._news.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    @property
    def running(self) -> bool:
        """Whether an exploration is going on."""
        return self._planning or self._job is not None

    def start(self, make: Callable[[], Task]) -> None:
        """Begin one.

        Args:
            make: Plans it, in a thread.
        """
        if self.running:
            return
        self._planning = self._wanted = True
        self._tasks.run(make, self._ask, failed=self._refuse)

    def stop(self) -> None:
        """End what is going on."""
        self._wanted = False
        if self._job is not None:
            self._queue.cancel([self._job.key])

    def close(self) -> None:
        """End what is going on; nothing is told any more."""
        self._open = False
        self.stop()

    def _ask(self, task: Task) -> None:
        self._planning = False
        if not (self._open and self._wanted):
            self.failed.emit("")
            return
        self._job = self._queue.ask(task, listener=self._hear)
        self._hear(self._job)  # it may have ended before anyone listened

    def _refuse(self, error: TonewrightError) -> None:
        self._planning = False
        self.failed.emit(str(error))

    def _hear(self, job: Job) -> None:
        """Note that there is news, in any thread; many are one until they are handed over."""
        with self._lock:
            told, self._told = self._told, True
        if not told and self._open:
            self._news.emit()

    def _hand_over(self) -> None:
        with self._lock:
            self._told = False
        job = self._job
        if job is None or not self._open:
            return
        if not job.state.final:
            self.progress.emit(job.progress if job.progress.stage else Progress(0.0, "waiting"))
            return
        self._job = None
        if job.state is State.DONE:
            self.found.emit(exploration_of(job.answer))
        else:
            self.failed.emit("" if job.state is State.CANCELLED else str(job.error))
