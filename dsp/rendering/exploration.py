"""A change of instrument at several switch positions: asked for here, computed by its tool.

The tool is ``explore`` of the effect type; this is how a file or a clip becomes its task, and its
answer a value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import EffectError
from tonewright.dsp.project.document import (
    AudioClip,
    EffectSpec,
    Id,
    Media,
    Project,
    TimeRange,
)
from tonewright.dsp.project.edits import add_effect
from tonewright.dsp.project.edits.access import find_clip
from tonewright.dsp.project.media import import_media
from tonewright.dsp.rendering.nodes import Stored
from tonewright.dsp.rendering.noted import Noted
from tonewright.dsp.rendering.outputs import Stem
from tonewright.dsp.rendering.plan import plan, plan_effects, stored_behind
from tonewright.dsp.rendering.sources import Source
from tonewright.dsp.rendering.task import Task

EFFECT = "diff_tone"
EXACT_PERCENT = 0.05
"""What is nearer to the recording than this is told to be the recording."""

GENERATED = "generate"
"""The type of the effect in the recipe of a clip that was made from a prompt."""


@dataclass(frozen=True, slots=True)
class Point:
    """One position.

    Attributes:
        switch: As the effect's parameter takes it: ``"auto"`` or a number.
        switch_percent: Where that is.
        key: Of its audio in the store.
        content_kept: Likeness of the chroma, 0 to 1.
        target_probability: By the classifier that reports; None if it does not know the target.
        instruments: The likeliest, as (name, probability).
    """

    switch: str
    switch_percent: float
    key: str
    content_kept: float
    target_probability: float | None
    instruments: tuple[tuple[str, float], ...]

    @property
    def automatic(self) -> bool:
        """Whether the rule chose it."""
        return self.switch == "auto"


@dataclass(frozen=True, slots=True)
class Exploration:
    """What came of every position, and why the automatic one is where it is.

    Attributes:
        source: What plays, as a prompt.
        target: What is to play, as a prompt.
        exact: Whether the clip was made here, so that it is edited from its own noise.
        inversion: Else how its noise was found.
        reconstruction_percent: How far the path found ends from the recording.
        automatic_percent: Where the rule switches; None if it cannot tell.
        names: The instruments of the trace.
        trace: Their probabilities at every step, as the classifier that steers hears them.
        trace_percent: Where the steps are.
        points: By position.
    """

    source: str
    target: str
    exact: bool
    inversion: str
    reconstruction_percent: float
    steps: int
    automatic_percent: float | None
    names: tuple[str, ...]
    trace: tuple[tuple[float, ...], ...]
    trace_percent: tuple[float, ...]
    sample_rate: int
    points: tuple[Point, ...]

    def case(self) -> str:
        """Return in words how the recording came onto its path."""
        if self.exact:
            return "made here: edited from its own noise, exactly"
        error = f"given back within {self.reconstruction_percent:.2g} %"
        if self.reconstruction_percent < EXACT_PERCENT:
            error = "given back exactly"
        return f"a recording: inverted ({self.inversion}), {error}"

    def likeliest(self, count: int = 3) -> tuple[tuple[str, tuple[float, ...]], ...]:
        """Return the instruments that the trace speaks of most, each with its probabilities.

        The target is among them, if it is one of the instruments.
        """
        columns = list(zip(self.names, zip(*self.trace, strict=True), strict=True))
        columns.sort(key=lambda each: -sum(each[1]))
        named = [name for name in self.names if name in self.target]
        target = max(named, key=len, default="")
        first = [each for each in columns if each[0] != target][: count - bool(target)]
        return (*first, *(each for each in columns if each[0] == target))


def exploration_of(answer: Mapping[str, Any]) -> Exploration:
    """Return the answer of the tool as a value."""
    return Exploration(
        source=answer["source"],
        target=answer["target"],
        exact=answer["exact"],
        inversion=answer["inversion"],
        reconstruction_percent=answer["reconstruction_percent"],
        steps=answer["steps"],
        automatic_percent=answer["automatic_percent"],
        names=tuple(answer["instruments"]),
        trace=tuple(map(tuple, answer["trace"])),
        trace_percent=tuple(answer["trace_percent"]),
        sample_rate=answer["sample_rate"],
        points=tuple(
            Point(**(each | {"instruments": tuple(map(tuple, each["instruments"]))}))
            for each in answer["points"]
        ),
    )


def positions_of(count: int) -> tuple[float, ...]:
    """Return switch positions from 0 to 100 %, more of them early, where most is decided."""
    if count < 2:
        raise ValueError(f"there must be at least 2 positions, not {count}")
    return tuple(round(100.0 * (n / (count - 1)) ** 2, 1) for n in range(count))


def explore_file(
    path: Path, spec: EffectSpec, positions: tuple[float, ...], registry: Registry
) -> Task:
    """Return the task of exploring an edit of an audio file.

    Raises:
        MediaError: If the file cannot be read.
        EffectError: If the effect is not installed, or its parameters are wrong.
    """
    media = import_media(path)
    if spec.range is not None and spec.range.start_seconds >= media.length_samples / max(
        1, media.sample_rate
    ):
        raise EffectError(f"{path}: ends before {spec.range.start_seconds:g} s")
    source = Source(
        media.path, media.sha256, media.channels, 0, media.length_samples,
        media.sample_rate, media.sample_rate,
    )  # fmt: skip
    wanted = plan_effects(
        source, [spec], sample_rate=media.sample_rate, label=path.name, registry=registry
    )
    return _task(wanted.stages[spec.id], positions)


def explore_clip(
    project: Project,
    clip_id: Id,
    spec: EffectSpec,
    positions: tuple[float, ...],
    registry: Registry,
) -> Task:
    """Return the task of exploring an edit as the last effect of a clip.

    Raises:
        ProjectError: If there is no such clip.
        EffectError: If the effect is not installed, or its parameters are wrong.
    """
    track, _ = find_clip(project, clip_id)
    tried = add_effect(project, clip_id, spec)
    wanted = plan(tried, [Stem(track.id)], registry=registry, skip_missing=True)
    if spec.id not in wanted.stages:
        raise EffectError("the clip does not sound; unmute it and its track")
    return _task(wanted.stages[spec.id], positions)


def spec_for(
    project: Project, clip: AudioClip, spec: EffectSpec, where: TimeRange | None
) -> EffectSpec:
    """Return an effect set up for a clip: on a part of it, from its own noise if it has one."""
    params = dict(spec.params)
    origin = origin_of(project.medium(clip.media_id))
    if origin:
        params["origin"] = origin
    return replace(spec, params=tuple(sorted(params.items())), range=where)


def origin_of(medium: Media) -> str:
    """Return how a medium was made from a prompt, as the effect takes it; empty if it was not."""
    for effect in medium.recipe.effects if medium.recipe is not None else ():
        if effect.type == GENERATED:
            return str(dict(effect.params).get("origin", ""))
    return ""


def _task(node: Stored | Noted, positions: tuple[float, ...]) -> Task:
    if isinstance(node, Noted):
        raise EffectError(f"{node.label}: works on notes; only a change of instrument is explored")
    arguments = {"node": node, "positions": positions}
    return Task(EFFECT, "explore", arguments, node.label, stored_behind([node.source]))
