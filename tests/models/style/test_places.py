import numpy as np

from tonewright.dsp.midi.bars import Bar
from tonewright.dsp.midi.chords import Chord
from tonewright.models.style.places import places_of


def test_every_quarter_has_six_steps() -> None:
    places = places_of([Bar(0.0, 4.0, 0, False), Bar(4.0, 3.0, 1, True)])
    assert len(places.quarters) == 6 * 7
    assert places.quarters[24] == 4.0
    assert places.beat_steps[24:30].tolist() == list(range(6))
    assert places.ends.tolist() == [0] * 24 + [1] * 18
    assert places.beats.tolist() == [4] * 24 + [3] * 18


def test_a_bar_of_seven_eighths_ends_inside_a_beat() -> None:
    places = places_of([Bar(0.0, 3.5, 0, False), Bar(3.5, 3.5, 1, False)])
    first = places.quarters[places.phases == 0]
    assert first[-1] < 3.5
    assert len(first) == 3 * 6 + 3
    assert np.all(np.diff(places.quarters) > 0)


def test_a_beat_of_compound_time_has_six_steps() -> None:
    places = places_of([Bar(6.0 * n, 6.0, n, n == 1, 1.5) for n in range(2)])
    assert places.beats.tolist() == [4] * 48
    assert places.quarters[6] == 1.5
    assert places.quarters[4] == 1.0  # an eighth is a third of the beat
    assert set(places.beat_quarters.tolist()) == {1.5}


def test_two_bars_of_two_beats_are_told_as_one_of_four() -> None:
    places = places_of([Bar(2.0 * n, 2.0, n, n == 7) for n in range(8)])
    assert places.beat_steps.tolist() == [*range(24)] * 4
    assert places.phases.tolist() == [n for n in range(4) for _ in range(24)]
    assert places.ends.tolist() == [0] * 72 + [1] * 24
    assert set(places.beats.tolist()) == {4}


def test_a_bar_of_two_beats_among_others_is_half_a_bar() -> None:
    places = places_of([Bar(0.0, 4.0, 0, False), Bar(4.0, 2.0, 1, False), Bar(6.0, 4.0, 2, False)])
    assert places.beat_steps[24:36].tolist() == [*range(12)]
    assert places.phases[[0, 24, 36]].tolist() == [0, 1, 2]


def test_a_pick_up_belongs_to_the_first_bar_of_the_pattern() -> None:
    places = places_of([Bar(0.0, 1.0, -1, False), Bar(1.0, 4.0, 0, False)])
    assert places.phases.tolist() == [0] * 30


def test_steps_take_the_chord_of_their_beat() -> None:
    places = places_of([Bar(0.0, 2.0, 0, False)])
    line = places.line([Chord(0), Chord(7, "7", 11)])
    assert line.roots.tolist() == [0] * 6 + [7] * 6
    assert line.basses[6] == 11
