import numpy as np
import pytest

from tonewright.dsp.midi.bars import Bar
from tonewright.dsp.midi.chords import Chord, parse_chord
from tonewright.dsp.midi.harmony import Floats, heard_chords
from tonewright.dsp.midi.roles import Role

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
        ["Dm9", "G9", "CM9", "CM9"],
        ["Dsus2", "D", "Asus4", "A7b9"],
    ],
)
def test_plain_chords_are_heard(names: list[str]) -> None:
    heard = heard_chords([(played(names, 4.0), Role.CHORDS)], BARS)
    assert [chord.name for chord in heard[::4]] == names
    assert all(heard[4 * bar + beat] == heard[4 * bar] for bar in range(4) for beat in range(4))


def test_two_chords_in_a_bar_are_heard() -> None:
    names = ["C", "F", "G7", "C", "Am", "Dm", "G7", "C"]
    heard = heard_chords([(played(names, 2.0), Role.CHORDS)], BARS)
    assert [chord.name for chord in heard[::2]] == names


@pytest.mark.parametrize(("walk", "name"), [((48, 50, 52, 45), "C6"), ((45, 43, 47, 48), "Am7")])
def test_a_walking_bass_speaks_for_the_root_where_its_bar_begins(
    walk: tuple[int, ...], name: str
) -> None:
    chords = [(4.0 * bar, 4.0, pitch, 80) for bar in range(4) for pitch in (57, 60, 64, 67)]
    bass = [(4.0 * bar + beat, 1.0, walk[beat], 90) for bar in range(4) for beat in range(4)]
    voices = [
        (np.array(chords, np.float32), Role.CHORDS),
        (np.array(bass, np.float32), Role.BASS),
    ]
    assert {chord.name for chord in heard_chords(voices, BARS)} == {name}


def test_a_melody_alone_has_chords() -> None:
    notes = np.array(
        [(beat, 1, pitch, 80) for beat, pitch in enumerate((60, 64, 67, 72) * 4)], np.float32
    )
    assert {chord.name for chord in heard_chords([(notes, Role.MELODY)], BARS)} == {"C"}


def test_hearing_does_not_depend_on_the_key() -> None:
    names = ["Dm7", "G7", "CM7", "CM7"]
    notes = played(names, 4.0)
    here = heard_chords([(notes, Role.CHORDS)], BARS)
    higher = heard_chords([(notes + np.array([0, 0, 5, 0], np.float32), Role.CHORDS)], BARS)
    assert higher == [chord.transposed(5) for chord in here]


def test_what_is_known_better_is_taken() -> None:
    known = {1: [parse_chord("Bb"), parse_chord("Eb7")]}
    heard = heard_chords([(played(["C", "C", "C", "C"], 4.0), Role.CHORDS)], BARS, known)
    assert [chord.name for chord in heard[4:8]] == ["Bb", "Bb", "Eb7", "Eb7"]
    assert heard[0] == heard[8] == Chord(0)


def test_no_bars_have_no_chords() -> None:
    assert heard_chords([], ()) == []
