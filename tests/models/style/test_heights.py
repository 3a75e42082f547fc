import numpy as np
import pytest

from tonewright.dsp.midi.analysis import Voice
from tonewright.dsp.midi.roles import Role
from tonewright.dsp.project.document import Note
from tonewright.models.style.heights import below, tune_height


def voice(role: Role, *pitches: int) -> Voice:
    notes = tuple(Note(pitch, 90, 96 * at, 96, 0) for at, pitch in enumerate(pitches))
    return Voice(0, 0, notes, role)


def rows(*pitches: int) -> np.ndarray:
    return np.array([(at, 1, pitch, 80) for at, pitch in enumerate(pitches)], np.float32)


TUNE = voice(Role.MELODY, 70, 72)


def test_chords_above_the_tune_come_below_it_by_octaves() -> None:
    height = tune_height([TUNE, voice(Role.CHORDS, 60, 64)])
    assert height == 71.0
    assert below(rows(72, 76, 79), Role.CHORDS, height)[:, 2].tolist() == [60, 64, 67]
    assert below(rows(84, 88, 91), Role.ARPEGGIO, height)[:, 2].tolist() == [60, 64, 67]


def test_chords_whose_upper_notes_hide_the_tune_come_lower_as_a_whole() -> None:
    assert below(rows(60, 67, 75, 79), Role.CHORDS, 71.0)[:, 2].tolist() == [48, 55, 63, 67]


def test_what_lies_below_stays() -> None:
    chords = rows(60, 64, 67)
    np.testing.assert_array_equal(below(chords, Role.PAD, 71.0), chords)


@pytest.mark.parametrize("role", [Role.BASS, Role.DRUMS])
def test_basses_and_drums_stay(role: Role) -> None:
    high = rows(72, 76)
    np.testing.assert_array_equal(below(high, role, 60.0), high)


def test_no_part_is_sent_into_the_mud() -> None:
    assert below(rows(56, 60), Role.CHORDS, 50.0)[:, 2].tolist() == [56, 60]


def test_a_song_whose_chords_lay_above_its_tune_keeps_them_there() -> None:
    assert tune_height([TUNE, voice(Role.CHORDS, 80, 84)]) is None
    high = rows(80, 84)
    np.testing.assert_array_equal(below(high, Role.CHORDS, None), high)


def test_a_song_without_a_tune_asks_nothing() -> None:
    assert tune_height([voice(Role.CHORDS, 60)]) is None
    assert tune_height([TUNE]) == 71.0
