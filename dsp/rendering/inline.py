"""Rendering in the caller's thread: what tests and batch workers use."""

from collections.abc import Iterable
from typing import Any

from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.rendering.job import CancelToken, Report, ignore, share
from tonewright.dsp.rendering.nodes import Stored
from tonewright.dsp.rendering.noted import Noted
from tonewright.dsp.rendering.plan import stored_behind
from tonewright.dsp.rendering.store import Store
from tonewright.dsp.rendering.task import Task


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
        nodes: Iterable[Stored | Noted],
        *,
        report: Report = ignore,
        cancel: CancelToken | None = None,
    ) -> None:
        """Render the nodes that the store lacks; each must come after those it needs.

        Raises:
            CancelledError: If ``cancel`` was set.
            TonewrightError: If one fails.
        """
        missing = [node for node in nodes if not node.is_in(self.store)]
        for index, node in enumerate(missing):
            part = share(report, index / len(missing), (index + 1) / len(missing), node.label)
            node.render(store=self.store, registry=self.registry, report=part, cancel=cancel)

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
