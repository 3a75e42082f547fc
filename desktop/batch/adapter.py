"""A batch in a thread of its own, told of on the main thread.

The thread does what ``tonewright batch`` does; the rendering itself is in processes. What is told
is gathered and handed over at most every 100 ms, however many files end in between. Where cores are
few the thread, and the processes, give way to the window.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from tonewright.desktop.adapters.background import give_way
from tonewright.dsp.batch.crew import Crew
from tonewright.dsp.batch.jobs import jobs_of
from tonewright.dsp.batch.manifest import Manifest
from tonewright.dsp.batch.rows import Counts
from tonewright.dsp.batch.runner import Run, Told
from tonewright.dsp.batch.whole import Choice, run_batch
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import CancelledError, TonewrightError
from tonewright.dsp.rendering.job import CancelToken, Progress


@dataclass(frozen=True, slots=True)
class Ended:
    """How a batch ended: what came of its jobs, and the page of its report; or a reason."""

    counts: Counts | None = None
    page: Path | None = None
    reason: str = ""


class BatchRun(QObject):
    """Runs one batch at a time; ``close`` it before the program ends.

    Args:
        registry: The effects.
        make_crew: Makes those who do the work.

    Signals:
        told (object): A list of ``Told``, of jobs that have ended since the last one.
        progress (object): ``Progress`` of the whole.
        ended (object): ``Ended``; the next batch may begin.
    """

    told = Signal(object)
    progress = Signal(object)
    ended = Signal(object)
    _news = Signal()
    _finished = Signal(object)

    def __init__(
        self, registry: Registry, make_crew: Callable[[], Crew], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._registry = registry
        self._make_crew = make_crew
        self._lock = threading.Lock()
        self._told: list[Told] = []
        self._progress: Progress | None = None
        self._thread: threading.Thread | None = None
        self._cancel = CancelToken()
        self._run: Run | None = None
        self._paused = False
        self._news.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)
        self._finished.connect(self._finish, Qt.ConnectionType.QueuedConnection)

    @property
    def running(self) -> bool:
        """Whether a batch is going on, paused or not."""
        return self._thread is not None

    @property
    def paused(self) -> bool:
        """Whether it rests."""
        return self._paused

    def start(self, make: Callable[[], Manifest], *, retry_failed: bool = False) -> None:
        """Begin a batch; what is done of it already is not done again.

        Args:
            make: Makes its manifest, in the thread: there may be many files.
            retry_failed: Whether what failed of itself is tried again.
        """
        if self._thread is not None:
            return
        self._cancel = CancelToken()
        self._paused = False
        self._thread = threading.Thread(target=self._work, args=(make, retry_failed), name="batch")
        self._thread.start()

    def pause(self, paused: bool) -> None:
        """Let the batch rest, or go on."""
        with self._lock:
            self._paused = paused
            if self._run is not None:
                self._run.pause(paused)

    def stop(self) -> None:
        """End the batch; what is finished stays finished."""
        self._cancel.cancel()

    def close(self) -> None:
        """End the batch and wait for its thread."""
        self.stop()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    # --- in the thread ------------------------------------------------------------------------

    def _work(self, make: Callable[[], Manifest], retry_failed: bool) -> None:
        give_way()
        try:
            manifest = make()
            jobs = jobs_of(manifest, self._registry)
            counts, page = run_batch(
                manifest,
                jobs,
                self._make_crew(),
                choice=Choice(retry_failed=retry_failed),
                told=self._hear,
                report=self._hear_progress,
                begun=self._begun,
                cancel=self._cancel,
            )
            ended = Ended(counts, page)
        except CancelledError:
            ended = Ended(reason="Stopped. What is finished stays; Start goes on.")
        except TonewrightError as error:
            ended = Ended(reason=str(error))
        except Exception as error:  # noqa: BLE001 - the edge of the thread
            ended = Ended(reason=f"{type(error).__name__}: {error}")
        self._finished.emit(ended)

    def _begun(self, run: Run) -> None:
        with self._lock:
            self._run = run
            run.pause(self._paused)

    def _hear(self, told: Told) -> None:
        with self._lock:
            self._told.append(told)

    def _hear_progress(self, progress: Progress) -> None:
        # The run tells of it every 100 ms, which is often enough for all the rest too.
        with self._lock:
            self._progress = progress
        self._news.emit()

    # --- on the main thread -------------------------------------------------------------------

    def _hand_over(self) -> None:
        with self._lock:
            told, self._told = self._told, []
            progress, self._progress = self._progress, None
        if told:
            self.told.emit(told)
        if progress is not None:
            self.progress.emit(progress)

    def _finish(self, ended: Ended) -> None:
        if self._thread is None:  # it was closed
            return
        self._thread.join()
        self._thread = None
        self._run = None
        self._paused = False
        self._hand_over()
        self.ended.emit(ended)
