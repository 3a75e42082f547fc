"""How every edit finds what it changes and puts the changed thing back.

A project is a tree of tuples, so a change replaces one element and its ancestors; all else is
shared. What is equal to what was there is not put back: an edit that changes nothing returns the
very same project.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.document import (
    AudioClip,
    Clip,
    EffectSpec,
    Id,
    Media,
    MidiClip,
    Project,
    Track,
)
from tonewright.dsp.project.tempo import to_seconds
from tonewright.dsp.project.validate import check_channel, check_clip


class Identified(Protocol):
    """Anything of a project that has an identity."""

    @property
    def id(self) -> Id:
        """The identity."""
        ...


T = TypeVar("T")
I = TypeVar("I", bound=Identified)  # noqa: E741 (a type variable)


def changed(value: T, **fields: Any) -> T:
    """Return a dataclass with fields replaced, or itself if all of them are equal already."""
    for name in fields:
        if not hasattr(value, name):
            raise ValueError(f"{type(value).__name__} has no field {name!r}")
    news = {name: new for name, new in fields.items() if getattr(value, name) != new}
    return replace(value, **news) if news else value  # type: ignore[type-var]


def swapped(values: tuple[I, ...], new: I) -> tuple[I, ...]:
    """Return the tuple with the element of the same id replaced, or itself."""
    for index, old in enumerate(values):
        if old.id == new.id:
            return values if old is new else (*values[:index], new, *values[index + 1 :])
    raise ProjectError(f"nothing here has the id {new.id}")


def inserted(values: tuple[T, ...], new: T, index: int | None) -> tuple[T, ...]:
    """Return the tuple with one more element, at the end unless ``index`` says where."""
    place = len(values) if index is None else index
    return (*values[:place], new, *values[place:])


def without(values: tuple[I, ...], ids: Iterable[Id]) -> tuple[I, ...]:
    """Return the tuple without the elements of these ids, or itself."""
    gone = frozenset(ids)
    kept = tuple(value for value in values if value.id not in gone)
    return values if len(kept) == len(values) else kept


def find(values: tuple[I, ...], wanted: Id, kind: str) -> I:
    """Return an element by id; ProjectError says which kind of thing is missing."""
    for value in values:
        if value.id == wanted:
            return value
    raise ProjectError(f"there is no {kind} with the id {wanted}: has it been deleted?")


def find_track(project: Project, track_id: Id) -> Track:
    """Return a track; ProjectError if there is none."""
    return find(project.tracks, track_id, "track")


def find_medium(project: Project, media_id: Id) -> Media:
    """Return a medium; ProjectError if there is none."""
    return find(project.media, media_id, "medium")


def find_clip(project: Project, clip_id: Id) -> tuple[Track, Clip]:
    """Return a clip with its track; ProjectError if there is none."""
    for track, clip in project.clips():
        if clip.id == clip_id:
            return track, clip
    raise ProjectError(f"there is no clip with the id {clip_id}: has it been deleted?")


def find_clips(project: Project, clip_ids: Iterable[Id]) -> list[tuple[Track, Clip]]:
    """Return clips with their tracks, in the project's order; ProjectError if one is missing."""
    wanted = set(clip_ids)
    found = [(track, clip) for track, clip in project.clips() if clip.id in wanted]
    for missing in sorted(wanted - {clip.id for _, clip in found}):
        raise ProjectError(f"there is no clip with the id {missing}: has it been deleted?")
    return found


def with_track(project: Project, track: Track) -> Project:
    """Return the project with a track replaced by one of the same id."""
    return changed(project, tracks=swapped(project.tracks, track))


def with_clips(project: Project, track: Track, clips: Iterable[Clip]) -> Project:
    """Return the project with the clips of a track replaced and sorted.

    New ones are made to fit and checked.

    Raises:
        ProjectError: If a new one is not on a track of its kind, plays what is not there, or has
            a value out of range.
    """
    known = {id(clip) for clip in track.clips}
    fitted: list[Clip] = []
    for clip in clips:
        if id(clip) in known:
            fitted.append(clip)
            continue
        fitted.append(fitting(project, clip))
        medium = find_medium(project, clip.media_id) if isinstance(clip, AudioClip) else None
        check_clip(fitted[-1], track, medium)
    fitted.sort(key=lambda clip: to_seconds(project.tempo_map, clip.start))
    return with_track(project, changed(track, clips=tuple(fitted)))


def with_clip(project: Project, track: Track, clip: Clip) -> Project:
    """Return the project with a clip replaced by one of the same id."""
    return with_clips(project, track, swapped(track.clips, clip))


def fitting(project: Project, clip: Clip) -> Clip:
    """Return the clip with fades that are no longer than itself."""
    if isinstance(clip, MidiClip):
        return clip
    if clip.fade_in.length_seconds == 0.0 == clip.fade_out.length_seconds:
        return clip
    rate_hz = source_rate_hz(project, clip)
    if not rate_hz > 0.0:
        return clip  # no length: ``check_clip`` refuses it
    length_seconds = clip.source_length_samples / rate_hz
    return changed(
        clip,
        fade_in=changed(
            clip.fade_in, length_seconds=min(clip.fade_in.length_seconds, length_seconds)
        ),
        fade_out=changed(
            clip.fade_out, length_seconds=min(clip.fade_out.length_seconds, length_seconds)
        ),
    )


def source_rate_hz(project: Project, clip: AudioClip) -> float:
    """Return how many samples of its source a clip plays in a second."""
    return find_medium(project, clip.media_id).sample_rate * clip.speed_ratio


def require_new_effects(project: Project, effects: Iterable[EffectSpec]) -> None:
    """Refuse effects whose ids are taken."""
    chains = [project.master.effects]
    for track in project.tracks:
        chains.append(track.channel.effects)
        chains.extend(clip.effects for clip in track.clips if clip.effects)
    taken = {effect.id for chain in chains for effect in chain}
    for effect in effects:
        if effect.id in taken:
            raise ProjectError(f"effect {effect.type} is in the project already: give it a new id")


def change_effects(
    project: Project,
    effect_id: Id,
    change: Callable[[tuple[EffectSpec, ...]], tuple[EffectSpec, ...]],
) -> Project:
    """Return the project with ``change`` applied to the chain that holds an effect.

    Raises:
        ProjectError: If no chain holds it or a value is out of range.
    """

    def holds(effects: tuple[EffectSpec, ...]) -> bool:
        return any(effect.id == effect_id for effect in effects)

    if holds(project.master.effects):
        master = changed(project.master, effects=change(project.master.effects))
        check_channel(master, "master")
        return changed(project, master=master)
    for track in project.tracks:
        if holds(track.channel.effects):
            channel = changed(track.channel, effects=change(track.channel.effects))
            check_channel(channel, f"track {track.name!r}")
            return with_track(project, changed(track, channel=channel))
    for track, clip in project.clips():
        if holds(clip.effects):
            return with_clip(project, track, changed(clip, effects=change(clip.effects)))
    raise ProjectError(f"there is no effect with the id {effect_id}: has it been removed?")
