"""Rendering in the caller's thread: what a worker does, and what tests and batch workers use."""

from collections.abc import Iterable
from typing import Any

from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.rendering.graph import Evaluation
from tonewright.dsp.rendering.job import CancelToken, Progress, Report, ignore, share, working
from tonewright.dsp.rendering.nodes import Stored
from tonewright.dsp.rendering.plan import stored_behind
from tonewright.dsp.rendering.store import Store
from tonewright.dsp.rendering.task import Task

_STEPS_SHARE = 0.98
"""How far the steps that an effect tells of can bring the progress; blocks do the rest."""


def render_stored(
    node: Stored,
    *,
    store: Store,
    registry: Registry,
    report: Report = ignore,
    cancel: CancelToken | None = None,
) -> None:
    """Render one node into the store; what it needs from the store must be there.

    Raises:
        CancelledError: If ``cancel`` was set; the store is as it was.
        TonewrightError: If an effect, a medium or the disk fails.
    """
    cancel = cancel or CancelToken()
    run = Evaluation([node.source], store=store, registry=registry, cancel=cancel)
    expected = max(1, node.expected_samples)
    furthest, done = 0.0, 0

    def tell(fraction: float, stage: str) -> None:
        # What an effect did before its first block is not undone by the blocks.
        nonlocal furthest
        furthest = max(furthest, min(1.0, fraction))
        report(Progress(furthest, stage, node.key, ((0, done),)))

    def step(progress: Progress) -> None:
        stage = f"{node.label}: {progress.stage}" if progress.stage else node.label
        tell(_STEPS_SHARE * progress.fraction, stage)

    with (
        store.write(node.key, sample_rate=node.sample_rate, recipe=node.recipe) as out,
        working(step, cancel),
    ):
        for block in run.open(node.source):
            out.add(block)
            done = out.length_samples
            tell(done / expected, node.label)


class InlineQueue:
    """Renders jobs one after another, in order, in the caller's thread.

    Args:
        store: Where results go.
        registry: Builds the effects.
    """

    def __init__(self, store: Store, registry: Registry) -> None:
        self.store = store
        self.registry = registry

    def render(
        self,
        nodes: Iterable[Stored],
        *,
        report: Report = ignore,
        cancel: CancelToken | None = None,
    ) -> None:
        """Render the nodes that the store lacks; each must come after those it needs.

        Raises:
            CancelledError: If ``cancel`` was set.
            TonewrightError: If one fails.
        """
        missing = [node for node in nodes if self.store.get(node.key) is None]
        for index, node in enumerate(missing):
            part = share(report, index / len(missing), (index + 1) / len(missing), node.label)
            render_stored(
                node, store=self.store, registry=self.registry, report=part, cancel=cancel
            )

    def answered(
        self, task: Task, *, report: Report = ignore, cancel: CancelToken | None = None
    ) -> Any:
        """Return the answer to a task, what it needs rendered first.

        Raises:
            CancelledError: If ``cancel`` was set.
            TonewrightError: If the task, or what it needs, failed.
        """
        cancel = cancel or CancelToken()
        self.render(stored_behind(task.needs), cancel=cancel)
        return task.answer(store=self.store, registry=self.registry, report=report, cancel=cancel)

    def close(self) -> None:
        """Do nothing: there is nothing to stop."""
