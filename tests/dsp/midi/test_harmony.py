import numpy as np
import pytest

from tonewright.dsp.midi.bars import Bar
from tonewright.dsp.midi.chords import Chord, parse_chord
from tonewright.dsp.midi.harmony import Floats, heard_chords

BARS = tuple(Bar(4.0 * number, 4.0, number, False) for number in range(4))


def played(names: list[str], quarters: float) -> Floats:
    rows = []
    for number, name in enumerate(names):
        chord = parse_chord(name)
        start = number * quarters
        rows.append((start, quarters, 36 + (chord.bass or 0), 90))
        rows += [(start, quarters, 60 + (chord.root + i) % 12, 80) for i in chord.intervals]
    return np.array(rows, np.float32)


@pytest.mark.parametrize(
    "names",
    [
        ["C", "Am", "F", "G7"],
        ["Dm7", "G7", "CM7", "A7"],
        ["Em7b5", "A7", "Dm", "Dm"],
        ["G/B", "C", "D/F#", "G"],
    ],
)
def test_plain_chords_are_heard(names: list[str]) -> None:
    heard = heard_chords([(played(names, 4.0), 1.0)], BARS)
    assert [chord.name for chord in heard[::4]] == names
    assert all(heard[4 * bar + beat] == heard[4 * bar] for bar in range(4) for beat in range(4))


def test_two_chords_in_a_bar_are_heard() -> None:
    names = ["C", "F", "G7", "C", "Am", "Dm", "G7", "C"]
    heard = heard_chords([(played(names, 2.0), 1.0)], BARS)
    assert [chord.name for chord in heard[::2]] == names


def test_hearing_does_not_depend_on_the_key() -> None:
    names = ["Dm7", "G7", "CM7", "CM7"]
    notes = played(names, 4.0)
    here = heard_chords([(notes, 1.0)], BARS)
    higher = heard_chords([(notes + np.array([0, 0, 5, 0], np.float32), 1.0)], BARS)
    assert higher == [chord.transposed(5) for chord in here]


def test_what_is_known_better_is_taken() -> None:
    known = {1: [parse_chord("Bb"), parse_chord("Eb7")]}
    heard = heard_chords([(played(["C", "C", "C", "C"], 4.0), 1.0)], BARS, known)
    assert [chord.name for chord in heard[4:8]] == ["Bb", "Bb", "Eb7", "Eb7"]
    assert heard[0] == heard[8] == Chord(0)


def test_no_bars_have_no_chords() -> None:
    assert heard_chords([], ()) == []
