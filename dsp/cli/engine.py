"""What a command line asks of the engine: the effects, the store, the renderer."""

import argparse

from tonewright.dsp.effects.registry import Registry, load_registry
from tonewright.dsp.rendering.renderer import Renderer
from tonewright.dsp.rendering.store import Store


def registry_of(args: argparse.Namespace) -> Registry:
    """Return the installed effects and those of the files that were named.

    Raises:
        EffectError: If one of the files brings no effect that keeps the contract.
    """
    return load_registry(args.effects_from)


def renderer_of(args: argparse.Namespace, registry: Registry | None = None) -> Renderer:
    """Return a renderer with the store that was named; it must be closed.

    Args:
        args: Of the command line.
        registry: From ``registry_of``, where it was asked for before.

    Raises:
        EffectError: As ``registry_of``.
    """
    return Renderer(Store(args.store), registry=registry or registry_of(args))
