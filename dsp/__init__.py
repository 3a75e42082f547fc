"""The engine of Tonewright: documents, effects, rendering, export. No Qt, no torch.

The names below are the public API; each is loaded when it is first used::

    from tonewright.dsp import Chain, Project, load, save, render, export
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tonewright.dsp.effects.chain import Chain
    from tonewright.dsp.effects.declare import effect
    from tonewright.dsp.effects.protocol import Effect, Parameter
    from tonewright.dsp.effects.slot import Slot
    from tonewright.dsp.exporting.mixdown import export
    from tonewright.dsp.exporting.settings import ExportSettings
    from tonewright.dsp.project.document import Project
    from tonewright.dsp.project.folder import load, save
    from tonewright.dsp.rendering.renderer import render

__all__ = [
    "Chain",
    "Effect",
    "ExportSettings",
    "Parameter",
    "Project",
    "Slot",
    "effect",
    "export",
    "load",
    "render",
    "save",
]

_HOMES = {
    "Chain": "tonewright.dsp.effects.chain",
    "Effect": "tonewright.dsp.effects.protocol",
    "ExportSettings": "tonewright.dsp.exporting.settings",
    "Parameter": "tonewright.dsp.effects.protocol",
    "Project": "tonewright.dsp.project.document",
    "Slot": "tonewright.dsp.effects.slot",
    "effect": "tonewright.dsp.effects.declare",
    "export": "tonewright.dsp.exporting.mixdown",
    "load": "tonewright.dsp.project.folder",
    "render": "tonewright.dsp.rendering.renderer",
    "save": "tonewright.dsp.project.folder",
}


def __getattr__(name: str) -> Any:
    # Loaded late: `tonewright --help` must not wait for numpy.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
