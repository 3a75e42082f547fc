import numpy as np
import pytest

from tonewright.dsp.errors import EffectError
from tonewright.dsp.midi.roles import Role
from tonewright.models.style.corpus import Part, Rendition
from tonewright.models.style.encoding import LENGTHS
from tonewright.models.style.library import (
    lengths_of,
    named_style,
    offsets_of,
    plainest_section,
    section_of,
    strum_of,
)
from tonewright.models.style.styles import STYLES


@pytest.mark.parametrize("name", STYLES)
def test_every_named_style_has_parts_to_play(name: str) -> None:
    style = named_style(name)
    assert style.beats in (3, 4)
    assert len(style.chords) == 8 * style.beats
    assert style.parts
    for part in style.style_parts():
        assert part.example.bars == 8
        assert part.example.grid.velocities.any()
        assert 0 <= part.program <= 127


def test_there_are_enough_styles_and_families() -> None:
    assert len(STYLES) >= 80
    families = {family for family, _ in STYLES.values()}
    assert families >= {"bossa", "samba", "son", "salsa", "tango", "waltz", "swing", "blues"}
    assert families >= {"rock", "pop", "funk", "disco", "ballad", "country", "folk", "latin"}


def test_an_unknown_style_is_told() -> None:
    with pytest.raises(EffectError, match="there is no style 'nothing'"):
        named_style("nothing")


def test_a_section_begins_at_nought(rendition: Rendition) -> None:
    style = section_of(rendition, "plain", 8)
    assert len(style.chords) == 32
    assert all(part.notes[:, 0].min() < 4.0 for part in style.parts)
    assert all(part.notes[:, 0].max() < 32.0 for part in style.parts)


def test_the_plainest_section_is_found(rendition: Rendition) -> None:
    assert plainest_section(rendition) == 0


def test_strums_are_measured() -> None:
    strummed = [(beat + 0.03 * n, 0.5, 60 + 4 * n, 80) for beat in range(4) for n in range(3)]
    part = Part(Role.CHORDS, 24, np.array(strummed, np.float32))
    assert strum_of(part) == pytest.approx(0.03, abs=0.002)
    plain = Part(Role.CHORDS, 0, np.array([(b, 0.5, 60, 80) for b in range(4)], np.float32))
    assert strum_of(plain) == 0.0


def test_notes_are_held_as_the_part_holds_them() -> None:
    notes = np.array([(b, 0.9, 60, 80) for b in range(4)] + [(4, 0.22, 60, 80)], np.float32)
    lengths = lengths_of(Part(Role.CHORDS, 0, notes))
    quarter, eighth, sixteenth = (int(np.flatnonzero(n == LENGTHS)[0]) for n in (12, 6, 3))
    assert lengths[quarter] == pytest.approx(0.9)
    assert lengths[sixteenth] == pytest.approx(0.22)
    assert lengths[eighth] == pytest.approx(0.45)


def test_the_feel_of_a_part_is_measured() -> None:
    swung = [(beat + place, 0.2, 42, 80) for beat in range(4) for place in (0.0, 5 / 6)]
    offsets = offsets_of(Part(Role.DRUMS, 0, np.array(swung, np.float32)))
    assert offsets[0] == 0.0
    assert offsets[5] == pytest.approx(5 / 6 - 0.75)  # swung sixteenths


def test_chance_is_no_feel() -> None:
    numbers = np.random.default_rng(0)
    loose = [(beat + numbers.normal(0.0, 0.01), 0.2, 42, 80) for beat in range(1, 30)]
    assert set(offsets_of(Part(Role.DRUMS, 0, np.array(loose, np.float32)))) == {0.0}
