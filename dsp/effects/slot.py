"""A place in a chain: an effect and what is set around it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.automation import Curve
from tonewright.dsp.effects.protocol import Effect, EffectType, Params, Tail
from tonewright.dsp.errors import EffectError


@dataclass(eq=False, slots=True)
class Slot:
    """An effect in a chain with its mix, automation and sidechain.

    Attributes:
        effect: What processes: a plugin of pedalboard, a Python effect, or a whole chain.
        effect_type: What it declares. Found by class for pedalboard's own effects and for classes
            that ``effect`` decorates; a plain Python effect has no parameters and no tail.
        params: The complete parameters it was made with; read from its attributes if empty.
        mix: Share of the processed signal, 0 (dry) to 1 (wet); the dry signal is delayed in line.
        automation: A curve, or an array of one value a sample, for each automated parameter.
        enabled: Whether it is heard at all.
        sidechain: What it listens to: audio, or its blocks, which can be streamed once.
        make: Makes another instance, for types that take fewer channels than there are.
    """

    effect: Effect
    effect_type: EffectType | None = None
    params: Params = field(default_factory=dict)
    mix: float = 1.0
    automation: Mapping[str, Curve | npt.NDArray[Any]] = field(default_factory=dict)
    enabled: bool = True
    sidechain: Audio | Iterable[Audio] | None = None
    make: Callable[[], Effect] | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.mix <= 1.0:
            raise ValueError(f"mix must be 0 to 1, not {self.mix}")
        effect_type = self.effect_type or type_of(self.effect)
        for name in self.automation:
            automatable = [each.name for each in effect_type.parameters if each.automatable]
            if name not in automatable:
                raise EffectError(
                    f"{effect_type.id}: {name!r} cannot be automated; "
                    f"these can: {', '.join(automatable) or 'none'}"
                )


def is_native(effect: Effect) -> bool:
    """Return whether an effect is one of pedalboard's plugins."""
    return type(effect).__module__.startswith("pedalboard")


def type_of(effect: Effect) -> EffectType:
    """Return what an effect declares, by its class; a bare type if it declares nothing."""
    declared = getattr(effect, "effect_type", None)
    if isinstance(declared, EffectType):
        return declared
    if is_native(effect):
        from tonewright.dsp.effects.builtin.native import native_type

        return native_type(effect)
    name = type(effect).__name__
    return EffectType(id=name, name=name, factory="")


def params_of(slot: Slot, effect_type: EffectType) -> dict[str, Any]:
    """Return the parameters of a slot as they are now: its own, or its effect's attributes."""
    if slot.params:
        return dict(slot.params)
    params = {}
    for parameter in effect_type.parameters:
        value = getattr(slot.effect, parameter.name, parameter.default)
        params[parameter.name] = getattr(value, "name", value)  # an enumeration goes by name
    return params


def slot_tail(slot: Slot, moved: Iterable[Params] = ({},)) -> Tail:
    """Return the longest tail of a slot, with some of its parameters moved in each of ``moved``."""
    effect_type = slot.effect_type or type_of(slot.effect)
    params = params_of(slot, effect_type)
    tails = [effect_type.tail_of({**params, **each}) for each in moved]
    return max(tails, key=lambda tail: tail.seconds)
