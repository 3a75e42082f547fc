"""Notes that are heard while they are drawn, beside whatever the transport does."""

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
from tonewright.dsp.project.document import Id
from tonewright.dsp.rendering.queue import RenderQueue


class Auditioning(QObject):
    """Plays single notes; ``close`` it before its tasks and its render queue.

    A note that comes while another is being prepared takes its place.

    Args:
        session: Whose tracks sound.
        tasks: Where a note is prepared.
        render_queue: Whose store and effects are used.
        open_sink: Opens the device, at the first note.

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
        self._next: tuple[Id, int, int] | None = None

    @property
    def sounding(self) -> bool:
        """Whether a note sounds."""
        return self._engine is not None and self._engine.status.playing

    def play(self, track_id: Id, pitch: int, velocity: int) -> None:
        """Sound a note of a MIDI track."""
        self._next = (track_id, pitch, velocity)
        if not self._preparing:
            self._prepare()

    def close(self) -> None:
        """Stop, and wait for the thread."""
        self._next = None
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def _prepare(self) -> None:
        if self._next is None:
            return
        note, self._next, self._preparing = self._next, None, True
        project, store, registry = self._session.project, self._queue.store, self._queue.registry

        def work() -> PlaybackGraph:
            alone = audition(project, *note)
            wanted = playback_plan(alone, registry=registry)
            return compile_graph(alone, wanted, store=store, registry=registry)

        self._tasks.run(work, self._sound, failed=lambda error: self._failed(str(error)))

    def _sound(self, graph: PlaybackGraph) -> None:
        self._preparing = False
        if self._engine is None:
            silence = silent_graph(
                graph.sample_rate, store=self._queue.store, registry=self._queue.registry
            )
            self._engine = Engine(self._open_sink, silence, told=self.problem.emit)
        self._engine.stop()
        self._engine.graph = graph
        self._engine.seek(0)
        self._engine.play()
        self._prepare()

    def _failed(self, problem: str) -> None:
        self._preparing = False
        self.problem.emit(problem)
        self._prepare()
