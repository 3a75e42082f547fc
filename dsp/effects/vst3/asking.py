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


class PluginWindow:
    """A plugin's own window.

    Args:
        spec: The plugin.
        registry: Loads it.
    """

    def __init__(self, spec: Spec, registry: Registry) -> None:
        self._spec = spec
        self._registry = registry
        self._closed = False
        self._plugin: Any = None

    def show(self) -> tuple[str, dict[str, Value]]:
        """Show it until it is closed, and return what ``state_of`` does.

        Raises:
            EffectError: As ``preset_of``; also if there is no display, or the plugin has no window.
        """
        self._plugin = _loaded(self._spec, self._registry)
        try:
            if self._closed:
                return self._spec.state, dict(self._spec.params)
            return _kept(self._plugin.show_window(), self._spec, self._registry)
        finally:
            self._plugin = None

    def close(self) -> None:
        """Close it, from any thread."""
        self._closed = True
        plugin = self._plugin
        if plugin is not None:
            plugin.close_window()


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
