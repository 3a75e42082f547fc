"""The thread that plays: it runs a feeder, and hands it what the user wants.

Commands go through one queue and are carried out in their order, at once; between them the feeder
is called every ``PERIOD_SECONDS`` while it plays, and the thread sleeps while it does not. The
sink holds many periods, so a thread that comes late is not heard.
"""

import logging
import queue
import threading
from collections.abc import Callable

from tonewright.dsp.errors import TonewrightError
from tonewright.dsp.playback.feeder import Feeder, OpenSink, Status
from tonewright.dsp.playback.graph import PlaybackGraph
from tonewright.dsp.playback.transport import LoopRange

PERIOD_SECONDS = 0.01

_log = logging.getLogger(__name__)


def _unheard(_: str) -> None:
    pass


def _unseen() -> None:
    pass


class Engine:
    """Plays a graph; ``close`` it, or use it as a context manager.

    Args:
        open_sink: Opens the device, in the engine's thread; if it raises PlaybackError, the
            transport runs without sound.
        graph: What plays; replace ``engine.graph`` to play another, also in the middle.
        told: Takes one line for the user when something fails, in the engine's thread.
        changed: Called in the engine's thread after every command, and when playback ends.
    """

    def __init__(
        self,
        open_sink: OpenSink,
        graph: PlaybackGraph,
        *,
        told: Callable[[str], None] = _unheard,
        changed: Callable[[], None] = _unseen,
    ) -> None:
        self._feeder = Feeder(open_sink, graph, told=told)
        self._told = told
        self._changed = changed
        # No SimpleQueue: that of Python 3.11 may wait forever when its timeout has just passed.
        self._commands: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._work, name="playback")
        self._thread.start()

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def graph(self) -> PlaybackGraph:
        """What plays."""
        return self._feeder.graph

    @graph.setter
    def graph(self, graph: PlaybackGraph) -> None:
        self._feeder.graph = graph

    @property
    def status(self) -> Status:
        """What can be heard now."""
        return self._feeder.status

    def play(self) -> None:
        """Play from where it is; from the start if that is the end of the project."""
        self._commands.put(self._feeder.play)

    def stop(self) -> None:
        """Stop at what has been heard."""
        self._commands.put(self._feeder.stop)

    def seek(self, position_samples: int) -> None:
        """Go to a position; what plays, plays on from there.

        Raises:
            ValueError: If it is negative.
        """
        if position_samples < 0:
            raise ValueError(f"position_samples must not be negative: {position_samples}")
        self._commands.put(lambda: self._feeder.seek(position_samples))

    def set_loop(self, loop: LoopRange | None) -> None:
        """Repeat a range, or nothing."""
        self._commands.put(lambda: self._feeder.set_loop(loop))

    def reset_meter(self) -> None:
        """Put out the clip light, let the held peak go, and measure loudness anew."""
        self._commands.put(self._feeder.reset_meter)

    def reopen(self) -> None:
        """Open the device again: there is another one."""
        self._commands.put(self._feeder.reopen)

    def close(self) -> None:
        """Stop, let go of the device, and wait for the thread."""
        self._commands.put(None)
        self._thread.join()

    def _work(self) -> None:
        while True:
            try:
                wait_seconds = PERIOD_SECONDS if self.status.playing else None
                command = self._commands.get(timeout=wait_seconds)
            except queue.Empty:
                self._guarded(self._feeder.feed)
                if not self.status.playing:
                    self._changed()
                continue
            if command is None:
                self._guarded(self._feeder.close)
                return
            self._guarded(command)
            self._guarded(self._feeder.feed)
            self._changed()

    def _guarded(self, step: Callable[[], None]) -> None:
        """Take a step; what fails is told, and playback stops."""
        try:
            step()
        except TonewrightError as error:
            self._told(str(error))
            self._feeder.stop()
        except Exception as error:  # noqa: BLE001 - the edge of the thread: it becomes an event
            _log.exception("playback failed")
            self._told(f"playback stopped: {type(error).__name__}: {error}; please report this")
            self._feeder.stop()
