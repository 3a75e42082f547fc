"""Rendering in the caller's thread: what a worker does, and what tests and batch workers use."""

from collections.abc import Iterable

from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.rendering.graph import Evaluation
from tonewright.dsp.rendering.job import CancelToken, Progress, Report, ignore, share
from tonewright.dsp.rendering.nodes import Stored
from tonewright.dsp.rendering.store import Store


def render_stored(
    node: Stored,
    *,
    store: Store,
    registry: Registry,
    report: Report = ignore,
    cancel: CancelToken | None = None,
) -> tuple[str, ...]:
    """Render one node into the store; what it needs from the store must be there.

    Returns:
        Why effects went on with the dry sound. If one did, the store has what stands in for the
        result, and not the result.

    Raises:
        CancelledError: If ``cancel`` was set; the store is as it was.
        TonewrightError: If an effect, a medium or the disk fails.
    """
    run = Evaluation([node.source], store=store, registry=registry, cancel=cancel or CancelToken())
    expected = max(1, node.expected_samples)
    with store.write(node.key, sample_rate=node.sample_rate, recipe=node.recipe) as out:
        for block in run.open(node.source):
            out.add(block)
            done = out.length_samples
            report(Progress(min(1.0, done / expected), node.label, node.key, ((0, done),)))
        out.failures = tuple(run.failures)
    return out.failures


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

    def close(self) -> None:
        """Do nothing: there is nothing to stop."""
