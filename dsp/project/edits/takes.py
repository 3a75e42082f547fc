"""Takes of an effect that draws random numbers: ``Project -> Project``.

A take is a seed. Which takes a user keeps stands in the effect's ``extra``; the seed of the effect
is the take that sounds. What was rendered for a take stays in the store under its own key, so
going back to one renders nothing while it is there.
"""

from collections.abc import Callable

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.document import EffectSpec, Id, Project
from tonewright.dsp.project.edits.access import change_effects, changed, find, swapped

_FIELD = "takes"


def takes_of(effect: EffectSpec) -> tuple[int, ...]:
    """Return the seeds of the takes of an effect, in the order made; its own is among them."""
    kept = effect.extra.get(_FIELD, ())
    seeds = [seed for seed in kept if type(seed) is int] if isinstance(kept, list) else []
    return tuple(seeds) if effect.seed in seeds else (*seeds, effect.seed)


def add_take(project: Project, effect_id: Id) -> Project:
    """Return the project with one more take of an effect, which sounds from now on.

    A(1*)      ->      A(1 2*)

    Raises:
        ProjectError: If the effect is missing.
    """

    def more(effect: EffectSpec) -> tuple[int, tuple[int, ...]]:
        takes = takes_of(effect)
        seed = max(takes) + 1
        return seed, (*takes, seed)

    return _with_takes(project, effect_id, more)


def choose_take(project: Project, effect_id: Id, seed: int) -> Project:
    """Return the project with another take of an effect sounding.

    A(1 2*)      ->      A(1* 2)

    Raises:
        ProjectError: If the effect is missing or has no such take.
    """

    def chosen(effect: EffectSpec) -> tuple[int, tuple[int, ...]]:
        takes = takes_of(effect)
        if seed not in takes:
            raise ProjectError(f"{effect.type} has no take with the seed {seed}: make a new one")
        return seed, takes

    return _with_takes(project, effect_id, chosen)


def delete_take(project: Project, effect_id: Id, seed: int) -> Project:
    """Return the project without a take; if it sounded, the last of the others does.

    A(1 2*)      ->      A(1*)

    Raises:
        ProjectError: If the effect is missing, or it is its only take.
    """

    def left(effect: EffectSpec) -> tuple[int, tuple[int, ...]]:
        takes = tuple(each for each in takes_of(effect) if each != seed)
        if not takes:
            raise ProjectError(f"{effect.type}: its only take stays: remove the effect instead")
        return (effect.seed if effect.seed in takes else takes[-1]), takes

    return _with_takes(project, effect_id, left)


def _with_takes(
    project: Project, effect_id: Id, change: Callable[[EffectSpec], tuple[int, tuple[int, ...]]]
) -> Project:
    """Return the project with the seed and the takes of an effect changed."""

    def changed_chain(effects: tuple[EffectSpec, ...]) -> tuple[EffectSpec, ...]:
        effect = find(effects, effect_id, "effect")
        seed, takes = change(effect)
        if (seed, takes) == (effect.seed, takes_of(effect)):
            return effects
        extra = {**effect.extra, _FIELD: list(takes)}
        return swapped(effects, changed(effect, seed=seed, extra=extra))

    return change_effects(project, effect_id, changed_chain)
