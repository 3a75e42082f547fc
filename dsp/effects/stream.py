"""A chain at work on one stream: its stages in a row, and the end of the stream.

**The tail.** When the input has ended, what is held back is fetched and the effects ring out: the
stages with a tail are fed zeros until what comes out has stayed below -90 dBFS for the longest
gap that they declare, and at most ``TAIL_RESERVE`` times as long as the tails that they declare.
Zeros enter at the first stage that has a tail: a network before it is not asked to process them.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from tonewright.dsp.audio.signal import Audio, silence
from tonewright.dsp.effects.fifo import Fifo, join
from tonewright.dsp.effects.stage import Stage
from tonewright.dsp.units import SILENCE_DB, db_to_gain, seconds_to_samples

TAIL_RESERVE = 2.0
"""A gain behind a reverb lifts its tail; twice its length covers 90 dB."""

TAIL_BLOCK_SAMPLES = 8_192


class Stream:
    """Stages in a row.

    Attributes:
        fed_samples: How many samples of input went in.
        returned_samples: How many came out.
    """

    def __init__(self, stages: Sequence[Stage], *, sample_rate: float, channels: int) -> None:
        self.stages = stages
        self.sample_rate = sample_rate
        self.channels = channels
        self.fed_samples = 0
        self.returned_samples = 0

    def process(self, audio: Audio) -> Audio:
        """Return what is ready, perhaps fewer samples than came in."""
        self.fed_samples += audio.shape[1]
        ready = self._through(audio, 0)
        self.returned_samples += ready.shape[1]
        return ready

    def finish(self) -> Iterator[Audio]:
        """Yield what is held back: then as many samples came out as went in.

        It is the beginning of what ``drain`` yields, since effects look ahead into the tail.
        """
        due = self.fed_samples - self.returned_samples
        for block in self.drain() if due else ():
            yield block[:, :due]
            due -= min(due, block.shape[1])
            if not due:
                break
        self._rest()

    def drain(self) -> Iterator[Audio]:
        """Yield what is held back and the tail, as long as it is not silence."""
        tails = [stage.tail() for stage in self.stages]
        rate = round(self.sample_rate)
        limit = seconds_to_samples(TAIL_RESERVE * sum(tail.seconds for tail in tails), rate)
        gap = seconds_to_samples(sum(tail.gap_seconds for tail in tails), rate)
        ringing = (index for index, tail in enumerate(tails) if tail.seconds > 0.0)
        first = next(ringing, len(tails))
        ending = _Ending(self.channels, self.fed_samples - self.returned_samples)
        for index in range(first):
            yield ending.heard(self._through(self.stages[index].finish(), index + 1))
        fed = 0
        while fed < limit and ending.quiet_samples <= gap:
            zeros = silence(self.channels, min(TAIL_BLOCK_SAMPLES, limit - fed))
            fed += zeros.shape[1]
            yield ending.heard(self._through(zeros, first))
        for index in range(first, len(self.stages)):
            yield ending.heard(self._through(self.stages[index].finish(), index + 1))
        self._rest()

    def _rest(self) -> None:
        for stage in self.stages:
            stage.rest()

    def _through(self, audio: Audio, first: int) -> Audio:
        for stage in self.stages[first:]:
            audio = stage.process(audio)
        return audio


class _Ending:
    """What comes behind the end of the input, without the silence at its very end.

    Attributes:
        quiet_samples: How long it has been silent now.
    """

    def __init__(self, channels: int, due_samples: int) -> None:
        self._channels = channels
        self._due_samples = due_samples  # belongs to the input and is kept, silent or not
        self._quiet = Fifo(channels)

    @property
    def quiet_samples(self) -> int:
        return self._quiet.samples

    def heard(self, audio: Audio) -> Audio:
        """Return what is known to be wanted by now."""
        due = min(self._due_samples, audio.shape[1])
        self._due_samples -= due
        loud = np.flatnonzero((np.abs(audio[:, due:]) >= db_to_gain(SILENCE_DB)).any(axis=0))
        if len(loud):
            due += int(loud[-1]) + 1
            wanted = join([self._quiet.pop(self._quiet.samples), audio[:, :due]], self._channels)
        else:
            wanted = audio[:, :due]
        self._quiet.push(audio[:, due:])
        return wanted
