"""A Python effect in ten lines: a class, and ``effect`` above it.

    @effect("tube", Parameter("drive_db", 12.0, 0.0, 40.0, unit="dB", automatable=True))
    class Tube:
        def __init__(self, drive_db):
            self.drive_db = drive_db

        def process(self, audio, sample_rate, buffer_size=8192, reset=True):
            return np.tanh(audio * 10 ** (self.drive_db / 20))

        def reset(self):
            pass

In a file of its own it is loaded with ``--effects-from file.py``; in a package, list
``Tube.effect_type`` in a tuple that an entry point of the group ``tonewright.effects`` names.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from tonewright.dsp.effects.naming import named
from tonewright.dsp.effects.protocol import EffectType, Parameter

EffectClass = TypeVar("EffectClass", bound=type)


def effect(
    effect_id: str, *parameters: Parameter, **declared: Any
) -> Callable[[EffectClass], EffectClass]:
    """Return a decorator that declares a class as an effect, in its attribute ``effect_type``.

    Args:
        effect_id: The name of the effect, in snake case.
        parameters: Keywords of the class, and attributes of its instances.
        declared: Other fields of ``EffectType``: ``tail``, ``layout``, ``block_samples``, ...

    Raises:
        ValueError: If the name is not in snake case.
    """
    if not effect_id.isidentifier() or effect_id != effect_id.lower():
        raise ValueError(f"an effect's name must be in snake case, not {effect_id!r}")

    def decorate(effect_class: EffectClass) -> EffectClass:
        described = (effect_class.__doc__ or "").strip().split("\n")[0]
        fields = {
            "name": named(effect_id),
            "factory": f"{effect_class.__module__}:{effect_class.__qualname__}",
            "description": described.rstrip("."),
            **declared,
        }
        effect_class.effect_type = EffectType(  # type: ignore[attr-defined]
            id=effect_id, parameters=parameters, **fields
        )
        return effect_class

    return decorate
