"""Render many files and projects: from a manifest, or with a chain on the files you name.

A batch may be stopped or killed at any time; run again, it does what is missing or has changed.
Outputs, the state (batch.sqlite) and the report (report.html, .csv, .json) are in one folder.

  tonewright batch init takes
  tonewright batch run takes/batch.toml --dry-run
  tonewright batch run takes/batch.toml --workers 4
  tonewright batch apply wpe_dereverb *.wav --out cleaned
  tonewright batch status cleaned
"""

import argparse
import re
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.engine import registry_of
from tonewright.dsp.cli.specs import add_effect_options, specs_of, types_named
from tonewright.dsp.cli.usage import Parser, UsageError, whole
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import BatchError
from tonewright.dsp.exporting.table import table

if TYPE_CHECKING:
    from tonewright.dsp.batch.crew import Crew
    from tonewright.dsp.batch.jobs import Job
    from tonewright.dsp.batch.manifest import Manifest
    from tonewright.dsp.rendering.job import Progress, Report

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMG]?)B?", re.IGNORECASE)
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smh]?)")
_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
_PROGRESS_SECONDS = 1.0


def add_arguments(parser: Parser) -> None:
    """Add the arguments of this command."""
    run_ = parser.add_action("run", "Do what a manifest describes.")
    run_.add_argument("manifest", metavar="MANIFEST", type=Path, help="a TOML file")
    _add_run_options(run_)

    apply = parser.add_action("apply", "Put effects on files.")
    apply.add_argument("effects", metavar="EFFECT[,EFFECT...]")
    apply.add_argument("files", metavar="FILE", nargs="+")
    apply.add_argument("--out", metavar="DIR", required=True, help="of the outputs, or an address")
    apply.add_argument("--name", default="{stem}", help="of outputs; {stem}, {number}, {seed}")
    add_effect_options(apply)
    _add_run_options(apply)

    init = parser.add_action("init", "Write a manifest for a folder, to be edited.")
    init.add_argument("folder", metavar="DIR", type=Path)

    for name, said in (("status", "Tell how far a batch is."), ("report", "Write the report.")):
        each = parser.add_action(name, said)
        each.add_argument("out", metavar="DIR", type=Path, help="the folder of the outputs")


def _add_run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="only list the jobs")
    parser.add_argument("--only", metavar="PATTERN", help="outputs or inputs that match")
    parser.add_argument("--force", action="store_true", help="render again what is done")
    parser.add_argument(
        "--retry-failed", action="store_true", help="also what failed of the input itself"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace files that no batch made")
    parser.add_argument("--workers", metavar="N", type=_workers, help="processes; else one a core")
    parser.add_argument(
        "--memory", metavar="SIZE", type=_size, help="of each worker, as 2G; else a fair share"
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="of a Dask cluster that does the work: tcp://host:8786",
    )
    parser.add_argument(
        "--timeout",
        metavar="TIME",
        type=_duration,
        default=1800.0,
        help="a job without progress for so long is ended, as 90s, 5m, 2h; else 30m",
    )


def _workers(text: str) -> int:
    count = whole(text)
    if not 1 <= count <= 1024:
        raise UsageError(f"{text!r}: take 1 to 1024 workers")
    return count


def _size(text: str) -> int:
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{text!r} is no size; write 500M or 2G")
    return int(float(found[1]) * _UNITS[found[2].upper()])


def _duration(text: str) -> float:
    found = _DURATION.fullmatch(text.strip())
    if found is None or not float(found[1]):
        raise UsageError(f"{text!r} is no time; write 90s, 5m or 2h")
    return float(found[1]) * _SECONDS[found[2]]


def run(args: argparse.Namespace, console: Console) -> None:
    """Do what the action says."""
    _ACTIONS[args.action](args, console)


# --- run and apply --------------------------------------------------------------------------


def _run_manifest(args: argparse.Namespace, console: Console) -> None:
    from tonewright.dsp.batch.manifest import read_manifest

    registry = registry_of(args)
    _run(args, console, read_manifest(args.manifest, registry), registry)


def _apply(args: argparse.Namespace, console: Console) -> None:
    from tonewright.dsp.batch.manifest import EffectChoice, Manifest, Render, destination

    registry = registry_of(args)
    types = types_named(args.effects, registry)
    specs = specs_of(types, args.param, mix=args.mix, seed=args.seed, where=args.range)
    choices = tuple(
        EffectChoice(
            effect_type,
            {name: (value,) for name, value in spec.params},
            spec.mix,
            spec.seed,
            spec.range,
        )
        for effect_type, spec in zip(types, specs, strict=True)
    )
    place, url = destination(args.out, Path.cwd())
    render = Render(
        place="batch apply",
        folder=Path.cwd(),
        inputs=tuple(args.files),
        effects=choices,
        name=args.name,
    )
    _run(args, console, Manifest(place, (render,), url), registry)


def _run(
    args: argparse.Namespace, console: Console, manifest: "Manifest", registry: Registry
) -> None:
    from tonewright.dsp.batch.jobs import jobs_of
    from tonewright.dsp.batch.remote import RemoteOutputs
    from tonewright.dsp.batch.report import write_report
    from tonewright.dsp.batch.runner import Run, Told, recover
    from tonewright.dsp.batch.state import State

    jobs = jobs_of(manifest, registry)
    if args.dry_run:
        _list(jobs, console)
        return

    def told(each: Told) -> None:
        console.event({"event": each.event, **asdict(each)})
        if each.reason:
            console.note(each.reason)

    outputs = RemoteOutputs(manifest.url) if manifest.url else None
    with State(manifest.out, writes=True, outputs=outputs) as state:
        recover(state)
        recipes = state.plan(
            jobs,
            only=args.only,
            force=args.force,
            retry_failed=args.retry_failed,
            overwrite=args.overwrite,
        )
        with _crew(args, console, manifest, registry) as crew, console.work() as (report, cancel):
            Run(
                state,
                recipes,
                crew=crew,
                timeout_seconds=args.timeout,
                told=told,
                report=_with_events(report, console),
            ).carry_out(cancel)
        counts = state.counts()
        page = write_report(state)[2]
        text = table(
            ("done", "failed", "skipped", "left"), [[str(each) for each in asdict(counts).values()]]
        )
        document = {"event": "finished", **asdict(counts), "report": page}
        console.event(document, text=f"{text}\n{page}")
    if counts.failed:
        raise BatchError(f"{counts.failed} failed; {page} tells why")


def _crew(
    args: argparse.Namespace, console: Console, manifest: "Manifest", registry: Registry
) -> "AbstractContextManager[Crew]":
    from tonewright.dsp.batch.crew import LocalCrew, default_memory_bytes, default_workers
    from tonewright.dsp.rendering.store import Store

    if not args.scheduler:
        workers = args.workers or default_workers()
        memory_bytes = args.memory or default_memory_bytes(workers)
        local = LocalCrew(Store(args.store), registry, workers=workers, memory_bytes=memory_bytes)
        return nullcontext(local)
    try:
        from tonewright.dsp.batch.cluster import ClusterCrew
    except ImportError as error:
        raise BatchError(
            f"--scheduler needs Dask ({error}); pip install 'tonewright[cluster]' here and on "
            "every worker"
        ) from error
    name = sha256(str(manifest.out).encode()).hexdigest()
    return ClusterCrew(
        args.scheduler,
        name=f"tonewright-batch-{name[:16]}",
        registry=registry,
        store=args.store,
        memory_bytes=args.memory,
        timeout_seconds=args.timeout,
        note=console.note,
    )


def _with_events(report: "Report", console: Console) -> "Report":
    """Return a report that is an event as well, once a second."""
    next_seconds = time.monotonic() + _PROGRESS_SECONDS

    def told(progress: "Progress") -> None:
        nonlocal next_seconds
        report(progress)
        if (now := time.monotonic()) >= next_seconds:
            next_seconds = now + _PROGRESS_SECONDS
            said = {name: getattr(progress, name) for name in ("fraction", "stage", "eta_seconds")}
            console.event({"event": "progress"} | said)

    return told


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
    "init": _init,
    "status": _status,
    "report": _report,
}
