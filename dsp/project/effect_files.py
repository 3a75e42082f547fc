"""Files that effects play, such as impulse responses, in the parameters of a project.

A parameter names one by its path. Which parameters do is known of a project that was loaded, as its
values are ``FilePath``; of others an absolute path is taken for one if the file is there. What an
effect that is not installed plays is so kept too.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from tonewright.dsp.project.document import EffectSpec, FilePath, Instrument, Project, Track, Value

_T = TypeVar("_T")
Name = Callable[[str], str]


def effect_files(project: Project) -> tuple[str, ...]:
    """Return the paths of the files that effects play, each once."""
    found: dict[str, None] = {}

    def note(path: str) -> str:
        found[path] = None
        return path

    with_effect_files(project, note)
    return tuple(found)


def with_effect_files(project: Project, name: Name) -> Project:
    """Return the project with every file that an effect plays named otherwise.

    Args:
        project: The project.
        name: Returns the new value of a parameter for a path, a ``FilePath`` or a plain text.

    Returns:
        The same object if no name changes.
    """
    return _with(
        project,
        tracks=_each(project.tracks, lambda track: _track(track, name)),
        master=_with(project.master, effects=_chain(project.master.effects, name)),
    )


def _track(track: Track, name: Name) -> Track:
    return _with(
        track,
        channel=_with(track.channel, effects=_chain(track.channel.effects, name)),
        clips=_each(track.clips, lambda clip: _with(clip, effects=_chain(clip.effects, name))),
        instrument=_instrument(track.instrument, name),
    )


def _instrument(instrument: Instrument | None, name: Name) -> Instrument | None:
    if instrument is None or instrument.plugin is None:
        return instrument
    return _with(instrument, plugin=_effect(instrument.plugin, name))


def _chain(effects: tuple[EffectSpec, ...], name: Name) -> tuple[EffectSpec, ...]:
    return _each(effects, lambda effect: _effect(effect, name))


def _effect(effect: EffectSpec, name: Name) -> EffectSpec:
    params = _each(effect.params, lambda pair: _param(pair, name))
    return _with(effect, params=params)


def _param(pair: tuple[str, Value], name: Name) -> tuple[str, Value]:
    value = pair[1]
    if not isinstance(value, str) or not _is_file(value):
        return pair
    new = name(value)
    # A text is equal to the file path of the same letters, and yet another value.
    return pair if (type(new), new) == (type(value), value) else (pair[0], new)


def _is_file(value: str) -> bool:
    if isinstance(value, FilePath):
        return True
    try:
        path = Path(value)
        return path.is_absolute() and path.is_file()
    except (OSError, ValueError):  # too long for a path, or none at all
        return False


def _each(values: tuple[_T, ...], change: Callable[[_T], _T]) -> tuple[_T, ...]:
    """Return changed values; the same tuple if all are the same objects."""
    new = tuple(map(change, values))
    return values if all(a is b for a, b in zip(values, new, strict=True)) else new


def _with(value: _T, **fields: Any) -> _T:
    """Return a dataclass with fields replaced; the same object if all are the same objects."""
    if all(getattr(value, name) is new for name, new in fields.items()):
        return value
    return replace(value, **fields)  # type: ignore[type-var]
