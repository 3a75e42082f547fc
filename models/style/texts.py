"""Parameters of the effect that are texts: roles of tracks, chords of bars, programs of parts."""

import re

from tonewright.dsp.errors import EffectError
from tonewright.dsp.midi.chords import Chord, parse_chord
from tonewright.dsp.midi.roles import ACCOMPANIMENT, Role


def parse_roles(text: str, tracks: int) -> dict[int, Role]:
    """Return roles by the index of the track, of ``2=melody,3=bass``."""
    result = {}
    for item in filter(None, (each.strip() for each in text.split(","))):
        number, _, role = (each.strip() for each in item.partition("="))
        if not number.isdigit() or not 1 <= int(number) <= tracks or role not in list(Role):
            raise EffectError(
                f"roles: {item!r} is not like 2=melody, with a track of 1 to {tracks} and one of "
                f"{', '.join(Role)}"
            )
        result[int(number) - 1] = Role(role)
    return result


def parse_chords(text: str) -> dict[int, list[Chord]]:
    """Return chords by the index of the bar, of ``1: Cm7 | 2: F7 Bb7``."""
    result = {}
    for item in filter(None, (each.strip() for each in text.split("|"))):
        match = re.fullmatch(r"(\d+)\s*:\s*(\S.*)", item)
        if match is None or match[1] == "0":
            raise EffectError(f"chords: {item!r} is not like 5: Cm7 F7, bars counted from 1")
        try:
            result[int(match[1]) - 1] = [parse_chord(name) for name in match[2].split()]
        except ValueError as error:
            raise EffectError(f"chords: bar {match[1]}: {error}") from error
    return result


def parse_programs(text: str) -> dict[Role, int]:
    """Return programs by role, of ``bass=33,chords=4``."""
    result = {}
    for item in filter(None, (each.strip() for each in text.split(","))):
        role, _, number = (each.strip() for each in item.partition("="))
        if role not in list(ACCOMPANIMENT) or not number.isdigit() or int(number) > 127:
            raise EffectError(
                f"programs: {item!r} is not like bass=33, with one of {', '.join(ACCOMPANIMENT)} "
                "and 0 to 127"
            )
        result[Role(role)] = int(number)
    return result
