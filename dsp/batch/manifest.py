"""The manifest: a batch described in one TOML file.

::

    out = "cleaned"                     # outputs go here; paths are relative to this file
    inputs = ["takes/**/*.wav"]         # patterns, files, project folders
    exclude = ["takes/old/*"]
    table = "takes.csv"                 # instead: a column ``input``, the others are values
    effects = [
      { type = "wpe_dereverb" },
      { type = "reverb", params = { room_size = [0.3, 0.6], wet_level = "$wet" }, mix = 0.8 },
      { type = "compressor", preset = "Vocals" },
    ]
    seeds = [0, 1]                      # each render once for each seed
    range = [0.0, 30.0]                 # the effects apply there, in seconds
    name = "{folder}/{stem} {room_size} {seed}"
    priority = 0                        # higher comes first
    export = { container = "flac", depth = "24", normalise = "lufs", target = "spotify" }

A list of values is a grid: each is rendered. ``"$wet"`` is the column ``wet`` of the table. Names
may hold ``{stem}``, ``{folder}`` (below what the pattern fixes), ``{number}``, ``{seed}``, columns
and parameters. ``export`` holds export settings; projects take all of them, files those of
``FILE_SETTINGS``. ``preset`` names one that you have saved, of an effect or, in ``export``, of
exports; what is said beside it counts more. ``out`` may be an address that fsspec knows, such as
``s3://bucket/cleaned``; the state and the report are then in a folder ``cleaned.batch`` here.
With tables ``[[render]]`` the batch is all of them; what a table does not say is said above the
first one. Every error names its line.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tonewright.dsp.batch.positions import Place, line_of, lines_of
from tonewright.dsp.effects.protocol import EffectType, ParameterKind
from tonewright.dsp.effects.registry import Registry, complete_params, parse_value
from tonewright.dsp.errors import BatchError, EffectError, ExportError, ProjectError
from tonewright.dsp.exporting.settings import ExportSettings
from tonewright.dsp.presets import Presets, effect_presets, export_presets, presets_folder
from tonewright.dsp.project.document import TimeRange, Value

COLUMN = "$"
"""A text that begins with it stands for the column of that name."""

FILE_SETTINGS = (
    "container",
    "depth",
    "sample_rate",
    "quality",
    "tail",
    "dither_seed",
    "normalise",
    "level",
    "ceiling_dbtp",
    "target",
)
"""The export settings that a render of single files takes; its tail is ``"auto"`` or 0."""

_KEYS = {
    "inputs": list,
    "exclude": list,
    "table": str,
    "effects": list,
    "seeds": list,
    "range": list,
    "name": str,
    "priority": int,
    "export": dict,
}
_EFFECT_KEYS = {
    "type": str,
    "preset": str,
    "params": dict,
    "mix": float,
    "seed": int,
    "range": list,
}
_WORDS = {
    list: "a list in [ ]",
    str: "a text",
    int: "a whole number",
    float: "a number",
    dict: "a table in { }",
}
DEFAULT_NAME = "{folder}/{stem}"


@dataclass(frozen=True, slots=True)
class EffectChoice:
    """One effect of a chain, with the values that each parameter takes in turn.

    Attributes:
        effect_type: The effect.
        params: Values, texts of which may stand for columns.
        seed: Instead of those of the render, if not None.
        range: Instead of that of the render, if not None.
    """

    effect_type: EffectType
    params: Mapping[str, tuple[Value, ...]]
    mix: float
    seed: int | None
    range: TimeRange | None


@dataclass(frozen=True, slots=True)
class Render:
    """One table of a manifest: what is done to some inputs.

    Attributes:
        place: File and line, for messages.
        folder: What relative paths are relative to.
        export: Settings as they were written, checked.
        export_preset: Settings of the preset that is named in them; files take those for files.
    """

    place: str
    folder: Path
    inputs: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    table: Path | None = None
    effects: tuple[EffectChoice, ...] = ()
    seeds: tuple[int, ...] = (0,)
    range: TimeRange | None = None
    name: str = DEFAULT_NAME
    priority: int = 0
    export: Mapping[str, Any] = field(default_factory=dict)
    export_preset: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A batch: where its outputs go, and what is rendered.

    Attributes:
        out: The folder of the outputs, or of the state alone if they go to an address.
        url: The address, without a slash at its end; empty for a folder.
    """

    out: Path
    renders: tuple[Render, ...]
    url: str = ""


def read_manifest(path: Path, registry: Registry, *, presets: Path | None = None) -> Manifest:
    """Return a manifest, checked against the effects that are installed.

    Args:
        path: Its file.
        registry: The effects.
        presets: Where presets are kept; the user's own if None.

    Raises:
        BatchError: Naming the file, the line and the remedy.
    """
    try:
        text = path.read_text("utf-8")
        values = tomllib.loads(text)
    except OSError as error:
        raise BatchError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise BatchError(f"{path}: is no UTF-8 text; save it as such") from error
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = found[1] if found else 1 + text.rstrip().count("\n")
        raise BatchError(f"{path}:{line}: {error}; correct the TOML there") from error
    presets = presets or presets_folder()
    return _Reading(path, lines_of(text), registry, presets).manifest(values)


def destination(out: str, folder: Path) -> tuple[Path, str]:
    """Return the folder and the address that ``out`` means, as in ``Manifest``.

    Args:
        out: A folder or an address.
        folder: What a relative one is relative to.
    """
    if "://" not in out:
        return (folder / out).absolute(), ""
    url = out.rstrip("/")
    return (folder / f"{url.rpartition('/')[2] or 'out'}.batch").absolute(), url


class _Reading:
    def __init__(
        self, path: Path, lines: Mapping[Place, int], registry: Registry, presets: Path
    ) -> None:
        self._path = path
        self._lines = lines
        self._registry = registry
        self._presets = presets

    def manifest(self, values: Mapping[str, Any]) -> Manifest:
        shared = {name: value for name, value in values.items() if name not in ("out", "render")}
        self._check(shared, _KEYS, (), also=("out", "render"))
        out = values.get("out", "out")
        if not isinstance(out, str) or not out:
            raise self._error(("out",), "out must be the name of a folder")
        tables = values.get("render")
        if tables is None:
            renders = [self._render(shared, {name: (name,) for name in shared}, ())]
        else:
            if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
                raise self._error(("render",), "write [[render]], with two brackets")
            renders = []
            for index, table in enumerate(tables):
                at = ("render", index)
                self._check(table, _KEYS, at)
                places = {name: (name,) for name in shared} | {n: (*at, n) for n in table}
                renders.append(self._render(shared | table, places, at))
        place, url = destination(out, self._path.parent)
        return Manifest(place, tuple(renders), url)

    def _render(
        self,
        values: Mapping[str, Any],
        places: Mapping[str, Place],
        at: Place,
    ) -> Render:
        if ("inputs" in values) is ("table" in values):
            raise self._error(at, "say either inputs or table")
        folder = self._path.parent.absolute()
        where = places.get("range", at)
        return Render(
            place=f"{self._path}:{line_of(self._lines, at or places.get('inputs', at))}",
            folder=folder,
            inputs=self._texts(values, "inputs", places),
            exclude=self._texts(values, "exclude", places),
            table=folder / values["table"] if "table" in values else None,
            effects=tuple(
                self._effect(each, (*places["effects"], index))
                for index, each in enumerate(values.get("effects", ()))
            ),
            seeds=self._seeds(values, places),
            range=self._range(values["range"], where) if "range" in values else None,
            name=values.get("name", DEFAULT_NAME),
            priority=values.get("priority", 0),
            **self._export(values.get("export", {}), places.get("export", at)),
        )

    def _effect(self, value: Any, at: Place) -> EffectChoice:
        if not isinstance(value, dict) or "type" not in value:
            raise self._error(at, 'an effect is written { type = "reverb", params = { ... } }')
        self._check(value, _EFFECT_KEYS, at)
        try:
            effect_type = self._registry.get(value["type"])
        except EffectError as error:
            raise self._error((*at, "type"), str(error)) from error
        params: dict[str, tuple[Value, ...]] = {}
        if "preset" in value:
            place = (*at, "preset")
            kept = self._preset(effect_presets(effect_type.id, self._presets), value, place)
            for name, each in kept.items():
                params[name] = (self._value(effect_type, name, each, place),)
        for name, given in value.get("params", {}).items():
            choices = given if isinstance(given, list) else [given]
            place = (*at, "params", name)
            if not choices:
                raise self._error(place, f"{name} has no value")
            params[name] = tuple(
                self._value(effect_type, name, each, (*place, index))
                for index, each in enumerate(choices)
            )
        mix = value.get("mix", 1.0)
        if not 0.0 <= mix <= 1.0:
            raise self._error((*at, "mix"), f"mix must be 0 to 1, not {mix:g}")
        where = self._range(value["range"], (*at, "range")) if "range" in value else None
        return EffectChoice(effect_type, params, float(mix), value.get("seed"), where)

    def _value(self, effect_type: EffectType, name: str, value: Any, at: Place) -> Value:
        try:
            if is_column(value):
                complete_params(effect_type, {name: effect_type.parameter(name).default})
                return str(value)
            return typed(effect_type, name, value, self._path.parent.absolute())
        except KeyError as error:
            known = ", ".join(each.name for each in effect_type.parameters)
            said = f"{effect_type.id} has no parameter {name!r}; there are: {known or 'none'}"
            raise self._error(at, said) from error
        except EffectError as error:
            raise self._error(at, str(error)) from error

    def _export(self, values: Mapping[str, Any], at: Place) -> dict[str, Mapping[str, Any]]:
        """Return the fields ``export`` and ``export_preset`` of a render."""
        preset = {}
        if "preset" in values:
            preset = self._preset(export_presets(self._presets), values, (*at, "preset"))
            values = {name: value for name, value in values.items() if name != "preset"}
        for name, value in values.items():
            try:
                ExportSettings.from_json({name: value})
            except ExportError as error:
                if "there is no" in str(error) or "cannot be" in str(error):
                    raise self._error((*at, name), str(error)) from error
        try:
            ExportSettings.from_json({**preset, **values})
        except ExportError as error:
            raise self._error(at, str(error)) from error
        return {"export": values, "export_preset": preset}

    def _preset(self, presets: Presets, values: Mapping[str, Any], at: Place) -> dict[str, Any]:
        try:
            return presets.get(values["preset"])
        except ProjectError as error:
            raise self._error(at, str(error)) from error

    def _seeds(self, values: Mapping[str, Any], places: Mapping[str, Place]) -> tuple[int, ...]:
        seeds = values.get("seeds", [0])
        if not seeds or not all(type(each) is int and each >= 0 for each in seeds):
            raise self._error(places["seeds"], "seeds are whole numbers, at least 0")
        return tuple(seeds)

    def _range(self, value: Any, at: Place) -> TimeRange:
        numbers = isinstance(value, list) and all(type(each) in (int, float) for each in value)
        if not numbers or len(value) != 2 or not 0.0 <= value[0] < value[1]:
            raise self._error(at, "a range is [start, end] in seconds, the end last")
        return TimeRange(float(value[0]), float(value[1]))

    def _texts(
        self, values: Mapping[str, Any], name: str, places: Mapping[str, Place]
    ) -> tuple[str, ...]:
        for index, each in enumerate(values.get(name, ())):
            if not isinstance(each, str) or not each:
                raise self._error((*places[name], index), f"{name} must hold texts")
        return tuple(values.get(name, ()))

    def _check(
        self,
        values: Mapping[str, Any],
        known: Mapping[str, type],
        at: Place,
        also: Iterable[str] = (),
    ) -> None:
        for name, value in values.items():
            if name not in known:
                names = ", ".join([*also, *known])
                raise self._error((*at, name), f"there is no {name!r}; there are: {names}")
            kind = known[name]
            fits = type(value) is kind or (kind is float and type(value) is int)
            if not fits:
                raise self._error((*at, name), f"{name} must be {_WORDS[kind]}, not {value!r}")

    def _error(self, at: Place, message: str) -> BatchError:
        return BatchError(f"{self._path}:{line_of(self._lines, at)}: {message}")


def is_column(value: object) -> bool:
    """Return whether a value stands for a column of the table."""
    return isinstance(value, str) and value.startswith(COLUMN) and len(value) > 1


def typed(effect_type: EffectType, name: str, value: Any, folder: Path) -> Value:
    """Return a parameter's value, checked; the path of a file made absolute.

    Args:
        effect_type: Whose parameter it is.
        name: The parameter.
        value: As TOML gives it, or as text from a table.
        folder: What a file is relative to.

    Raises:
        KeyError: If there is no such parameter.
        EffectError: If the value is not of its kind or range.
    """
    parameter = effect_type.parameter(name)
    if parameter.kind is ParameterKind.FILE and isinstance(value, str) and value:
        value = str(folder / value)
    if isinstance(value, str):
        return parse_value(effect_type, name, value)
    return complete_params(effect_type, {name: value})[name]
