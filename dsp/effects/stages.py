"""From the slots of a chain to the stages that run them.

Native effects side by side, without mix or sidechain, become one stage: pedalboard runs them in
one call, as fast as its own board. Automation cuts that call, once for all of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Any

from tonewright.dsp.effects.protocol import Effect, EffectType, Layout
from tonewright.dsp.effects.slot import Slot, is_native, params_of, type_of
from tonewright.dsp.effects.stage import Stage
from tonewright.dsp.effects.steps import is_frequency
from tonewright.dsp.errors import EffectError


def stages_of(
    slots: Iterable[Slot], *, sample_rate: float, channels: int, buffer_size: int
) -> list[Stage]:
    """Return fresh stages for a stream.

    Raises:
        EffectError: If a filter is set to a frequency that the sample rate does not hold.
    """
    slots = list(slots)
    for slot in slots:
        _require_within_band(slot, sample_rate)
    return [
        Stage(
            run,
            *_sounding(run),
            sample_rate=sample_rate,
            channels=channels,
            buffer_size=buffer_size,
        )
        for run in _runs(slots, channels)
    ]


def board_of(effect: Effect) -> list[Any] | None:
    """Return the plugins of a pedalboard in their order; None for anything else."""
    if not is_native(effect):
        return None
    import pedalboard

    return list(effect) if isinstance(effect, pedalboard.Chain) else None


def _require_within_band(slot: Slot, sample_rate: float) -> None:
    # Filters of pedalboard return infinity there.
    effect_type = slot.effect_type or type_of(slot.effect)
    for name, value in params_of(slot, effect_type).items():
        if is_frequency(name) and float(value) >= sample_rate / 2:
            raise EffectError(
                f"{effect_type.id}: {name} {value:g} must be below half the sample rate, "
                f"{sample_rate / 2:g} Hz; lower it or raise the rate"
            )


def _runs(slots: list[Slot], channels: int) -> Iterator[list[Slot]]:
    moving = any(slot.automation for slot in slots)
    for fuses, run in groupby(slots, partial(_fuses, channels=channels, moving=moving)):
        if fuses:
            yield list(run)
        else:
            yield from ([slot] for slot in run)


def _fuses(slot: Slot, channels: int, moving: bool) -> bool:
    """Return whether a slot is nothing but a native effect that returns what it is fed."""
    if slot.mix < 1.0 or not is_native(slot.effect):
        return False
    if moving and type(slot.effect).__name__ == "Convolution":
        return False  # of all effects, it alone is far dearer in the small blocks of automation
    if channels > 2 and (slot.effect_type or type_of(slot.effect)).layout is Layout.PAIRS:
        return False
    from tonewright.dsp.effects.builtin.native import SAMPLE_FOR_SAMPLE

    return type(slot.effect).__name__ in SAMPLE_FOR_SAMPLE


def _sounding(run: list[Slot]) -> tuple[list[Effect], EffectType]:
    """Return the effects that play a run of slots, and the type of them as one."""
    types = [slot.effect_type or type_of(slot.effect) for slot in run]
    effects = [slot.effect for slot in run]
    if is_native(effects[0]):
        from tonewright.dsp.effects.builtin.native import in_contract

        effects = [in_contract(effect) for effect in effects]
    return effects, replace(types[0], id=" + ".join(each.id for each in types))
