import numpy as np
import pytest

from tonewright.dsp.midi.bars import Bar
from tonewright.dsp.midi.chords import parse_chord
from tonewright.dsp.midi.roles import Role
from tonewright.models.style.following import OUTSIDE_CHORD, Followed, heard_around, leaning
from tonewright.models.style.library import Style
from tonewright.models.style.parts import pitches_of
from tonewright.models.style.places import places_of

C, E, G = 0, 4, 7
PLACES = places_of([Bar(4.0 * n, 4.0, n, False) for n in range(2)])


def bass(*notes: tuple[float, float, int]) -> np.ndarray:
    return np.array([(start, length, pitch, 80) for start, length, pitch in notes], np.float32)


def test_a_beat_hears_itself_twice_and_its_neighbours_once() -> None:
    heard = heard_around(bass((0, 1, 36), (1, 1, 40), (2, 1, 43)), PLACES)
    assert heard.shape == (48, 12)
    second = heard[6]
    assert second[E] == pytest.approx(2 * second[C])
    assert second[C] == pytest.approx(second[G])
    np.testing.assert_allclose(np.linalg.norm(heard[:24], axis=1), 1.0, rtol=1e-5)


def test_nothing_is_heard_far_from_a_note() -> None:
    heard = heard_around(bass((0, 1, 36)), PLACES)
    assert heard[:12].any(axis=1).all()
    assert not heard[12:].any()


def test_beats_of_compound_time_are_dotted() -> None:
    six_eight = places_of([Bar(0.0, 3.0, 0, False, beat_quarters=1.5)])
    heard = heard_around(bass((1.5, 1.5, 43)), six_eight)
    assert (heard.argmax(axis=1) == G).all()


def test_slots_lean_by_what_is_heard_and_less_outside_the_chord(style: Style) -> None:
    (part,) = (each for each in style.style_parts() if each.role is Role.BASS)
    line = PLACES.line([parse_chord("C")] * 8)
    pitches = pitches_of(part, line)
    inside, outside = (leaning(bass((0, 8, pitch)), part, line, PLACES, None) for pitch in (43, 42))
    np.testing.assert_allclose(inside[pitches % 12 == G], 1.0)
    assert not inside[pitches % 12 != G].any()
    np.testing.assert_allclose(outside[pitches % 12 == 6], OUTSIDE_CHORD)


def test_long_notes_lean_more(style: Style) -> None:
    (part,) = (each for each in style.style_parts() if each.role is Role.BASS)
    line = PLACES.line([parse_chord("C")] * 8)
    held = np.zeros((48, 48), np.float32)
    held[0, 12], held[12, 12] = 3.0, 1.0
    lean = leaning(bass((0, 8, 36)), part, line, PLACES, held).max(axis=1)
    assert lean[0] == pytest.approx(1.5)
    assert lean[12] == pytest.approx(0.5)
    assert lean[6] == pytest.approx(1.0)


def test_a_bass_that_is_not_there_or_not_asked_for_is_not_followed() -> None:
    there = bass((0, 1, 36))
    assert Followed(there, 0.5)
    assert not Followed(there, 0.0)
    assert not Followed(there[:0], 0.5)
