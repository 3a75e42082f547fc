"""Carrying a batch out: tasks to workers, results to their places, the state after each.

The order that nothing is lost by: a worker completes the files in a folder of their own and
writes a receipt; the parent moves them to their places and records the job as done. Killed in
between, the next run begins by moving and recording what has a receipt.

What fails for a reason outside the job (a worker killed, no memory, an input still being copied)
is tried again at the end, alone, with the memory of all workers; and if that was not enough, with
shorter chunks. A job of which nothing is heard for too long is ended and tried once more.
"""

import queue
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tonewright.dsp.batch.crew import Crew, Event, Member
from tonewright.dsp.batch.jobs import STATE_FOLDER, Job, Recipe
from tonewright.dsp.batch.made import Made
from tonewright.dsp.batch.outputs import FolderOutputs
from tonewright.dsp.batch.pace import Kind, Pace, kind_of
from tonewright.dsp.batch.remote import UploadError
from tonewright.dsp.batch.rows import JobState, Waiting
from tonewright.dsp.batch.state import State
from tonewright.dsp.batch.task import ChangedError, Task
from tonewright.dsp.errors import (
    CancelledError,
    EffectError,
    MediaError,
    ProjectError,
    RenderError,
    TonewrightError,
)
from tonewright.dsp.rendering.job import CancelToken, Progress, Report, ignore

MOST_TRIES = 3
"""How often a job is begun in one run, at most."""

DEFAULT_TIMEOUT_SECONDS = 1800.0
"""For how long a job may show no progress."""

SHORT_CHUNKS = 4
"""By what chunks are divided where even the memory of all workers is not enough."""

_POLL_SECONDS = 0.1
_LOOK_RESERVE = 10.0
"""So many times as long as it took, no other look is taken for more jobs."""

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
    count = 0
    for token, output, recipe, made in state.outputs.receipts():
        if state.wants(output, recipe):
            state.outputs.publish(token, made)
            state.done(output, recipe, made, None)
            count += 1
        state.outputs.discard(token)
    state.outputs.clear()
    if state.outputs.upload:
        FolderOutputs(state.out).clear()
    return count


@dataclass(slots=True)
class _Running:
    job: Waiting
    task: Task
    start_seconds: float
    fraction: float = 0.0
    stage: str = "starting"

    @property
    def kind(self) -> Kind:
        return kind_of(self.job.recipe, self.job.source)


class Run:
    """One run of a batch that has been planned.

    Args:
        state: After ``recover`` and ``plan``.
        recipes: From ``plan``.
        crew: Who does the work.
        timeout_seconds: A job that shows no progress for so long is ended.
        told: Told of every job that ends.
        report: Told how far the whole is.
        more: Asked now and then for all jobs that there are by now, if some have come.
        more_seconds: How often.
    """

    def __init__(
        self,
        state: State,
        recipes: Mapping[str, Recipe],
        *,
        crew: Crew,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
        told: Callable[[Told], None] = lambda _: None,
        report: Report = ignore,
        more: Callable[[], Iterable[Job]] | None = None,
        more_seconds: float = 1.0,
    ) -> None:
        self._state = state
        self._more = more
        self._more_seconds = more_seconds
        self._next_more_seconds = time.monotonic() + more_seconds
        self._recipes = dict(recipes)
        self._crew = crew
        self._timeout_seconds = timeout_seconds
        self._told = told
        self._report = report
        # No SimpleQueue: that of Python 3.11 may wait forever when its timeout has just passed.
        self._events: queue.Queue[Event] = queue.Queue()
        self._idle: list[Member] = []
        self._busy: dict[Member, _Running] = {}
        self._starved: dict[str, int] = {}  # how often memory was short, by output
        self._pause = threading.Event()
        self._rests = False
        waiting = state.waiting()
        self._pace = Pace(waiting)
        self._samples = state.samples()
        self._jobs = sum(each.jobs for each in waiting.values())
        size_bytes = sum(each.size_bytes for each in waiting.values())
        self._all_bytes = max(1, size_bytes + self._jobs * _JOB_BYTES)
        self._ended_bytes = 0
        self._ended_jobs = 0
        self._failed_jobs = 0
        self._begun_seconds = time.monotonic()
        self._rest_began_seconds = 0.0
        self._next_report_seconds = 0.0

    def pause(self, paused: bool) -> None:
        """Let the work rest, or go on; from any thread.

        Processes on this machine rest at their next block; no new job is begun anywhere.
        """
        if paused:
            self._pause.set()
        else:
            self._pause.clear()

    def carry_out(self, cancel: CancelToken) -> None:
        """Do every job that waits.

        Raises:
            CancelledError: If ``cancel`` was set; what is finished stays finished.
            BatchError: If the state cannot be written, or the folder of outputs has vanished.
        """
        try:
            self._work_off(JobState.WAITING, cancel)
            self._end_all()
            self._work_off(JobState.AGAIN, cancel)
            self._state.outputs.clear()  # what workers that were lost have left
        finally:
            self._end_all()
        self._report(Progress(1.0, f"{self._jobs} of {self._jobs}"))

    def _work_off(self, state: JobState, cancel: CancelToken) -> None:
        """Do all jobs in a state; those that are tried AGAIN one at a time."""
        alone = state is JobState.AGAIN
        nothing_left = False
        while True:
            self._rest_or_go_on()
            if not alone and self._take_more():
                nothing_left = False
            members = 1 if alone else self._crew.size()
            while not (nothing_left or self._rests) and len(self._busy) < members:
                job = self._state.take(state, self._samples.pop() if self._samples else None)
                nothing_left = job is None
                if job is not None:
                    self._give(job, alone)
            if nothing_left and not self._busy:
                return
            try:
                event: Event | None = self._events.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                event = None
            if cancel.cancelled:
                raise CancelledError("cancelled; what is finished stays, run the batch again")
            for each in (event, self._stalled()):
                if each is not None and each.worker in self._busy:
                    self._take_in(each)
                    # A job that is to be tried again may be waiting now.
                    nothing_left = nothing_left and not alone
            self._tell_progress(members)

    def _take_more(self) -> bool:
        """Let jobs that have come meanwhile wait with the others; return whether there are any."""
        now = time.monotonic()
        if self._more is None or now < self._next_more_seconds:
            return False
        fresh = self._state.extend(self._more())
        for job, recipe in fresh:
            self._recipes[job.recipe] = recipe
            self._pace.put_back(kind_of(job.recipe, job.source), job.weight)
            self._jobs += 1
            self._all_bytes += job.weight + _JOB_BYTES
        # Many files take a while to look through, and the workers want to be served.
        ended = time.monotonic()
        self._next_more_seconds = ended + max(self._more_seconds, _LOOK_RESERVE * (ended - now))
        return bool(fresh)

    def _rest_or_go_on(self) -> None:
        if self._pause.is_set() is self._rests:
            return
        self._rests = not self._rests
        now = time.monotonic()
        if self._rests:
            self._rest_began_seconds = now
        else:
            rest = now - self._rest_began_seconds
            self._begun_seconds += rest
            for running in self._busy.values():
                running.start_seconds += rest
        for member in self._busy:
            member.hold(self._rests)

    def _stalled(self) -> Event | None:
        for member in self._busy:
            if member.silent_seconds() > self._timeout_seconds:
                return Event(member, "stalled")
        return None

    def _give(self, job: Waiting, alone: bool) -> None:
        member = self._idle.pop() if self._idle else self._crew.hire(self._events, alone=alone)
        folder = self._state.out / STATE_FOLDER / secrets.token_hex(8)
        # More memory comes first, for it changes nothing of the sound.
        shortens = self._starved.get(job.output, 0) >= 1 + self._crew.grows()
        task = Task(
            job.output,
            job.source,
            self._recipes[job.recipe],
            folder,
            job.made_sha256,
            self._state.outputs.upload,
            SHORT_CHUNKS if shortens else 1,
        )
        self._busy[member] = running = _Running(job, task, time.monotonic())
        self._pace.begin(running.kind, job.weight)
        member.give(task)

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
        source = running.job.source
        folder = event.folder or running.task.folder
        match event.verb:
            case "done":
                self._done(running, event.content, folder)
            case "failed":
                self._failed(running, event.content)
            case "memory":
                self._starve(running)
                self._failed(running, _OutsideError(f"{source}: {_SHORT_OF_MEMORY}"))
            case "stalled":
                self._failed(
                    running,
                    _StalledError(
                        f"{source}: showed no progress for {self._timeout_seconds:g} s "
                        f"({running.stage}); give it longer with --timeout, or leave it out"
                    ),
                )
            case "ended":
                self._starve(running)  # the system may have ended it for want of memory
                self._failed(
                    running,
                    _OutsideError(
                        f"{source}: the worker process died of it ({event.content}); "
                        "if memory was short, give more with --memory or take fewer --workers"
                    ),
                )
        self._discard(folder)

    def _discard(self, folder: Path) -> None:
        self._state.outputs.discard(folder.name)
        if self._state.outputs.upload:
            shutil.rmtree(folder, ignore_errors=True)

    def _starve(self, running: _Running) -> None:
        output = running.job.output
        self._starved[output] = self._starved.get(output, 0) + 1

    def _done(self, running: _Running, made: Made, folder: Path) -> None:
        output, seconds = running.job.output, time.monotonic() - running.start_seconds
        if not made.files:
            self._state.unchanged(output, made.source)
            self._end(running, "unchanged", seconds)
            return
        try:
            self._state.outputs.publish(folder.name, made)
        except TonewrightError as error:
            self._failed(running, error)
            return
        self._state.done(output, running.job.recipe, made, seconds)
        self._end(running, "done", seconds)

    def _failed(self, running: _Running, error: TonewrightError) -> None:
        seconds = time.monotonic() - running.start_seconds
        outside = isinstance(error, _OutsideError | ChangedError | UploadError)
        most = 2 if isinstance(error, _StalledError) else MOST_TRIES
        again = outside and running.job.tries < most
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
        if event == "again":
            self._pace.put_back(running.kind, job.weight)
        else:
            self._ended_jobs += 1
            self._ended_bytes += job.weight + _JOB_BYTES
        if event == "done":
            self._pace.end(running.kind, job.weight, seconds)
        self._told(Told(event, job.output, str(job.source), seconds, reason))

    def _tell_progress(self, members: int) -> None:
        now = time.monotonic()
        if now < self._next_report_seconds:
            return
        self._next_report_seconds = now + _POLL_SECONDS
        busy = list(self._busy.values())
        on_their_way = sum((each.job.weight + _JOB_BYTES) * each.fraction for each in busy)
        said = [f"{self._ended_jobs} of {self._jobs}"]
        if self._failed_jobs:
            said.append(f"{self._failed_jobs} failed")
        if self._ended_jobs:
            until = self._rest_began_seconds if self._rests else now
            a_minute = 60.0 * self._ended_jobs / (until - self._begun_seconds)
            said.append(f"{a_minute:.3g} a minute")
        stages = ", ".join(f"{each.job.source.name} ({each.stage})" for each in busy)
        left = self._pace.left_seconds(
            [(each.kind, each.job.weight, each.fraction) for each in busy], members
        )
        self._report(
            Progress(
                min(1.0, (self._ended_bytes + on_their_way) / self._all_bytes),
                f"{', '.join(said)}: {'paused' if self._rests else stages}",
                eta_seconds=left,
            )
        )

    def _end_all(self) -> None:
        for member in (*self._idle, *self._busy):
            member.end()
        for running in self._busy.values():
            self._discard(running.task.folder)
        self._idle.clear()
        self._busy.clear()


_SHORT_OF_MEMORY = (
    "needs more memory than a worker has; give more with --memory, or take fewer --workers"
)


class _OutsideError(RenderError):
    """A job failed of what was around it: it may succeed alone."""


class _StalledError(_OutsideError):
    """Nothing was heard of a job for too long."""
