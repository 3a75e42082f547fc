"""Chains with a name: what a plugin runs, and what a user keeps for plugins.

A plugin holds its chain as JSON and its host saves it: ``{"name": ..., "effects": [{"type": ...,
"version": 1, "params": {...}, "mix": 1.0, "seed": 0}, ...]}``. A kept chain is a preset of the
same document.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tonewright.dsp.effects.protocol import RunsIn
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import BridgeError
from tonewright.dsp.presets import Presets
from tonewright.dsp.project.document import EffectSpec, new_id

EMPTY = '{"effects": [], "name": ""}'


@dataclass(frozen=True, slots=True)
class NamedChain:
    """Effects in order, and what people call them."""

    name: str
    effects: tuple[EffectSpec, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the chain as JSON."""
        effects = [
            {
                "type": each.type,
                "version": each.version,
                "params": dict(each.params),
                "mix": each.mix,
                "seed": each.seed,
                **({"state": each.state} if each.state else {}),
            }
            for each in self.effects
            if each.enabled
        ]
        return {"effects": effects, "name": self.name}

    def text(self) -> str:
        """Return the chain as one line of JSON; equal chains are equal lines."""
        return json.dumps(self.document(), sort_keys=True)

    def rendered(self, registry: Registry) -> tuple[str, ...]:
        """Return the names of the effects that cannot run live."""
        types = (registry.get(each.type) for each in self.effects)
        return tuple(each.name for each in types if each.runs_in is RunsIn.RENDERED)


def read_chain(document: Any) -> NamedChain:
    """Return a chain from JSON.

    Raises:
        BridgeError: If the document is no chain.
    """
    try:
        effects = tuple(
            EffectSpec(
                new_id(),
                str(each["type"]),
                int(each.get("version", 1)),
                tuple(sorted(each.get("params", {}).items())),
                mix=float(each.get("mix", 1.0)),
                seed=int(each.get("seed", 0)),
                state=str(each.get("state", "")),
            )
            for each in document["effects"]
        )
        return NamedChain(str(document.get("name", "")), effects)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BridgeError("the host saved no chain; choose one again") from error


def parse_chain(text: str) -> NamedChain:
    """Return a chain from a line of JSON.

    Raises:
        BridgeError: If the text is no chain.
    """
    try:
        return read_chain(json.loads(text))
    except ValueError as error:
        raise BridgeError("the host saved no chain; choose one again") from error


def kept_chains(folder: Path) -> Presets:
    """Return the chains that a user keeps for plugins."""
    return Presets(folder / "chains.json")


def neighbour(names: Iterable[str], name: str, step: int) -> str | None:
    """Return the name ``step`` places behind another one, round and round; None of no names."""
    known = list(names)
    if not known:
        return None
    if name not in known:
        return known[0 if step > 0 else -1]
    return known[(known.index(name) + step) % len(known)]
