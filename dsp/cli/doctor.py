"""Tell what is installed, how fast it is here, and what is missing with the command that gets it.

Speeds are in seconds of stereo sound at 48 kHz for each second of work, measured on noise.
"""

import argparse
import ctypes.util
import platform
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

import numpy as np

from tonewright.dsp.cli.console import Console
from tonewright.dsp.cli.engine import registry_of
from tonewright.dsp.cli.usage import Parser
from tonewright.dsp.effects.protocol import EffectType, Family, ParameterKind, RunsIn
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import MediaError, TonewrightError
from tonewright.dsp.exporting.table import table
from tonewright.dsp.midi.synth import default_soundfont
from tonewright.dsp.project.document import EffectSpec, new_id
from tonewright.dsp.rendering.store import Store

_SAMPLE_RATE = 48_000
_NATIVE_SECONDS, _RENDERED_SECONDS = 10, 2
_EXTRAS = {"models": "torch", "desktop": "PySide6"}
_WITHOUT = {"models": "effects with networks cannot run", "desktop": "there is no editor window"}


@dataclass(frozen=True, slots=True)
class Missing:
    """What is not there.

    Attributes:
        name: What it is.
        use: What does not work without it.
        command: What gets it.
    """

    name: str
    use: str
    command: str


def add_arguments(parser: Parser) -> None:
    """Add the arguments of this command: none."""


def run(args: argparse.Namespace, console: Console) -> None:
    """Examine this machine."""
    registry = registry_of(args)
    packages = _packages()
    libraries = _libraries()
    store = _store(Store(args.store).folder)
    speeds = [_speed(each, registry) for each in _measured(registry)]
    missing = list(_missing(packages, libraries))
    families = {
        str(family): len([each for each in registry if each.family is family]) for family in Family
    }
    console.result(
        {
            "python": platform.python_version(),
            "system": platform.platform(),
            "packages": packages,
            "libraries": libraries,
            "store": store,
            "effects": families,
            "speeds": speeds,
            "missing": missing,
        },
        "\n".join(
            [
                f"Python {platform.python_version()} on {platform.platform()}",
                "",
                table(
                    ("package", "version"),
                    [(name, found or "not installed") for name, found in packages.items()],
                ),
                "",
                table(
                    ("library", "found"),
                    [(name, found or "not found") for name, found in libraries.items()],
                ),
                "",
                f"store {store['folder']}: {store['size_bytes'] / 1e9:.2f} GB used, "
                f"{store['free_bytes'] / 1e9:.0f} GB free",
                "effects: " + ", ".join(f"{count} {name}" for name, count in families.items()),
                "",
                table(("effect", "x real time", "weights", "licence"), list(map(_row, speeds))),
                "",
                *([_told(each) for each in missing] or ["nothing is missing"]),
            ]
        ),
    )


def _packages() -> dict[str, str | None]:
    """Return the version of Tonewright and of all it can use; None where it is not installed."""
    names = {"tonewright"}
    for requirement in requires("tonewright") or []:
        name, _, condition = requirement.partition(";")
        wanted = re.search(r"extra == ['\"](\w+)['\"]", condition)
        if wanted is None or wanted[1] in _EXTRAS:
            names.add(re.split(r"[^\w.-]", name.strip())[0])
    return {name: _version(name) for name in sorted(names, key=str.casefold)}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _libraries() -> dict[str, str | None]:
    import av

    try:
        soundfont: str | None = str(default_soundfont())
    except MediaError:
        soundfont = None
    numbers = (".".join(map(str, number)) for number in av.library_versions.values())
    ffmpeg = ", ".join(map(" ".join, zip(av.library_versions, numbers, strict=True)))
    return {
        "FluidSynth": ctypes.util.find_library("fluidsynth"),
        "SoundFont": soundfont,
        "FFmpeg": ffmpeg,
    }


def _store(folder: Path) -> dict[str, Any]:
    there = folder
    while not there.exists():
        there = there.parent
    sizes = (each.stat().st_blocks * 512 for each in folder.rglob("*") if each.is_file())
    return {
        "folder": folder,
        "size_bytes": sum(sizes),
        "free_bytes": shutil.disk_usage(there).free,
    }


def _measured(registry: Registry) -> Iterator[EffectType]:
    """Yield what is RENDERED, networks that need no file, and one native effect to compare."""
    for each in registry:
        wants_file = any(parameter.kind is ParameterKind.FILE for parameter in each.parameters)
        network = bool(each.weights_sha256) and not wants_file
        waited_for = each.runs_in is RunsIn.RENDERED or network or each.id == "reverb"
        if each.family is Family.AUDIO and waited_for:
            yield each


def _speed(effect_type: EffectType, registry: Registry) -> dict[str, Any]:
    rendered = effect_type.runs_in is RunsIn.RENDERED
    seconds = _RENDERED_SECONDS if rendered else _NATIVE_SECONDS
    noise = np.random.default_rng(0).normal(0.0, 0.1, (2, seconds * _SAMPLE_RATE))
    found: dict[str, Any] = {
        "effect": effect_type.id,
        "weights_sha256": effect_type.weights_sha256,
        "licence": effect_type.licence,
        "times_real_time": None,
        "problem": "",
    }
    try:
        chain = registry.build([EffectSpec(new_id(), effect_type.id)])
        start = time.perf_counter()
        chain.render(noise.astype(np.float32), _SAMPLE_RATE)
    except (TonewrightError, ImportError) as error:
        return found | {"problem": str(error)}
    return found | {"times_real_time": seconds / (time.perf_counter() - start)}


def _row(speed: dict[str, Any]) -> tuple[str, str, str, str]:
    times = speed["times_real_time"]
    return (
        speed["effect"],
        speed["problem"] if times is None else f"{times:.1f}",
        speed["weights_sha256"][:16] or "none",
        speed["licence"],
    )


def _missing(
    packages: dict[str, str | None], libraries: dict[str, str | None]
) -> Iterator[Missing]:
    if libraries["FluidSynth"] is None:
        yield Missing(
            "FluidSynth", "MIDI tracks make no sound", "sudo apt-get install libfluidsynth3"
        )
    if libraries["SoundFont"] is None:
        yield Missing("a SoundFont", "MIDI tracks make no sound", "pip install pretty_midi")
    for extra, package in _EXTRAS.items():
        if packages.get(package) is None:
            yield Missing(
                package,
                _WITHOUT[extra],
                f"pip install 'tonewright[{extra}]'",
            )


def _told(missing: Missing) -> str:
    return f"missing: {missing.name} ({missing.use}); get it with: {missing.command}"
