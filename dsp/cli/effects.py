"""List the effects that are installed, or tell all about one."""

import argparse
from typing import Any

from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.engine import registry_of
from tonewright.dsp.cli.specs import types_named
from tonewright.dsp.cli.usage import Parser
from tonewright.dsp.effects.protocol import (
    EffectType,
    Family,
    Layout,
    Parameter,
    ParameterKind,
    RunsIn,
)
from tonewright.dsp.effects.registry import complete_params
from tonewright.dsp.errors import EffectError
from tonewright.dsp.exporting.table import table


def add_arguments(parser: Parser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("name", metavar="NAME", nargs="?", help="one effect, with its parameters")


def run(args: argparse.Namespace, console: Console) -> None:
    """List the effects, or describe one."""
    registry = registry_of(args)
    if args.name is not None:
        (effect_type, *more) = types_named(args.name, registry)
        documents = [document(each) for each in (effect_type, *more)]
        console.result(
            documents if more else documents[0],
            "\n\n".join(description(each) for each in (effect_type, *more)),
        )
        return
    types = sorted(registry, key=lambda each: each.id)
    families = {family: [each for each in types if each.family is family] for family in Family}
    console.result(
        [document(each) for each in types],
        "\n\n".join(
            table((f"{family} effects", "", ""), [_row(each) for each in members])
            for family, members in families.items()
            if members
        ),
    )


CHANNELS = {
    Layout.ANY: "any channels",
    Layout.MONO: "each channel for itself",
    Layout.STEREO: "in stereo",
    Layout.PAIRS: "mono or stereo, more channels in pairs",
}


def description(effect_type: EffectType) -> str:
    """Return what there is to say about an effect, in lines."""
    tail = _tail_seconds(effect_type)
    lines = [
        f"{effect_type.id}: {effect_type.name}",
        *filter(None, [effect_type.description]),
        "",
        f"{effect_type.family} effect, {CHANNELS[effect_type.layout]}, "
        f"runs in {'a worker process' if effect_type.runs_in is RunsIn.RENDERED else 'real time'}",
        f"version {effect_type.version}, licence {effect_type.licence}",
        f"tail with these defaults: {'unknown' if tail is None else f'{tail:.2f} s'}; "
        "latency is compensated",
    ]
    if effect_type.sidechain:
        lines.append("listens to a sidechain")
    if effect_type.seeded:
        lines.append("draws random numbers; the same seed gives the same sound")
    if effect_type.parameters:
        rows = [_parameter_row(each) for each in effect_type.parameters]
        header = ("parameter", "default", "values", "automatable", "")
        lines += ["", table(header, rows)]
    return "\n".join(lines)


def document(effect_type: EffectType) -> dict[str, Any]:
    """Return an effect type as a JSON document."""
    return {
        "id": effect_type.id,
        "name": effect_type.name,
        "description": effect_type.description,
        "family": effect_type.family,
        "version": effect_type.version,
        "runs_in": effect_type.runs_in,
        "layout": effect_type.layout,
        "tail_seconds": _tail_seconds(effect_type),
        "seeded": effect_type.seeded,
        "sidechain": effect_type.sidechain,
        "weights_sha256": effect_type.weights_sha256,
        "licence": effect_type.licence,
        "parameters": effect_type.parameters,
    }


def _row(effect_type: EffectType) -> tuple[str, str, str]:
    rendered = "rendered" if effect_type.runs_in is RunsIn.RENDERED else ""
    return f"  {effect_type.id}", rendered, effect_type.description or effect_type.name


def _parameter_row(parameter: Parameter) -> tuple[str, str, str, str, str]:
    unit = f" {parameter.unit}" if parameter.unit else ""
    return (
        f"  {parameter.name}",
        _shown(parameter.default) + unit,
        _values(parameter) + unit,
        "yes" if parameter.automatable else "no",
        parameter.description,
    )


def _values(parameter: Parameter) -> str:
    match parameter.kind:
        case ParameterKind.BOOL:
            return "on, off"
        case ParameterKind.CHOICE:
            return ", ".join(parameter.choices)
        case ParameterKind.TEXT | ParameterKind.FILE:
            return str(parameter.kind)
    whole = "whole, " if parameter.kind is ParameterKind.INT else ""
    least, most = parameter.minimum, parameter.maximum
    if least is None and most is None:
        return f"{whole}any"
    if most is None:
        return f"{whole}from {least:g}"
    return f"{whole}up to {most:g}" if least is None else f"{whole}{least:g} to {most:g}"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value) or '""'


def _tail_seconds(effect_type: EffectType) -> float | None:
    """Return the tail with default parameters; None where these are not enough to know it."""
    try:
        return effect_type.tail_of(complete_params(effect_type, {})).seconds
    except EffectError:
        return None
