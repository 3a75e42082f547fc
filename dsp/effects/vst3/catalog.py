"""Scanned plugins as effect types: parameters with units, the latency, and where they may run."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

from tonewright.dsp.effects.protocol import (
    EffectType,
    Family,
    Layout,
    Parameter,
    ParameterKind,
    RunsIn,
    Tail,
)
from tonewright.dsp.effects.vst3.scan import Catalog, Scanned, read_catalog

_HERE = "tonewright.dsp.effects.vst3"

ON_FAILURE = "on_failure"
STOP, DRY = "stop", "dry"

REALTIME_SPEED = 8.0
"""A plugin that is slower than this many times real time is rendered ahead of playback."""

REALTIME_LATENCY_SAMPLES = 16_384
"""And so is one that looks further ahead: playback would have to wait for it."""

RESERVED = frozenset({"path", "plugin_name", "latency_samples", "untrue", "state", ON_FAILURE})
"""Keywords of the factory; a plugin's parameter of such a name is out of reach."""

TAIL = Tail(10.0, 1.0)
"""Assumed, since VST3 hosts are not told reliably."""


def plugin_types(catalog: Catalog | None = None) -> tuple[EffectType, ...]:
    """Return an effect type for each plugin that can be used, instruments among them.

    Args:
        catalog: Of the scans; the user's own if None.

    Raises:
        EffectError: If the user's catalogue is damaged.
    """
    return tuple(
        _type(effect_id, entry, plugin)
        for effect_id, entry, plugin in identified(catalog or read_catalog())
    )


def identified(catalog: Catalog) -> list[tuple[str, Scanned, dict[str, Any]]]:
    """Return (id, entry, plugin) of all plugins that can be used.

    An id is ``vst3_`` and the plugin's name in snake case; where two share a name, the name of the
    file follows, and a number if that is shared too.
    """
    found = [(entry, plugin) for entry in catalog.usable() for plugin in entry.plugins]
    names = Counter(_snake(plugin["name"]) for _, plugin in found)
    taken: Counter[str] = Counter()
    result = []
    for entry, plugin in found:
        effect_id = f"vst3_{_snake(plugin['name'])}"
        if names[_snake(plugin["name"])] > 1:
            effect_id += f"_{_snake(Path(entry.path).stem)}"
        taken[effect_id] += 1
        if taken[effect_id] > 1:
            effect_id += f"_{taken[effect_id]}"
        result.append((effect_id, entry, plugin))
    return result


def types_by_class(catalog: Catalog | None = None) -> dict[str, str]:
    """Return the ids of plugins by the class that a preset of theirs names; see ``preset.py``."""
    return {
        plugin["class_id"]: effect_id
        for effect_id, _, plugin in identified(catalog or read_catalog())
        if plugin.get("class_id")  # scans of older versions have none
    }


def _type(effect_id: str, entry: Scanned, plugin: dict[str, Any]) -> EffectType:
    instrument = plugin["instrument"]
    latency_samples = plugin.get("latency_samples", 0)
    heavy = instrument or (
        plugin["speed"] < REALTIME_SPEED or latency_samples > REALTIME_LATENCY_SAMPLES
    )
    failure = Parameter(
        ON_FAILURE,
        STOP,
        kind=ParameterKind.CHOICE,
        choices=(STOP, DRY),
        description="when the plugin fails: stop with an error, or go on without it",
    )
    kind = "instrument" if instrument else "plugin"
    untrue = "" if entry.trusted else entry.untrue
    return EffectType(
        id=effect_id,
        name=plugin["name"],
        factory=f"{_HERE}.instrument:HostedInstrument"
        if instrument
        else f"{_HERE}.hosted:HostedPlugin",
        given=(
            ("path", entry.path),
            ("plugin_name", plugin["plugin_name"]),
            ("latency_samples", latency_samples),
            ("untrue", untrue),
        ),
        stateful=True,
        parameters=(
            *(_parameter(each) for each in plugin["parameters"] if each["name"] not in RESERVED),
            failure,
        ),
        runs_in=RunsIn.RENDERED if heavy else RunsIn.REALTIME,
        layout=Layout.STEREO if instrument or plugin["stereo"] else Layout.MONO,
        family=Family.INSTRUMENT if instrument else Family.AUDIO,
        tail=TAIL,
        aligned=False,
        source_sha256=entry.sha256,
        licence="the plugin's own",
        description=f"VST3 {kind} of {plugin['maker'] or 'an unnamed maker'}"
        + (f"; not used: {untrue}" if untrue else ""),
    )


def _parameter(described: dict[str, Any]) -> Parameter:
    common = {"name": described["name"], "default": described["default"]}
    match described["kind"]:
        case "bool":
            return Parameter(**common, kind=ParameterKind.BOOL)
        case "choice":
            return Parameter(
                **common, kind=ParameterKind.CHOICE, choices=tuple(described["choices"])
            )
    return Parameter(
        **common,
        minimum=described["minimum"],
        maximum=described["maximum"],
        unit=described["unit"],
        automatable=True,
    )


def _snake(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_") or "plugin"
