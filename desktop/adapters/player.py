"""The transport as the window sees it."""

from PySide6.QtCore import QObject, QTimer, Signal

from tonewright.dsp.playback.engine import Engine
from tonewright.dsp.playback.feeder import OpenSink, Status
from tonewright.dsp.playback.graph import PlaybackGraph
from tonewright.dsp.playback.transport import LoopRange

INTERVAL_MS = 33
"""How often playhead and meters are told while it plays."""


class Player(QObject):
    """Plays the project; ``close`` it before the program ends.

    Positions are in samples of the project. Commands are carried out in the engine's thread, a
    moment later; ``levels`` tells when.

    Args:
        graph: What plays at first: ``silent_graph`` for nothing.
        open_sink: Opens the device: ``SoundDevice.open``.

    Signals:
        state_changed (): It began to play, or stopped.
        levels (Status): Position, levels of the mix and peaks of the tracks: every
            ``INTERVAL_MS`` while it plays, and after every command.
        problem (str): One line for the user, when something fails or there is no device.
    """

    state_changed = Signal()
    levels = Signal(object)
    problem = Signal(str)
    _moved = Signal()

    def __init__(
        self, graph: PlaybackGraph, open_sink: OpenSink, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._was_playing = False
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self._tell)
        self._moved.connect(self._tell)
        self._engine = Engine(open_sink, graph, told=self.problem.emit, changed=self._moved.emit)

    @property
    def status(self) -> Status:
        """What can be heard now."""
        return self._engine.status

    @property
    def position_samples(self) -> int:
        """The sample that the device plays."""
        return self.status.position_samples

    @property
    def playing(self) -> bool:
        """Whether the playhead moves."""
        return self.status.playing

    def set_graph(self, graph: PlaybackGraph) -> None:
        """Play another graph, also in the middle."""
        self._engine.graph = graph

    def play(self) -> None:
        """Play from where it is; from the start if that is the end of the project."""
        self._engine.play()

    def stop(self) -> None:
        """Stop at what has been heard."""
        self._engine.stop()

    def toggle(self) -> None:
        """Play, or stop."""
        if self.playing:
            self.stop()
        else:
            self.play()

    def seek(self, position_samples: int) -> None:
        """Go to a position; what plays, plays on from there.

        Raises:
            ValueError: If it is negative.
        """
        self._engine.seek(position_samples)

    def set_loop(self, loop: LoopRange | None) -> None:
        """Repeat a range, or nothing."""
        self._engine.set_loop(loop)

    def reset_meter(self) -> None:
        """Put out the clip light, let the held peak go, and measure loudness anew."""
        self._engine.reset_meter()

    def reopen(self) -> None:
        """Play through the device that is the default now."""
        self._engine.reopen()

    def close(self) -> None:
        """Stop, and wait for the thread; nothing is told any more."""
        self._timer.stop()
        self._moved.disconnect(self._tell)
        self._engine.close()

    def _tell(self) -> None:
        status = self.status
        if status.playing != self._was_playing:
            self._was_playing = status.playing
            if status.playing:
                self._timer.start()
            else:
                self._timer.stop()
            self.state_changed.emit()
        self.levels.emit(status)
