"""The contract of effects, audio and MIDI.

An **audio effect** is any object with pedalboard's call shape, ``process(audio, sample_rate,
buffer_size, reset)`` and ``reset()``; a pedalboard plugin is one as it stands. With
``reset=False`` it is fed a stream in pieces and may keep samples back, but over the stream it
returns, in order, one sample for each sample in. What it declares is tested for every registered
type:

* **Latency.** An effect whose output comes late says by how much in an attribute
  ``latency_samples`` (0 if it has none), read after the first call of a stream; the chain drops as
  many from the front. One that aligns itself and returns less at first, as pedalboard's plugins
  do, has none.
* **End.** What is held back when the input ends comes from a method ``finish()``, if the effect has
  one; it returns audio, and makes the samples out as many as the samples in. An effect without it
  is fed zeros until its samples are complete.
* **Tail.** What sounds after the input has ended, see ``Tail``.
* **Silence.** Zeros in are zeros out, once the tail is over.
* **Failure.** An effect raises an error, or goes on with the dry sound if its user chose so, and
  then says why in an attribute ``failure``: what it returned is told, and not kept as its result.
* **Input** is not written to: it belongs to the caller, and may be the dry signal.

An **effect type** describes an effect as plain data; panels, help and keys are built from it, and
only a render resolves the factory.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.project.document import Value


@runtime_checkable
class Effect(Protocol):
    """What a chain can hold.

    Optional are ``latency_samples``, ``finish()``, ``failure``, and each parameter as an attribute.

    An effect with ``sidechain = True`` on its type takes one more keyword argument, ``sidechain``:
    audio of the same shape, or None.
    """

    def process(
        self, audio: Audio, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> Audio:
        """Return processed audio of shape ``(channels, samples)``."""
        ...

    def reset(self) -> None:
        """Forget the stream so far."""
        ...


class Family(StrEnum):
    """What an effect works on."""

    AUDIO = "audio"
    MIDI = "midi"
    INSTRUMENT = "instrument"  # makes sound of notes; a MIDI track sounds through one


class RunsIn(StrEnum):
    """Where an effect may run."""

    REALTIME = "realtime"  # cheap enough for playback
    RENDERED = "rendered"  # in the worker only; the result is stored


class Layout(StrEnum):
    """The channels an effect takes; it returns as many."""

    ANY = "any"
    MONO = "mono"  # each channel goes through an instance of its own
    STEREO = "stereo"
    PAIRS = "pairs"  # one channel, or two; more go through in pairs, the odd last one alone


class ParameterKind(StrEnum):
    """The kind of a parameter's value."""

    FLOAT = "float"
    INT = "int"
    BOOL = "bool"
    CHOICE = "choice"
    TEXT = "text"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an effect type.

    Attributes:
        name: As a keyword of the factory and an attribute of the effect; carries its unit.
        default: The value it has when nothing is said.
        minimum: Smallest value of a number, itself allowed; None if unbounded.
        maximum: Largest value of a number, itself allowed; None if unbounded.
        unit: For display: ``"dB"``, ``"Hz"``, ``"ms"``.
        choices: The values of a CHOICE; of a TEXT, some to choose from.
        automatable: Whether it may change during a stream by setting the attribute.
        logarithmic: Whether a knob should move in ratios.
    """

    name: str
    default: Value
    minimum: float | None = None
    maximum: float | None = None
    kind: ParameterKind = ParameterKind.FLOAT
    unit: str = ""
    choices: tuple[str, ...] = ()
    automatable: bool = False
    logarithmic: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class Tail:
    """How long an effect sounds on behind its input.

    Attributes:
        seconds: After this it is below -90 dBFS for an input that peaks at 0 dBFS.
        gap_seconds: The longest silence inside it (an echo has gaps): silence longer than this
            means that it has ended.
    """

    seconds: float = 0.0
    gap_seconds: float = 0.0


NO_TAIL = Tail()
Params = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class EffectType:
    """An effect, described as plain data.

    Attributes:
        id: Its name in projects and on the command line, in snake case.
        name: Its name for people.
        version: Raised when the same parameters no longer give the same sound.
        factory: ``"package.module:Name"`` or ``"/path/file.py:Name"``; called with the parameters
            as keywords (and ``seed`` where ``seeded``) it returns an effect.
        parameters: In the order of display.
        tail: The tail, or a function of the parameters that gives it.
        block_samples: The effect is fed blocks of exactly this many samples, whatever it is
            called with, so that its sound does not depend on the caller; 0 for any.
        block_tolerance_db: Largest peak difference between a stream in pieces and one call,
            in dBFS for an input that peaks at 0 dBFS; ``-inf`` where they are the same bytes.
        aligned: Whether a click comes out where it went in, so that alignment can be measured
            (an effect that bends time inside, like chorus, may not say so).
        seeded: Whether its factory takes ``seed``.
        sidechain: Whether ``process`` takes ``sidechain``.
        stateful: Whether its factory takes ``state``, the opaque state of an external plugin.
        given: Keywords of the factory that are no parameters: which plugin it is.
        weights_sha256: Checksum of the network's weights; empty if it has none.
        source_sha256: Checksum of a user's Python file; empty if it is part of a package.
        tools: Functions beside the effect, as (name, factory): see ``rendering.task``.
    """

    id: str
    name: str
    factory: str
    parameters: tuple[Parameter, ...] = ()
    version: int = 1
    family: Family = Family.AUDIO
    runs_in: RunsIn = RunsIn.REALTIME
    layout: Layout = Layout.ANY
    tail: Tail | Callable[[Params], Tail] = NO_TAIL
    block_samples: int = 0
    block_tolerance_db: float = -120.0
    aligned: bool = True
    seeded: bool = False
    sidechain: bool = False
    stateful: bool = False
    given: tuple[tuple[str, Value], ...] = ()
    weights_sha256: str = ""
    source_sha256: str = ""
    tools: tuple[tuple[str, str], ...] = ()
    licence: str = "GPL-3.0-or-later"
    description: str = ""

    def parameter(self, name: str) -> Parameter:
        """Return a parameter by name; KeyError if there is none."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(name)

    def tail_of(self, params: Params) -> Tail:
        """Return the tail for complete parameters."""
        return self.tail(params) if callable(self.tail) else self.tail


class MidiEffect(Protocol):
    """An effect on notes; ``sequence`` is a ``tonewright.dsp.midi.sequence.MidiSequence``."""

    def process_midi(self, sequence: Any) -> Any:
        """Return a new sequence."""
        ...
