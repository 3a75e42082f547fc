"""The instances of an effect behind one input and one output, watched over.

An effect that takes fewer channels than there are runs once for each channel (MONO) or pair
(STEREO: an odd last channel goes through both sides and returns as their mean; PAIRS: alone). The
declared latency is dropped here, and what an effect returns is compared with what it promised.
"""

import copy
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from tonewright.dsp.audio.signal import Audio, first_not_finite, silence
from tonewright.dsp.effects.fifo import join
from tonewright.dsp.effects.protocol import Effect, Layout
from tonewright.dsp.effects.slot import is_native
from tonewright.dsp.errors import EffectError, TonewrightError

Move = tuple[int, int, str, float]
"""Where, which effect of those that run as one, its parameter, the value."""


def is_finite(audio: Audio) -> bool:
    """Return whether there is neither NaN nor infinity."""
    # The energy of finite audio is finite, and costs a tenth of looking at every sample.
    return bool(np.isfinite(np.vdot(audio, audio))) or first_not_finite(audio) is None


class Voices:
    """The instances, of one effect or of several native ones that run as one.

    Attributes:
        fed_samples: How many samples went in.
        returned_samples: How many came out, without the latency.
    """

    def __init__(
        self,
        effects: Sequence[Effect],
        *,
        name: str,
        layout: Layout,
        listens: bool,
        sample_rate: float,
        channels: int,
        buffer_size: int,
        make: Callable[[], Effect] | None,
    ) -> None:
        self.fed_samples = 0
        self.returned_samples = 0
        self._name = name
        self._listens = listens
        self._sample_rate = float(sample_rate)  # an int costs a microsecond a call
        self._channels = channels
        self._buffer_size = buffer_size
        self._native = is_native(effects[0])
        self._latency_left: int | None = None
        self._routes = _routes(layout, channels)
        self._routed = self._routes != [list(range(channels))]
        others = range(1, len(self._routes))
        self._effects = [
            list(effects),
            *([self._another(effect, make) for effect in effects] for _ in others),
        ]
        self._boards = [_board(each) for each in self._effects] if self._native else []
        for effect in chain.from_iterable(self._effects):
            effect.reset()

    @property
    def finishes(self) -> bool:
        """Whether what is held back comes from ``finish``, and not for zeros."""
        return hasattr(self._effects[0][0], "finish")

    def process(
        self, audio: Audio, sidechain: Audio | None = None, moves: Sequence[Move] = ()
    ) -> Audio:
        """Return what the effect returns for ``(channels, samples)``, latency dropped.

        Args:
            audio: What it is fed.
            sidechain: What it listens to, of the same shape.
            moves: What is set on the way, sorted by offset.
        """
        if self._native and not self.fed_samples:
            # A native effect starts anew when a block is longer than all before.
            first = next((offset for offset, *_ in moves if offset), audio.shape[1])
            self._buffer_size = min(self._buffer_size, first)
        returned = []
        for instance, route in enumerate(self._routes):
            part = audio[route] if self._routed else audio
            heard = sidechain[route] if self._routed and sidechain is not None else sidechain
            if self._native:
                run = partial(self._run_native, instance, part, moves)
            else:
                part = part.view()
                part.flags.writeable = False  # it is the caller's, or the dry signal
                run = partial(self._run, instance, part, heard, moves)
            returned.append(self._guarded(run))
        self.fed_samples += audio.shape[1]
        return self._taken(returned)

    def finish(self) -> Audio:
        """Return all that an effect which ``finishes`` holds back."""
        return self._taken([self._guarded(effect.finish) for (effect,) in self._effects])  # type: ignore[attr-defined]

    @property
    def failures(self) -> list[str]:
        """Why instances went on with the dry sound; empty if none did."""
        effects = chain.from_iterable(self._effects)
        return [each.failure for each in effects if getattr(each, "failure", "")]  # type: ignore[attr-defined]

    def get(self, index: int, name: str) -> Any:
        """Return a parameter of one effect of those that run as one."""
        return getattr(self._effects[0][index], name)

    def set(self, index: int, name: str, value: Any) -> None:
        """Set a parameter of every instance of one effect."""
        for effects in self._effects:
            setattr(effects[index], name, value)

    def broken(self, how: str) -> EffectError:
        """Return the error that says how the effect broke its word."""
        return EffectError(f"{self._name} {how}; use another version of it, or take it out")

    def _run(
        self, instance: int, audio: Audio, sidechain: Audio | None, moves: Sequence[Move]
    ) -> Audio:
        (effect,) = self._effects[instance]
        rate, size, process = self._sample_rate, self._buffer_size, effect.process
        done = []
        start = 0
        for offset, _, name, value in (*moves, (audio.shape[1], 0, "", 0.0)):
            if offset > start:
                piece = audio[:, start:offset]
                if self._listens:
                    heard = None if sidechain is None else sidechain[:, start:offset]
                    done.append(process(piece, rate, size, False, sidechain=heard))  # type: ignore[call-arg]
                else:
                    done.append(process(piece, rate, size, False))
                start = offset
            if name:
                setattr(effect, name, value)
        return join(done, len(audio))

    def _run_native(self, instance: int, audio: Audio, moves: Sequence[Move]) -> Audio:
        """Return what pedalboard makes of it, all effects in one call from move to move."""
        effects = self._effects[instance]
        rate, size, process = self._sample_rate, self._buffer_size, self._boards[instance].process
        if not moves:
            return process(audio, rate, size, False)
        out = np.empty_like(audio)  # a plugin that is late returns less
        start = done = 0
        for offset, index, name, value in (*moves, (audio.shape[1], 0, "", 0.0)):
            if offset > start:
                piece = process(audio[:, start:offset], rate, size, False)
                ended = done + piece.shape[1]
                out[:, done:ended] = piece
                start, done = offset, ended
            if name:
                setattr(effects[index], name, value)
        return out[:, :done]

    def _guarded(self, call: Callable[[], Audio]) -> Audio:
        try:
            return call()
        except TonewrightError:
            raise
        except Exception as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise EffectError(
                f"{self._name} failed at sample {self.fed_samples}: {reason}"
            ) from error

    def _taken(self, returned: Sequence[Audio]) -> Audio:
        for part, route in zip(returned, self._routes, strict=True):
            shape = np.shape(part)
            if len(shape) != 2 or shape[0] != len(route):
                raise self.broken(f"was fed {len(route)} channels and returned shape {shape}")
            if shape[1] != returned[0].shape[1]:
                raise self.broken(f"returned {returned[0].shape[1]} and {shape[1]} samples at once")
        audio = np.asarray(self._gathered(returned), np.float32)
        if not is_finite(audio):
            channel, sample = first_not_finite(audio) or (0, 0)
            raise self.broken(
                f"returned {audio[channel, sample]} at sample {self.returned_samples + sample} "
                f"of channel {channel}"
            )
        if self._latency_left is None:
            self._latency_left = int(getattr(self._effects[0][0], "latency_samples", 0))
        if self._latency_left:
            late = min(self._latency_left, audio.shape[1])
            self._latency_left -= late
            audio = audio[:, late:]
        self.returned_samples += audio.shape[1]
        extra = self.returned_samples - self.fed_samples
        if extra > 0:
            raise self.broken(
                f"returned {extra} samples more than the {self.fed_samples} it was fed"
            )
        return audio

    def _gathered(self, returned: Sequence[Audio]) -> Audio:
        if not self._routed:
            return returned[0]
        audio = silence(self._channels, returned[0].shape[1])
        for part, route in zip(returned, self._routes, strict=True):
            if len(set(route)) == len(route):
                audio[route] = part
            else:
                audio[route[0]] = part.mean(axis=0)
        return audio

    def _another(self, effect: Effect, make: Callable[[], Effect] | None) -> Effect:
        if make is not None:
            return make()
        try:
            return copy.deepcopy(effect)
        except TypeError as error:
            raise EffectError(
                f"{self._name} takes fewer than {self._channels} channels and cannot be copied; "
                "add it by its name, so that one can be made for each"
            ) from error


def _board(effects: list[Effect]) -> Effect:
    """Return native effects as one, for a call with one costs less than with a list of them."""
    from pedalboard import Pedalboard

    return effects[0] if len(effects) == 1 else Pedalboard(effects)


def _routes(layout: Layout, channels: int) -> list[list[int]]:
    """Return the channels of each instance."""
    if layout is Layout.MONO:
        return [[channel] for channel in range(channels)]
    if layout is Layout.STEREO:
        return [[left, min(left + 1, channels - 1)] for left in range(0, channels, 2)]
    if layout is Layout.PAIRS:
        return [list(range(left, min(left + 2, channels))) for left in range(0, channels, 2)]
    return [list(range(channels))]
