import numpy as np

from tonewright.dsp.midi.bars import Bar
from tonewright.dsp.midi.roles import Role
from tonewright.models.style.blending import blended
from tonewright.models.style.library import named_style
from tonewright.models.style.parts import StylePart
from tonewright.models.style.places import Places, places_of


def parts(name: str, *roles: Role) -> list[StylePart]:
    return [part for part in named_style(name).style_parts() if part.role in roles]


def places() -> Places:
    return places_of([Bar(4.0 * number, 4.0, number, number == 7) for number in range(8)])


def test_what_is_told_goes_from_one_style_to_the_other() -> None:
    rock, bossa = parts("rock", Role.DRUMS), parts("bossa", Role.DRUMS)
    told = [blended(rock, bossa, share, places())[0][1].aligned for share in (0.0, 0.25, 1.0)]
    np.testing.assert_allclose(told[1], 0.75 * told[0] + 0.25 * told[2], atol=1e-6)


def test_registers_meet_so_that_pitches_can_be_mixed() -> None:
    rock, bossa = parts("rock", Role.BASS), parts("bossa", Role.BASS)
    for share in (0.2, 0.8):
        ((leading, _),) = blended(rock, bossa, share, places())
        assert leading.example.grid.register == (rock, bossa)[share > 0.5][0].example.grid.register


def test_what_only_one_style_has_plays_while_that_one_prevails() -> None:
    bass = parts("rock", Role.BASS)
    assert len(blended(bass, [], 0.4, places())) == 1
    assert blended(bass, [], 0.6, places()) == []
    assert blended([], bass, 0.4, places()) == []
    assert len(blended([], bass, 0.6, places())) == 1
