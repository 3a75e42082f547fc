"""Effects in a row, called like ``pedalboard.Pedalboard``.

A chain is a list: of pedalboard's plugins, whole pedalboards, Python effects, other chains, and
``Slot``s, which add mix, automation and a sidechain. It is an effect too, so chains nest; but
``pedalboard.Pedalboard([chain])`` is refused by pedalboard itself, which takes nothing but its own
plugins: put the pedalboard into the chain instead.

``process`` with ``reset=True`` returns as many samples as it was given, each in its place. With
``reset=False`` it goes on with the stream of the call before and may return fewer: the missing
ones come with later calls, or with ``drain``, which also returns the tails. Changing the list ends
the stream. Plain native effects side by side run in one native call.
"""

from collections.abc import Iterable, Iterator, Mapping, MutableSequence
from dataclasses import replace
from typing import Any, SupportsIndex, overload

import numpy as np
import numpy.typing as npt

from tonewright.dsp.audio.signal import Audio, as_audio
from tonewright.dsp.effects.automation import Curve
from tonewright.dsp.effects.fifo import Fifo, join
from tonewright.dsp.effects.protocol import Effect, EffectType, Tail
from tonewright.dsp.effects.slot import Slot, slot_tail
from tonewright.dsp.effects.stage import Stage
from tonewright.dsp.effects.stages import board_of, stages_of
from tonewright.dsp.effects.stream import Stream
from tonewright.dsp.effects.voices import is_finite

BUFFER_SAMPLES = 8_192
"""Native effects work in blocks of at most this many samples."""

STREAM_SAMPLES = 32_768
"""What ``stream`` feeds at a time, however its input is cut."""

Entry = Effect | Slot
Automations = Mapping[tuple[int | Effect, str], Curve | npt.NDArray[Any]]


class Chain(MutableSequence[Entry]):
    """A list of effects that is an effect."""

    def __init__(self, effects: Iterable[Entry] = ()) -> None:
        self._entries: list[Entry] = []
        self._stream: Stream | None = None
        self._stages: list[Stage] = []
        self.extend(effects)

    # --- the list ---------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: SupportsIndex) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> "Chain": ...
    def __getitem__(self, index: Any) -> Any:
        return Chain(self._entries[index]) if isinstance(index, slice) else self._entries[index]

    def __setitem__(self, index: Any, entry: Any) -> None:
        for each in entry if isinstance(index, slice) else (entry,):
            _require_effect(each)
        self._entries[index] = entry
        self._stream = None

    def __delitem__(self, index: Any) -> None:
        del self._entries[index]
        self._stream = None

    def insert(self, index: SupportsIndex, entry: Entry) -> None:
        """Put an effect before the one at ``index``.

        Raises:
            TypeError: If it is no effect.
        """
        _require_effect(entry)
        self._entries.insert(index, entry)
        self._stream = None

    def __add__(self, other: Iterable[Entry]) -> "Chain":
        return Chain([*self._entries, *other])

    def __repr__(self) -> str:
        return f"Chain({self._entries!r})"

    # --- the effect -------------------------------------------------------------------------

    def process(
        self,
        audio: npt.NDArray[Any],
        sample_rate: float,
        buffer_size: int = BUFFER_SAMPLES,
        reset: bool = True,
        *,
        automation: Automations | None = None,
    ) -> Audio:
        """Return processed audio.

        Args:
            audio: Floating point, shape ``(channels, samples)``, or ``(samples,)`` for one
                channel, which returns the same.
            sample_rate: In Hz.
            buffer_size: The largest block, in samples, that a native effect is given.
            reset: Start anew, and return as many samples as came in; or go on with the stream of
                the call before.
            automation: Curves, or arrays of one value a sample, by ``(index or effect,
                parameter)``; read when a stream starts, besides what slots have of their own.
                With ``reset`` the stream ends with the call, and parameters are set back.

        Raises:
            ValueError: If the audio has another shape, or holds NaN or infinity.
            EffectError: If an effect fails or breaks what it declares.
        """
        block = _checked(audio)
        if reset or self._stream is None:
            self._stream = self._open(len(block), sample_rate, buffer_size, automation or {})
        stream = self._stream
        if (stream.sample_rate, stream.channels) != (sample_rate, len(block)):
            raise ValueError(
                f"the stream has {stream.channels} channels at {stream.sample_rate} Hz, the audio "
                f"{len(block)} at {sample_rate}: start anew with reset=True"
            )
        ready = stream.process(block)
        automated = any(stage.automated for stage in stream.stages)
        if reset and (automated or stream.returned_samples < stream.fed_samples):
            ready = join([ready, *stream.finish()], len(block))
            self._stream = None
        return ready if np.ndim(audio) == 2 else ready[0]

    def __call__(
        self,
        audio: npt.NDArray[Any],
        sample_rate: float,
        buffer_size: int = BUFFER_SAMPLES,
        reset: bool = True,
        *,
        automation: Automations | None = None,
    ) -> Audio:
        """Return processed audio; the same as ``process``."""
        return self.process(audio, sample_rate, buffer_size, reset, automation=automation)

    def reset(self) -> None:
        """Forget the stream so far."""
        self._stream = None

    def finish(self) -> Audio:
        """Return what is held back, without the tail, and end the stream.

        Raises:
            ValueError: If no stream has begun.
        """
        if self._stream is None:
            raise ValueError("no stream to finish: call process with reset=False first")
        channels = self._stream.channels
        return join([*self._ended(Stream.finish)], channels)

    def drain(self) -> Iterator[Audio]:
        """Yield what is held back and the tail, and end the stream.

        The tail is kept until it stays below -90 dBFS; silence at its end is not returned.
        """
        return self._ended(Stream.drain)

    def render(
        self,
        audio: npt.NDArray[Any],
        sample_rate: float,
        *,
        automation: Automations | None = None,
    ) -> Audio:
        """Return processed audio with its tail; arguments and errors as those of ``process``."""
        block = _checked(audio)
        whole = join([*self.stream([block], sample_rate, automation=automation)], len(block))
        return whole if np.ndim(audio) == 2 else whole[0]

    def stream(
        self,
        blocks: Iterable[Audio],
        sample_rate: float,
        *,
        tail: bool = True,
        automation: Automations | None = None,
    ) -> Iterator[Audio]:
        """Yield the processed blocks of a stream from its start, then the tail.

        Blocks go in and come out in any size; together as many samples come out as went in, and
        those of the tail. What comes out does not depend on how the input was cut.

        Args:
            blocks: Each of shape ``(channels, samples)``, all of as many channels.
            sample_rate: In Hz.
            tail: Whether the tail is returned.
            automation: As in ``process``.

        Raises:
            ValueError: If a block has another shape, or holds NaN or infinity.
            EffectError: If an effect fails or breaks what it declares.
        """
        waiting: Fifo | None = None
        for audio in blocks:
            block = _checked(audio)
            if waiting is None:
                waiting = Fifo(len(block))
                stream = self._open(len(block), sample_rate, BUFFER_SAMPLES, automation or {})
            waiting.push(block)
            while waiting.samples >= STREAM_SAMPLES:
                yield stream.process(waiting.pop(STREAM_SAMPLES))
        if waiting is None:
            return
        yield stream.process(waiting.pop(waiting.samples))
        yield from stream.drain() if tail else stream.finish()

    # --- the stream -------------------------------------------------------------------------

    @property
    def effect_type(self) -> EffectType:
        """What the chain declares as one effect: the tails of all that it holds."""
        tails = [slot_tail(slot) for slot in self._slots()]
        tail = Tail(sum(each.seconds for each in tails), sum(each.gap_seconds for each in tails))
        return EffectType(id="chain", name="Chain", factory="", tail=tail)

    @property
    def failure(self) -> str:
        """Why effects of the newest stream went on with the dry sound; empty if none did."""
        return "; ".join(dict.fromkeys(each for stage in self._stages for each in stage.failures))

    def _ended(self, end: Any) -> Iterator[Audio]:
        stream, self._stream = self._stream, None
        return iter(()) if stream is None else end(stream)

    def _slots(self, automation: Automations | None = None) -> list[Slot]:
        """Return a slot for each effect that is heard, nested chains laid open."""
        slots: list[Slot] = []
        unused = dict(automation or {})
        for index, entry in enumerate(self._entries):
            slot = entry if isinstance(entry, Slot) else Slot(entry)
            curves = {
                parameter: unused.pop((which, parameter))
                for which, parameter in list(unused)
                if which is entry or which is slot.effect or which == index
            }
            if curves:
                slot = replace(slot, automation={**slot.automation, **curves})
            inside = slot.effect if isinstance(slot.effect, Chain) else board_of(slot.effect)
            if not slot.enabled:
                continue
            if inside is None:
                slots.append(slot)
            elif slot.mix == 1.0:
                slots += Chain(inside)._slots()
            else:
                slots.append(replace(slot, effect=Chain(inside)))
        if unused:
            raise ValueError(f"automation for what is not in the chain: {[*unused]}")
        return slots

    def _open(
        self, channels: int, sample_rate: float, buffer_size: int, automation: Automations
    ) -> Stream:
        slots = self._slots(automation)
        effects = {id(slot.effect) for slot in slots}
        if len(effects) < len(slots):
            raise ValueError("the same effect is in the chain twice: make another instance of it")
        self._stages = stages_of(
            slots, sample_rate=sample_rate, channels=channels, buffer_size=buffer_size
        )
        return Stream(self._stages, sample_rate=sample_rate, channels=channels)


def _require_effect(entry: Any) -> None:
    if not isinstance(entry, Effect | Slot):
        raise TypeError(f"no effect: {entry!r} has no process() and reset()")


def _checked(audio: npt.NDArray[Any]) -> Audio:
    """Return audio as ``as_audio`` does, faster where nothing is wrong with it."""
    plain = isinstance(audio, np.ndarray) and audio.dtype == np.float32 and audio.ndim == 2
    return audio if plain and len(audio) <= 8 and is_finite(audio) else as_audio(audio)
