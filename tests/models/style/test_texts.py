import pytest

from tonewright.dsp.errors import EffectError
from tonewright.dsp.midi.roles import Role
from tonewright.models.style.texts import parse_chords, parse_programs, parse_roles


def test_texts_are_read() -> None:
    assert parse_roles("2=melody, 3=bass", 3) == {1: Role.MELODY, 2: Role.BASS}
    assert parse_programs("bass=33") == {Role.BASS: 33}
    chords = parse_chords("1: Cm7 | 3: F7 Bb/D")
    assert {bar: [c.name for c in each] for bar, each in chords.items()} == {
        0: ["Cm7"],
        2: ["F7", "Bb/D"],
    }
    assert (parse_roles("", 1), parse_programs(""), parse_chords("")) == ({}, {}, {})


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: parse_roles("5=melody", 3), "roles: '5=melody' is not like"),
        (lambda: parse_roles("1=guitar", 3), "roles: '1=guitar' is not like"),
        (lambda: parse_chords("Cm7"), "chords: 'Cm7' is not like"),
        (lambda: parse_chords("2: Cmajor"), "chords: bar 2: 'Cmajor' is no chord"),
        (lambda: parse_programs("bass=200"), "programs: 'bass=200' is not like"),
    ],
)
def test_wrong_texts_are_told(wrong, message: str) -> None:
    with pytest.raises(EffectError, match=message):
        wrong()
