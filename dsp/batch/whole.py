"""One run of a batch, from its plan to its report: what command line and desktop call."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tonewright.dsp.batch.crew import Crew
from tonewright.dsp.batch.jobs import Job
from tonewright.dsp.batch.manifest import Manifest
from tonewright.dsp.batch.remote import RemoteOutputs
from tonewright.dsp.batch.report import write_report
from tonewright.dsp.batch.rows import Counts
from tonewright.dsp.batch.runner import DEFAULT_TIMEOUT_SECONDS, Run, Told, recover
from tonewright.dsp.batch.state import State
from tonewright.dsp.rendering.job import CancelToken, Report, ignore


@dataclass(frozen=True, slots=True)
class Choice:
    """Which jobs of a plan are done, see ``State.plan``."""

    only: str | None = None
    force: bool = False
    retry_failed: bool = False
    overwrite: bool = False


def run_batch(
    manifest: Manifest,
    jobs: Iterable[Job],
    crew: Crew,
    *,
    choice: Choice = Choice(),
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
    told: Callable[[Told], None] = lambda _: None,
    report: Report = ignore,
    begun: Callable[[Run], None] = lambda _: None,
    more: Callable[[], Iterable[Job]] | None = None,
    more_seconds: float = 1.0,
    cancel: CancelToken | None = None,
) -> tuple[Counts, Path]:
    """Do what is missing of a batch; return how many jobs are where, and the page of the report.

    Args:
        manifest: Says where the outputs go.
        jobs: All of the batch.
        crew: Who does the work.
        choice: Which of the jobs are done.
        timeout_seconds: A job that shows no progress for so long is ended.
        told: Told of every job that ends.
        report: Told how far the whole is.
        begun: Given the run, for who wants to pause it.
        more: Asked now and then for all jobs that there are by now, if some have come.
        more_seconds: How often.
        cancel: Stops it.

    Raises:
        CancelledError: If ``cancel`` was set; what is finished stays finished.
        BatchError: If the batch cannot be planned or recorded, or its place has vanished.
    """
    outputs = RemoteOutputs(manifest.url) if manifest.url else None
    with State(manifest.out, writes=True, outputs=outputs) as state:
        recover(state)
        recipes = state.plan(
            jobs,
            only=choice.only,
            force=choice.force,
            retry_failed=choice.retry_failed,
            overwrite=choice.overwrite,
        )
        run = Run(
            state,
            recipes,
            crew=crew,
            timeout_seconds=timeout_seconds,
            told=told,
            report=report,
            more=more,
            more_seconds=more_seconds,
        )
        begun(run)
        run.carry_out(cancel or CancelToken())
        page = write_report(state)[2]
        return state.counts(), page
