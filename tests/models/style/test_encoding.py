import numpy as np
import pytest

from tonewright.dsp.midi.chords import QUALITIES, Chord, parse_chord
from tonewright.dsp.midi.roles import Role
from tonewright.models.style.encoding import (
    CHORD_FEATURES,
    FIRST_DRUM,
    LENGTHS,
    POSITION_FEATURES,
    SLOTS,
    bass_pitches,
    chord_features,
    chord_line,
    grid_of,
    last_begun,
    position_features,
    quarters_of,
    slot_pitches,
    slots_of,
    steps_of,
    unstrummed,
)

ONE = np.zeros(1, np.int64)


def array(*numbers: float) -> np.ndarray:
    return np.array(numbers, np.float32)


def test_sixteenths_and_triplets_have_steps_of_their_own() -> None:
    places = array(0, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1, 1 + 1 / 2)
    assert steps_of(places).tolist() == [0, 1, 2, 3, 4, 5, 6, 9]
    np.testing.assert_allclose(quarters_of(steps_of(places)), places, atol=1e-6)


def test_a_late_player_is_on_the_step() -> None:
    assert steps_of(array(0.02, 0.98, 1.26)).tolist() == [0, 6, 7]


def test_a_strummed_chord_begins_at_once() -> None:
    starts = array(0, 0.03, 0.06, 0.5)
    np.testing.assert_allclose(unstrummed(starts), [0, 0, 0, 0.5], atol=1e-6)


@pytest.mark.parametrize("quality", QUALITIES)
@pytest.mark.parametrize("root", [0, 5, 6, 11])
def test_every_pitch_comes_back_from_its_slot(quality: str, root: int) -> None:
    line = chord_line([Chord(root, quality)])
    pitches = slot_pitches(line, 36)[0]
    assert len(set(pitches.tolist())) == SLOTS
    for slot, pitch in enumerate(pitches):
        assert slots_of(np.array([pitch]), line, ONE, 36).tolist() == [slot]


def test_roots_lie_around_the_register() -> None:
    for root, pitch in {0: 36, 5: 41, 6: 42, 11: 35}.items():
        assert slot_pitches(chord_line([Chord(root)]), 36)[0, 12] == pitch


def test_far_pitches_move_by_octaves() -> None:
    line = chord_line([Chord(0)])
    high = slots_of(np.array([127]), line, ONE, 36)[0]
    assert slot_pitches(line, 36)[0, high] % 12 == 127 % 12


def test_a_pattern_is_the_same_over_every_chord() -> None:
    slots = []
    for name, pitches in {"C": (60, 64, 67), "Am": (57, 60, 64), "Emb5": (64, 67, 70)}.items():
        chord = parse_chord(name)
        notes = np.array([(0, 1, pitch, 90) for pitch in pitches], np.float32)
        grid = grid_of(notes, Role.CHORDS, chord_line([chord]), 60)
        slots.append(np.flatnonzero(grid.velocities[0]).tolist())
    assert slots[0] == slots[1] == slots[2]


def test_a_grid_has_velocities_and_lengths() -> None:
    notes = np.array([(0, 1, 36, 100), (1.5, 0.5, 43, 80)], np.float32)
    grid = grid_of(notes, Role.BASS, chord_line([Chord(0)] * 2))
    steps, slots = np.nonzero(grid.velocities)
    assert steps.tolist() == [0, 9]
    assert grid.velocities[steps, slots].tolist() == [100, 80]
    assert LENGTHS[grid.lengths[steps]].tolist() == [12, 6]


def test_drums_are_keys() -> None:
    notes = np.array([(0, 0.1, 36, 100), (0, 0.1, 20, 100)], np.float32)
    grid = grid_of(notes, Role.DRUMS, chord_line([Chord(0)]))
    assert np.argwhere(grid.velocities).tolist() == [[0, 36 - FIRST_DRUM]]


def test_what_began_last_is_written_over_the_chord_now() -> None:
    line = chord_line([Chord(0), Chord(9, "m")])
    notes = np.array([(0, 1, 60, 90)], np.float32)
    last = last_begun(grid_of(notes, Role.CHORDS, line, 60), Role.CHORDS, line)
    assert not last[0].any()
    # The C is the root of the first chord and the third of the second.
    assert np.flatnonzero(last[1]).tolist() == [12]
    assert np.flatnonzero(last[6]).tolist() == [12 + 4]


def test_features_do_not_know_the_key() -> None:
    chords = [parse_chord(name) for name in ("Dm7", "G7", "C/E", "C/E")]
    here = chord_features(chord_line(chords))
    there = chord_features(chord_line([chord.transposed(7) for chord in chords]))
    np.testing.assert_array_equal(here, there)
    assert here.shape == (24, CHORD_FEATURES)


def test_places_have_features() -> None:
    features = position_features(
        np.arange(24), np.full(24, 4), np.zeros(24, np.int64), np.zeros(24, np.int64)
    )
    assert features.shape == (24, POSITION_FEATURES)
    assert len(np.unique(features, axis=0)) == 24


def test_a_bass_plays_the_other_bass_where_its_pattern_has_the_root() -> None:
    line = chord_line([parse_chord("C/E"), parse_chord("C"), parse_chord("G/B")])
    pitches = bass_pitches(line, 36)[::6]
    assert pitches[:, 12].tolist() == [40, 36, 35]
    np.testing.assert_array_equal(pitches[:, 13:24], slot_pitches(line, 36)[::6, 13:24])
