"""Capture and place: what a track played is rendered, and the result takes the dry sound's place.

While the plugin captures and the host's transport rolls, the dry sound is recorded with the place
it has on the host's timeline: a **take**. On playback the result sounds where its take is,
sample for sample, as long as the dry sound is what it was: where the source has changed, it is
heard dry. Behind its end the effects' tail rings on over what follows.

What is no longer in the store is rendered again from its source, and so is a take of another chain
than the plugin's.
"""

import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.bridge.chains import NamedChain
from tonewright.dsp.bridge.memory import Mark
from tonewright.dsp.bridge.studio import Studio
from tonewright.dsp.bridge.takes import Captured, Take, Takes, mapped
from tonewright.dsp.effects.fifo import Fifo
from tonewright.dsp.errors import TonewrightError
from tonewright.dsp.rendering.job import Progress
from tonewright.dsp.rendering.nodes import Stored
from tonewright.dsp.rendering.plan import plan_effects

SAME = 1e-5
"""The dry sound is what it was if no sample differs by more: -100 dBFS."""

MOST_SECONDS = 1_200.0
"""The longest take; it is kept in memory while it is recorded."""

_RAMP_SAMPLES = 128


@dataclass(frozen=True, slots=True)
class _Placed:
    """A take that can be heard."""

    take: Take
    source: npt.NDArray[np.float32]
    result: npt.NDArray[np.float32]


Said = Callable[[str, object], None]


class Placing:
    """Records takes of one stream, and plays their results; a context manager.

    Args:
        chain: What takes are rendered with.
        takes: Those that the host had saved.
        studio: What all sessions share.
        sample_rate: In Hz.
        channels: Of the stream.
        said: Sends the plugin a message.
        fallback: What the status says when nothing else is to be said.
    """

    def __init__(
        self,
        chain: NamedChain,
        takes: Takes,
        studio: Studio,
        *,
        sample_rate: int,
        channels: int,
        said: Said,
        fallback: str = "",
    ) -> None:
        self._chain = chain
        self.takes = takes
        self._studio = studio
        self._sample_rate = sample_rate
        self._channels = channels
        self._said = said
        self._fallback = fallback or "ready"
        self._placed: tuple[_Placed, ...] = ()
        self._changed: set[str] = set()  # sources that no longer are what the track plays
        self._marks: deque[Mark] = deque()
        self._mark = Mark(0)
        self._position = 0
        self._returned = 0
        self._waiting = Fifo(channels)
        self._modes: deque[tuple[int, bool]] = deque()
        self._level = 0.0  # of what is placed, against what is live
        self._place = False
        self._recording: list[Audio] = []
        self._recording_from = Mark(0)

    def __enter__(self) -> "Placing":
        for take in self.takes.takes:
            if (take.sample_rate, take.channels) == (self._sample_rate, self._channels):
                self._prepare(take)
        return self

    def __exit__(self, *_: object) -> None:
        self._finish_take()

    def mark(self, mark: Mark) -> None:
        """Take note of where the stream will be in the host."""
        self._marks.append(mark)

    def process(self, audio: Audio, wet: Audio | None) -> Audio:
        """Return what the plugin is to play.

        Args:
            audio: What came in.
            wet: What is ready of the live chain, perhaps fewer samples; None if it cannot run.
        """
        end = self._position + audio.shape[1]
        placed = []
        while self._position < end:
            while self._marks and self._marks[0].position <= self._position:
                self._turn(self._marks.popleft())
            stop = min(end, self._marks[0].position) if self._marks else end
            piece = audio[:, audio.shape[1] - (end - self._position) :][:, : stop - self._position]
            placed.append(self._heard(piece))
            self._position = stop
        for piece in placed:
            self._waiting.push(piece)
        if wet is None:
            wet = audio
        return self._blended(wet, self._waiting.pop(wet.shape[1]))

    # --- the host's timeline ----------------------------------------------------------------

    @property
    def _frame(self) -> int:
        return self._mark.host_frame + self._position - self._mark.position

    def _turn(self, mark: Mark) -> None:
        """Go on from a mark."""
        goes_on = (
            mark.playing
            and mark.capture
            and self._mark.playing
            and mark.host_frame == self._mark.host_frame + mark.position - self._mark.position
        )
        if self._recording and not goes_on:
            self._finish_take()
        if not mark.playing or mark.host_frame != self._frame:
            self._changed.clear()  # the next pass may find the source as it was
        if not self._modes or mark.place != self._modes[-1][1]:
            self._modes.append((mark.position, mark.place))
        self._mark = mark

    def _heard(self, piece: Audio) -> Audio:
        """Return the dry sound with results where there are takes; record it."""
        if not self._mark.playing:
            return piece.copy()
        if self._mark.capture:
            if not self._recording:
                self._recording_from = replace(self._mark, host_frame=self._frame)
            self._recording.append(piece.copy())
            if self._recorded_samples() > MOST_SECONDS * self._sample_rate:
                self._finish_take()
            return piece.copy()
        out = piece.copy()
        first, last = self._frame, self._frame + piece.shape[1]
        for placed in self._placed:
            self._lay(placed, piece, out, first, last)
        return out

    def _lay(self, placed: _Placed, piece: Audio, out: Audio, first: int, last: int) -> None:
        """Lay one take's result over ``[first, last)`` of the host's timeline."""
        take = placed.take
        if take.source in self._changed:
            return
        start, end = max(first, take.start_frame), min(last, take.end_frame)
        if start < end:
            here = slice(start - first, end - first)
            there = slice(start - take.start_frame, end - take.start_frame)
            if np.abs(piece[:, here] - placed.source[:, there]).max() > SAME:
                self._changed.add(take.source)
                self._said("status", "the track has changed: capture it again")
                return
            out[:, here] = placed.result[:, there]
        start = max(first, take.end_frame)
        end = min(last, take.start_frame + placed.result.shape[1])
        if start < end:
            there = slice(start - take.start_frame, end - take.start_frame)
            out[:, start - first : end - first] += placed.result[:, there]

    def _blended(self, wet: Audio, placed: Audio) -> Audio:
        """Return live or placed sound as the mode is, with a short ramp where it changes."""
        out = wet
        done = 0
        while done < wet.shape[1]:
            while self._modes and self._modes[0][0] <= self._returned:
                self._place = self._modes.popleft()[1]
            count = wet.shape[1] - done
            if self._modes:
                count = min(count, self._modes[0][0] - self._returned)
            target = 1.0 if self._place else 0.0
            if self._returned == 0:
                self._level = target
            if target or self._level:
                step = (1.0 if target else -1.0) / _RAMP_SAMPLES
                ramp = np.clip(self._level + step * np.arange(1, count + 1), 0.0, 1.0)
                gain = ramp.astype(np.float32)
                here = slice(done, done + count)
                if out is wet:
                    out = wet.copy()
                if self._level == target:
                    out[:, here] = placed[:, here]
                else:
                    out[:, here] += gain * (placed[:, here] - wet[:, here])
                self._level = float(ramp[-1])
            done += count
            self._returned += count
        return out

    # --- takes ------------------------------------------------------------------------------

    def _recorded_samples(self) -> int:
        return sum(each.shape[1] for each in self._recording)

    def _finish_take(self) -> None:
        """Keep what was recorded, and have it rendered."""
        if not self._recording:
            return
        audio = np.concatenate(self._recording, axis=1)
        self._recording = []
        digest = hashlib.sha256(f"capture {self._sample_rate} {len(audio)};".encode())
        digest.update(np.ascontiguousarray(audio).tobytes())
        key = digest.hexdigest()
        try:
            with self._studio.captures.write(
                key, sample_rate=self._sample_rate, recipe={"captured": True}
            ) as writer:
                writer.add(audio)
        except TonewrightError as error:
            self._said("status", error)
            return
        take = Take(
            self._recording_from.host_frame,
            audio.shape[1],
            self._sample_rate,
            len(audio),
            self._recording_from.bpm,
            key,
        )
        self.takes = self.takes.with_take(take)
        self._said("takes", self.takes.text())
        self._prepare(take)

    def _prepare(self, take: Take) -> None:
        """Make a take heard: at once if its result is there, else when it is rendered."""
        if self._studio.captures.get(take.source) is None:
            self._said("status", "what was captured is gone: capture it again")
            return
        chain = self._chain.text()
        if take.chain == chain and self._studio.results.get(take.result) is not None:
            self._place_result(take)
            return
        self._studio.render(lambda: self._render(take, chain), self._failed)

    def _render(self, take: Take, chain: str) -> None:
        """Render a take; in a thread of the studio."""
        node = Captured(
            take.source,
            take.channels,
            take.length_samples,
            str(self._studio.captures.path(take.source)),
        )
        root = plan_effects(
            node,
            self._chain.effects,
            sample_rate=take.sample_rate,
            label="the captured track",
            registry=self._studio.registry,
        ).roots[0]
        whole = root if isinstance(root, Stored) else Stored(root, take.sample_rate)

        def report(progress: Progress) -> None:
            self._said("status", f"rendering: {100 * progress.fraction:.0f} %")

        self._studio.render_node(whole, report)
        self._place_result(replace(take, result=whole.key, chain=chain))
        self._said("status", self._fallback)

    def _failed(self, error: TonewrightError) -> None:
        self._said("status", error)

    def _place_result(self, take: Take) -> None:
        captures, results = self._studio.captures, self._studio.results
        found = results.get(take.result)
        assert found is not None
        placed = _Placed(
            take,
            mapped(captures.path(take.source), take.length_samples, take.channels),
            mapped(results.path(take.result), found.length_samples, found.channels),
        )
        with self._studio.lock:
            self.takes = Takes(
                tuple(
                    take
                    if (each.source, each.start_frame) == (take.source, take.start_frame)
                    else each
                    for each in self.takes.takes
                )
            )
            wanted = {(each.source, each.start_frame) for each in self.takes.takes}
            others = [
                each
                for each in self._placed
                if (each.take.source, each.take.start_frame) in wanted
                and (each.take.source, each.take.start_frame) != (take.source, take.start_frame)
            ]
            self._placed = (*others, placed)
        self._said("takes", self.takes.text())
