"""The room of one recording put on another: its reverberation time and its distance."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from tonewright.dsp.audio.room import ROOM_SHA256, Room, reverberation, room_of_file
from tonewright.dsp.audio.signal import Audio, silence
from tonewright.dsp.effects.protocol import EffectType, Layout, Parameter, ParameterKind, Tail
from tonewright.dsp.errors import EffectError, MediaError

BLOCK_SAMPLES = 1024
RT60_SECONDS = (0.1, 3.0)
"""Rooms beyond are taken for these."""

JUCE_SCALE = 0.125
"""What pedalboard's convolution brings the root of a response's energy to."""


class MatchRoom:
    """A tail behind the sound, which itself stays as it is.

    Args:
        room: Whose tail it is; its reverberation time within ``RT60_SECONDS``.
        gain: Of the tail; 1 has the ratio to the direct sound that the room says.
        seed: Of the tail's noise.
    """

    def __init__(self, room: Room, *, gain: float, seed: int) -> None:
        self._room = room
        self._gain = gain
        self._seed = seed
        self._convolution: Any = None
        self._of: tuple[float, int] | None = None
        self._scale = np.float32(0.0)

    def process(
        self, audio: Audio, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> Audio:
        """Return audio of one or two channels in the room."""
        if self._of != (sample_rate, len(audio)):
            self._prepare(sample_rate, len(audio))
        elif reset:
            self.reset()
        wet = np.empty_like(audio)
        for start in range(0, audio.shape[1], BLOCK_SAMPLES):
            block = audio[:, start : start + BLOCK_SAMPLES]
            wet[:, start : start + BLOCK_SAMPLES] = self._convolved(block)
        return audio + self._scale * wet

    def reset(self) -> None:
        """Forget the stream so far."""
        if self._of is not None:
            self._convolution.reset()
            # The plugin begins anew when a block is longer than all before, so none will be.
            self._convolved(silence(self._of[1], BLOCK_SAMPLES))

    def _prepare(self, sample_rate: float, channels: int) -> None:
        import pedalboard

        response = reverberation(self._room, sample_rate, channels, self._seed)
        energy = float(np.square(response, dtype=np.float64).sum(axis=1).max())
        self._scale = np.float32(self._gain * energy**0.5 / JUCE_SCALE)
        self._convolution = pedalboard.Convolution(response, 1.0, sample_rate)
        self._of = (sample_rate, channels)
        self.reset()

    def _convolved(self, block: Audio) -> Audio:
        assert self._of is not None
        done: Audio = self._convolution.process(block, self._of[0], BLOCK_SAMPLES, reset=False)
        return done


def make(reference: str, amount: float, seed: int) -> MatchRoom:
    """Return the effect; ``amount`` is the tail's share in %.

    Raises:
        EffectError: If there is no reference, or it tells nothing of a room.
    """
    if not reference:
        raise EffectError("match_room needs a recording of the room: set reference")
    path = Path(reference)
    try:
        room = _room(path, path.stat().st_mtime_ns)
    except (OSError, MediaError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise EffectError(f"{reference}: tells of no room: {reason}") from error
    low, high = RT60_SECONDS
    held = Room(min(high, max(low, room.rt60_seconds)), room.drr_db)
    return MatchRoom(held, gain=amount / 100.0, seed=seed)


@lru_cache(maxsize=16)
def _room(path: Path, changed_ns: int) -> Room:
    return room_of_file(path)


MATCH_ROOM_TYPE = EffectType(
    id="match_room",
    name="Match room",
    factory=f"{__name__}:make",
    parameters=(
        Parameter(
            "reference", "", kind=ParameterKind.FILE, description="A recording made in the room"
        ),
        Parameter(
            "amount", 100.0, 0.0, 200.0, unit="%", description="100 is as near or far as there"
        ),
    ),
    version=2,
    layout=Layout.PAIRS,
    tail=Tail(1.5 * RT60_SECONDS[1], 0.1),
    seeded=True,
    weights_sha256=ROOM_SHA256,
    description="Puts a dry sound into the room of another recording",
)
