"""The render queue: jobs by priority, native ones in threads, networks in the worker process.

A job is one ``Stored`` node, notes that an effect makes (``Noted``), or a ``Task``, which has an
answer. It waits until what it needs is in the store, runs once however often it is submitted, and
may be cancelled at any time. Native effects release Python's lock, so threads use all cores; tasks,
and effects that run RENDERED, go one at a time to the worker process, whose death fails its job
only.
"""

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import CancelledError, RenderError, TonewrightError
from tonewright.dsp.rendering.job import CancelToken, Progress, Report, ignore
from tonewright.dsp.rendering.nodes import Stored
from tonewright.dsp.rendering.noted import Noted
from tonewright.dsp.rendering.plan import stored_behind
from tonewright.dsp.rendering.store import Store
from tonewright.dsp.rendering.task import Task
from tonewright.dsp.rendering.worker import Worker

RENDERED_COST = 20.0
"""What a second of a RENDERED effect takes of the progress bar, a native second being 1."""


class State(StrEnum):
    """Where a job is; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether nothing more will happen."""
        return self in (State.DONE, State.FAILED, State.CANCELLED)


Listener = Callable[["Job"], None]


@dataclass(eq=False, slots=True)
class Job:
    """One node on its way into the store. Read it anywhere; only the queue changes it.

    Attributes:
        priority: The highest runs first.
        failures: Why effects went on with the dry sound, when it is done.
        listeners: Called at every change, in the thread that made it.
        answer: Of a task that is done.
    """

    node: Stored | Noted | Task
    priority: float = 0.0
    needs: tuple[str, ...] = ()
    state: State = State.QUEUED
    progress: Progress = field(default_factory=lambda: Progress(0.0))
    error: TonewrightError | None = None
    failures: tuple[str, ...] = ()
    cancel: CancelToken = field(default_factory=CancelToken)
    listeners: list[Listener] = field(default_factory=list)
    answer: Any = None

    @property
    def key(self) -> str:
        """The content key of the result."""
        return self.node.key


class RenderQueue:
    """Runs jobs beside the caller; ``close`` it, or use it as a context manager.

    Args:
        store: Where results go.
        registry: Builds the effects.
        threads: How many native jobs run at once; as many as there are cores if None.
    """

    def __init__(self, store: Store, registry: Registry, *, threads: int | None = None) -> None:
        self.store = store
        self.registry = registry
        self._jobs: dict[str, Job] = {}
        self._changed = threading.Condition()
        self._closed = False
        self._worker = Worker(store, registry)
        native = threads or os.cpu_count() or 1
        self._threads = [
            # A program that forgets to close the queue must still come to its end.
            threading.Thread(
                target=self._work, args=(index == native,), name=f"render-{index}", daemon=True
            )
            for index in range(native + 1)
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> "RenderQueue":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- asking ----------------------------------------------------------------------------

    def submit(
        self,
        nodes: Iterable[Stored | Noted],
        *,
        priority: float = 0.0,
        listener: Listener | None = None,
    ) -> tuple[Job, ...]:
        """Queue nodes, and return their jobs; a node that is queued already joins its job.

        Args:
            nodes: Each with all it needs before it, as a plan lists them.
            priority: The highest runs first; raises that of a job that is queued already.
            listener: Called at every change of one of the jobs.
        """
        jobs = []
        with self._changed:
            if self._closed:
                raise RuntimeError("the queue is closed")
            for node in nodes:
                job = self._jobs.get(node.key)
                if job is None or job.state.final:
                    needs = tuple(each.key for each in stored_behind(node.inputs))
                    job = Job(node, priority, needs)
                    if node.is_in(self.store):
                        job.state, job.progress = State.DONE, Progress(1.0, node.label, node.key)
                    else:
                        self._jobs[node.key] = job
                job.priority = max(job.priority, priority)
                if listener is not None:
                    job.listeners.append(listener)
                jobs.append(job)
            self._changed.notify_all()
        return tuple(jobs)

    def ask(self, task: Task, *, listener: Listener | None = None, priority: float = 1.0) -> Job:
        """Queue a task and what it needs, and return its job; its ``answer`` is there at the end.

        Args:
            task: For the worker process.
            listener: Called at every change of the job.
            priority: Before that of renders, if nothing is said: somebody waits.
        """
        self.submit(stored_behind(task.needs), priority=priority)
        job = Job(task, priority, tuple(each.key for each in stored_behind(task.needs)))
        if listener is not None:
            job.listeners.append(listener)
        with self._changed:
            if self._closed:
                raise RuntimeError("the queue is closed")
            self._jobs[job.key] = job
            self._changed.notify_all()
        return job

    def answered(
        self, task: Task, *, report: Report = ignore, cancel: CancelToken | None = None
    ) -> Any:
        """Return the answer to a task; waits for it.

        Raises:
            CancelledError: If ``cancel`` was set.
            TonewrightError: If the task, or what it needs, failed.
        """
        job = self.ask(task)
        with self._changed:
            while not job.state.final and not (cancel is not None and cancel.cancelled):
                self._changed.wait(0.1)
                report(job.progress)
        if not job.state.final:
            self.cancel([job.key])
            with self._changed:
                self._changed.wait_for(lambda: job.state.final)
        if job.error is not None:
            raise job.error
        if job.state is State.CANCELLED:
            raise CancelledError("cancelled; nothing was written")
        return job.answer

    def cancel(self, keys: Iterable[str] | None = None) -> None:
        """Cancel the jobs of some keys, or all."""
        with self._changed:
            wanted = (
                list(self._jobs.values())
                if keys is None
                else [self._jobs[key] for key in keys if key in self._jobs]
            )
        for job in wanted:
            job.cancel.cancel()
            if job.state is State.QUEUED:
                self._finish(job, State.CANCELLED)

    def render(
        self,
        nodes: Iterable[Stored | Noted],
        *,
        report: Report = ignore,
        cancel: CancelToken | None = None,
    ) -> None:
        """Render nodes and wait for them.

        Raises:
            CancelledError: If ``cancel`` was set; what had been finished stays in the store.
            TonewrightError: The error of the first job that failed, after all have ended.
        """
        jobs = self.submit(nodes)
        waiting = [job for job in jobs if not job.state.final]
        with self._changed:
            while not all(job.state.final for job in waiting):
                if cancel is not None and cancel.cancelled:
                    break
                self._changed.wait(0.1)
                report(_together(waiting))
        if cancel is not None and cancel.cancelled:
            self.cancel([job.key for job in waiting])
            with self._changed:
                self._changed.wait_for(lambda: all(job.state.final for job in waiting))
            cancel.check()
        for job in jobs:
            if job.error is not None:
                raise job.error

    def close(self) -> None:
        """Cancel everything, end the worker process, and wait for the threads."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self.cancel()
        for thread in self._threads:
            thread.join()
        self._worker.close()
        self.store.prune_if_due()

    # --- working ---------------------------------------------------------------------------

    def _work(self, rendered: bool) -> None:
        while True:
            with self._changed:
                while (job := self._next(rendered)) is None:
                    if self._closed:
                        return
                    self._changed.wait()
                job.state = State.RUNNING
            self._run(job)

    def _next(self, rendered: bool) -> Job | None:
        best: Job | None = None
        for job in self._jobs.values():
            if job.state is not State.QUEUED or job.node.rendered is not rendered:
                continue
            ready = all(self._jobs[key].state.final for key in job.needs if key in self._jobs)
            if ready and (best is None or job.priority > best.priority):
                best = job
        return best

    def _run(self, job: Job) -> None:
        def report(progress: Progress) -> None:
            job.progress = progress
            self._announce(job)

        try:
            for key in job.needs:
                needed = self._jobs.get(key)
                if needed is not None:  # it did not end well, or it would be gone
                    raise needed.error or CancelledError("cancelled with what it needs")
            job.cancel.check()
            if isinstance(job.node, Task):
                job.answer = self._worker.run(job.node, report=report, cancel=job.cancel)
            elif job.node.rendered:
                job.failures = self._worker.run(job.node, report=report, cancel=job.cancel)
            else:
                job.failures = job.node.render(
                    store=self.store,
                    registry=self.registry,
                    report=report,
                    cancel=job.cancel,
                )
        except CancelledError:
            self._finish(job, State.CANCELLED)
        except TonewrightError as error:
            self._finish(job, State.FAILED, error)
        except Exception as error:  # noqa: BLE001 - the edge of the thread: it becomes an event
            failure = RenderError(f"{job.node.label}: {type(error).__name__}: {error}")
            failure.__cause__ = error
            self._finish(job, State.FAILED, failure)
        else:
            self._finish(job, State.DONE)

    def _finish(self, job: Job, state: State, error: TonewrightError | None = None) -> None:
        with self._changed:
            if job.state.final:
                return
            job.state, job.error = state, error
            if state is State.DONE:
                del self._jobs[job.key]
            self._changed.notify_all()
        self._announce(job)

    def _announce(self, job: Job) -> None:
        for listener in tuple(job.listeners):
            listener(job)


def _together(jobs: Sequence[Job]) -> Progress:
    """Return the progress of several jobs as one, each weighed by what it takes."""
    weights = [
        max(1, job.node.expected_samples) * (RENDERED_COST if job.node.rendered else 1.0)
        for job in jobs
    ]
    done = sum(
        weight * (1.0 if job.state.final else job.progress.fraction)
        for weight, job in zip(weights, jobs, strict=True)
    )
    running = next((job for job in jobs if job.state is State.RUNNING), None)
    stage = running.node.label if running else ""
    return Progress(done / sum(weights), stage)
