"""The renderer: one way from a project to audio, for command line, batch, desktop and API."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, Self

import numpy as np

from tonewright.dsp.audio.signal import Audio, silence
from tonewright.dsp.effects.registry import Registry, default_registry
from tonewright.dsp.errors import RenderError
from tonewright.dsp.project.document import EffectSpec, Project
from tonewright.dsp.project.tempo import end_of
from tonewright.dsp.rendering.graph import BLOCK_SAMPLES, Evaluation, Node, Reader
from tonewright.dsp.rendering.job import CancelToken, Report, ignore
from tonewright.dsp.rendering.mix import pad_to
from tonewright.dsp.rendering.nodes import Stored
from tonewright.dsp.rendering.noted import Noted
from tonewright.dsp.rendering.outputs import Mix, Output
from tonewright.dsp.rendering.plan import Plan, plan, plan_effects
from tonewright.dsp.rendering.queue import RenderQueue
from tonewright.dsp.rendering.store import Store
from tonewright.dsp.rendering.task import Task
from tonewright.dsp.units import seconds_to_samples


class Executor(Protocol):
    """What renders the stored nodes: ``RenderQueue`` or ``InlineQueue``."""

    store: Store
    registry: Registry

    def render(
        self, nodes: Sequence[Stored | Noted], *, report: Report, cancel: CancelToken | None
    ) -> None:
        """Render the nodes that the store lacks."""

    def answered(self, task: Task, *, report: Report, cancel: CancelToken | None) -> Any:
        """Return the answer to a task."""

    def close(self) -> None:
        """Stop what runs."""


class Renderer:
    """Renders projects through a store; ``close`` it, or use it as a context manager.

    Args:
        store: Where results are kept; the user's own if None.
        registry: Where effects are found; the default one if None.
        executor: What does the work; a new ``RenderQueue`` if None.
    """

    def __init__(
        self,
        store: Store | None = None,
        *,
        registry: Registry | None = None,
        executor: Executor | None = None,
    ) -> None:
        self.executor: Executor = executor or RenderQueue(
            store or Store(), registry or default_registry()
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def prepare(
        self,
        project: Project,
        outputs: Sequence[Output],
        *,
        skip_missing: bool = False,
        report: Report = ignore,
        cancel: CancelToken | None = None,
    ) -> "Rendering":
        """Render what the store lacks, and return what is left: reading and mixing.

        Args:
            project: A valid project.
            outputs: What will be heard.
            skip_missing: Leave out effects that are not installed, instead of refusing.
            report: Told how far the work is.
            cancel: Stops it.

        Raises:
            CancelledError: If ``cancel`` was set; what had been finished stays in the store.
            TonewrightError: If the project cannot be rendered.
        """

        def planned() -> Plan:
            return plan(
                project,
                outputs,
                registry=self.executor.registry,
                skip_missing=skip_missing,
                notes_of=lambda noted: noted.find(self.executor.store),
            )

        wanted = planned()
        while wanted.waiting:
            waiting = wanted.waiting
            self.executor.render(waiting, report=report, cancel=cancel)
            wanted = planned()
            if wanted.waiting == waiting:
                raise RenderError(f"{waiting[0].label}: the notes are gone; render again")
        length_samples = seconds_to_samples(end_of(project), project.sample_rate)
        return self._rendered(wanted, project.sample_rate, length_samples, report, cancel)

    def prepare_effects(
        self,
        source: Node,
        effects: Sequence[EffectSpec],
        *,
        sample_rate: int,
        label: str,
        report: Report = ignore,
        cancel: CancelToken | None = None,
    ) -> "Rendering":
        """Render a chain on one node outside a project; see ``prepare``."""
        wanted = plan_effects(
            source,
            effects,
            sample_rate=sample_rate,
            label=label,
            registry=self.executor.registry,
        )
        return self._rendered(wanted, sample_rate, source.expected_samples, report, cancel)

    def _rendered(
        self,
        wanted: Plan,
        sample_rate: int,
        length_samples: int,
        report: Report,
        cancel: CancelToken | None,
    ) -> "Rendering":
        store = self.executor.store
        self.executor.render(wanted.jobs, report=report, cancel=cancel)
        store.prune_if_due(keep={job.key for job in wanted.jobs})
        return Rendering(
            wanted,
            store=store,
            registry=self.executor.registry,
            sample_rate=sample_rate,
            length_samples=length_samples,
            cancel=cancel or CancelToken(),
        )

    def close(self) -> None:
        """Stop what runs."""
        self.executor.close()


class Rendering:
    """Outputs of a project, ready to be read.

    Attributes:
        sample_rate: The project's.
        length_samples: Where the last clip ends; tails come behind.
        effects: Every effect that sounds.
    """

    def __init__(
        self,
        wanted: Plan,
        *,
        store: Store,
        registry: Registry,
        sample_rate: int,
        length_samples: int,
        cancel: CancelToken,
    ) -> None:
        self._roots = wanted.roots
        self._store = store
        self._registry = registry
        self._cancel = cancel
        self.sample_rate = sample_rate
        self.length_samples = length_samples
        self.effects = wanted.effects
        self._notes = wanted.notes
        self._failures: dict[str, None] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know.

        Missing media, effects left out and, once all is read, those that failed and left the sound
        dry.
        """
        return (*self._notes, *self._failures)

    def stream(
        self,
        *,
        start_samples: int = 0,
        end_samples: int | None = None,
        block_samples: int = BLOCK_SAMPLES,
    ) -> Iterator[tuple[Audio, ...]]:
        """Yield the outputs in step: for each block a tuple of equally long audio.

        Args:
            start_samples: First sample.
            end_samples: End, exactly; zeros stand behind the content. If None, the end of the
                last clip or the end of the last tail, whichever is later.
            block_samples: Length of every block but the last.
        """
        run = Evaluation(
            self._roots,
            store=self._store,
            registry=self._registry,
            cancel=self._cancel,
            failures=self._failures,
        )
        readers = [Reader(run.open(root)) for root in self._roots]
        position = 0
        while position < start_samples:
            count = min(block_samples, start_samples - position)
            for reader in readers:
                reader.read(count)
            position += count
        least = self.length_samples if end_samples is None else end_samples
        while position < least or (end_samples is None and not all(r.ended for r in readers)):
            blocks = [reader.read(block_samples) for reader in readers]
            length = max((block.shape[1] for block in blocks), default=0)
            length = max(length, min(block_samples, least - position))
            if end_samples is not None:
                length = min(length, end_samples - position)
            yield tuple(pad_to(block[:, :length], length) for block in blocks)
            position += length

    def read(self, *, start_samples: int = 0, end_samples: int | None = None) -> tuple[Audio, ...]:
        """Return the outputs whole, each of shape ``(channels, samples)``; see ``stream``."""
        blocks = list(self.stream(start_samples=start_samples, end_samples=end_samples))
        if not blocks:
            return tuple(silence(2, 0) for _ in self._roots)
        return tuple(np.concatenate(each, axis=1) for each in zip(*blocks, strict=True))


def render(
    project: Project, output: Output | None = None, *, renderer: Renderer | None = None
) -> Audio:
    """Return one output of a project whole, at the project's rate.

    Args:
        project: From ``load``, or made by edits.
        output: The mix if None; ``Stem(track_id)`` for a track.
        renderer: Renders; one with the user's own store if None.

    Shape:
        ``(2, samples)``, tails included.

    Raises:
        TonewrightError: If the project cannot be rendered.
    """
    if renderer is None:
        with Renderer() as own:
            return render(project, output, renderer=own)
    (audio,) = renderer.prepare(project, [output or Mix()]).read()
    return audio
