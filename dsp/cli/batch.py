"""Render many files and projects: from a manifest, or with a chain on the files you name.

A batch may be stopped or killed at any time; run again, it does what is missing or has changed.
Outputs, the state (batch.sqlite) and the report (report.html, .csv, .json) are in one folder.

  tonewright batch init takes
  tonewright batch run takes/batch.toml --dry-run
  tonewright batch run takes/batch.toml --workers 4
  tonewright batch apply wpe_dereverb *.wav --out cleaned
  tonewright batch watch inbox wpe_dereverb --out cleaned
  tonewright batch status cleaned
"""

import argparse
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tonewright.dsp.cli.batch_run import (
    add_choice_options,
    add_work_options,
    duration,
    working,
)
from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.engine import registry_of
from tonewright.dsp.cli.specs import add_effect_options, specs_of, types_named
from tonewright.dsp.cli.usage import Parser, UsageError
from tonewright.dsp.effects.protocol import Family
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import BatchError, CancelledError
from tonewright.dsp.exporting.table import table

if TYPE_CHECKING:
    from tonewright.dsp.batch.jobs import Job
    from tonewright.dsp.batch.manifest import EffectChoice, Manifest


def add_arguments(parser: Parser) -> None:
    """Add the arguments of this command."""
    run_ = parser.add_action("run", "Do what a manifest describes.")
    run_.add_argument("manifest", metavar="MANIFEST", type=Path, help="a TOML file")
    add_choice_options(run_)
    add_work_options(run_)

    apply = parser.add_action("apply", "Put effects on files.")
    apply.add_argument("effects", metavar="EFFECT[,EFFECT...]")
    apply.add_argument("files", metavar="FILE", nargs="+")
    apply.add_argument("--out", metavar="DIR", required=True, help="of the outputs, or an address")
    apply.add_argument("--name", default="{stem}", help="of outputs; {stem}, {number}, {seed}")
    add_effect_options(apply)
    add_choice_options(apply)
    add_work_options(apply)

    watch = parser.add_action("watch", "Do the same with all files that come into a folder.")
    watch.add_argument("watched", metavar="FOLDER or MANIFEST", type=Path)
    watch.add_argument("effects", metavar="EFFECT[,EFFECT...]", nargs="?", help="for a folder")
    watch.add_argument("--out", metavar="DIR", help="of the outputs, or an address; for a folder")
    watch.add_argument("--name", default="{folder}/{stem}", help="of outputs")
    watch.add_argument(
        "--every", metavar="TIME", type=duration, default=2.0, help="look so often; else 2s"
    )
    add_effect_options(watch)
    add_work_options(watch)
    watch.set_defaults(only=None, force=False, retry_failed=False)

    init = parser.add_action("init", "Write a manifest for a folder, to be edited.")
    init.add_argument("folder", metavar="DIR", type=Path)

    for name, said in (("status", "Tell how far a batch is."), ("report", "Write the report.")):
        each = parser.add_action(name, said)
        each.add_argument("out", metavar="DIR", type=Path, help="the folder of the outputs")


def run(args: argparse.Namespace, console: Console) -> None:
    """Do what the action says."""
    _ACTIONS[args.action](args, console)


# --- run and apply --------------------------------------------------------------------------


def _run_manifest(args: argparse.Namespace, console: Console) -> None:
    from tonewright.dsp.batch.manifest import read_manifest

    registry = registry_of(args)
    _run(args, console, read_manifest(args.manifest, registry), registry)


def _apply(args: argparse.Namespace, console: Console) -> None:
    from tonewright.dsp.batch.manifest import Manifest, Render, destination

    registry = registry_of(args)
    place, url = destination(args.out, Path.cwd())
    render = Render(
        place="batch apply",
        folder=Path.cwd(),
        inputs=tuple(args.files),
        effects=_choices(args, registry),
        name=args.name,
    )
    _run(args, console, Manifest(place, (render,), url), registry)


def _choices(args: argparse.Namespace, registry: Registry) -> "tuple[EffectChoice, ...]":
    from tonewright.dsp.batch.manifest import EffectChoice

    types = types_named(args.effects, registry)
    specs = specs_of(types, args.param, mix=args.mix, seed=args.seed, where=args.range)
    return tuple(
        EffectChoice(
            effect_type,
            {name: (value,) for name, value in spec.params},
            spec.mix,
            spec.seed,
            spec.range,
        )
        for effect_type, spec in zip(types, specs, strict=True)
    )


def _run(
    args: argparse.Namespace, console: Console, manifest: "Manifest", registry: Registry
) -> None:
    from tonewright.dsp.batch.jobs import jobs_of

    jobs = jobs_of(manifest, registry)
    if args.dry_run:
        _list(jobs, console)
        return
    with working(args, console, manifest, registry) as (work, _):
        counts, page = work(jobs, None)
    text = table(tuple(asdict(counts)), [[str(each) for each in asdict(counts).values()]])
    document = {"event": "finished", **asdict(counts), "report": page}
    console.event(document, text=f"{text}\n{page}")
    if counts.failed:
        raise BatchError(f"{counts.failed} failed; {page} tells why")


def _list(jobs: "Iterable[Job]", console: Console) -> None:
    found = list(jobs)
    document = {
        "jobs": [
            {
                "output": each.output,
                "input": each.source,
                "kind": each.recipe.kind,
                "priority": each.priority,
                "effects": [
                    {"type": spec.type, "params": dict(spec.params), "seed": spec.seed}
                    for spec in each.recipe.effects
                ],
            }
            for each in found
        ]
    }
    rows = [
        (
            each.output,
            str(each.source),
            ", ".join(
                " ".join([spec.type, *(f"{name}={value}" for name, value in spec.params)])
                for spec in each.recipe.effects
            ),
        )
        for each in found
    ]
    text = table(("output", "input", "effects"), rows) + f"\n{len(found)} jobs"
    console.result(document, text)


# --- watch ----------------------------------------------------------------------------------


def _watch(args: argparse.Namespace, console: Console) -> None:
    """Do what comes, until it is stopped; that is its usual end."""
    from tonewright.dsp.batch.jobs import jobs_of
    from tonewright.dsp.batch.state import STATE_FILE
    from tonewright.dsp.batch.watch import Watch

    registry = registry_of(args)
    manifest = _watched(args, registry)
    watch = Watch()
    said = ""
    ran = False

    def told_once(error: BatchError) -> None:
        # A disk may come back, and a name be changed.
        nonlocal said
        if str(error) != said:
            said = str(error)
            console.note(said)

    def look() -> "list[Job]":
        return watch.look(jobs_of(manifest, registry, may_be_empty=True))

    def more() -> "list[Job]":
        try:
            return look()
        except BatchError as error:
            told_once(error)
            return []

    with working(args, console, manifest, registry) as (work, cancel):
        console.note(f"watching {args.watched}; Ctrl-C ends it")
        console.event({"event": "watching", "watched": args.watched, "out": manifest.out})
        while not cancel.cancelled:
            try:
                if ran and not (manifest.out / STATE_FILE).is_file():
                    raise BatchError(f"{manifest.out}: has vanished; connect its disk again")
                if jobs := look():
                    counts, page = work(jobs, more)
                    ran = True
                    document = {"event": "finished", **asdict(counts), "report": page}
                    console.event(document, text=f"{counts.done} done, {counts.failed} failed")
                said = ""
            except CancelledError:
                break
            except BatchError as error:
                told_once(error)
            cancel.wait(args.every)


def _watched(args: argparse.Namespace, registry: Registry) -> "Manifest":
    from tonewright.dsp.batch.draft import patterns_of
    from tonewright.dsp.batch.manifest import Manifest, Render, destination, read_manifest

    if args.watched.is_file():
        if args.effects or args.out:
            raise UsageError("a manifest says its effects and its folder; leave them out")
        return read_manifest(args.watched, registry)
    if not args.watched.is_dir():
        raise BatchError(f"{args.watched}: is no folder and no manifest; check the path")
    if not (args.effects and args.out):
        raise UsageError("a folder is watched with EFFECT and --out")
    folder = args.watched.absolute()
    place, url = destination(args.out, Path.cwd())
    if folder.is_relative_to(place):
        raise BatchError(f"{place}: holds the watched folder; choose another --out")
    effects = _choices(args, registry)
    render = Render(
        place="batch watch",
        folder=folder,
        inputs=patterns_of(notes=effects[0].effect_type.family is Family.MIDI),
        effects=effects,
        name=args.name,
    )
    return Manifest(place, (render,), url)


# --- the others -----------------------------------------------------------------------------


def _init(args: argparse.Namespace, console: Console) -> None:
    from tonewright.dsp.batch.draft import draft
    from tonewright.dsp.project.atomic import replacing

    path = args.folder / "batch.toml"
    if path.exists():
        raise BatchError(f"{path}: is there already; edit it, or move it away")
    text = draft(args.folder, str(path))
    with replacing(path) as file:
        file.write(text.encode())
    console.result({"path": path}, f"{path}")


def _status(args: argparse.Namespace, console: Console) -> None:
    from tonewright.dsp.batch.report import status_of
    from tonewright.dsp.batch.rows import JobState
    from tonewright.dsp.batch.state import State

    with State(args.out) as state:
        counts = state.counts()
        failed = [row for row in state.rows() if row.state is JobState.FAILED]
    lines = [table(tuple(asdict(counts)), [[str(each) for each in asdict(counts).values()]])]
    lines += [f"{status_of(row)}: {row.reason}" for row in failed]
    document = asdict(counts) | {
        "failures": [{"output": row.output, "reason": row.reason} for row in failed]
    }
    console.result(document, "\n".join(lines))


def _report(args: argparse.Namespace, console: Console) -> None:
    from tonewright.dsp.batch.report import write_report
    from tonewright.dsp.batch.state import State

    with State(args.out) as state:
        paths = write_report(state)
    console.result({"report": paths}, "\n".join(map(str, paths)))


_ACTIONS: dict[str, Callable[[argparse.Namespace, Console], None]] = {
    "run": _run_manifest,
    "apply": _apply,
    "watch": _watch,
    "init": _init,
    "status": _status,
    "report": _report,
}
