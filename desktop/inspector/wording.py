"""What panels say of effects and parameters, and the command line that makes an effect again."""

import shlex

from tonewright.dsp.effects.naming import named
from tonewright.dsp.effects.protocol import EffectType, Family, Parameter
from tonewright.dsp.project.document import EffectSpec, Value

_UNITS = ("db", "hz", "ms", "seconds", "percent", "filename")


def label_of(parameter: Parameter) -> str:
    """Return the name of a parameter for people: ``"attack_ms"`` is ``"Attack"``."""
    name, _, unit = parameter.name.rpartition("_")
    return named(name if name and unit in _UNITS else parameter.name)


def value_text(parameter: Parameter, value: Value) -> str:
    """Return a value for people, with its unit."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int | float):
        return f"{value:.4g} {parameter.unit}".rstrip()
    return str(value)


def made_by(effect: EffectSpec, effect_type: EffectType) -> str:
    """Return what makes the sound of an effect, a line for each fact."""
    given = dict(effect.params)
    lines = [f"{effect_type.name} ({effect_type.id}), version {effect.version}"]
    if effect.version != effect_type.version:
        lines.append(f"installed is version {effect_type.version}")
    if effect_type.weights_sha256:
        lines.append(f"weights {effect_type.weights_sha256}")
    for parameter in effect_type.parameters:
        value = given.get(parameter.name, parameter.default)
        lines.append(f"{label_of(parameter)}: {value_text(parameter, value)}")
    lines.append(f"Mix: {effect.mix * 100:.0f} %")
    if effect_type.seeded:
        lines.append(f"Seed: {effect.seed}")
    if effect.range is not None:
        lines.append(f"From {effect.range.start_seconds:g} to {effect.range.end_seconds:g} s")
    return "\n".join(lines)


def command_line(effect: EffectSpec, effect_type: EffectType) -> str:
    """Return a command that puts the same effect on a file ``in.wav``; notes are in ``in.mid``.

    Mix and range are of sound; on notes an effect has neither.
    """
    extension = "mid" if effect_type.family is Family.MIDI else "wav"
    words = ["tonewright"]
    if effect_type.source_sha256:  # from a Python file of the user, which its factory names
        words += ["--effects-from", effect_type.factory.rpartition(":")[0]]
    words += ["apply", effect.type, f"in.{extension}", f"out.{extension}"]
    for name, value in effect.params:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        words += ["-p", f"{name}={text}"]
    on_notes = effect_type.family is Family.MIDI
    if effect.mix != 1.0 and not on_notes:
        words += ["--mix", repr(effect.mix)]
    if effect_type.seeded:
        words += ["--seed", str(effect.seed)]
    if effect.range is not None and not on_notes:
        words += ["--range", f"{effect.range.start_seconds!r}:{effect.range.end_seconds!r}"]
    return shlex.join(words)
