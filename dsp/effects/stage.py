"""One effect in a running stream, kept in line with its input.

Position n of what a stage returns belongs to position n of what it was fed, and when it has
finished both are of one length. For that a stage cuts the stream into the blocks that the type
asks for, moves automated parameters, delays the dry signal as far as the wet one is late, and at
the end fetches what is held back: from ``finish`` if the effect has it, by feeding zeros if not.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any

import numpy as np

from tonewright.dsp.audio.signal import Audio, silence
from tonewright.dsp.effects.automation import as_curve
from tonewright.dsp.effects.fifo import Fifo, join
from tonewright.dsp.effects.protocol import Effect, EffectType, Tail
from tonewright.dsp.effects.slot import Slot, is_native, slot_tail, type_of
from tonewright.dsp.effects.steps import FINE_SAMPLES, Steps
from tonewright.dsp.effects.voices import Move, Voices

FLUSH_SAMPLES = 8_192
"""Zeros are fed in blocks of this many samples, where a type does not ask for another size."""

LEAST_SAMPLES = 16
"""Fewer wait for the next ones before a native effect: it takes a block that has no more samples
than channels for one of another layout."""

HOLD_LIMIT_SECONDS = 30.0
"""What has not come back after this much silence never will."""


class Stage:
    """An effect, running.

    Attributes:
        slots: What it plays: one slot, or several native ones that run as one.
        fed_samples: How many samples went in.
        returned_samples: How many came out.
    """

    def __init__(
        self,
        slots: Sequence[Slot],
        effects: Sequence[Effect],
        effect_type: EffectType,
        *,
        sample_rate: float,
        channels: int,
        buffer_size: int,
    ) -> None:
        slot = slots[0]
        self.slots = slots
        self.fed_samples = 0
        self.returned_samples = 0
        self._type = effect_type
        self._mix = slot.mix
        self._channels = channels
        self._limit_samples = int(HOLD_LIMIT_SECONDS * sample_rate)
        self._input = Fifo(channels)
        self._dry = Fifo(channels)
        self._sidechain = None if slot.sidechain is None else _Sidechain(slot.sidechain, channels)
        self._steps = [
            (index, _steps(each, name, sample_rate))
            for index, each in enumerate(slots)
            for name in each.automation
        ]
        native = is_native(effects[0])
        self._least_samples = LEAST_SAMPLES if native else 1
        # Automation cuts on this grid, so that no piece is shorter.
        self._grid_samples = FINE_SAMPLES if native and self._steps else 1
        self._voices = Voices(
            effects,
            name=effect_type.id,
            layout=effect_type.layout,
            listens=effect_type.sidechain,
            sample_rate=sample_rate,
            channels=channels,
            buffer_size=buffer_size,
            make=slot.make,
        )
        self._resting = self._now()

    def process(self, audio: Audio) -> Audio:
        """Return what is ready, perhaps fewer samples than came in.

        **Shape**: ``(channels, samples)``.
        """
        self.fed_samples += audio.shape[1]
        if self._mix < 1.0:
            self._dry.push(audio)
        block = self._type.block_samples
        self._input.push(audio)
        if not block:
            waiting = self._input.samples // self._grid_samples * self._grid_samples
            if waiting < self._least_samples:
                return silence(self._channels, 0)
            return self._blended(self._fed(self._input.pop(waiting)))
        whole = self._input.samples // block
        ready = [self._fed(self._input.pop(block)) for _ in range(whole)]
        return self._blended(join(ready, self._channels))

    def finish(self) -> Audio:
        """Return all that is held back; the stream is over.

        Raises:
            EffectError: If it does not come back.
        """
        rest = self._input.pop(self._input.samples)
        if self._voices.finishes and self.fed_samples:
            held = join([self._fed(rest), self._voices.finish()], self._channels)
        else:
            held = self._flushed(rest)
        out = self._blended(held)
        missing = self.fed_samples - self.returned_samples
        if missing:
            raise self._voices.broken(f"keeps back {missing} of {self.fed_samples} samples")
        return out

    @property
    def automated(self) -> bool:
        """Whether a parameter moves."""
        return bool(self._steps)

    @property
    def failures(self) -> list[str]:
        """Why the effect went on with the dry sound; empty if it did not."""
        return self._voices.failures

    def rest(self) -> None:
        """Set automated parameters back to what they were before the stream."""
        for index, params in enumerate(self._resting):
            for name, value in params.items():
                self._voices.set(index, name, value)

    def tail(self) -> Tail:
        """Return the tail: of all slots, for parameters as they are and as automation ends."""
        both = zip(self.slots, self._now(), self._last(), strict=True)
        tails = [slot_tail(slot, moved) for slot, *moved in both]
        return Tail(sum(each.seconds for each in tails), sum(each.gap_seconds for each in tails))

    def _now(self) -> list[dict[str, Any]]:
        """Return the automated parameters of each slot as they are."""
        return self._moved(lambda index, steps: self._voices.get(index, steps.name))

    def _last(self) -> list[dict[str, Any]]:
        """Return the automated parameters of each slot as automation ends."""
        return self._moved(lambda _, steps: steps.last)

    def _moved(self, value: Callable[[int, Steps], Any]) -> list[dict[str, Any]]:
        moved: list[dict[str, Any]] = [{} for _ in self.slots]
        for index, steps in self._steps:
            moved[index][steps.name] = value(index, steps)
        return moved

    def _fed(self, audio: Audio) -> Audio:
        length = audio.shape[1]
        if not length:
            return audio
        sidechain = None if self._sidechain is None else self._sidechain.read(length)
        return self._voices.process(audio, sidechain, self._moves(length))

    def _moves(self, length: int) -> list[Move]:
        """Return how the parameters move over the next samples."""
        position = self._voices.fed_samples
        if self._type.block_samples:
            return [(0, index, steps.name, steps.at(position)) for index, steps in self._steps]
        moves: list[Move] = []
        for index, steps in self._steps:
            places, values = steps.until(position + length)
            offsets = [place - position for place in places]
            moves += zip(offsets, repeat(index), repeat(steps.name), values, strict=False)
        return sorted(moves, key=itemgetter(0)) if len(self._steps) > 1 else moves

    def _flushed(self, rest: Audio) -> Audio:
        """Return what is missing, for ``rest`` and then zeros."""
        missing = self.fed_samples - self.returned_samples
        block = self._type.block_samples or FLUSH_SAMPLES
        out: list[Audio] = []
        fed = 0
        while missing and fed < self._limit_samples:
            zeros = silence(self._channels, block)
            zeros[:, : rest.shape[1]] = rest
            rest = rest[:, :0]
            fed += block
            out.append(self._fed(zeros)[:, :missing])
            missing -= out[-1].shape[1]
        return join(out, self._channels)

    def _blended(self, wet: Audio) -> Audio:
        self.returned_samples += wet.shape[1]
        if self._mix == 1.0:
            return wet
        dry = self._dry.pop(wet.shape[1])
        return dry + np.float32(self._mix) * (wet - dry)


def _steps(slot: Slot, name: str, sample_rate: float) -> Steps:
    effect_type = slot.effect_type or type_of(slot.effect)
    return Steps(
        effect_type.parameter(name),
        as_curve(slot.automation[name]),
        effect=effect_type.id,
        sample_rate=sample_rate,
    )


class _Sidechain:
    """What an effect listens to, in step with it; silence behind its end."""

    def __init__(self, source: Audio | Iterable[Audio], channels: int) -> None:
        self._blocks = iter([source]) if isinstance(source, np.ndarray) else iter(source)
        self._channels = channels
        self._waiting = Fifo(channels)

    def read(self, length: int) -> Audio:
        while self._waiting.samples < length:
            block = next(self._blocks, None)
            if block is None:
                block = silence(self._channels, length - self._waiting.samples)
            elif len(block) != self._channels:
                block = np.repeat(block.mean(axis=0, keepdims=True), self._channels, axis=0)
            self._waiting.push(block)
        return self._waiting.pop(length)
