"""A chain or the dry sound, at one loudness and at one key.

While it compares, the dry sound is what plays; the project and its renders stay as they are.
"""

from PySide6.QtCore import QObject, Signal

from tonewright.desktop.adapters.player import Player
from tonewright.desktop.session import Session
from tonewright.desktop.tasks import Tasks
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.dsp.errors import TonewrightError
from tonewright.dsp.playback.compare import Dry, dry
from tonewright.dsp.playback.graph import PlaybackGraph
from tonewright.dsp.project.document import Id
from tonewright.dsp.rendering.queue import RenderQueue


class Comparing(QObject):
    """Stands between what the project sounds like and the player.

    Attributes:
        active: Whether the dry sound is wanted.
        owner_id: Whose chain is left out; None is the master's.

    Signals:
        changed (): ``active`` is other than before.
        heard (float): The dry sound plays now, with so many dB to be as loud as the chain.
        problem (str): One line for the user.
    """

    changed = Signal()
    heard = Signal(float)
    problem = Signal(str)

    def __init__(
        self,
        session: Session,
        view: ViewState,
        tasks: Tasks,
        *,
        render_queue: RenderQueue,
        player: Player,
    ) -> None:
        super().__init__(player)
        self.active = False
        self.owner_id: Id | None = None
        self._session = session
        self._view = view
        self._tasks = tasks
        self._queue = render_queue
        self._player = player
        self._wet: PlaybackGraph | None = None
        self._preparing = self._stale = False

    def take(self, graph: PlaybackGraph) -> None:
        """Play what the project sounds like, or, while comparing, what it would be dry."""
        self._wet = graph
        if self.active:
            self._prepare()
        else:
            self._player.set_graph(graph)

    def start(self, owner_id: Id | None) -> None:
        """Play without the effects of a track, a clip or the master (None)."""
        self.owner_id = owner_id
        self._set_active(active=True)
        self._prepare()

    def stop(self) -> None:
        """Play the project as it is."""
        self._set_active(active=False)
        if self._wet is not None:
            self._player.set_graph(self._wet)

    def _set_active(self, *, active: bool) -> None:
        if active != self.active:
            self.active = active
            self.changed.emit()

    def _prepare(self) -> None:
        self._stale = self._preparing
        if self._preparing:
            return
        self._preparing = True
        project, owner_id = self._session.project, self.owner_id
        at_seconds = self._view.playhead_seconds
        store, registry = self._queue.store, self._queue.registry

        def prepared() -> Dry:
            return dry(project, owner_id, at_seconds=at_seconds, store=store, registry=registry)

        def play(made: Dry) -> None:
            if self.active and not self._stale:
                self._player.set_graph(made.graph)
                self.heard.emit(made.gain_db)
            self._go_on()

        def refuse(error: TonewrightError) -> None:
            if self.active and not self._stale:
                self.stop()
                self.problem.emit(str(error))
            self._go_on()

        self._tasks.run(prepared, play, failed=refuse)

    def _go_on(self) -> None:
        self._preparing = False
        if self._stale and self.active:
            self._prepare()
