"""A queue of audio: pushed in blocks of any size, popped in blocks of any other."""

from collections import deque
from collections.abc import Sequence

import numpy as np

from tonewright.dsp.audio.signal import Audio, silence


def join(blocks: Sequence[Audio], channels: int) -> Audio:
    """Return blocks one behind the other; of none, audio of no length."""
    if len(blocks) == 1:
        return blocks[0]
    return np.concatenate(blocks, axis=1) if blocks else silence(channels, 0)


class Fifo:
    """Samples that wait.

    Attributes:
        samples: How many wait.
    """

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._blocks: deque[Audio] = deque()
        self.samples = 0

    def push(self, audio: Audio) -> None:
        """Put audio of shape ``(channels, samples)`` behind what waits; it is not copied."""
        if audio.shape[1]:
            self._blocks.append(audio)
            self.samples += audio.shape[1]

    def pop(self, length_samples: int) -> Audio:
        """Take audio from the front.

        Raises:
            ValueError: If fewer samples wait.
        """
        if length_samples > self.samples:
            raise ValueError(f"only {self.samples} samples wait, not {length_samples}")
        taken: list[Audio] = []
        missing = length_samples
        while missing:
            block = self._blocks.popleft()
            if block.shape[1] > missing:
                self._blocks.appendleft(block[:, missing:])
                block = block[:, :missing]
            taken.append(block)
            missing -= block.shape[1]
        self.samples -= length_samples
        return join(taken, self._channels)
