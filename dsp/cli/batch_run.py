"""What the actions of ``tonewright batch`` that render have in common."""

import argparse
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict
from hashlib import sha256
from typing import TYPE_CHECKING

from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.usage import UsageError, whole
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import BatchError

if TYPE_CHECKING:
    from pathlib import Path

    from tonewright.dsp.batch.crew import Crew
    from tonewright.dsp.batch.jobs import Job
    from tonewright.dsp.batch.manifest import Manifest
    from tonewright.dsp.batch.rows import Counts
    from tonewright.dsp.batch.runner import Told
    from tonewright.dsp.rendering.job import CancelToken, Progress, Report

    Look = Callable[[], Iterable[Job]]
    Work = Callable[[Iterable[Job], Look | None], tuple[Counts, Path]]

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMG]?)B?", re.IGNORECASE)
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smh]?)")
_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
_PROGRESS_SECONDS = 1.0


def add_choice_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be said of which jobs are done."""
    parser.add_argument("--dry-run", action="store_true", help="only list the jobs")
    parser.add_argument("--only", metavar="PATTERN", help="outputs or inputs that match")
    parser.add_argument("--force", action="store_true", help="render again what is done")
    parser.add_argument(
        "--retry-failed", action="store_true", help="also what failed of the input itself"
    )


def add_work_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be said of how jobs are done, and by whom."""
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
        type=duration,
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


def duration(text: str) -> float:
    """Return the seconds of ``90s``, ``5m`` or ``2h``."""
    found = _DURATION.fullmatch(text.strip())
    if found is None or not float(found[1]):
        raise UsageError(f"{text!r} is no time; write 90s, 5m or 2h")
    return float(found[1]) * _SECONDS[found[2]]


@contextmanager
def working(
    args: argparse.Namespace, console: Console, manifest: "Manifest", registry: Registry
) -> "Iterator[tuple[Work, CancelToken]]":
    """Give a function that does jobs of a batch, telling of each, and what stops it.

    The function takes the jobs, and None or what looks for more of them while it works.

    Raises:
        BatchError: If the cluster that was asked for cannot be used.
    """
    from tonewright.dsp.batch.whole import Choice, run_batch

    def told(each: "Told") -> None:
        console.event({"event": each.event, **asdict(each)})
        if each.reason:
            console.note(each.reason)

    with _crew(args, console, manifest, registry) as crew, console.work() as (report, cancel):

        def work(jobs: "Iterable[Job]", more: "Look | None" = None) -> "tuple[Counts, Path]":
            return run_batch(
                manifest,
                jobs,
                crew,
                choice=Choice(args.only, args.force, args.retry_failed, args.overwrite),
                timeout_seconds=args.timeout,
                told=told,
                report=_with_events(report, console),
                more=more,
                more_seconds=getattr(args, "every", 1.0),
                cancel=cancel,
            )

        yield work, cancel


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
