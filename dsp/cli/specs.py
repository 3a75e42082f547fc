"""Effects as people write them: ``eq,reverb -p reverb.room_size=0.6`` becomes effect specs."""

from collections.abc import Sequence
from pathlib import Path

from tonewright.dsp.cli.names import choose
from tonewright.dsp.cli.usage import (
    Parser,
    assignment,
    share,
    time_range,
    whole,
)
from tonewright.dsp.effects.protocol import EffectType, ParameterKind
from tonewright.dsp.effects.registry import Registry, parse_value
from tonewright.dsp.errors import EffectError
from tonewright.dsp.project.document import EffectSpec, TimeRange, Value, new_id


def add_param_option(parser: Parser, text: str, *, metavar: str = "PARAM=VALUE") -> None:
    """Add ``-p``, which may be repeated; ``text`` is its help."""
    parser.add_argument(
        "-p",
        "--param",
        metavar=metavar,
        type=assignment,
        action="append",
        default=[],
        help=text,
    )


def add_effect_options(parser: Parser) -> None:
    """Add what may be said of an effect: parameters, range, mix, seed."""
    add_param_option(
        parser,
        "set a parameter; EFFECT is a name, or a number from 1; @FILE is a file's text; "
        "may be repeated",
        metavar="[EFFECT.]PARAM=VALUE",
    )
    parser.add_argument(
        "--range", metavar="A:B", type=time_range, help="only there; s or m:ss-m:ss"
    )
    parser.add_argument(
        "--mix", metavar="X", type=share, help="share of the processed sound, 0 to 1 (default)"
    )
    parser.add_argument("--seed", metavar="N", type=whole, help="of random numbers; else 0")


def types_named(text: str, registry: Registry) -> list[EffectType]:
    """Return the effect types of names with commas between.

    Raises:
        EffectError: If one is not installed, with the names that are near.
    """
    known = [each.id for each in registry]
    return [
        registry.get(choose(name.strip(), known, "effect", EffectError)) for name in text.split(",")
    ]


def specs_of(
    types: Sequence[EffectType],
    settings: Sequence[tuple[str, str]],
    *,
    mix: float | None = None,
    seed: int | None = None,
    where: TimeRange | None = None,
) -> list[EffectSpec]:
    """Return a chain of effects with parameters set.

    Args:
        types: The effects in order.
        settings: ``[effect.]parameter`` and value, as typed.
        mix: Share of the processed sound, of each; 1 if None.
        seed: Of each that draws random numbers; 0 if None.
        where: The range of each; everywhere if None.

    Raises:
        EffectError: If an effect or a parameter is not there, a name could mean several, or a
            value is out of range.
    """
    params: list[dict[str, Value]] = [{} for _ in types]
    for path, text in settings:
        index, name = _target(path, types)
        params[index][name] = value_of(types[index], name, text)
    return [
        EffectSpec(
            new_id(),
            effect_type.id,
            effect_type.version,
            tuple(sorted(chosen.items())),
            mix=1.0 if mix is None else mix,
            seed=seed or 0,
            range=where,
        )
        for effect_type, chosen in zip(types, params, strict=True)
    ]


def value_of(effect_type: EffectType, name: str, text: str) -> Value:
    """Return the value of a parameter from text, checked.

    Raises:
        EffectError: If there is no such parameter, or the text is no value of its kind and range.
    """
    parameter = effect_type.parameter(parameter_name(effect_type, name))
    if parameter.kind is ParameterKind.CHOICE:
        what = f"choice of {effect_type.id}.{parameter.name}"
        text = choose(text, parameter.choices, what, EffectError)
    elif parameter.kind is ParameterKind.FILE and text:
        text = str(Path(text).absolute())
    elif parameter.kind is ParameterKind.TEXT and text.startswith("@"):
        text = _read(Path(text[1:]))
    return parse_value(effect_type, parameter.name, text)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise EffectError(f"{path}: cannot be read as text; check the path") from error


def parameter_name(effect_type: EffectType, name: str) -> str:
    """Return the parameter of an effect that is meant.

    Raises:
        EffectError: If there is none.
    """
    known = [each.name for each in effect_type.parameters]
    return choose(name, known, f"parameter of {effect_type.id}", EffectError)


def _target(path: str, types: Sequence[EffectType]) -> tuple[int, str]:
    """Return which effect of a chain a parameter belongs to, and its name."""
    effect, dot, name = path.rpartition(".")
    if dot and effect.isdecimal():
        if not 1 <= int(effect) <= len(types):
            raise EffectError(f"{path}: there are only {len(types)} effects")
        index = int(effect) - 1
        return index, parameter_name(types[index], name)
    if dot:
        wanted = choose(effect, [each.id for each in types], "effect in the chain", EffectError)
        meant = [index for index, each in enumerate(types) if each.id == wanted]
    elif len(types) == 1:
        meant = [0]
    else:
        meant = [
            index
            for index, each in enumerate(types)
            if name.casefold() in {parameter.name.casefold() for parameter in each.parameters}
        ]
    if len(meant) > 1:
        choices = " or ".join(f"{index + 1}.{name}" for index in meant)
        raise EffectError(f"{path} could be of several effects; write {choices}")
    if not meant:
        known = [parameter.name for each in types for parameter in each.parameters]
        choose(name, known, "parameter of these effects", EffectError)
    return meant[0], parameter_name(types[meant[0]], name)
