"""What a batch of the window can do to files: the chains there are, the formats, the manifest."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tonewright.dsp.batch.draft import MIDI_SUFFIXES
from tonewright.dsp.batch.manifest import FILE_SETTINGS, EffectChoice, Manifest, Render
from tonewright.dsp.effects.protocol import Family
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import BatchError
from tonewright.dsp.exporting.targets import loudness_targets
from tonewright.dsp.presets import effect_presets, export_presets
from tonewright.dsp.project.document import EffectSpec, Id, Project
from tonewright.dsp.project.folder import PROJECT_FILE


@dataclass(frozen=True, slots=True)
class Chain:
    """Effects to choose, under a name."""

    name: str
    effects: tuple[EffectSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """How outputs are written, under a name; the settings are those of a manifest's export."""

    name: str
    export: Mapping[str, Any] = field(default_factory=dict)


def chains_of(project: Project, registry: Registry, presets: Path) -> list[Chain]:
    """Return the chains of a project, then every effect alone, as it is and with each preset.

    Args:
        project: What is open.
        registry: The effects.
        presets: Where presets are kept.

    Raises:
        ProjectError: If presets cannot be read.
    """
    chains = [Chain("No effects")]
    owners = [*((track.name, track.channel) for track in project.tracks)]
    for name, channel in (*owners, ("Master", project.master)):
        effects = tuple(each for each in channel.effects if each.enabled and each.type in registry)
        if effects:
            listed = ", ".join(registry.get(each.type).name for each in effects)
            chains.append(Chain(f"{name}: {listed}", effects))
    for effect_type in sorted(registry, key=lambda each: each.name.casefold()):
        alone = EffectSpec(Id(effect_type.id), effect_type.id, effect_type.version)
        chains.append(Chain(effect_type.name, (alone,)))
        kept = effect_presets(effect_type.id, presets)
        for name in kept.names():
            params = tuple(sorted(kept.get(name).items()))
            spec = EffectSpec(Id(name), effect_type.id, effect_type.version, params)
            chains.append(Chain(f"{effect_type.name}: {name}", (spec,)))
    return chains


def formats_of(presets: Path) -> list[Format]:
    """Return formats to choose, and the user's export presets behind them.

    Raises:
        ProjectError: If presets cannot be read.
    """
    formats = [
        Format("As the input"),
        Format("WAV, 24 bit", {"container": "wav", "depth": "24"}),
        Format("WAV, 16 bit", {"container": "wav", "depth": "16"}),
        Format("WAV, 32 bit float", {"container": "wav", "depth": "32f"}),
        Format("FLAC, 24 bit", {"container": "flac", "depth": "24"}),
        Format("Ogg Vorbis", {"container": "ogg"}),
    ]
    kept = export_presets(presets)
    for name in kept.names():
        of_files = {
            setting: value
            for setting, value in kept.get(name).items()
            if setting in FILE_SETTINGS and setting != "tail"
        }
        formats.append(Format(f"Preset: {name}", of_files))
    return formats


def loudnesses() -> list[Format]:
    """Return what outputs may be brought to: nothing, or the loudness of a target."""
    return [
        Format("Loudness as it is"),
        *(
            Format(each.name, {"normalise": "lufs", "target": each.id})
            for each in loudness_targets()
        ),
    ]


def manifest_of(
    paths: Sequence[Path],
    out: Path,
    chain: Chain,
    export: Mapping[str, Any],
    registry: Registry,
) -> Manifest:
    """Return the manifest for files and projects; outputs lie as the inputs do.

    That is below ``out`` as below the folder that all share. Of a project it is the mix.

    Raises:
        BatchError: If there are no files, or files that the chain does not go with.
    """
    # A folder that is dropped once more may hold what was made of it.
    paths = [path for path in paths if not path.is_relative_to(out)]
    if not paths:
        raise BatchError("drop files or folders here first")
    effects = tuple(_choice(each, registry) for each in chain.effects)
    midi = {each.effect_type.family for each in effects} == {Family.MIDI}
    projects = {path for path in paths if (path / PROJECT_FILE).is_file()}
    if projects and effects:
        raise BatchError(
            f"{min(projects)}: a project has effects of its own; choose 'No effects', or remove it"
        )
    files = [path for path in paths if path not in projects]
    wrong = [path for path in files if (path.suffix.lower() in MIDI_SUFFIXES) is not midi]
    if wrong:
        what = "plays no audio" if midi else "plays no notes"
        raise BatchError(f"{wrong[0]}: {chain.name!r} {what}; choose another chain, or remove it")
    return Manifest(
        out,
        tuple(
            Render(
                place="the batch",
                folder=out,
                inputs=tuple(map(str, inside)),
                effects=effects,
                name=f"{folder}/{{stem}}",
                export={} if midi else export,
            )
            for folder, inside in _folders(paths)
        ),
    )


def _folders(paths: Iterable[Path]) -> Iterator[tuple[str, list[Path]]]:
    """Yield folders below the one that all files share, with the files in each."""
    by_folder: dict[Path, list[Path]] = {}
    for path in paths:
        by_folder.setdefault(path.parent, []).append(path)
    try:
        shared = Path(os.path.commonpath(by_folder))
    except ValueError:  # files of several drives
        shared = None
    for folder, inside in by_folder.items():
        below = folder.relative_to(shared) if shared else Path(folder.name)
        # In names of outputs braces mean something else.
        yield below.as_posix().replace("{", "(").replace("}", ")"), inside


def _choice(spec: EffectSpec, registry: Registry) -> EffectChoice:
    return EffectChoice(
        registry.get(spec.type),
        {name: (value,) for name, value in spec.params},
        spec.mix,
        spec.seed,
        spec.range,
    )
