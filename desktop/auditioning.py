"""What is heard beside whatever the transport does: notes while they are drawn, clips on trial."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from tonewright.desktop.session import Session
from tonewright.desktop.tasks import Tasks
from tonewright.dsp.playback.audition import audition
from tonewright.dsp.playback.engine import Engine
from tonewright.dsp.playback.feeder import OpenSink
from tonewright.dsp.playback.graph import (
    PlaybackGraph,
    compile_graph,
    playback_plan,
    silent_graph,
)
from tonewright.dsp.playback.transport import LoopRange
from tonewright.dsp.project.document import Id, Project
from tonewright.dsp.rendering.queue import RenderQueue

_Sound = tuple[Project, LoopRange | None]
"""What sounds, and what of it is repeated."""


class Auditioning(QObject):
    """Plays single notes, and small projects; ``close`` it before its tasks and its render queue.

    What comes while another is being prepared takes its place.

    Args:
        session: Whose tracks sound.
        tasks: Where they are prepared.
        render_queue: Whose store and effects are used.
        open_sink: Opens the device, the first time.

    Signals:
        problem (str): One line for the user.
    """

    problem = Signal(str)

    def __init__(
        self,
        session: Session,
        tasks: Tasks,
        render_queue: RenderQueue,
        open_sink: OpenSink,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = tasks
        self._queue = render_queue
        self._open_sink = open_sink
        self._engine: Engine | None = None
        self._preparing = False
        self._loop: LoopRange | None = None
        self._next: Callable[[], _Sound] | None = None

    @property
    def sounding(self) -> bool:
        """Whether something sounds."""
        return self._engine is not None and self._engine.status.playing

    def play(self, track_id: Id, pitch: int, velocity: int) -> None:
        """Sound a note of a MIDI track."""
        project = self._session.project
        self._sound_next(lambda: (audition(project, track_id, pitch, velocity), None))

    def repeat(self, project: Project, loop: LoopRange) -> None:
        """Play a range of a project again and again; where another range plays, it goes on there.

        Changing between two versions of one passage so keeps its place.
        """
        self._sound_next(lambda: (project, loop))

    def stop(self) -> None:
        """Be silent."""
        self._next = None
        if self._engine is not None:
            self._engine.stop()

    def close(self) -> None:
        """Stop, and wait for the thread."""
        self._next = None
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def _prepare(self) -> None:
        if self._next is None:
            return
        make, self._next, self._preparing = self._next, None, True
        store, registry = self._queue.store, self._queue.registry

        def work() -> tuple[PlaybackGraph, LoopRange | None]:
            alone, loop = make()
            wanted = playback_plan(alone, registry=registry)
            return compile_graph(alone, wanted, store=store, registry=registry), loop

        self._tasks.run(
            work, lambda made: self._sound(*made), failed=lambda error: self._failed(str(error))
        )

    def _sound_next(self, make: Callable[[], "_Sound"]) -> None:
        self._next = make
        if not self._preparing:
            self._prepare()

    def _sound(self, graph: PlaybackGraph, loop: LoopRange | None) -> None:
        self._preparing = False
        if self._engine is None:
            silence = silent_graph(
                graph.sample_rate, store=self._queue.store, registry=self._queue.registry
            )
            self._engine = Engine(self._open_sink, silence, told=self.problem.emit)
        goes_on = loop is not None and loop == self._loop and self._engine.status.playing
        self._loop = loop
        if goes_on:
            self._engine.graph = graph
        else:
            self._engine.stop()
            self._engine.graph = graph
            self._engine.set_loop(loop)
            self._engine.seek(0 if loop is None else loop.start_samples)
            self._engine.play()
        self._prepare()

    def _failed(self, problem: str) -> None:
        self._preparing = False
        self.problem.emit(problem)
        self._prepare()
