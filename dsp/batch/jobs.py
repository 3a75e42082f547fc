"""From a manifest to jobs: inputs found, grids spread out, outputs named.

A job makes one output of one input: a file, or for a project a folder. Its identity is the name
of its output, below the batch's folder. What is done to an input is its recipe, whose key changes
whenever the same input would no longer give the same bytes: other parameters, another version of
an effect, other weights, another engine.
"""

import csv
import glob
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import product
from pathlib import Path, PurePosixPath
from typing import Any

from tonewright.dsp.batch.manifest import (
    COLUMN,
    FILE_SETTINGS,
    EffectChoice,
    Manifest,
    Render,
    is_column,
    typed,
)
from tonewright.dsp.effects.protocol import EffectType, Family, ParameterKind
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import BatchError, EffectError
from tonewright.dsp.exporting.naming import safe_name, same_name
from tonewright.dsp.exporting.settings import AUTO_TAIL, CONTAINERS, ExportSettings
from tonewright.dsp.project.document import EffectSpec, Id, Value
from tonewright.dsp.project.folder import PROJECT_FILE
from tonewright.dsp.rendering.chains import file_sha256
from tonewright.dsp.rendering.key import content_key

STATE_FOLDER = ".tonewright-batch"
"""What a run needs inside the folder of the outputs; never an input."""

_TOKEN = re.compile(r"\{([^{}]*)\}")


class Kind(StrEnum):
    """What an input is."""

    AUDIO = "audio"
    MIDI = "midi"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is done to an input.

    Attributes:
        kind: Of the inputs that it is for.
        effects: The chain; empty for projects, which have their own.
        settings: How the output is written.
        keeps_depth: Whether the depth is that of the input, not that of the settings.
        key: Equal keys give equal bytes for equal inputs.
    """

    kind: Kind
    effects: tuple[EffectSpec, ...]
    settings: ExportSettings
    keeps_depth: bool
    key: str

    @property
    def document(self) -> str:
        """What the report says of it, as JSON."""
        effects = [
            {
                "type": each.type,
                "version": each.version,
                "params": dict(each.params),
                "mix": each.mix,
                "seed": each.seed,
                "range": asdict(each.range) if each.range else None,
            }
            for each in self.effects
        ]
        return json.dumps({"effects": effects, "export": self.settings.to_json()})


@dataclass(frozen=True, slots=True)
class Job:
    """One output to be made.

    Attributes:
        output: Its place below the folder of the batch, with ``/``.
        source: The input, absolute.
        priority: Higher comes first.
    """

    output: str
    source: Path
    recipe: Recipe
    priority: int


def jobs_of(manifest: Manifest, registry: Registry, *, may_be_empty: bool = False) -> Iterator[Job]:
    """Yield the jobs of a manifest in its order.

    Args:
        manifest: The batch.
        registry: The effects; their versions are part of the keys.
        may_be_empty: Whether patterns may match nothing yet.

    Raises:
        BatchError: If inputs are not found, a table is wrong, or two jobs have one output.
    """
    taken: dict[str, str] = {}
    for render in manifest.renders:
        for job in _Spread(render, manifest.out, registry, may_be_empty).jobs():
            name = same_name(PurePosixPath(job.output))
            if name in taken:
                raise BatchError(
                    f"{render.place}: {job.output} would be written twice, from {taken[name]} and "
                    f"from {job.source}; tell them apart in name, with {{number}}, {{seed}} or a "
                    "parameter"
                )
            taken[name] = str(job.source)
            if os.path.normpath(job.source) == os.path.normpath(manifest.out / job.output):
                raise BatchError(f"{render.place}: {job.source} is input and output; change out")
            yield job


class _Spread:
    """The jobs of one table of a manifest."""

    def __init__(self, render: Render, out: Path, registry: Registry, may_be_empty: bool) -> None:
        self._render = render
        self._may_be_empty = may_be_empty
        self._out = out
        self._registry = registry
        self._recipes: dict[str, Recipe] = {}
        families = {each.effect_type.family for each in render.effects}
        if len(families) > 1:
            raise BatchError(
                f"{render.place}: effects on notes and effects on audio are in one chain; "
                "use a [[render]] for each"
            )
        self._midi = families == {Family.MIDI}
        columns = {
            str(value)[len(COLUMN) :]
            for each in render.effects
            for values in each.params.values()
            for value in values
            if is_column(value)
        }
        if columns and render.table is None:
            raise BatchError(f"{render.place}: {COLUMN}{min(columns)} needs a table with columns")

    def jobs(self) -> Iterator[Job]:
        render = self._render
        for number, (source, folder, row, place) in enumerate(self._inputs(), 1):
            kind = self._kind(source)
            if kind is Kind.PROJECT and render.effects:
                raise BatchError(
                    f"{place}: {source} is a project and has effects of its own; "
                    "leave effects out for projects"
                )
            for seed in render.seeds:
                for effects, chosen in self._chains(row, seed, place):
                    recipe = self._recipe(kind, effects, source)
                    project = kind is Kind.PROJECT
                    values = row | chosen | {
                        "stem": source.name if project else source.stem,
                        "folder": folder,
                        "number": f"{number:04}",
                        "seed": str(seed),
                    }  # fmt: skip
                    extension = (
                        "" if project else "mid" if self._midi else recipe.settings.container
                    )
                    output = self._named(values, str(extension), place)
                    yield Job(output, source, recipe, render.priority)

    # --- inputs -----------------------------------------------------------------------------

    def _inputs(self) -> Iterator[tuple[Path, str, dict[str, str], str]]:
        """Yield each input with its folder for names, its row and its place in the manifest."""
        render = self._render
        if render.table is not None:
            yield from self._rows(render.table)
            return
        dropped = {path for each in render.exclude for path in self._found(each)}
        seen = set()
        for pattern in render.inputs:
            found = [path for path in self._found(pattern) if path not in dropped]
            if not (found or self._may_be_empty):
                raise BatchError(
                    f"{render.place}: {pattern!r} matches no file outside of out; check it"
                )
            base = _base(render.folder, pattern)
            for path in found:
                if path not in seen:
                    seen.add(path)
                    folder = path.parent.relative_to(base).as_posix() if base else ""
                    yield path, "" if folder == "." else folder, {}, render.place

    def _found(self, pattern: str) -> list[Path]:
        """Return what a pattern means, sorted; a path without wildcards means itself."""
        base = _base(self._render.folder, pattern)
        if base is None:
            return [(self._render.folder / pattern).absolute()]
        paths = (
            (self._render.folder / each).absolute()
            for each in glob.iglob(  # noqa: PTH207 - takes absolute patterns too
                pattern, root_dir=self._render.folder, recursive=True
            )
        )
        return sorted(
            path
            for path in paths
            # What a batch has made is not its input, nor are the media of a project.
            if not path.is_relative_to(self._out)
            and not _in_project(path.parent, base)
            and (path.is_file() or (path / PROJECT_FILE).is_file())
        )

    def _rows(self, table: Path) -> Iterator[tuple[Path, str, dict[str, str], str]]:
        try:
            with table.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.DictReader(file)
                if "input" not in (reader.fieldnames or ()):
                    raise BatchError(f"{table}:1: has no column input; name one so")
                for row in reader:
                    place = f"{table}:{reader.line_num}"
                    if None in row or None in row.values():
                        raise BatchError(f"{place}: has more or fewer values than columns")
                    if not row["input"]:
                        raise BatchError(f"{place}: names no input")
                    yield (table.parent / row["input"]).absolute(), "", dict(row), place
        except OSError as error:
            raise BatchError(
                f"{self._render.place}: {table} cannot be read ({error.strerror}); check the path"
            ) from error
        except (UnicodeDecodeError, csv.Error) as error:
            raise BatchError(f"{table}: is no CSV in UTF-8 ({error}); save it as such") from error

    def _kind(self, source: Path) -> Kind:
        if self._midi:
            return Kind.MIDI
        return Kind.PROJECT if (source / PROJECT_FILE).is_file() else Kind.AUDIO

    # --- recipes ----------------------------------------------------------------------------

    def _chains(
        self, row: Mapping[str, str], seed: int, place: str
    ) -> Iterator[tuple[tuple[EffectSpec, ...], dict[str, str]]]:
        """Yield every chain of the grid, with the parameters that names may hold."""
        render = self._render
        axes = [
            [(index, name, value) for value in values]
            for index, each in enumerate(render.effects)
            for name, values in each.params.items()
        ]
        for point in product(*axes):
            params: list[dict[str, Value]] = [{} for _ in render.effects]
            chosen: dict[str, str] = {}
            for index, name, given in point:
                value = self._value(render.effects[index], name, given, row, place)
                params[index][name] = value
                chosen |= {
                    name: f"{value}",
                    f"{render.effects[index].effect_type.id}.{name}": f"{value}",
                }
            yield (
                tuple(
                    EffectSpec(
                        Id(str(number)),
                        each.effect_type.id,
                        each.effect_type.version,
                        tuple(sorted(chosen_params.items())),
                        mix=each.mix,
                        seed=seed if each.seed is None else each.seed,
                        range=each.range or render.range,
                    )
                    for number, (each, chosen_params) in enumerate(
                        zip(render.effects, params, strict=True), 1
                    )
                ),
                chosen,
            )

    def _value(
        self, each: EffectChoice, name: str, given: Value, row: Mapping[str, str], place: str
    ) -> Value:
        if not is_column(given):
            return given
        column = str(given)[len(COLUMN) :]
        if column not in row:
            raise BatchError(f"{place}: there is no column {column!r}; there are: {', '.join(row)}")
        try:
            return typed(each.effect_type, name, row[column], self._render.folder)
        except EffectError as error:
            raise BatchError(f"{place}: column {column}: {error}") from error

    def _recipe(self, kind: Kind, effects: tuple[EffectSpec, ...], source: Path) -> Recipe:
        export = {**self._render.export_preset, **self._render.export}
        if kind is not Kind.PROJECT:
            self._check_file_settings(self._render.export)
            export = {name: value for name, value in export.items() if name in FILE_SETTINGS}
            if "tail" not in self._render.export:
                export.pop("tail", None)
            suffix = source.suffix.lower()
            export.setdefault("container", CONTAINERS.get(suffix, "wav"))
        text = json.dumps([kind, [_plain(each) for each in effects], export], sort_keys=True)
        if text not in self._recipes:
            settings = ExportSettings.from_json(export)
            key = content_key((text, *self._versions(kind, effects)))
            self._recipes[text] = Recipe(kind, effects, settings, "depth" not in export, key)
        return self._recipes[text]

    def _check_file_settings(self, export: Mapping[str, Any]) -> None:
        for name in export:
            if name not in FILE_SETTINGS:
                raise BatchError(
                    f"{self._render.place}: export setting {name!r} is for projects; "
                    f"files have {', '.join(FILE_SETTINGS)}"
                )
        if export.get("tail", AUTO_TAIL) not in (AUTO_TAIL, 0):
            raise BatchError(f'{self._render.place}: the tail of a file is "auto" or 0')

    def _versions(self, kind: Kind, effects: Iterable[EffectSpec]) -> Iterator[str]:
        """Yield what tells one state of the effects from another."""
        if kind is Kind.PROJECT:  # it may use any of them
            yield from sorted(map(version_of, self._registry))
            return
        for spec in effects:
            effect_type = self._registry.get(spec.type)
            yield version_of(effect_type)
            for name, value in spec.params:
                if effect_type.parameter(name).kind is ParameterKind.FILE:
                    path = Path(str(value))
                    yield file_sha256(path) if path.is_file() else ""

    # --- names ------------------------------------------------------------------------------

    def _named(self, values: Mapping[str, str], extension: str, place: str) -> str:
        def value(match: re.Match[str]) -> str:
            if match[1] not in values:
                known = ", ".join(f"{{{name}}}" for name in values)
                raise BatchError(f"{place}: name holds {match[0]}, and there are: {known}")
            text = values[match[1]]
            return text if match[1] == "folder" else text.replace("/", "_")

        named = _TOKEN.sub(value, self._render.name)
        parts = [safe_name(" ".join(part.split())) for part in named.split("/") if part.strip(" .")]
        if not parts:
            raise BatchError(f"{place}: name {self._render.name!r} gives no name")
        if extension:
            stem = " ".join(named.split("/")[-1].split())
            parts[-1] = safe_name(stem, f".{extension}")
        if parts[0] == STATE_FOLDER:
            raise BatchError(f"{place}: {STATE_FOLDER} is the batch's own; choose another name")
        return "/".join(parts)


def _has_wildcards(pattern: str) -> bool:
    return any(mark in pattern for mark in "*?[")


def _base(folder: Path, pattern: str) -> Path | None:
    """Return the folder that a pattern fixes; None for a plain path."""
    if not _has_wildcards(pattern) or (folder / pattern).exists():
        return None
    fixed = []
    for part in Path(pattern).parts[:-1]:
        if _has_wildcards(part):
            break
        fixed.append(part)
    return folder.joinpath(*fixed).absolute()


def _in_project(folder: Path, base: Path) -> bool:
    """Return whether a folder is in a project that is itself below a base."""
    while folder != base and base in folder.parents:
        if (folder / PROJECT_FILE).is_file():
            return True
        folder = folder.parent
    return False


def _plain(spec: EffectSpec) -> Any:
    where = [spec.range.start_seconds, spec.range.end_seconds] if spec.range else None
    return [spec.type, spec.version, spec.params, spec.mix, spec.seed, where]


def version_of(effect_type: EffectType) -> str:
    """Return what tells one state of an effect from another: version, weights, source."""
    return ":".join(
        (
            effect_type.id,
            str(effect_type.version),
            effect_type.weights_sha256,
            effect_type.source_sha256,
        )
    )
