"""Projects as JSON, and back: versioned, checked, and without losing what is not known.

Every object says what it is: ``{"type": "AudioClip.1", ...}``. Small things that come in masses
are lists instead: a note ``[start, length, pitch, velocity, channel, release]``, an event
``[start, "hex bytes"]``, an automation point ``[ticks, value, bend]``; a time is ``{"ticks": 960}``
or ``{"seconds": 1.5}``, parameters are an object of names and values, a file among them
``{"file": "media/hall.wav"}``.

A field that is absent has its default, so a field can be added without a new version. What changes
its meaning gets a new version of its type and an upgrade function from dictionary to dictionary;
they run one version at a time before an object is built. A field that is not known is kept in
``extra`` of its object, or of the nearest one around it that has ``extra`` (under a JSON pointer),
and is written back to its place. An error names the place: ``tracks[2].clips[0].start: ...``.
"""

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import Any, get_args, get_origin

from tonewright.dsp.errors import ProjectError, SchemaTooNewError
from tonewright.dsp.project.document import (
    FORMAT,
    AudioClip,
    AutomationLane,
    AutomationPoint,
    Channel,
    ClockTime,
    EffectSpec,
    Fade,
    FilePath,
    Instrument,
    Json,
    Marker,
    Media,
    MidiClip,
    MidiEvent,
    MusicalTime,
    Note,
    ParameterRef,
    Project,
    Recipe,
    Send,
    TempoEvent,
    TempoMap,
    Time,
    TimeRange,
    TimeSignatureEvent,
    Track,
    Value,
)

Path = tuple[str | int, ...]
Upgrade = Callable[[dict[str, Json]], dict[str, Json]]

TYPES: Mapping[str, type] = {
    each.__name__: each
    for each in (
        AudioClip,
        AutomationLane,
        Channel,
        EffectSpec,
        Fade,
        Instrument,
        Marker,
        Media,
        MidiClip,
        ParameterRef,
        Project,
        Recipe,
        Send,
        TempoEvent,
        TempoMap,
        TimeRange,
        TimeSignatureEvent,
        Track,
    )
}

_PACKED: Mapping[type, tuple[str, ...]] = {
    Note: ("start_ticks", "length_ticks", "pitch", "velocity", "channel", "release_velocity"),
    MidiEvent: ("start_ticks", "data"),
    AutomationPoint: ("ticks", "value", "bend"),
}
_note_fields = attrgetter(*_PACKED[Note])
_EFFECT_TYPE = "effect_type"  # the field ``type`` of an effect: ``"type"`` is the object's own
_PARAMS = tuple[tuple[str, Value], ...]
_LARGEST_NUMBER = 2**60
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Schema:
    """The versions that are written, and how older ones become them.

    Attributes:
        versions: Version by type name; 1 where it is not named.
        upgrades: By (type name, from version), a function that returns the object's dictionary
            one version later; it need not set ``"type"``.
    """

    versions: Mapping[str, int] = field(default_factory=dict)
    upgrades: Mapping[tuple[str, int], Upgrade] = field(default_factory=dict)

    def to_json(self, project: Project) -> dict[str, Json]:
        """Return a project as JSON values."""
        written: dict[str, Json] = self._write(Project, project)
        return written

    def from_json(self, data: Json) -> Project:
        """Return the project that JSON values describe.

        Raises:
            SchemaTooNewError: If a newer version wrote them.
            ProjectError: Naming the place where they do not fit.
        """
        if not isinstance(data, dict):
            raise ProjectError(f"a project must be an object, not {_kind(data)}")
        version = _scalar(int, data.get("format", FORMAT), ("format",))
        _require(version >= 1, ("format",), f"there is no format {version}")
        if version > FORMAT:
            raise SchemaTooNewError(
                f"the project has format {version}, but this Tonewright reads up to {FORMAT}: "
                "update Tonewright"
            )
        strays: dict[Path, Json] = {}
        project: Project = self._read(Project, data, (), strays)
        return replace(project, format=FORMAT)

    # --- writing ----------------------------------------------------------------------------

    def _write(self, hint: Any, value: Any) -> Json:
        kind: Any = type(value)
        if kind is Note:  # most of a project, so without a look at each number
            return list(_note_fields(value))
        if kind in (str, int, float, bool, type(None)):
            return float(value) if hint is float else value  # 1 where 1.0 is meant
        if isinstance(value, StrEnum):
            return value.value
        if kind is bytes:
            return value.hex()
        if kind is MusicalTime:
            return {"ticks": value.ticks}
        if kind is ClockTime:
            return {"seconds": float(value.seconds)}
        if kind in _PACKED:
            hints = _hints(kind)
            return [self._write(hints[name], getattr(value, name)) for name in _PACKED[kind]]
        if hint == _PARAMS:
            return {
                name: {"file": str(each)} if isinstance(each, FilePath) else each
                for name, each in value
            }
        if kind is tuple:
            return [self._write(None, each) for each in value]
        written: dict[str, Json] = {"type": f"{kind.__name__}.{self._version(kind.__name__)}"}
        for name, inner in _hints(TYPES[kind.__name__]).items():
            if name != "extra":
                key = _EFFECT_TYPE if name == "type" else name
                written[key] = self._write(inner, getattr(value, name))
        for name, extra in getattr(value, "extra", {}).items():
            _put_back(written, name, extra)
        return written

    # --- reading ----------------------------------------------------------------------------

    def _read(self, hint: Any, data: Json, at: Path, strays: dict[Path, Json]) -> Any:
        origin = get_origin(hint)
        if origin is types.UnionType or origin is typing.Union:
            return self._read_union(hint, data, at, strays)
        if hint == _PARAMS:
            _require(isinstance(data, dict), at, "must be an object of names and values")
            return tuple((name, _param(data[name], (*at, name))) for name in sorted(data))
        if origin is tuple:
            _require(isinstance(data, list), at, f"must be a list, not {_kind(data)}")
            return self._read_tuple(get_args(hint), data, at, strays)
        if hint in _PACKED:
            return _unpack(hint, data, at)
        if is_dataclass(hint):
            return self._read_object(data, at, strays, [typing.cast(type, hint)])
        return _scalar(hint, data, at)

    def _read_union(self, hint: Any, data: Json, at: Path, strays: dict[Path, Json]) -> Any:
        options = get_args(hint)
        if data is None and type(None) in options:
            return None
        options = tuple(option for option in options if option is not type(None))
        if options == get_args(Time):
            return _time(data, at)
        if len(options) == 1:
            return self._read(options[0], data, at, strays)
        return self._read_object(data, at, strays, list(options))

    def _read_tuple(
        self, arguments: tuple[Any, ...], data: list[Json], at: Path, strays: dict[Path, Json]
    ) -> tuple[Any, ...]:
        if arguments[-1] is Ellipsis:
            inner = arguments[0]
            return tuple(
                self._read(inner, each, (*at, index), strays) for index, each in enumerate(data)
            )
        _require(len(data) == len(arguments), at, f"must have {len(arguments)} elements")
        return tuple(
            self._read(inner, each, (*at, index), strays)
            for index, (inner, each) in enumerate(zip(arguments, data, strict=True))
        )

    def _read_object(
        self, data: Json, at: Path, strays: dict[Path, Json], expected: list[type]
    ) -> Any:
        _require(isinstance(data, dict), at, f"must be an object, not {_kind(data)}")
        cls, data = self._upgraded(data, at, expected)
        hints = _hints(cls)
        own = {} if "extra" in hints else strays
        arguments: dict[str, Any] = {}
        for name, value in data.items():
            if name == "type":
                continue
            known = "type" if name == _EFFECT_TYPE else name
            if known in hints and known != "extra":
                arguments[known] = self._read(hints[known], value, (*at, name), own)
            else:
                _require(_is_shallow(value, _DEEPEST), (*at, name), "it is nested too deeply")
                own[(*at, name)] = value
        for each in fields(cls):
            if each.name not in arguments and each.default is MISSING and each.name != "extra":
                name = _EFFECT_TYPE if each.name == "type" else each.name
                raise ProjectError(f"{_place(at)}: {cls.__name__} needs a field {name!r}")
        if "extra" in hints:
            arguments["extra"] = {_pointer(path[len(at) :]): value for path, value in own.items()}
        try:
            return cls(**arguments)
        except ValueError as error:
            raise ProjectError(f"{_place(at)}: {error}") from error

    def _upgraded(
        self, data: dict[str, Json], at: Path, expected: list[type]
    ) -> tuple[type, dict[str, Json]]:
        """Return the class of an object and its dictionary in the version that is read."""
        name, _, number = str(data.get("type", "")).rpartition(".")
        names = [each.__name__ for each in expected]
        if not number.isdecimal() or len(number) > 6 or name not in names:
            raise ProjectError(
                f"{_place(at)}: the type must be {' or '.join(names)} with a version, not "
                f"{data.get('type')!r}; if a newer Tonewright wrote it, update Tonewright"
            )
        current = self._version(name)
        if int(number) > current:
            raise SchemaTooNewError(
                f"{_place(at)}: {name} has version {number}, but this Tonewright reads up to "
                f"{current}: update Tonewright"
            )
        for version in range(int(number), current):
            _require((name, version) in self.upgrades, at, f"{name}.{version} is not supported")
            data = self.upgrades[name, version](dict(data))
        return TYPES[name], data

    def _version(self, name: str) -> int:
        return self.versions.get(name, 1)


_SCHEMA = Schema()


def to_json(project: Project) -> dict[str, Json]:
    """Return a project as JSON values, in a stable order."""
    return _SCHEMA.to_json(project)


def from_json(data: Json) -> Project:
    """Return the project that JSON values describe.

    Raises:
        SchemaTooNewError: If a newer version wrote them.
        ProjectError: Naming the place where they do not fit.
    """
    return _SCHEMA.from_json(data)


@cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _scalar(hint: Any, data: Json, at: Path) -> Any:
    if type(data) is hint and hint in (int, str, bool):  # most of a file: no messages to prepare
        return _number(data, at) if hint is int else data
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        choices = [each.value for each in hint]
        _require(data in choices, at, f"must be one of {', '.join(choices)}, not {data!r}")
        return hint(data)
    if hint == Value:
        _require(
            isinstance(data, str | bool | int | float), at, f"must be a value, not {_kind(data)}"
        )
        return data if isinstance(data, str | bool) else _number(data, at)
    if hint is float:
        return float(_number(data, at))
    if hint in (int, bool):
        wanted = "a whole number" if hint is int else "true or false"
        raise ProjectError(f"{_place(at)}: must be {wanted}, not {_kind(data)}")
    if hint is bytes:
        try:
            return bytes.fromhex(data)
        except (TypeError, ValueError) as error:
            raise ProjectError(f"{_place(at)}: must be bytes in hexadecimal: {error}") from error
    # What is left is text, under its own name or as an Id.
    _require(isinstance(data, str), at, f"must be text, not {_kind(data)}")
    return data


def _param(data: Json, at: Path) -> Value:
    if isinstance(data, dict) and list(data) == ["file"]:
        return FilePath(_scalar(str, data["file"], (*at, "file")))
    value: Value = _scalar(Value, data, at)
    return value


def _number(data: Json, at: Path) -> float | int:
    if type(data) not in (int, float):
        raise ProjectError(f"{_place(at)}: must be a number, not {_kind(data)}")
    if not abs(data) <= _LARGEST_NUMBER:  # so that NaN fails
        raise ProjectError(f"{_place(at)}: the number is out of range")
    number: float | int = data
    return number


def _time(data: Json, at: Path) -> Time:
    if isinstance(data, dict) and list(data) == ["ticks"]:
        return MusicalTime(_scalar(int, data["ticks"], (*at, "ticks")))
    if isinstance(data, dict) and list(data) == ["seconds"]:
        return ClockTime(_scalar(float, data["seconds"], (*at, "seconds")))
    raise ProjectError(f'{_place(at)}: a time must be {{"ticks": n}} or {{"seconds": s}}')


def _unpack(cls: type, data: Json, at: Path) -> Any:
    names = _PACKED[cls]
    _require(
        isinstance(data, list) and len(data) == len(names),
        at,
        f"must be a list of {', '.join(names)}",
    )
    if cls is Note and {*map(type, data)} == {int} and max(map(abs, data)) <= _LARGEST_NUMBER:
        return Note(**dict(zip(names, data, strict=True)))
    hints = _hints(cls)
    return cls(
        **{
            name: _scalar(hints[name], value, (*at, name))
            for name, value in zip(names, data, strict=True)
        }
    )


def _is_shallow(data: Json, depth: int) -> bool:
    if not isinstance(data, dict | list):
        return True
    inner = data.values() if isinstance(data, dict) else data
    return depth > 0 and all(_is_shallow(each, depth - 1) for each in inner)


def _pointer(path: Path) -> str:
    """Return the name under which a field that is not known is kept in ``extra``."""
    if len(path) == 1 and not str(path[0]).startswith("/"):
        return str(path[0])
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _put_back(written: dict[str, Json], name: str, value: Json) -> None:
    """Set a field that is not known at its place; where that place is gone, so is the field."""
    if not name.startswith("/"):
        written.setdefault(name, value)
        return
    *parents, last = (
        part.replace("~1", "/").replace("~0", "~") for part in name.removeprefix("/").split("/")
    )
    place: Json = written
    for parent in parents:
        if isinstance(place, dict) and parent in place:
            place = place[parent]
        elif isinstance(place, list) and parent.isdecimal() and int(parent) < len(place):
            place = place[int(parent)]
        else:
            return
    if isinstance(place, dict):
        place.setdefault(last, value)


def _require(true: bool, at: Path, message: str) -> None:
    if not true:
        raise ProjectError(f"{_place(at)}: {message}")


def _place(at: Path) -> str:
    """Return a path for people: ``tracks[2].clips[0].start``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at)
    return text.removeprefix(".") or "project"


def _kind(data: Json) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false"}
    return names.get(type(data), "nothing" if data is None else "a number")
