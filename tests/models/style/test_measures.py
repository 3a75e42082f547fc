import numpy as np
import pytest

from tonewright.dsp.midi.chords import Chord
from tonewright.models.style import measures

TRIAD = np.array([(0, 2, 60, 80), (0, 2, 64, 80), (2, 2, 67, 80)], np.float32)
PROFILES = (
    measures.time_pitch,
    measures.onset_duration,
    measures.onset_velocity,
    measures.onset_drum,
)


def moved(notes: np.ndarray, quarters: float = 0.0, semitones: int = 0) -> np.ndarray:
    return notes + np.array([quarters, 0, semitones, 0], np.float32)


def test_the_same_notes_have_the_same_content() -> None:
    assert measures.content(TRIAD, TRIAD) == pytest.approx(1.0)
    assert measures.content(moved(TRIAD, semitones=12), TRIAD) == pytest.approx(1.0)
    assert measures.content(moved(TRIAD, semitones=1), TRIAD) < 0.2
    assert measures.content(TRIAD[:0], TRIAD) == 0.0


def test_content_is_heard_through_windows_of_two_quarters() -> None:
    here = np.array([(0, 1, 60, 80), (1, 1, 62, 80)], np.float32)
    there = np.array([(0, 1, 60, 80), (1, 1, 64, 80)], np.float32)
    # The first quarter alone, both, and the second alone, each against the other piece.
    assert measures.content(here, there) == pytest.approx((1.0 + 0.5 + 0.0) / 3.0)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_fits_itself_a_bar_later(profile) -> None:
    assert measures.fit(profile(TRIAD), profile(moved(TRIAD, 4.0))) == pytest.approx(1.0)


def test_time_and_pitch_do_not_know_the_key() -> None:
    here, there = (measures.time_pitch(n) for n in (TRIAD, moved(TRIAD, semitones=5)))
    np.testing.assert_array_equal(here, there)
    # Two pairs begin together, counted both ways; two are two quarters apart.
    assert here[0, 24] == here[0, 16] == 1.0
    assert here[12].sum() == 2.0


def test_another_rhythm_fits_less() -> None:
    late = moved(TRIAD, 0.5)
    assert measures.fit(measures.onset_duration(TRIAD), measures.onset_duration(late)) == 0.0


@pytest.mark.parametrize("place", [0.0, 0.25, 1 / 3, 0.5, 2 / 3, 0.75])
def test_a_player_who_is_a_little_off_is_in_the_same_place(place: float) -> None:
    here = measures.onset_drum(moved(TRIAD, place))
    for seconds in (-0.03, 0.03):
        np.testing.assert_array_equal(measures.onset_drum(moved(TRIAD, 4 + place + seconds)), here)


def test_chord_tones_count_by_time() -> None:
    beats = [Chord(0), Chord(0), Chord(5), Chord(5)]
    # C and E belong to C, G does not belong to F.
    assert measures.chord_tone_share(TRIAD, beats) == pytest.approx(4 / 6)


def test_faults_are_counted() -> None:
    assert measures.faults(TRIAD) == 0
    again = np.array([(0, 2, 60, 80), (1, 1, 60, 80), (3, 0, 60, 80)], np.float32)
    assert measures.faults(again) == 2
