"""Names as people type them: in any case, with a suggestion where one was missed."""

import difflib
from collections.abc import Iterable, Sequence

from tonewright.dsp.errors import EffectError, ProjectError, TonewrightError
from tonewright.dsp.project.document import EffectSpec, Project, Track

MASTER = "master"

SHOWN = 40
"""So many names are listed where none is near."""


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'reverb'?"``, or nothing if no known name is near."""
    folded = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(repr(folded[each]) for each in near)}?" if near else ""


def choose(
    name: str, known: Iterable[str], what: str, error: type[TonewrightError] = TonewrightError
) -> str:
    """Return the known name that is meant: the same letters in any case.

    Args:
        name: As typed.
        known: The names there are.
        what: What they are names of: ``"effect"``.
        error: What is raised.

    Raises:
        TonewrightError: Naming the nearest names, or those there are.
    """
    names = list(known)
    if name in names:
        return name
    meant = [each for each in names if each.casefold() == name.casefold()]
    if meant:
        return meant[0]
    hint = suggestion(name, names)
    if not hint and names:
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        hint = f"; there is {', '.join(map(repr, names[:SHOWN]))}{more}"
    raise error(f"there is no {what} {name!r}{hint}")


def track_named(project: Project, name: str) -> Track | None:
    """Return the track of a name or a number from 1; None for the master.

    Raises:
        ProjectError: If there is none, or several have the name.
    """
    if name.casefold() == MASTER:
        return None
    meant = [each for each in project.tracks if each.name == name] or [
        each for each in project.tracks if each.name.casefold() == name.casefold()
    ]
    if len(meant) > 1:
        numbers = [str(project.tracks.index(each) + 1) for each in meant]
        raise ProjectError(f"several tracks are named {name!r}; say {' or '.join(numbers)}")
    if meant:
        return meant[0]
    if name.isdecimal() and 1 <= int(name) <= len(project.tracks):
        return project.tracks[int(name) - 1]
    choose(name, [*(each.name for each in project.tracks), MASTER], "track", ProjectError)
    raise AssertionError("a track that is there was found above")


def effect_at(effects: Sequence[EffectSpec], name: str, place: str) -> EffectSpec:
    """Return the effect of a chain by its number from 1 or its type.

    Raises:
        EffectError: If there is none, or several are of the type.
    """
    if name.isdecimal() and 1 <= int(name) <= len(effects):
        return effects[int(name) - 1]
    if name.isdecimal() or not effects:
        raise EffectError(f"{place} has {len(effects)} effects, and no effect {name}")
    wanted = choose(name, [each.type for each in effects], f"effect of {place}", EffectError)
    meant = [number for number, each in enumerate(effects, 1) if each.type == wanted]
    if len(meant) > 1:
        numbers = " or ".join(map(str, meant))
        raise EffectError(f"{place} has several effects {wanted!r}; say {numbers}")
    return effects[meant[0] - 1]
