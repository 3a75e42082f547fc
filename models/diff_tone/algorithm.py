"""Diff-TONE itself: the source's prompt until the instrument is decided, then the target's.

A listener (a classifier of instruments) hears the clean estimate of every step. What is played is
settled when its answer no longer changes; from the next step on the target's prompt is used. The
moment is found by a **rule**:

* ``Online``: the same answer ``repeats`` times in a row, if wished with a least probability. It
  looks at the past only, so a clip is made and edited in one pass.
* ``Offline``: the answer is what it will be at the end. It wants the whole trace of the source.
* ``Fixed``: a share of the steps.

A **switch** is the index of the first step with the target's prompt. Moving it costs the steps
behind it only: everything before is on the source's path (``inversion.Path``), which is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from tonewright.dsp.rendering.job import CancelToken, Progress, Report, ignore
from tonewright.models.diff_tone.backend import Backend, Check, Condition, Listener
from tonewright.models.diff_tone.diffusion import Grid, NoiseStream
from tonewright.models.diff_tone.inversion import (
    Estimate,
    Inversion,
    Path,
    ddim,
    drawn_offsets,
    edit_friendly,
    sdedit,
)


@dataclass(frozen=True, slots=True)
class Trace:
    """What the listener said of the clean estimates, step by step: why the switch is where it is.

    Attributes:
        names: The instruments it tells apart.
        probabilities: Of every instrument, for every step that was heard.
    """

    names: tuple[str, ...]
    probabilities: tuple[tuple[float, ...], ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The most probable instrument of every step."""
        return tuple(self.names[_largest(each)] for each in self.probabilities)

    @property
    def confidences(self) -> tuple[float, ...]:
        """How probable that instrument was."""
        return tuple(max(each) for each in self.probabilities)

    def heard(self, probabilities: Sequence[float]) -> "Trace":
        """Return the trace with one more step."""
        return Trace(self.names, (*self.probabilities, tuple(probabilities)))


@dataclass(frozen=True, slots=True)
class Online:
    """Switch when the answer was the same ``repeats`` times in a row.

    Attributes:
        repeats: At least 1.
        confidence: The probability that the last answer must have, 0 to 1.
    """

    repeats: int = 3
    confidence: float = 0.0

    def __post_init__(self) -> None:
        if self.repeats < 1:
            raise ValueError(f"repeats must be at least 1, not {self.repeats}")

    def decide(self, trace: Trace, steps: int) -> int | None:
        """Return the switch, or None while it cannot be told."""
        labels = trace.labels
        for end in range(self.repeats, len(labels) + 1):
            same = len(set(labels[end - self.repeats : end])) == 1
            if same and trace.confidences[end - 1] >= self.confidence:
                return end
        return steps if len(labels) == steps else None


@dataclass(frozen=True, slots=True)
class Offline:
    """Switch when the answer is what it stays to the end."""

    def decide(self, trace: Trace, steps: int) -> int | None:
        """Return the switch, or None if the trace is not complete."""
        labels = trace.labels
        if len(labels) < steps:
            return None
        changes = [n for n in range(1, steps) if labels[n] != labels[n - 1]]
        return (changes[-1] if changes else 0) + 1


@dataclass(frozen=True, slots=True)
class Fixed:
    """Switch after a share of the steps, 0 (target's prompt from the start) to 1 (no edit)."""

    share: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.share <= 1.0:
            raise ValueError(f"share must be 0 to 1, not {self.share}")

    def decide(self, trace: Trace, steps: int) -> int | None:
        """Return the switch."""
        del trace
        return round(self.share * steps)


Rule = Online | Offline | Fixed


@dataclass(frozen=True, slots=True)
class Run:
    """How long work tells of itself and is stopped.

    Attributes:
        report: Gets a fraction after every step.
        cancel: Looked at inside steps.
    """

    report: Report = ignore
    cancel: CancelToken = field(default_factory=CancelToken)

    @property
    def check(self) -> Check:
        """What a backend calls inside a step."""
        return self.cancel.check

    def told(self, done: int, of: int, stage: str) -> None:
        """Report that so many steps of so many are done."""
        self.cancel.check()
        self.report(Progress(done / of, stage))


def estimate_with(
    backend: Backend, grid: Grid, condition: Condition, guidance: float, run: Run
) -> Estimate:
    """Return the clean estimate of a backend for one prompt."""

    def estimate(x: Tensor, index: int) -> Tensor:
        return backend.clean(x, grid, index, condition, guidance=guidance, check=run.check)

    return estimate


def _counted(estimate: Estimate, of: int, stage: str, run: Run) -> Estimate:
    """Return the estimate, with a report after every call."""
    done = 0

    def counting(x: Tensor, index: int) -> Tensor:
        nonlocal done
        clean = estimate(x, index)
        done += 1
        run.told(min(done, of), of, stage)
        return clean

    return counting


@torch.inference_mode()
def inverted(
    latent: Tensor,
    estimate: Estimate,
    grid: Grid,
    noise: NoiseStream,
    *,
    inversion: Inversion,
    run: Run | None = None,
) -> Path:
    """Return the path of a recording, with the source's estimate."""
    counted = _counted(estimate, grid.steps, "inversion", run or Run())
    if inversion is Inversion.EDIT_FRIENDLY:
        return edit_friendly(latent, counted, grid, noise)
    if inversion is Inversion.DDIM:
        return ddim(latent, counted, grid, noise)
    return sdedit(latent, grid, noise)


@torch.inference_mode()
def trace_of(path: Path, listener: Listener) -> Trace:
    """Return what a listener says of a path's clean estimates."""
    heard = [
        tuple(listener.probabilities(clean, alpha).tolist())
        for clean, alpha in zip(path.cleans, path.grid.alphas, strict=False)
    ]
    return Trace(listener.names, tuple(heard))


@torch.inference_mode()
def edited(path: Path, target: Estimate, switch: int, run: Run | None = None) -> Tensor:
    """Return the latent with the target's prompt from a switch on.

    Args:
        path: Of the source.
        target: The clean estimate with the target's prompt.
        switch: 0 to the number of steps; that number returns the path's own end.
        run: Told of every step.
    """
    if not 0 <= switch <= path.grid.steps:
        raise ValueError(f"switch must be 0 to {path.grid.steps}, not {switch}")
    return path.run(_counted(target, path.grid.steps - switch, "edit", run or Run()), switch)


@dataclass(frozen=True, slots=True)
class Generated:
    """A clip made from noise.

    Attributes:
        path: As it went; its end is the clip.
        switch: The first step with the target's prompt; the number of steps if there was none.
        trace: What the listener said until then.
    """

    path: Path
    switch: int
    trace: Trace


@torch.inference_mode()
def generated(
    source: Estimate,
    grid: Grid,
    noise: NoiseStream,
    *,
    eta: float = 0.0,
    target: Estimate | None = None,
    listener: Listener | None = None,
    rule: Rule | None = None,
    run: Run | None = None,
) -> Generated:
    """Make a clip from noise, edited on the way if there is a target: one pass, no step more.

    Args:
        source: The clean estimate with the source's prompt.
        grid: Of the sampler.
        noise: Begins the clip, and is drawn from in its steps; the same noise gives the same clip.
        eta: As in ``diffusion.step_mean``.
        target: The clean estimate with the target's prompt; None to make the source.
        listener: Hears the clean estimates; wanted by ``Online``.
        rule: When to switch; it must be able to decide on the way (not ``Offline``).
        run: Told of every step.
    """
    if isinstance(rule, Offline):
        raise ValueError("the offline rule wants the whole path of the source first")
    running = run or Run()
    offsets = drawn_offsets(grid, noise, eta)
    states, cleans = [noise.at(0)], []
    trace = Trace(() if listener is None else listener.names)
    switch = None
    for index in range(grid.steps):
        if switch is None and target is not None and rule is not None:
            switch = rule.decide(trace, grid.steps)
        exchanged = switch is not None and index >= switch
        clean = (target if exchanged and target is not None else source)(states[-1], index)
        if not exchanged and listener is not None:
            heard = listener.probabilities(clean, grid.alphas[index])
            trace = trace.heard(heard.tolist())
        so_far = Path(grid, (), (), offsets, eta)
        states.append(so_far.step(states[-1], clean, index))
        cleans.append(clean)
        running.told(index + 1, grid.steps, "generation")
    path = Path(grid, tuple(states), tuple(cleans), offsets, eta)
    return Generated(path, grid.steps if switch is None else switch, trace)


def _largest(probabilities: Sequence[float]) -> int:
    return max(range(len(probabilities)), key=probabilities.__getitem__)
