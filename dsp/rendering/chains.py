"""From the chains of a project to nodes: parameters completed, automation in samples.

Consecutive native effects become one node. An effect that runs RENDERED is stored, and so is one
with a range. Effects on notes are applied here, but for those that run RENDERED: their notes come
from the store, and where they are not there yet the effect is left out (``waiting``).
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from tonewright.dsp.effects.automation import Automation
from tonewright.dsp.effects.protocol import (
    EffectType,
    Family,
    ParameterKind,
    Params,
    RunsIn,
)
from tonewright.dsp.effects.registry import Registry, bound_params
from tonewright.dsp.errors import EffectError
from tonewright.dsp.midi.sequence import (
    MidiSequence,
    MidiTrack,
    clip_to_track,
    merged,
    track_to_clip,
)
from tonewright.dsp.project.automation import curve_of
from tonewright.dsp.project.document import (
    PPQ,
    AutomationLane,
    AutomationMode,
    EffectSpec,
    Id,
    MidiClip,
    Project,
    Track,
)
from tonewright.dsp.rendering.bound import BoundEffect
from tonewright.dsp.rendering.graph import Node
from tonewright.dsp.rendering.nodes import Effects, Patch, Slice, Stored, Window
from tonewright.dsp.rendering.noted import Noted, NotesOf, not_made
from tonewright.dsp.units import seconds_to_samples

RANGE_FADE_SECONDS = 0.01
"""How long a ranged effect takes to come and go inside its range."""


class Chains:
    """Makes nodes of the chains of one project.

    Args:
        project: Its tempo map and sample rate place the automation.
        registry: Where effect types are found.
        skip_missing: Leave out effects that are not installed, instead of refusing.
        heard: Returns the node of a track that a sidechain listens to.
        notes_of: Returns the notes that effects running RENDERED have made.

    Attributes:
        effects: Every effect that sounds.
        stages: The stored results of single effects, by the effect.
        waiting: Notes that are not made yet.
        notes: What the user should know: effects left out.
    """

    def __init__(
        self,
        project: Project,
        registry: Registry,
        *,
        skip_missing: bool,
        heard: Callable[[Id], Node],
        notes_of: NotesOf = not_made,
    ) -> None:
        self.effects: list[EffectSpec] = []
        self.stages: dict[Id, Stored | Noted] = {}
        self.waiting: list[Noted] = []
        self.notes: list[str] = []
        self._project = project
        self._registry = registry
        self._skip_missing = skip_missing
        self._heard = heard
        self._notes_of = notes_of

    def on_audio(
        self,
        node: Node,
        specs: Sequence[EffectSpec],
        lanes: Sequence[AutomationLane],
        *,
        label: str,
        start_samples: int = 0,
        notes_done: bool = False,
    ) -> Node:
        """Return the node behind a chain.

        Args:
            node: What goes into it.
            specs: The effects in order.
            lanes: Where their automation is looked for.
            label: Whose chain it is, for people.
            start_samples: Where sample 0 of the node is on the timeline.
            notes_done: Whether effects on notes have been applied before.
        """
        rate = self._project.sample_rate
        for spec in specs:
            effect_type = self._type(spec, label)
            if effect_type is None or (effect_type.family is Family.MIDI and notes_done):
                continue
            if effect_type.family is Family.MIDI:
                raise EffectError(
                    f"{label}: {spec.type!r} works on notes; put it on a MIDI track or clip"
                )
            if effect_type.family is Family.INSTRUMENT:
                raise EffectError(
                    f"{label}: {spec.type!r} is an instrument; a MIDI track sounds through it"
                )
            self.effects.append(spec)
            bound = self._bind(spec, effect_type, lanes, start_samples)
            rendered = effect_type.runs_in is RunsIn.RENDERED
            stage = f"{effect_type.name} on {label}"
            if spec.range is not None:
                window = Window(
                    seconds_to_samples(spec.range.start_seconds, rate),
                    seconds_to_samples(spec.range.end_seconds, rate),
                    seconds_to_samples(RANGE_FADE_SECONDS, rate),
                )
                bound = replace(
                    bound,
                    automation=tuple(
                        (name, curve.shifted(-window.start_samples))
                        for name, curve in bound.automation
                    ),
                )
                wet = Effects(Slice(node, window), (bound,), rate)
                # Stored, for dry and wet are read at different times.
                patch = Stored(wet, rate, stage, rendered)
                self.stages[spec.id] = patch
                node = Patch(node, patch, window)
            elif rendered:
                stored = Stored(Effects(node, (bound,), rate), rate, stage, rendered)
                self.stages[spec.id] = node = stored
            elif isinstance(node, Effects):
                node = replace(node, effects=(*node.effects, bound))
            else:
                node = Effects(node, (bound,), rate)
        return node

    def _type(self, spec: EffectSpec, label: str) -> EffectType | None:
        if not spec.enabled:
            return None
        if spec.type in self._registry:
            return self._registry.get(spec.type)
        if self._skip_missing:
            self.notes.append(f"{label}: effect {spec.type!r} is not installed, left out")
            return None
        raise EffectError(
            f"{label}: effect {spec.type!r} is not installed; "
            "install what brings it, or render without it (--skip-missing-effects)"
        )

    def _bind(
        self,
        spec: EffectSpec,
        effect_type: EffectType,
        lanes: Sequence[AutomationLane],
        start_samples: int,
    ) -> BoundEffect:
        params = bound_params(effect_type, dict(spec.params), spec.state)
        return BoundEffect(
            spec.type,
            effect_type.version,
            tuple(sorted(params.items())),
            spec.mix,
            spec.seed if effect_type.seeded else 0,
            spec.state,
            self.automation(spec.id, lanes, start_samples),
            None if spec.sidechain_id is None else self._heard(spec.sidechain_id),
            effect_type.weights_sha256,
            effect_type.source_sha256,
            files_of(effect_type, params),
            folders_of(effect_type, params),
        )

    def automation(
        self, effect_id: Id | None, lanes: Sequence[AutomationLane], start_samples: int = 0
    ) -> tuple[tuple[str, Automation], ...]:
        """Return (parameter, curve) of an effect, or of the channel, from a sample on."""
        return tuple(
            (
                lane.target.parameter,
                curve_of(lane, self._project.tempo_map, self._project.sample_rate).shifted(
                    -start_samples
                ),
            )
            for lane in lanes
            if lane.target.effect_id == effect_id
            and lane.mode is AutomationMode.READ
            and lane.points
        )

    def on_notes(self, track: Track) -> Track:
        """Return a MIDI track with its effects on notes applied: the clips', then its own."""
        tempo_map, before = self._project.tempo_map, len(self.waiting)
        played: list[MidiClip] = []
        for clip in track.clips:
            if isinstance(clip, MidiClip) and not clip.muted:
                label = f"{track.name}: {clip.name}"
                effects = self._note_effects(clip.effects, label, strict=True)
                notes = clip_to_track(clip, tempo_map)
                played.append(
                    self._through(effects, notes, label, len(self.waiting)) if effects else clip
                )
        effects = self._note_effects(track.channel.effects, track.name, strict=False)
        if effects and played:
            parts = [clip_to_track(clip, tempo_map) for clip in played]
            played = [self._through(effects, merged(parts, track.name), track.name, before)]
        return replace(track, clips=tuple(played))

    def _through(
        self,
        effects: Sequence[tuple[EffectSpec, EffectType]],
        notes: MidiTrack,
        label: str,
        before: int,
    ) -> MidiClip:
        """Return a clip of what effects make; with more than ``before`` waiting, none is asked.

        What an effect would make of notes that are not what it will be given is of no use.
        """
        sequence = MidiSequence(PPQ, self._project.tempo_map, (notes,))
        for spec, effect_type in effects:
            if effect_type.runs_in is RunsIn.RENDERED:
                if len(self.waiting) == before:
                    sequence = self._noted(spec, effect_type, sequence, label)
            else:
                effect = self._registry.make(spec.type, dict(spec.params), seed=spec.seed)
                sequence = effect.process_midi(sequence)
        return track_to_clip(sequence.tracks[0])

    def _noted(
        self, spec: EffectSpec, effect_type: EffectType, sequence: MidiSequence, label: str
    ) -> MidiSequence:
        """Return what the effect has made; the sequence as it is if that is still to be done."""
        bound = self._bind(spec, effect_type, (), 0)
        noted = Noted(sequence, bound, f"{effect_type.name} on {label}")
        self.stages[spec.id] = noted
        made = self._notes_of(noted)
        if made is None:
            self.waiting.append(noted)
            return sequence
        return made

    def _note_effects(
        self, specs: Sequence[EffectSpec], label: str, *, strict: bool
    ) -> list[tuple[EffectSpec, EffectType]]:
        """Return the effects on notes; those on audio are refused if ``strict``, else left."""
        effects = []
        for spec in specs:
            effect_type = self._type(spec, label)
            if effect_type is not None and effect_type.family is Family.MIDI:
                self.effects.append(spec)
                effects.append((spec, effect_type))
            elif effect_type is not None and strict:
                raise EffectError(f"{label}: {spec.type!r} works on audio; put it on the track")
        return effects

    def instrument(self, spec: EffectSpec, label: str) -> BoundEffect | None:
        """Return the instrument that a track sounds through; None if it is left out."""
        effect_type = self._type(spec, label)
        if effect_type is None:
            return None
        if effect_type.family is not Family.INSTRUMENT:
            raise EffectError(f"{label}: {spec.type!r} is no instrument; put it into the chain")
        return self._bind(spec, effect_type, (), 0)

    def has_rendered(self, specs: Sequence[EffectSpec]) -> bool:
        """Return whether one of some effects runs RENDERED."""
        return any(
            each.type in self._registry and self._registry.get(each.type).runs_in is RunsIn.RENDERED
            for each in specs
        )


def bound_on_notes(effect_type: EffectType, params: Params, *, seed: int = 0) -> BoundEffect:
    """Return an effect on notes outside a project, with all that decides what it makes.

    Raises:
        EffectError: If a parameter is wrong.
    """
    complete = bound_params(effect_type, params, "")
    return BoundEffect(
        effect_type.id,
        effect_type.version,
        tuple(sorted(complete.items())),
        seed=seed if effect_type.seeded else 0,
        weights_sha256=effect_type.weights_sha256,
        source_sha256=effect_type.source_sha256,
        files=files_of(effect_type, complete),
        folders=folders_of(effect_type, complete),
    )


def files_of(effect_type: EffectType, params: Params) -> tuple[tuple[str, str], ...]:
    """Return (parameter, checksum) of those that name a file which is there."""
    named = _paths(effect_type, params, ParameterKind.FILE)
    return tuple((name, file_sha256(path)) for name, path in named if path.is_file())


def folders_of(effect_type: EffectType, params: Params) -> tuple[tuple[str, str], ...]:
    """Return (parameter, checksum) of those whose text is the path of a folder: a model's."""
    named = _paths(effect_type, params, ParameterKind.TEXT)
    return tuple((name, folder_sha256(path)) for name, path in named if _is_folder(path))


def _paths(
    effect_type: EffectType, params: Params, kind: ParameterKind
) -> Iterator[tuple[str, Path]]:
    for each in effect_type.parameters:
        if each.kind is kind and params.get(each.name):
            yield each.name, Path(str(params[each.name]))


def _is_folder(path: Path) -> bool:
    """Return whether a text is the path of a folder, and no word that one happens to be named."""
    try:
        return len(path.parts) > 1 and path.is_dir()
    except OSError:
        return False  # a text that is too long for a path


def folder_sha256(path: Path) -> str:
    """Return the checksum of a folder's list: names, sizes, and when each file was changed.

    A model's files, here and one level below, are too large to be read for each plan.
    """
    files = (each for pattern in ("*", "*/*") for each in path.glob(pattern) if each.is_file())
    listed = sorted(f"{each.relative_to(path)} {_state_of(each)}" for each in files)
    return hashlib.sha256("\n".join(listed).encode()).hexdigest()


def _state_of(path: Path) -> str:
    found = path.stat()
    return f"{found.st_size} {found.st_mtime_ns}"


def file_sha256(path: Path) -> str:
    """Return the checksum of a file, computed once for each state of it."""
    return _file_sha256(path, path.stat().st_mtime_ns)


@cache
def _file_sha256(path: Path, changed_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
