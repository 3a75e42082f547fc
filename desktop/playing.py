"""What is heard: ties the player and the renders to the session and the view.

The project that is shown is what plays; where the user goes, the player goes; and while it plays,
the playhead is where the device is.
"""

from collections.abc import Iterator

from PySide6.QtCore import QObject, Signal

from tonewright.desktop.adapters.jobs import JobView, RenderBridge
from tonewright.desktop.adapters.player import Player
from tonewright.desktop.auditioning import Auditioning
from tonewright.desktop.comparing import Comparing
from tonewright.desktop.inspector.render_state import RenderStage, RenderState
from tonewright.desktop.session import Session
from tonewright.desktop.tasks import Tasks
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.dsp.playback.feeder import OpenSink, Status
from tonewright.dsp.playback.graph import PlaybackGraph, silent_graph
from tonewright.dsp.playback.transport import LoopRange
from tonewright.dsp.project.document import EffectSpec, Id, Track
from tonewright.dsp.rendering.queue import RenderQueue, State
from tonewright.dsp.units import seconds_to_samples

_STAGES = {
    State.QUEUED: RenderStage.QUEUED,
    State.RUNNING: RenderStage.COMPUTING,
    State.FAILED: RenderStage.FAILED,
    State.CANCELLED: RenderStage.FAILED,
}


class Playing(QObject):
    """The player of a session; ``close`` it before its tasks and its render queue.

    Attributes:
        player: The transport.
        bridge: The renders.
        comparing: Whether a chain is heard, or the dry sound.
        auditioning: Single notes.

    Signals:
        rendered (): What of the effects is ready, computed or queued is other than before.
        problem (str): One line for the user.
    """

    rendered = Signal()
    problem = Signal(str)

    def __init__(
        self,
        session: Session,
        view: ViewState,
        tasks: Tasks,
        render_queue: RenderQueue,
        open_sink: OpenSink,
    ) -> None:
        super().__init__(view)
        self._session = session
        self._view = view
        self._registry = render_queue.registry
        self._rate = session.project.sample_rate
        self._awaited = False
        graph = silent_graph(self._rate, store=render_queue.store, registry=render_queue.registry)
        self.player = Player(graph, open_sink, self)
        self.bridge = RenderBridge(render_queue, tasks, self)
        self.comparing = Comparing(
            session, view, tasks, render_queue=render_queue, player=self.player
        )
        self.auditioning = Auditioning(session, tasks, render_queue, open_sink, self)
        self.auditioning.problem.connect(self.problem)
        self.bridge.graph_ready.connect(self._on_graph)
        self.bridge.levels_moved.connect(self.comparing.take)
        self.bridge.jobs_changed.connect(self.rendered)
        self.bridge.graph_ready.connect(self.rendered)
        self.player.problem.connect(self.problem)
        self.bridge.problem.connect(self.problem)
        self.comparing.problem.connect(self.problem)
        self.player.levels.connect(self._follow)
        session.changed.connect(self._take)
        view.seek_requested.connect(self._seek)
        view.loop_changed.connect(self._loop)
        self._take()

    def toggle(self) -> None:
        """Play, or stop; play as soon as it can if nothing of the project can be played yet."""
        waiting = self._awaited
        self._awaited = False
        if waiting:
            return
        if self.player.playing or self.bridge.ready:
            self.player.toggle()
        else:
            self._awaited = True

    def states(self) -> dict[Id, RenderState]:
        """Return how far every effect is that has a result of its own, or made a render fail."""
        found = ((effect.id, self._state(track, effect)) for track, effect in self._effects())
        return {effect_id: state for effect_id, state in found if state is not None}

    def retry(self, effect_id: Id) -> None:
        """Render an effect again that failed."""
        for track, effect in self._effects():
            job = self._job(track, effect) if effect.id == effect_id else None
            if job is not None:
                self.bridge.retry(job.key)

    def _effects(self) -> Iterator[tuple[Track | None, EffectSpec]]:
        """Yield every effect behind its track; None for the master."""
        project = self._session.project
        for effect in project.master.effects:
            yield None, effect
        for track in project.tracks:
            for effect in track.channel.effects:
                yield track, effect
            for clip in track.clips:
                for effect in clip.effects:
                    yield track, effect

    def _job(self, track: Track | None, effect: EffectSpec) -> JobView | None:
        """Return the job of an effect, or the one of its track that it made fail."""
        job = self.bridge.job_of(effect.id)
        if job is None and track is not None and effect.type in self._registry:
            name = self._registry.get(effect.type).name
            job = self.bridge.failed_with(track.name, effect.type, name)
        return job

    def _state(self, track: Track | None, effect: EffectSpec) -> RenderState | None:
        job = self._job(track, effect)
        if job is not None:
            return _state(job)
        ready = self.bridge.has_result(effect.id)
        if ready is None:
            return None
        # What is not queued yet is as soon as no edit follows.
        return RenderState(RenderStage.READY if ready else RenderStage.QUEUED)

    def close(self) -> None:
        """Stop, and wait for the player's thread."""
        self.auditioning.close()
        self.player.close()
        self.bridge.close()

    def _take(self) -> None:
        project = self._session.project
        self.bridge.set_project(project)
        if project.sample_rate != self._rate:
            self._rate = project.sample_rate
            self._seek(self._view.playhead_seconds)
            self._loop()

    def _on_graph(self, graph: PlaybackGraph) -> None:
        self.comparing.take(graph)
        if self._awaited and self.bridge.ready:
            self._awaited = False
            self.player.play()

    def _seek(self, seconds: float) -> None:
        self.player.seek(seconds_to_samples(seconds, self._rate))

    def _loop(self) -> None:
        loop = self._view.loop
        if loop is None:
            self.player.set_loop(None)
            return
        start = seconds_to_samples(loop.start_seconds, self._rate)
        end = seconds_to_samples(loop.end_seconds, self._rate)
        self.player.set_loop(LoopRange(start, max(end, start + 1)))

    def _follow(self, status: Status) -> None:
        if status.playing:
            self._view.set_playhead(status.position_samples / self._rate)


def _state(job: JobView) -> RenderState:
    reason = "stopped" if job.state is State.CANCELLED else job.error
    return RenderState(_STAGES[job.state], job.progress.fraction, job.progress.eta_seconds, reason)
