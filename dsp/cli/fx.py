"""List, add, remove and set the effects of a track.

  fx PROJECT TRACK                          list them, with their numbers
  fx PROJECT TRACK add EFFECT[,EFFECT...]   at the end of the chain, or --at a place
  fx PROJECT TRACK remove EFFECT...
  fx PROJECT TRACK set EFFECT NAME=VALUE... parameters; also enabled, mix and seed
  fx PROJECT TRACK load EFFECT FILE.vstpreset
                                            a VST3 plugin's state from a preset file
  fx PROJECT TRACK save EFFECT FILE.vstpreset

TRACK is a name, a number from 1, or master. EFFECT is a name, in a chain also its number.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.engine import registry_of
from tonewright.dsp.cli.names import MASTER, effect_at, track_named
from tonewright.dsp.cli.specs import (
    add_effect_options,
    parameter_name,
    specs_of,
    types_named,
    value_of,
)
from tonewright.dsp.cli.summary import effect_documents, folder_of
from tonewright.dsp.cli.usage import Parser, UsageError, assignment, on_off, share, whole
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import EffectError
from tonewright.dsp.exporting.table import table
from tonewright.dsp.project.document import EffectSpec, Id, Project
from tonewright.dsp.project.edits import add_effect, remove_effect, set_effect
from tonewright.dsp.project.folder import links_media, load, save

_ACTIONS = ("list", "add", "remove", "set", "load", "save")
_FIELDS: dict[str, Callable[[str], Any]] = {"enabled": on_off, "mix": share, "seed": whole}
"""What every effect has besides its parameters."""


def add_arguments(parser: Parser) -> None:
    """Add the arguments of this command."""
    parser.intermixed = True
    parser.add_argument("project", metavar="PROJECT", type=Path)
    parser.add_argument("track", metavar="TRACK")
    parser.add_argument("action", metavar="ACTION", nargs="?", choices=_ACTIONS, default="list")
    parser.add_argument("items", metavar="ITEM", nargs="*", default=[], help="see above")
    add_effect_options(parser)
    parser.add_argument(
        "--at", metavar="N", type=whole, help="the new effect's number in the chain"
    )
    parser.add_argument("--sidechain", metavar="TRACK", help="what the new effect listens to")


def run(args: argparse.Namespace, console: Console) -> None:
    """Change the chain, save the project, and list the chain."""
    adds = args.at is not None or args.sidechain is not None
    sets = args.param or any(each is not None for each in (args.range, args.mix, args.seed))
    if (adds and args.action != "add") or (sets and args.action not in ("add", "set")):
        raise UsageError(f"{args.action} takes no options of an effect")
    before = load(args.project)
    track = track_named(before, args.track)
    track_id, place = (None, MASTER) if track is None else (track.id, track.name)
    match args.action, args.items:
        case "list", []:
            after = before
        case "add", [names]:
            after = _added(before, track_id, names, args)
        case "remove", [_, *_]:
            after = before
            for effect in [effect_at(chain(before, track_id), each, place) for each in args.items]:
                after = remove_effect(after, effect.id)
        case "set", [name, *items]:
            effect = effect_at(chain(before, track_id), name, place)
            assignments = [*map(assignment, items), *args.param]
            after = _set(before, effect, assignments, registry_of(args), args)
        case "load" | "save", [name, file]:
            effect = effect_at(chain(before, track_id), name, place)
            after = _preset(
                before, effect, Path(file), registry_of(args), load=args.action == "load"
            )
        case _:
            raise UsageError(f"{args.action} does not take {len(args.items)} items")
    if after is not before:
        folder = folder_of(args.project)
        after = save(after, folder, collect=not links_media(before, folder))
    effects = chain(after, track_id)
    console.result({"track": place, "effects": effect_documents(effects)}, listing(effects))


def chain(project: Project, track_id: Id | None) -> tuple[EffectSpec, ...]:
    """Return the effects of a track, or of the master if None."""
    return (project.master if track_id is None else project.track(track_id).channel).effects


def listing(effects: Sequence[EffectSpec]) -> str:
    """Return a chain as a table."""
    rows = [
        (
            str(number),
            each.type,
            "on" if each.enabled else "off",
            f"{each.mix:g}",
            " ".join(f"{name}={value}" for name, value in each.params),
        )
        for number, each in enumerate(effects, 1)
    ]
    return table(("", "effect", "", "mix", "set"), rows) if rows else "no effects"


def _added(project: Project, track_id: Id | None, names: str, args: argparse.Namespace) -> Project:
    types = types_named(names, registry_of(args))
    specs = specs_of(types, args.param, mix=args.mix, seed=args.seed, where=args.range)
    end = len(chain(project, track_id))
    if args.at is not None and not 1 <= args.at <= end + 1:
        raise EffectError(f"--at {args.at}: the new effect's number is 1 to {end + 1}")
    first = end if args.at is None else args.at - 1
    for index, (effect_type, spec) in enumerate(zip(types, specs, strict=True), first):
        if effect_type.sidechain and args.sidechain is not None:
            listened = track_named(project, args.sidechain)
            if listened is None:
                raise EffectError("the master cannot be a sidechain; name a track")
            spec = replace(spec, sidechain_id=listened.id)  # noqa: PLW2901
        project = add_effect(project, track_id, spec, index=index)
    if args.sidechain is not None and not any(each.sidechain for each in types):
        raise EffectError(f"{names}: listens to no sidechain")
    return project


def _preset(
    project: Project, effect: EffectSpec, path: Path, registry: Registry, *, load: bool
) -> Project:
    """Load a plugin's preset file into a project, or save one."""
    from tonewright.dsp.effects.vst3 import asking
    from tonewright.dsp.effects.vst3.preset import state_of
    from tonewright.dsp.project.atomic import replacing

    if load:
        bare = replace(effect, params=(), state=state_of(path))
        state, params = asking.state_of(bare, registry)
        return set_effect(project, effect.id, state=state, params=tuple(sorted(params.items())))
    content = asking.preset_of(effect, registry)
    try:
        with replacing(path) as file:
            file.write(content)
    except OSError as error:
        raise EffectError(f"{path}: cannot be written: {error.strerror}") from error
    return project


def _set(
    project: Project,
    effect: EffectSpec,
    assignments: Sequence[tuple[str, str]],
    registry: Registry,
    args: argparse.Namespace,
) -> Project:
    effect_type = registry.get(effect.type) if effect.type in registry else None
    own = {each.name.casefold() for each in effect_type.parameters} if effect_type else set()
    given = {"mix": args.mix, "seed": args.seed, "range": args.range}
    fields: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    params = dict(effect.params)
    for name, text in assignments:
        # A parameter of the effect goes first: some have a ``mix`` of their own.
        if name.casefold() in _FIELDS and name.casefold() not in own:
            fields[name.casefold()] = _FIELDS[name.casefold()](text)
        elif effect_type is None:
            raise EffectError(
                f"{effect.type!r} is not installed; only {', '.join(_FIELDS)} can be set"
            )
        else:
            wanted = parameter_name(effect_type, name)
            params[wanted] = value_of(effect_type, wanted, text)
    return set_effect(project, effect.id, params=tuple(sorted(params.items())), **fields)
