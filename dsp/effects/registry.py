"""Where effects are found by name, and made from data.

Effect types come from the entry points of the group ``tonewright.effects``, each a tuple of
``EffectType``, and from Python files that a user names. Only making an effect resolves its
factory; until then nothing of it is imported.
"""

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from functools import cache
from importlib.metadata import entry_points
from math import inf, isfinite
from pathlib import Path
from typing import Any, Protocol

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.automation import Curve
from tonewright.dsp.effects.chain import Chain
from tonewright.dsp.effects.protocol import EffectType, Family, Parameter, ParameterKind, Params
from tonewright.dsp.effects.slot import Slot
from tonewright.dsp.effects.userfile import load_file, module_of
from tonewright.dsp.effects.vst3.catalog import plugin_types
from tonewright.dsp.errors import EffectError, TonewrightError
from tonewright.dsp.project.document import Value

ENTRY_POINTS = "tonewright.effects"

Automation = Iterable[tuple[str, Curve]]


class Spec(Protocol):
    """What an effect is made from: an ``EffectSpec``, or one bound to a render."""

    @property
    def type(self) -> str:
        """The id of the effect type."""

    @property
    def params(self) -> tuple[tuple[str, Value], ...]:
        """Parameters by name; what is missing has its default."""

    @property
    def mix(self) -> float:
        """Share of the processed signal."""

    @property
    def seed(self) -> int:
        """For types that are seeded."""

    @property
    def state(self) -> str:
        """For types that are stateful."""


class Registry:
    """Effect types by id.

    Attributes:
        files: The user's Python files among the sources, for another process to load.
    """

    def __init__(self, effect_types: Iterable[EffectType], files: Iterable[Path] = ()) -> None:
        self.files = tuple(files)
        self._types: dict[str, EffectType] = {}
        for effect_type in effect_types:
            if effect_type.id in self._types:
                raise EffectError(
                    f"two effects are called {effect_type.id!r}: from {effect_type.factory} and "
                    f"from {self._types[effect_type.id].factory}; rename one or take it out"
                )
            self._types[effect_type.id] = effect_type

    def __contains__(self, effect_id: str) -> bool:
        return effect_id in self._types

    def __iter__(self) -> Iterator[EffectType]:
        return iter(self._types.values())

    def get(self, effect_id: str) -> EffectType:
        """Return an effect type by id; EffectError, with the closest names, if there is none."""
        if effect_id not in self._types:
            raise EffectError(f"there is no effect {effect_id!r}{_closest(effect_id, self._types)}")
        return self._types[effect_id]

    def make(self, effect_id: str, params: Params, *, seed: int = 0, state: str = "") -> Any:
        """Return a new effect, on audio or on notes.

        With a ``state``, parameters that are not given are as the state has them.

        Raises:
            EffectError: If it is unknown, a parameter is wrong, or it cannot be made.
        """
        effect_type = self.get(effect_id)
        options = bound_params(effect_type, params, state) | dict(effect_type.given)
        if effect_type.seeded:
            options["seed"] = seed
        if effect_type.stateful:
            options["state"] = state
        try:
            return resolve(effect_type.factory)(**options)
        except TonewrightError:
            raise
        except Exception as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            if isinstance(error, ImportError):
                own = effect_type.factory.startswith("tonewright.models.")
                reason += f"; {'pip install tonewright[models]' if own else 'install it'}"
            raise EffectError(f"{effect_id} cannot be made: {reason}") from error

    def create(
        self,
        spec: Spec,
        *,
        automation: Automation = (),
        sidechain: Audio | Iterable[Audio] | None = None,
    ) -> Slot:
        """Return a slot with a new effect.

        Args:
            spec: The effect.
            automation: (parameter, curve), in samples from the start of the stream.
            sidechain: What it listens to, for types with a sidechain.

        Raises:
            EffectError: If it is unknown or works on notes, if a parameter is wrong or cannot be
                automated, or if it cannot be made.
        """
        effect_type = self.get(spec.type)
        if effect_type.family is Family.INSTRUMENT:
            raise EffectError(f"{spec.type} is an instrument: a MIDI track sounds through it")
        if effect_type.family is not Family.AUDIO:
            raise EffectError(f"{spec.type} works on notes: use it on a MIDI track or file")
        state = getattr(spec, "state", "")
        params = bound_params(effect_type, dict(spec.params), state)

        def make() -> Any:
            return self.make(spec.type, params, seed=spec.seed, state=state)

        return Slot(
            make(),
            effect_type,
            params=params,
            mix=spec.mix,
            automation=dict(automation),
            enabled=getattr(spec, "enabled", True),
            sidechain=sidechain,
            make=make,
        )

    def build(
        self,
        specs: Sequence[Any],
        sidechains: Sequence[Audio | Iterable[Audio] | None] = (),
    ) -> Chain:
        """Return a chain of new effects.

        Args:
            specs: In order; their ``automation``, where they have it, is (parameter, curve) pairs.
            sidechains: What each effect listens to; none listens if empty.

        Raises:
            EffectError: As for ``create``.
        """
        return Chain(
            self.create(spec, automation=getattr(spec, "automation", ()), sidechain=sidechain)
            for spec, sidechain in zip(specs, sidechains or [None] * len(specs), strict=True)
        )


def load_registry(files: Iterable[Path] = ()) -> Registry:
    """Return a registry of all that is installed or scanned, and of a user's Python files.

    Raises:
        EffectError: If a source cannot be loaded, or two effects have one name.
    """
    paths = tuple(Path(path).resolve() for path in files)
    types: list[EffectType] = []
    for point in sorted(entry_points(group=ENTRY_POINTS)):
        try:
            types += point.load()
        except (ImportError, AttributeError) as error:
            raise EffectError(
                f"the effects of {point.value} cannot be loaded: {error}; update or uninstall it"
            ) from error
    types += plugin_types()
    for path in paths:
        types += load_file(path)
    return Registry(types, paths)


@cache
def default_registry() -> Registry:
    """Return the registry of all that is installed, read once."""
    return load_registry()


def resolve(factory: str) -> Callable[..., Any]:
    """Return what ``"package.module:Name"`` or ``"/path/file.py:Name"`` names."""
    place, _, name = factory.rpartition(":")
    module = module_of(Path(place)) if place.endswith(".py") else importlib.import_module(place)
    return getattr(module, name)


# --- parameters ---------------------------------------------------------------------------------


BOOLEANS = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


def complete_params(effect_type: EffectType, params: Mapping[str, Value]) -> dict[str, Value]:
    """Return all parameters of a type, given ones checked and the others at their defaults.

    Raises:
        EffectError: If one is unknown, of another kind, or outside its range.
    """
    given = {name: _checked(effect_type, name, value) for name, value in params.items()}
    return {each.name: given.get(each.name, each.default) for each in effect_type.parameters}


def bound_params(
    effect_type: EffectType, params: Mapping[str, Value], state: str
) -> dict[str, Value]:
    """Return the parameters to make an effect with: all, or with a state those that are given.

    Raises:
        EffectError: As ``complete_params``.
    """
    complete = complete_params(effect_type, params)
    if not (effect_type.stateful and state):
        return complete
    return {name: value for name, value in complete.items() if name in params}


def parse_param(text: str) -> tuple[str | None, str, str]:
    """Return (effect id or None, parameter, value) of ``"[effect.]parameter=value"``.

    Raises:
        EffectError: If it is not of that form.
    """
    place, equals, value = text.partition("=")
    effect_id, dot, name = place.strip().rpartition(".")
    if not equals or not name or (dot and not effect_id):
        raise EffectError(f"{text!r} sets no parameter: write [effect.]parameter=value")
    return effect_id or None, name, value.strip()


def parse_value(effect_type: EffectType, name: str, text: str) -> Value:
    """Return the value of a parameter from text, checked.

    Raises:
        EffectError: If the parameter is unknown, or the text is no value of its kind and range.
    """
    kind = _parameter(effect_type, name).kind
    value: Value = text
    if kind is ParameterKind.BOOL:
        value = BOOLEANS.get(text.lower(), text)
    elif kind in (ParameterKind.FLOAT, ParameterKind.INT):
        with suppress(ValueError):  # the text itself is refused below, and named
            value = float(text)
    return _checked(effect_type, name, value)


def _parameter(effect_type: EffectType, name: str) -> Parameter:
    known = [parameter.name for parameter in effect_type.parameters]
    if name not in known:
        raise EffectError(f"{effect_type.id} has no parameter {name!r}{_closest(name, known)}")
    return effect_type.parameter(name)


def _checked(effect_type: EffectType, name: str, value: Value) -> Value:
    parameter = _parameter(effect_type, name)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match parameter.kind:
        case ParameterKind.FLOAT | ParameterKind.INT:
            whole = parameter.kind is ParameterKind.INT
            valid = number and _within(parameter, float(value), whole=whole)
            value = (int(value) if whole else float(value)) if valid else value
        case ParameterKind.BOOL:
            valid = isinstance(value, bool)
        case ParameterKind.CHOICE:
            valid = value in parameter.choices
        case _:
            valid = isinstance(value, str)
    if not valid:
        raise EffectError(f"{effect_type.id}: {name} must be {_range(parameter)}, not {value!r}")
    return value


def _within(parameter: Parameter, value: float, *, whole: bool) -> bool:
    low = -inf if parameter.minimum is None else parameter.minimum
    high = inf if parameter.maximum is None else parameter.maximum
    return isfinite(value) and low <= value <= high and (not whole or value == int(value))


def _range(parameter: Parameter) -> str:
    """Return the values that a parameter takes, in words."""
    unit = f" {parameter.unit}" if parameter.unit else ""
    match parameter.kind:
        case ParameterKind.FLOAT | ParameterKind.INT:
            kind = "a whole number" if parameter.kind is ParameterKind.INT else "a number"
            low, high = parameter.minimum, parameter.maximum
            if low is not None and high is not None:
                return f"{kind} from {low:g} to {high:g}{unit}"
            at_least = "" if low is None else f", at least {low:g}"
            at_most = "" if high is None else f", at most {high:g}"
            return f"{kind}{at_least}{at_most}{unit}"
        case ParameterKind.BOOL:
            return "true or false"
        case ParameterKind.CHOICE:
            return f"one of {', '.join(parameter.choices)}"
        case _:
            return "a text" if parameter.kind is ParameterKind.TEXT else "the path of a file"


def _closest(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = get_close_matches(name, names, n=3, cutoff=0.5)
    if close:
        return f"; did you mean {' or '.join(close)}?"
    return f"; there are: {', '.join(names) or 'none'}"
