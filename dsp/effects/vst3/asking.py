"""Asks a plugin for what only it knows; it is loaded in a process of its own for that."""

from typing import Any

from tonewright.dsp.effects.registry import Registry, Spec
from tonewright.dsp.effects.vst3.preset import SUFFIX
from tonewright.dsp.errors import EffectError
from tonewright.dsp.project.document import Value


def preset_of(spec: Spec, registry: Registry) -> bytes:
    """Return a plugin's state and parameters as the content of a ``.vstpreset``.

    Raises:
        EffectError: If the effect is no plugin, or it cannot be loaded or asked.
    """
    return bytes(_loaded(spec, registry).preset())


def state_of(spec: Spec, registry: Registry) -> tuple[str, dict[str, Value]]:
    """Return a plugin's state, base64, and its parameters as they are with the spec's ``state``.

    Raises:
        EffectError: As ``preset_of``; also if the state is of another plugin.
    """
    return _kept(_loaded(spec, registry).state(), spec, registry)


def show_window(spec: Spec, registry: Registry) -> tuple[str, dict[str, Value]]:
    """Show the plugin's own window until it is closed, and return what ``state_of`` does.

    Raises:
        EffectError: As ``preset_of``; also if there is no display, or the plugin has no window.
    """
    return _kept(_loaded(spec, registry).show_window(), spec, registry)


def _loaded(spec: Spec, registry: Registry) -> Any:
    if not registry.get(spec.type).stateful:
        raise EffectError(f"{spec.type} is no plugin: it has neither a window nor a {SUFFIX}")
    return registry.make(spec.type, dict(spec.params), state=spec.state)


def _kept(answer: dict[str, Any], spec: Spec, registry: Registry) -> tuple[str, dict[str, Value]]:
    """Return the state, and of the parameters those of the type; others are the host's own."""
    names = {each.name for each in registry.get(spec.type).parameters}
    own = {name: value for name, value in dict(spec.params).items() if name in names}
    heard = {name: value for name, value in answer["params"].items() if name in names}
    return answer["state"], own | heard
