"""From the project to what can be heard of it: plans, playback graphs, and render jobs.

After every change the project is planned and compiled in a task, the newest change winning, and
the graph is handed on at once; where nothing but levels has moved, and those that can move while it
plays, nothing is planned and they are handed on. What the store lacks is queued when no change has
come for ``QUIET_MS``; what is no longer wanted is cancelled. Finished jobs make a new graph. A job
that failed, or that the user cancelled, is left alone until ``retry``. What waits for notes that an
effect makes is planned again when they are there.
"""

import queue
from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal

from tonewright.desktop.adapters.throttle import Throttle
from tonewright.desktop.tasks import Tasks
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import TonewrightError
from tonewright.dsp.playback.graph import PlaybackGraph, compile_graph, playback_plan
from tonewright.dsp.playback.levels import levels_of, moved_levels
from tonewright.dsp.project.document import Id, Project
from tonewright.dsp.rendering.graph import Node
from tonewright.dsp.rendering.job import Progress, Report, with_eta
from tonewright.dsp.rendering.nodes import Effects, Stored
from tonewright.dsp.rendering.noted import Noted
from tonewright.dsp.rendering.plan import Plan, stored_behind
from tonewright.dsp.rendering.queue import Job, RenderQueue, State
from tonewright.dsp.rendering.store import Store

QUIET_MS = 300
INTERVAL_MS = 100
"""How often the state of the jobs is told."""


@dataclass(frozen=True, slots=True)
class JobView:
    """A job at one moment.

    Attributes:
        key: The content key of its result.
        label: What is rendered, for people.
        rendered: Whether it runs in the worker process.
        state: QUEUED, RUNNING, FAILED or CANCELLED; one that is done is not shown.
        progress: How far it is, with an estimate of the rest.
        error: Why it failed, in one line.
    """

    key: str
    label: str
    rendered: bool
    state: State
    progress: Progress
    error: str = ""


@dataclass(frozen=True, slots=True)
class _Compiled:
    project: Project
    wanted: Plan
    graph: PlaybackGraph


class RenderBridge(QObject):
    """Renders what the open project lacks, in the background; ``close`` it before the queue.

    Args:
        render_queue: Renders; whoever made it closes it.
        tasks: Plans and compiles.

    Signals:
        graph_ready (PlaybackGraph): After every change, and when jobs are done.
        levels_moved (PlaybackGraph): After a change of nothing but levels: the same graph with its
            faders elsewhere.
        jobs_changed (): ``jobs`` are others; at most every ``INTERVAL_MS``.
        problem (str): One line for the user, when the project cannot be played as it is.
    """

    graph_ready = Signal(object)
    levels_moved = Signal(object)
    jobs_changed = Signal()
    problem = Signal(str)
    _poked = Signal()

    def __init__(
        self, render_queue: RenderQueue, tasks: Tasks, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._queue = render_queue
        self._tasks = tasks
        self._project: Project | None = None
        self._compiled: _Compiled | None = None
        self._compiling = False
        self._stale = False
        self._open = True
        self._views: dict[str, JobView] = {}
        self._dropped: set[str] = set()
        self._news: queue.SimpleQueue[JobView] = queue.SimpleQueue()
        self._refreshing = Throttle(self._refresh, INTERVAL_MS, self)
        self._poked.connect(self._on_poke)
        self._quiet = QTimer(self, interval=QUIET_MS, singleShot=True)
        self._quiet.timeout.connect(self._submit)

    @property
    def ready(self) -> bool:
        """Whether the graph that was handed on last is of this project, perhaps before an edit."""
        compiled, project = self._compiled, self._project
        return compiled is not None and project is not None and compiled.project.id == project.id

    @property
    def jobs(self) -> tuple[JobView, ...]:
        """What is queued, runs, failed or was cancelled."""
        return tuple(self._views.values())

    def job_of(self, effect_id: Id) -> JobView | None:
        """Return the job that renders an effect; None if it is ready, or needs none."""
        stage = self._compiled.wanted.stages.get(effect_id) if self._compiled else None
        return self._views.get(stage.key) if stage is not None else None

    def failed_with(self, track_name: str, effect_type: str, effect_name: str) -> JobView | None:
        """Return the render of a track that failed with an effect that has none of its own.

        Args:
            track_name: The track.
            effect_type: The id of the type of the effect.
            effect_name: Its name. The reason must give one of them: other effects may be in it.
        """
        if self._compiled is None:
            return None
        for node in self._compiled.wanted.jobs:
            view = self._views.get(node.key)
            if view is None or view.state is not State.FAILED or node.label != track_name:
                continue
            named = effect_name in view.error or effect_type in view.error
            if named and effect_type in _types_in(node):
                return view
        return None

    def has_result(self, effect_id: Id) -> bool | None:
        """Return whether the result of an effect is there; None if it has none of its own."""
        stage = self._compiled.wanted.stages.get(effect_id) if self._compiled else None
        if self._compiled is None or stage is None:
            return None
        return all(node.key != stage.key for node in self._compiled.graph.missing)

    def set_project(self, project: Project) -> None:
        """Play and render another project, or another state of it."""
        self._project = project
        if not self._move_levels(project):
            self._compile()

    def cancel(self, key: str) -> None:
        """Stop a job, because the user does not want it now."""
        self._dropped.discard(key)
        self._queue.cancel([key])

    def retry(self, key: str) -> None:
        """Queue a job again that failed or was cancelled, and those that it waits for."""
        if self._compiled is None:
            return
        wanted = self._compiled.wanted
        again = {key, *(n.key for n in stored_behind(n for n in wanted.jobs if n.key == key))}
        for each in again & self._views.keys():
            if self._views[each].state.final:
                del self._views[each]
        self._submit()

    def close(self) -> None:
        """Cancel what runs; nothing is told any more."""
        self._open = False
        self._quiet.stop()
        self._refreshing.cancel()
        self._queue.cancel(list(self._views))

    # --- planning --------------------------------------------------------------------------

    def _move_levels(self, project: Project) -> bool:
        """Hand on where faders are now, if no more than that has changed; return whether so."""
        compiled = self._compiled
        if compiled is None or self._compiling:
            return False
        moved = moved_levels(compiled.project, project)
        if moved is None or not moved.isdisjoint(compiled.graph.fixed):
            return False
        graph = compiled.graph.at(levels_of(project))
        self._compiled = replace(compiled, project=project, graph=graph)
        self.levels_moved.emit(graph)
        return True

    def _compile(self) -> None:
        project = self._project
        self._stale = self._compiling
        if project is None or self._compiling:
            return
        self._compiling = True
        known, store, registry = self._compiled, self._queue.store, self._queue.registry
        self._tasks.run(
            lambda: _compiled(project, known, store, registry), self._take, failed=self._refuse
        )

    def _take(self, compiled: _Compiled) -> None:
        if self._open:
            changed = self._compiled is None or self._compiled.wanted is not compiled.wanted
            self._compiled = compiled
            self.graph_ready.emit(compiled.graph)
            if changed:
                self._quiet.start()
            self._compile_again()

    def _refuse(self, error: TonewrightError) -> None:
        if self._open:
            self.problem.emit(str(error))
            self._compile_again()

    def _compile_again(self) -> None:
        self._compiling = False
        if self._stale:
            self._compile()

    # --- jobs ------------------------------------------------------------------------------

    def _submit(self) -> None:
        if self._compiled is None:
            return
        missing = {node.key for node in self._compiled.graph.missing}
        unwanted = [key for key in self._views if key not in missing]
        self._dropped.update(unwanted)
        for key in unwanted:
            del self._views[key]
        self._queue.cancel(unwanted)  # what is only queued is told at once, before this returns
        wanted = self._compiled.wanted
        nodes: tuple[Stored | Noted, ...] = (*wanted.waiting, *wanted.jobs)
        for node in nodes:
            if node.key in missing and node.key not in self._views:
                self._views[node.key] = JobView(
                    node.key, node.label, node.rendered, State.QUEUED, Progress(0.0, node.label)
                )
                watch = _Watch(self._news.put, self._poked.emit)
                (job,) = self._queue.submit([node], listener=watch)
                if job.state is State.DONE:  # it came into the store since
                    watch(job)
        self._refreshing.call()

    def _on_poke(self) -> None:
        if self._open:
            self._refreshing.call()

    def _refresh(self) -> None:
        done = again = False
        while not self._news.empty():
            view = self._news.get()
            dropped = view.key in self._dropped
            if view.state.final:
                self._dropped.discard(view.key)
            if view.key not in self._views:
                continue
            if view.state is State.CANCELLED and dropped:
                again = True  # it was dropped, wanted again, and joined the job that was ending
                del self._views[view.key]
            elif view.state is State.DONE:
                done = True
                del self._views[view.key]
            else:
                self._views[view.key] = view
        if done:
            self._compile()
        if again:
            self._submit()
        self.jobs_changed.emit()


def _types_in(node: Stored) -> set[str]:
    """Return the types of the effects that run in a job, and not in those that it waits for."""
    found: set[str] = set()
    waiting: list[Node] = [node.source]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Effects):
            found.update(effect.type for effect in each.effects)
        if not isinstance(each, Stored):
            waiting.extend(each.inputs)
    return found


class _Watch:
    """Listens to one job in the threads of the queue, and adds how long it will take."""

    def __init__(self, put: Callable[[JobView], None], poke: Callable[[], None]) -> None:
        self._put = put
        self._poke = poke
        self._timed: Report | None = None
        self._progress = Progress(0.0)

    def __call__(self, job: Job) -> None:
        if self._timed is None:
            self._timed = with_eta(self._keep)
        self._timed(job.progress)
        node = job.node
        state, error = job.state, str(job.error) if job.error is not None else ""
        if state is State.DONE and job.failures:  # there is no result: it is heard dry
            state, error = State.FAILED, "; ".join(job.failures)
        self._put(JobView(job.key, node.label, node.rendered, state, self._progress, error))
        self._poke()

    def _keep(self, progress: Progress) -> None:
        self._progress = progress


def _compiled(
    project: Project, known: _Compiled | None, store: Store, registry: Registry
) -> _Compiled:
    if known is not None and known.project is project and not known.wanted.waiting:
        wanted = known.wanted
    else:
        before = known.wanted if known is not None else None
        wanted = playback_plan(project, registry=registry, store=store, known=before)
    graph = compile_graph(project, wanted, store=store, registry=registry)
    return _Compiled(project, wanted, graph)
