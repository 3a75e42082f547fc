"""Effects as layers of a clip or a track, with how far their sound is.

An effect is one if it lies on a part of the clip or the track, is rendered, or has failed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tonewright.desktop.inspector.render_state import RenderStage, RenderState
from tonewright.dsp.effects.protocol import Family, RunsIn
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.project.document import Clip, EffectSpec, Id, Project, TimeRange, Track
from tonewright.dsp.project.tempo import range_of


@dataclass(frozen=True, slots=True)
class Layer:
    """One effect on a clip or a track.

    Attributes:
        effect_id: The effect.
        name: Its name for people.
        where: In seconds from the project's start.
        enabled: Whether it is not bypassed.
        state: How far its sound is; None if that is not known.
    """

    effect_id: Id
    name: str
    where: TimeRange
    enabled: bool
    state: RenderState | None

    def to_text(self) -> str:
        """Return what the bar says."""
        if not self.enabled:
            return f"{self.name} · bypassed"
        if self.state is None or self.state.stage is RenderStage.READY:
            return self.name
        return f"{self.name} · {self.state.to_text()}"


def layers_of(
    project: Project,
    owner: Track | Clip,
    registry: Registry,
    states: Mapping[Id, RenderState],
) -> tuple[Layer, ...]:
    """Return the layers of a clip or a track, in the order of its chain."""
    effects = owner.channel.effects if isinstance(owner, Track) else owner.effects
    if not effects:  # most clips: nothing is worked out for them
        return ()
    around = extent_of(project, owner)
    if around is None:
        return ()
    start_seconds = 0.0 if isinstance(owner, Track) else around.start_seconds
    return tuple(
        Layer(
            effect.id,
            registry.get(effect.type).name,
            _placed(effect, around, start_seconds),
            effect.enabled,
            states.get(effect.id),
        )
        for effect in effects
        if _is_layer(effect, registry, states.get(effect.id))
    )


def extent_of(project: Project, owner: Track | Clip) -> TimeRange | None:
    """Return where a clip sounds, or the clips of a track; None if there are none."""
    clips = owner.clips if isinstance(owner, Track) else (owner,)
    ranges = [range_of(project, clip) for clip in clips]
    if not ranges:
        return None
    return TimeRange(
        min(each.start_seconds for each in ranges), max(each.end_seconds for each in ranges)
    )


def _is_layer(effect: EffectSpec, registry: Registry, state: RenderState | None) -> bool:
    if effect.type not in registry:
        return False
    if state is not None and state.stage is RenderStage.FAILED:
        return True
    effect_type = registry.get(effect.type)
    ranged = effect_type.family is Family.AUDIO and effect.range is not None
    return effect_type.runs_in is RunsIn.RENDERED or ranged


def _placed(effect: EffectSpec, around: TimeRange, start_seconds: float) -> TimeRange:
    if effect.range is None:
        return around
    return TimeRange(
        start_seconds + effect.range.start_seconds, start_seconds + effect.range.end_seconds
    )
