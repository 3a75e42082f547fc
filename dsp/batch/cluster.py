"""A batch on a Dask cluster, given by the address of its scheduler.

On every Dask worker a workshop keeps worker processes as a run on one machine does, so memory,
hanging jobs and dying processes are dealt with where they are. Dask says which worker takes which
job, and gives the job of a lost worker to another one. Only workers that have the very effects and
weights of the parent take part. Inputs must have the same paths everywhere, and so must the folder
of the outputs, unless these go to an address.
"""

import queue
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import distributed

from tonewright import resources
from tonewright.dsp.batch.crew import CrewMember, Event, default_memory_bytes
from tonewright.dsp.batch.jobs import version_of
from tonewright.dsp.batch.task import Task
from tonewright.dsp.effects.registry import Registry, load_registry
from tonewright.dsp.errors import BatchError, TonewrightError
from tonewright.dsp.rendering.chains import file_sha256
from tonewright.dsp.rendering.job import Progress
from tonewright.dsp.rendering.store import Store

_CONNECT_SECONDS = 10.0
_LOOK_SECONDS = 1.0
"""How often the parent looks for workers, and jobs tell how far they are."""


def versions_of(registry: Registry) -> dict[str, str]:
    """Return what every machine of a cluster must have, by name.

    That is the versions of the effects, and the checksums of all files of weights as they are on
    its disk.
    """
    weights = resources.path("weights")
    return {
        "tonewright": version("tonewright"),
        **{each.id: version_of(each) for each in registry},
        **{each.name: file_sha256(each) for each in sorted(weights.glob("*")) if each.is_file()},
    }


def unlike(wanted: Mapping[str, str], found: Mapping[str, str]) -> str:
    """Return what keeps a machine from taking part, in a line; empty if nothing does."""
    missing = sorted(wanted.keys() - found.keys())
    if missing:
        return f"lacks {', '.join(missing)}"
    others = sorted(name for name in wanted if wanted[name] != found[name])
    return f"has other versions or weights of {', '.join(others)}" if others else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a task; verb and content as of an ``Event``."""

    verb: str
    content: Any
    folder: Path


class Workshop(distributed.WorkerPlugin):
    """Keeps worker processes on a Dask worker.

    Args:
        name: Of the batch, in the cluster.
        store: Folder of rendered audio; each machine's own if None.
        files: The user's files of effects.
        memory_bytes: What a process may take; a share of the Dask worker's limit if None.
        timeout_seconds: A job that shows no progress for so long is ended.
    """

    def __init__(
        self,
        name: str,
        *,
        store: Path | None,
        files: tuple[Path, ...],
        memory_bytes: int | None,
        timeout_seconds: float,
    ) -> None:
        self.name = name
        self._store = store
        self._files = files
        self._memory_bytes = memory_bytes
        self._timeout_seconds = timeout_seconds

    def setup(self, worker: Any) -> None:
        """Open the workshop on a Dask worker."""
        self._lock = threading.Lock()
        self._idle: list[_Hand] = []
        self._all: set[_Hand] = set()
        self._threads = worker.state.nthreads
        limit = worker.memory_manager.memory_limit
        self._all_bytes = limit or default_memory_bytes(self._threads) * self._threads

    def teardown(self, worker: Any) -> None:
        """End all processes; jobs under way end with them."""
        with self._lock:
            hands, self._all, self._idle = self._all, set(), []
        for hand in hands:
            hand.member.end()

    def look(self, wanted: Mapping[str, str]) -> str:
        """Return what keeps this machine from taking part; empty if nothing does."""
        try:
            return unlike(wanted, versions_of(load_registry(self._files)))
        except TonewrightError as error:
            return str(error)

    def serve(self, task: Task, alone: bool, tell: Callable[[Progress], None]) -> Answer:
        """Do a task; see ``CrewMember``."""
        hand = self._take(alone)
        # The worker that had it before may be cut off, and still at work in its own folder.
        token = secrets.token_hex(8)
        folder = task.folder.with_name(token)
        if task.upload:
            folder = Path(tempfile.gettempdir()) / f"tonewright-{token}"
        hand.member.give(replace(task, folder=folder))
        verb, content = self._heard(hand, tell)
        if verb in ("done", "failed") and not alone:
            with self._lock:
                self._idle.append(hand)
        else:
            with self._lock:
                self._all.discard(hand)
            hand.member.end()
        if task.upload:
            shutil.rmtree(folder, ignore_errors=True)
        return Answer(verb, content, folder)

    def _take(self, alone: bool) -> "_Hand":
        with self._lock:
            if self._idle and not alone:
                return self._idle.pop()
        own_bytes = self._memory_bytes or self._all_bytes // self._threads
        # No SimpleQueue: that of Python 3.11 may wait forever when its timeout has just passed.
        events: queue.Queue[Event] = queue.Queue()
        member = CrewMember(
            Store(self._store),
            Registry((), self._files),
            memory_bytes=max(self._all_bytes, own_bytes) if alone else own_bytes,
            threads=self._threads if alone else 1,
            events=events,
        )
        hand = _Hand(member, events)
        with self._lock:
            self._all.add(hand)
        return hand

    def _heard(self, hand: "_Hand", tell: Callable[[Progress], None]) -> tuple[str, Any]:
        next_seconds = 0.0
        while True:
            try:
                event = hand.events.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                if hand.member.silent_seconds() > self._timeout_seconds:
                    return "stalled", None
                continue
            match event.verb:
                case "ready":
                    continue
                case "progress":
                    if time.monotonic() >= next_seconds:
                        next_seconds = time.monotonic() + _LOOK_SECONDS
                        tell(event.content)
                case _:
                    return event.verb, event.content


@dataclass(frozen=True, slots=True, eq=False)
class _Hand:
    member: CrewMember
    events: "queue.Queue[Event]"


def _look(name: str, wanted: Mapping[str, str], dask_worker: Any) -> str:
    return dask_worker.plugins[name].look(wanted)


def _serve(name: str, task: Task, alone: bool) -> Answer:
    worker = distributed.get_worker()

    def tell(progress: Progress) -> None:
        worker.log_event(name, (task.folder.name, progress.fraction, progress.stage))

    return worker.plugins[name].serve(task, alone, tell)


class ClusterCrew:
    """The workers of a Dask cluster, as a context manager.

    Args:
        address: Of the scheduler: ``tcp://host:8786``.
        name: Of the batch; a run of the same name takes over what an earlier one has left.
        registry: The effects that every worker must have.
        store: Folder of rendered audio; each machine's own if None.
        memory_bytes: What each job may take; a share of the Dask worker's limit if None.
        timeout_seconds: A job that shows no progress for so long is ended.
        note: Told of workers that cannot take part.

    Raises:
        BatchError: If there is no scheduler.
    """

    def __init__(
        self,
        address: str,
        *,
        name: str,
        registry: Registry,
        store: Path | None,
        memory_bytes: int | None,
        timeout_seconds: float,
        note: Callable[[str], None],
    ) -> None:
        self.address = address
        self.name = name
        self._wanted = versions_of(registry)
        self._note = note
        self._threads: dict[str, int] = {}
        self._looked: dict[str, str] = {}
        self._next_look_seconds = 0.0
        self._members: dict[str, ClusterMember] = {}
        workshop = Workshop(
            name,
            store=store,
            files=registry.files,
            memory_bytes=memory_bytes,
            timeout_seconds=timeout_seconds,
        )
        try:
            self.client = distributed.Client(
                address, timeout=_CONNECT_SECONDS, set_as_default=False, name="tonewright"
            )
            self.client.register_plugin(workshop)
            self.client.subscribe_topic(name, self._hear)
        except (OSError, ValueError, TimeoutError) as error:
            raise BatchError(
                f"{address}: no Dask scheduler answers ({error}); start it, or check the address"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.client.status == "running":
            self.client.unregister_worker_plugin(self.name)
        self.client.close()

    def size(self) -> int:
        """Return how many jobs the workers that can take part do at a time.

        Raises:
            BatchError: If the scheduler has gone, or workers are there and none can take part.
        """
        if time.monotonic() >= self._next_look_seconds:
            self._next_look_seconds = time.monotonic() + _LOOK_SECONDS
            self._look_around()
        return sum(self._threads.values())

    def hire(self, events: "queue.Queue[Event]", *, alone: bool) -> "ClusterMember":
        """Return what stands for one job at a time, on whichever worker."""
        return ClusterMember(self, events, alone)

    def grows(self) -> bool:
        """Return whether a job that is alone has more memory: that of its whole worker."""
        return any(threads > 1 for threads in self._threads.values())

    def fit(self) -> list[str]:
        """Return the addresses of the workers that take part."""
        return list(self._threads)

    def follow(self, token: str, member: "ClusterMember") -> None:
        """Let a member hear what is told under a token."""
        self._members[token] = member

    def forget(self, token: str) -> None:
        """Let nobody hear what is told under a token."""
        self._members.pop(token, None)

    def _look_around(self) -> None:
        try:
            found = self.client.nthreads()
            strange = [each for each in found if each not in self._looked]
            if strange:
                told = self.client.run(
                    *(_look, self.name, self._wanted), workers=strange, on_error="return"
                )
                for address, reason in told.items():
                    self._looked[address] = reason if isinstance(reason, str) else repr(reason)
                    if reason:
                        self._note(f"{address} takes no part: it {self._looked[address]}")
        except (OSError, TimeoutError) as error:
            raise BatchError(
                f"{self.address}: the scheduler has gone ({error}); start it and run the batch "
                "again: what is finished stays finished"
            ) from error
        self._threads = {each: found[each] for each in found if self._looked.get(each) == ""}
        if found and not self._threads:
            address, reason = next((each, self._looked.get(each, "")) for each in found)
            raise BatchError(
                f"{address}: {reason}; install the Tonewright of this machine on every worker"
            )
        for member in list(self._members.values()):
            member.look_around()

    def _hear(self, event: Any) -> None:
        token, fraction, stage = event[1]
        if member := self._members.get(token):
            member.hear(Progress(fraction, stage))


class ClusterMember:
    """One job at a time, on whichever worker of a cluster.

    Args:
        crew: Knows the cluster.
        events: Where what becomes of jobs goes.
        alone: Whether a job may take all of its worker.
    """

    def __init__(self, crew: ClusterCrew, events: "queue.Queue[Event]", alone: bool) -> None:
        self._crew = crew
        self._events = events
        self._alone = alone
        self._task: Task | None = None
        self._allowed: set[str] = set()
        self._future: Any = None

    def give(self, task: Task) -> None:
        """Hand a task to the cluster."""
        self._task = task
        self._crew.follow(task.folder.name, self)
        self._submit(task)

    def hold(self, paused: bool) -> None:
        """Do nothing: what a cluster has begun it finishes."""

    def silent_seconds(self) -> float:
        """Return 0: jobs that hang are ended where they are."""
        return 0.0

    def end(self) -> None:
        """Take the task back."""
        if self._task is not None:
            self._crew.forget(self._task.folder.name)
        future, self._future = self._future, None
        if future is not None:
            future.cancel()

    def hear(self, progress: Progress) -> None:
        """Pass on how far the task is."""
        self._events.put(Event(self, "progress", progress))

    def look_around(self) -> None:
        """Hand the task to others, where all that might have done it have gone."""
        fit = self._crew.fit()
        waits = self._future is not None and self._future.status == "pending"
        if self._task is not None and waits and fit and not self._allowed & set(fit):
            future, self._future = self._future, None
            future.cancel()
            self._submit(self._task)

    def _submit(self, task: Task) -> None:
        self._allowed = set(self._crew.fit())
        self._future = self._crew.client.submit(
            *(_serve, self._crew.name, task, self._alone),
            key=f"tonewright-{task.folder.name}-{secrets.token_hex(4)}",
            workers=list(self._allowed),
            allow_other_workers=False,
            pure=False,
        )
        self._future.add_done_callback(self._ended)

    def _ended(self, future: Any) -> None:
        if future is not self._future or self._task is None:
            return
        self._crew.forget(self._task.folder.name)
        match future.status:
            case "finished":
                answer = future.result()
                self._events.put(Event(self, answer.verb, answer.content, answer.folder))
            case "error":
                self._events.put(Event(self, "ended", f"on the cluster: {future.exception()}"))
            case status:
                self._events.put(Event(self, "ended", f"the cluster let it go: {status}"))
