"""The feeder: keeps a sink full of the sound of a graph, and knows what has been heard.

It belongs to one thread (``engine``); others may replace ``graph`` and read ``status`` at any
time, both values that are swapped whole. Nothing here waits.

* **Seek, stop**: the sink drops what waits, fading out; the new place fades in.
* **Another graph**: what is queued plays on, then the old sound fades over into the new one at the
  same place, so that a change makes no gaps. One whose faders are elsewhere and that is else the
  same plays on, and they go there. For a second behind a change less is queued, since more changes
  are likely to follow and shall be heard sooner.
* **Loop**: sample behind sample, no fade.
* **Position and meters** belong to what the sink has played, not to what was computed.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from tonewright.dsp.audio.signal import Audio, silence
from tonewright.dsp.errors import PlaybackError
from tonewright.dsp.playback.graph import Block, GraphStream, PlaybackGraph
from tonewright.dsp.playback.meter import (
    NO_LEVELS,
    FallingPeaks,
    Levels,
    MasterMeter,
    Pair,
    in_dbfs,
)
from tonewright.dsp.playback.sink import FADE_SECONDS, AudioSink, NullSink
from tonewright.dsp.playback.transport import LoopRange, Transport
from tonewright.dsp.project.document import Id
from tonewright.dsp.rendering.mix import pad_to
from tonewright.dsp.units import seconds_to_samples

BLOCK_SAMPLES = 1_024
"""What is written at once, and how finely meters follow."""

OpenSink = Callable[[int], AudioSink]
"""Opens a sink at a sample rate; PlaybackError if there is no device."""

NIMBLE_SECONDS = 0.08
"""How much is queued at most while one graph follows another."""

_NIMBLE_FOR_SECONDS = 1.0
_BLOCKS_AT_ONCE = 64  # a bound, for a loop of a few samples would keep the thread forever


@dataclass(frozen=True, slots=True)
class Status:
    """What can be heard now.

    Attributes:
        position_samples: The sample that the device plays.
        playing: Whether it moves.
        levels: Of the mix there; without a peak when nothing plays.
        track_peaks_dbfs: (left, right) of each track there, falling.
    """

    position_samples: int = 0
    playing: bool = False
    levels: Levels = NO_LEVELS
    track_peaks_dbfs: Mapping[Id, Pair] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Cue:
    """From sample ``written_samples`` of the sink on it plays from ``position_samples`` on."""

    written_samples: int
    position_samples: int


class Feeder:
    """Feeds a sink.

    Args:
        open_sink: Opens the device, at the first sound and after a change of the sample rate.
        graph: What plays.
        told: Takes one line for the user: when there is no device and the sink is a ``NullSink``,
            and when an effect failed and leaves the sound dry.

    Attributes:
        graph: What plays; may be replaced in any thread.
        status: What can be heard; may be read in any thread.
    """

    def __init__(
        self, open_sink: OpenSink, graph: PlaybackGraph, *, told: Callable[[str], None]
    ) -> None:
        self.graph = graph
        self.status = Status()
        self._open_sink = open_sink
        self._told = told
        self._playing_graph = graph
        self._transport = Transport()
        self._sink: AudioSink | None = None
        self._stream: GraphStream | None = None
        self._over = False
        self._failures_told: set[str] = set()  # since it began to play
        self._nimble_until_samples = 0
        self._written_samples = 0
        self._cues: deque[_Cue] = deque()
        self._metered: deque[tuple[int, Levels, Mapping[Id, Pair]]] = deque()
        self._leaving = silence(2, 0)
        self._faded_samples = 0
        self._meter = MasterMeter(graph.sample_rate)
        self._track_peaks = FallingPeaks(len(graph.tracks), graph.sample_rate)

    # --- commands --------------------------------------------------------------------------

    def play(self) -> None:
        """Play from where it is; from the start if that is the end of the project."""
        if self._transport.playing:
            return
        position = self._transport.position_samples
        if position >= self.graph.length_samples and self._transport.straight_samples is None:
            position = 0
        self._meter.reset()
        self._failures_told.clear()
        self._transport = replace(self._transport, playing=True)
        self._go_to(position)

    def stop(self) -> None:
        """Stop at what has been heard."""
        if self._transport.playing:
            self._cut()
            self._transport = replace(self._transport, playing=False)
        self._stream = None
        self._publish()

    def seek(self, position_samples: int) -> None:
        """Go to a position; what plays, plays on from there."""
        self._cut()
        self._go_to(position_samples)

    def set_loop(self, loop: LoopRange | None) -> None:
        """Repeat a range, or nothing; also what is queued keeps to it."""
        heard = replace(self._transport.at(self._heard()), loop=loop)
        queued_samples = self._written_samples - self._played_samples
        due = heard.advanced(queued_samples)
        wrong = due.position_samples != self._transport.position_samples
        self._transport = replace(self._transport, loop=loop)
        self._over = False
        if wrong:
            self.seek(heard.position_samples)

    def reset_meter(self) -> None:
        """Put out the clip light, let the held peak go, and measure loudness anew."""
        self._meter.reset()
        self._metered.clear()
        self.status = replace(self.status, levels=NO_LEVELS)

    def reopen(self) -> None:
        """Let go of the device, and open it again when there is something to play."""
        self._cut()
        if self._sink is not None:
            self._sink.close()
            self._sink = None
            self._go_to(self._transport.position_samples)

    def close(self) -> None:
        """Stop, and let go of the device."""
        self.stop()
        self.reopen()

    # --- feeding ---------------------------------------------------------------------------

    def feed(self) -> None:
        """Fill the sink, and publish what it has played.

        Raises:
            TonewrightError: If a file or an effect fails.
        """
        if not self._transport.playing:
            return
        try:
            self._fill()
        except PlaybackError as error:
            self._told(str(error))
            self._sink = NullSink(self._playing_graph.sample_rate)
            self._go_to(self.status.position_samples)
        if self._over and self._played_samples >= self._written_samples:
            self._transport = replace(self._transport, playing=False)
            self._stream = None
        self._publish()

    def _fill(self) -> None:
        graph = self.graph
        sink = self._required_sink(graph.sample_rate)
        self._take_over(graph)
        for _ in range(_BLOCKS_AT_ONCE):
            if self._over or (room := self._room(sink)) <= 0:
                return
            audio = self._next(min(room, BLOCK_SAMPLES))
            if audio.shape[1]:
                sink.write(audio)

    def _room(self, sink: AudioSink) -> int:
        """Return how many samples are wanted now."""
        room = sink.room_samples
        if sink.played_samples < self._nimble_until_samples:
            queued = self._written_samples - sink.played_samples
            room = min(room, seconds_to_samples(NIMBLE_SECONDS, sink.sample_rate) - queued)
        return room

    def _required_sink(self, rate: int) -> AudioSink:
        if self._sink is not None and self._sink.sample_rate != rate:
            seconds = self._heard() / self._sink.sample_rate
            self._sink.close()
            self._sink = None
            self._go_to(seconds_to_samples(seconds, rate))
        if self._sink is None:
            try:
                self._sink = self._open_sink(rate)
            except PlaybackError as error:
                self._told(str(error))
                self._sink = NullSink(rate)
            self._meter = MasterMeter(rate)
            self._go_to(self._transport.position_samples)
        return self._sink

    def _take_over(self, graph: PlaybackGraph) -> None:
        before = self._playing_graph
        if self._stream is not None and graph is before:
            return
        if self._stream is not None and graph.differs_in_levels(before):
            self._stream.set_levels(graph.levels)
            self._playing_graph = graph
            self._be_nimble()
            return
        position = self._transport.position_samples
        new = graph.open(position)
        if self._stream is not None:
            straight = self._transport.straight_samples
            fade = seconds_to_samples(FADE_SECONDS, graph.sample_rate)
            rest = self._stream.read(fade if straight is None else min(fade, straight)).audio
            self._leaving = rest * (1.0 - _ramp(0, rest.shape[1], fade))
            self._faded_samples = 0
            self._over = False
            self._be_nimble()
        self._stream = new
        self._playing_graph = graph
        if [each for each, _ in graph.tracks] != [each for each, _ in before.tracks]:
            self._track_peaks = FallingPeaks(len(graph.tracks), graph.sample_rate)

    def _be_nimble(self) -> None:
        nimble_for = seconds_to_samples(_NIMBLE_FOR_SECONDS, self._playing_graph.sample_rate)
        self._nimble_until_samples = self._played_samples + nimble_for

    def _next(self, length_samples: int) -> Audio:
        """Return the next sound, nothing if it is over, and move on."""
        assert self._stream is not None
        straight = self._transport.straight_samples
        if straight is not None:
            length_samples = min(length_samples, straight)
        block = self._stream.read(length_samples)
        for failure in self._stream.failures:
            if failure not in self._failures_told:
                self._failures_told.add(failure)
                self._told(failure)
        audio = block.audio
        if straight is not None:  # a loop may reach behind the end of the project
            audio = pad_to(audio, length_samples)
        if not audio.shape[1]:
            self._over = True
            return audio
        audio = self._with_fades(audio)
        self._written_samples += audio.shape[1]
        self._measure(audio, block)
        self._transport = self._transport.advanced(audio.shape[1])
        if audio.shape[1] == straight:
            position = self._transport.position_samples
            self._stream = self._playing_graph.open(position)
            self._cues.append(_Cue(self._written_samples, position))
        return audio

    def _with_fades(self, audio: Audio) -> Audio:
        length = audio.shape[1]
        fade = seconds_to_samples(FADE_SECONDS, self._playing_graph.sample_rate)
        if self._faded_samples < fade:
            audio = audio * _ramp(self._faded_samples, length, fade)
            self._faded_samples += length
        leaving, self._leaving = np.split(self._leaving, [length], axis=1)
        return audio + pad_to(leaving, length) if leaving.shape[1] else audio

    def _measure(self, audio: Audio, block: Block) -> None:
        self._track_peaks.add(block.track_peaks, audio.shape[1])
        peaks = zip(self._playing_graph.tracks, self._track_peaks.gains, strict=True)
        tracks = {track_id: in_dbfs(gains) for (track_id, _), gains in peaks}
        self._metered.append((self._written_samples, self._meter.add(audio), tracks))

    # --- where it is -----------------------------------------------------------------------

    @property
    def _played_samples(self) -> int:
        return self._sink.played_samples if self._sink is not None else 0

    def _heard(self) -> int:
        """Return the position of the sample that the sink plays."""
        if not self._transport.playing or not self._cues:
            return self._transport.position_samples
        played = self._played_samples
        while len(self._cues) > 1 and self._cues[1].written_samples <= played:
            self._cues.popleft()
        cue = self._cues[0]
        return cue.position_samples + played - cue.written_samples

    def _cut(self) -> None:
        """Silence what waits in the sink; go back to what has been heard."""
        if self._transport.playing and self._sink is not None:
            self._sink.drop()
            self._go_to(self._heard())

    def _go_to(self, position_samples: int) -> None:
        """Make a position the next one that is computed; nothing waits in the sink."""
        self._transport = self._transport.at(position_samples)
        self._stream = None
        self._over = False
        self._leaving = silence(2, 0)
        # Nothing comes before the first sample, so nothing can click there.
        fade = seconds_to_samples(FADE_SECONDS, self.graph.sample_rate)
        self._faded_samples = 0 if position_samples else fade
        self._written_samples = self._played_samples
        self._cues = deque([_Cue(self._written_samples, position_samples)])
        self._metered.clear()
        self._publish()

    def _publish(self) -> None:
        levels, tracks = self.status.levels, self.status.track_peaks_dbfs
        played = self._played_samples
        while self._metered and self._metered[0][0] <= played:
            _, levels, tracks = self._metered.popleft()
        if not self._transport.playing:  # the bars go dark, the numbers stay
            levels = replace(levels, peak_dbfs=NO_LEVELS.peak_dbfs)
            tracks = dict.fromkeys(tracks, NO_LEVELS.peak_dbfs)
        self.status = Status(self._heard(), self._transport.playing, levels, tracks)


def _ramp(start_samples: int, length_samples: int, fade_samples: int) -> Audio:
    """Return the gains of a fade-in from one of its samples on."""
    at = np.arange(start_samples, start_samples + length_samples)
    return np.clip(at / fade_samples, 0.0, 1.0).astype(np.float32)
