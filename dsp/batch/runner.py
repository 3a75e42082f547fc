"""Carrying a batch out: tasks to workers, results to their places, the state after each.

The order that nothing is lost by: a worker completes the files in a folder of their own and
writes a receipt; the parent moves them to their places and records the job as done. Killed in
between, the next run begins by moving and recording what has a receipt.

What fails for a reason outside the job (a worker killed, no memory, an input still being copied)
is tried again at the end, alone, with the memory of all workers.
"""

import queue
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tonewright.dsp.batch.crew import CrewMember, Event
from tonewright.dsp.batch.jobs import STATE_FOLDER, Recipe
from tonewright.dsp.batch.made import Made, discard, publish, receipts
from tonewright.dsp.batch.rows import JobState, Waiting
from tonewright.dsp.batch.state import State
from tonewright.dsp.batch.task import ChangedError, Task
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import (
    CancelledError,
    EffectError,
    MediaError,
    ProjectError,
    RenderError,
    TonewrightError,
)
from tonewright.dsp.rendering.job import CancelToken, Progress, Report, ignore
from tonewright.dsp.rendering.store import Store

MOST_TRIES = 3
"""How often a job is begun in one run, at most."""

_POLL_SECONDS = 0.1
_JOB_BYTES = 200_000
"""What a job costs beside its input, for judging the time left."""


@dataclass(frozen=True, slots=True)
class Told:
    """Something that happened to a job: ``done``, ``unchanged``, ``failed`` or ``again``."""

    event: str
    output: str
    source: str
    seconds: float
    reason: str = ""


def recover(state: State) -> int:
    """Finish what workers had completed before everything was killed; return how much.

    Raises:
        TonewrightError: If the disk refuses.
    """
    folder = state.out / STATE_FOLDER
    count = 0
    for parts, output, recipe, made in receipts(folder):
        if state.wants(output, recipe):
            publish(parts, state.out, made)
            state.done(output, recipe, made, None)
            count += 1
        discard(parts)
    for parts in folder.iterdir():
        if parts.is_dir():
            discard(parts)
    return count


@dataclass(slots=True)
class _Running:
    job: Waiting
    task: Task
    start_seconds: float
    fraction: float = 0.0
    stage: str = "starting"


class Run:
    """One run of a batch that has been planned.

    Args:
        state: After ``recover`` and ``plan``.
        recipes: From ``plan``.
        registry: The effects.
        store: Where rendered audio is kept.
        workers: How many processes.
        memory_bytes: What each may take.
        told: Told of every job that ends.
        report: Told how far the whole is.
    """

    def __init__(
        self,
        state: State,
        recipes: Mapping[str, Recipe],
        *,
        registry: Registry,
        store: Store,
        workers: int,
        memory_bytes: int,
        told: Callable[[Told], None] = lambda _: None,
        report: Report = ignore,
    ) -> None:
        self._state = state
        self._recipes = recipes
        self._registry = registry
        self._store = store
        self._workers = workers
        self._memory_bytes = memory_bytes
        self._told = told
        self._report = report
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._idle: list[CrewMember] = []
        self._busy: dict[CrewMember, _Running] = {}
        jobs, size_bytes = state.waiting()
        self._jobs = jobs
        self._all_bytes = max(1, size_bytes + jobs * _JOB_BYTES)
        self._ended_bytes = 0
        self._ended_jobs = 0
        self._failed_jobs = 0

    def carry_out(self, cancel: CancelToken) -> None:
        """Do every job that waits.

        Raises:
            CancelledError: If ``cancel`` was set; what is finished stays finished.
            BatchError: If the state cannot be written, or the folder of outputs has vanished.
        """
        try:
            self._work_off(JobState.WAITING, min(self._workers, self._jobs), 1, cancel)
            self._end_all()
            self._work_off(JobState.AGAIN, 1, self._workers, cancel)
        finally:
            self._end_all()
        self._report(Progress(1.0, f"{self._jobs} of {self._jobs}"))

    def _work_off(self, state: JobState, workers: int, share: int, cancel: CancelToken) -> None:
        """Do all jobs in a state with some workers, each with the means of ``share``."""
        nothing_left = False
        while True:
            while not nothing_left and len(self._busy) < workers:
                job = self._state.take(state)
                nothing_left = job is None
                if job is not None:
                    self._give(job, share)
            if not self._busy:
                return
            try:
                event: Event | None = self._events.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                event = None
            if cancel.cancelled:
                raise CancelledError("cancelled; what is finished stays, run the batch again")
            if event is not None and event.worker in self._busy:
                self._take_in(event)
                # A job that is to be tried again may be waiting now.
                nothing_left = nothing_left and state is not JobState.AGAIN
            self._tell_progress()

    def _give(self, job: Waiting, share: int) -> None:
        worker = self._idle.pop() if self._idle else self._hired(share)
        parts = self._state.out / STATE_FOLDER / secrets.token_hex(8)
        recipe = self._recipes[job.recipe]
        task = Task(job.output, job.source, recipe, parts, job.made_sha256)
        self._busy[worker] = _Running(job, task, time.monotonic())
        worker.give(task)

    def _hired(self, share: int) -> CrewMember:
        return CrewMember(
            self._store,
            self._registry,
            memory_bytes=self._memory_bytes * share,
            threads=share,
            events=self._events,
        )

    # --- what workers say -------------------------------------------------------------------

    def _take_in(self, event: Event) -> None:
        running = self._busy[event.worker]
        match event.verb:
            case "progress":
                running.fraction, running.stage = event.content.fraction, event.content.stage
                return
            case "ready":
                running.start_seconds = time.monotonic()
                return
        self._state.require_present()
        del self._busy[event.worker]
        alive = event.verb in ("done", "failed")
        if alive:
            self._idle.append(event.worker)
        else:
            event.worker.end()
        match event.verb:
            case "done":
                self._done(running, event.content)
            case "failed":
                self._failed(running, event.content)
            case "memory":
                self._failed(running, _OutsideError(self._memory_reason(running)))
            case "ended":
                self._failed(
                    running,
                    _OutsideError(
                        f"{running.job.source}: the worker process died of it ({event.content}); "
                        "if memory was short, give more with --memory or take fewer --workers"
                    ),
                )
        discard(running.task.folder)

    def _done(self, running: _Running, made: Made) -> None:
        output, seconds = running.job.output, time.monotonic() - running.start_seconds
        if not made.files:
            self._state.unchanged(output, made.source)
            self._end(running, "unchanged", seconds)
            return
        try:
            publish(running.task.folder, self._state.out, made)
        except TonewrightError as error:
            self._failed(running, error)
            return
        self._state.done(output, running.job.recipe, made, seconds)
        self._end(running, "done", seconds)

    def _failed(self, running: _Running, error: TonewrightError) -> None:
        seconds = time.monotonic() - running.start_seconds
        again = isinstance(error, _OutsideError | ChangedError) and running.job.tries < MOST_TRIES
        lasting = isinstance(error, MediaError | EffectError | ProjectError)
        self._state.failed(
            running.job.output,
            str(error),
            state=JobState.AGAIN if again else JobState.FAILED,
            lasting=lasting,
            seconds=seconds,
        )
        self._failed_jobs += not again
        self._end(running, "again" if again else "failed", seconds, str(error))

    def _end(self, running: _Running, event: str, seconds: float, reason: str = "") -> None:
        job = running.job
        if event != "again":
            self._ended_jobs += 1
            self._ended_bytes += job.weight + _JOB_BYTES
        self._told(Told(event, job.output, str(job.source), seconds, reason))

    def _memory_reason(self, running: _Running) -> str:
        return (
            f"{running.job.source}: needs more memory than a worker has; "
            "give more with --memory, or take fewer --workers"
        )

    def _tell_progress(self) -> None:
        on_their_way = sum(
            (each.job.weight + _JOB_BYTES) * each.fraction for each in self._busy.values()
        )
        stages = ", ".join(f"{each.job.source.name} ({each.stage})" for each in self._busy.values())
        failed = f", {self._failed_jobs} failed" if self._failed_jobs else ""
        self._report(
            Progress(
                min(1.0, (self._ended_bytes + on_their_way) / self._all_bytes),
                f"{self._ended_jobs} of {self._jobs}{failed}: {stages}",
            )
        )

    def _end_all(self) -> None:
        for worker in (*self._idle, *self._busy):
            worker.end()
        for running in self._busy.values():
            discard(running.task.folder)
        self._idle.clear()
        self._busy.clear()


class _OutsideError(RenderError):
    """A job failed of what was around it: it may succeed alone."""
