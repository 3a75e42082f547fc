import pytest

from tonewright.dsp.midi.chords import QUALITIES, Chord, parse_chord


@pytest.mark.parametrize("name", ["C", "Cm7", "F#7", "G/B", "Bbm7b5", "Eb7#9", "Abdim7/D"])
def test_a_name_and_its_chord_are_the_same(name: str) -> None:
    assert parse_chord(name).name == name


@pytest.mark.parametrize(
    ("written", "name"),
    [("Cmaj7", "CM7"), ("Emin", "Em"), ("A-7/G", "Am7/G"), ("F#ø", "F#m7b5"), ("Gsus", "Gsus4")],
)
def test_other_spellings_of_a_name_are_read(written: str, name: str) -> None:
    assert parse_chord(written).name == name


def test_enharmonic_names_are_one_chord() -> None:
    assert parse_chord("A#m") == parse_chord("Bbm")


@pytest.mark.parametrize("name", ["", "H", "Cfoo", "C/H", "1"])
def test_what_is_no_chord_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no chord"):
        parse_chord(name)


def test_the_bass_belongs_to_the_tones() -> None:
    assert parse_chord("C/D").pitch_classes == {0, 2, 4, 7}


def test_moving_by_an_octave_changes_nothing() -> None:
    for quality in QUALITIES:
        chord = Chord(5, quality, 9)
        assert chord.transposed(12) == chord
        assert chord.transposed(3).transposed(-3) == chord


def test_a_root_outside_the_octave_is_refused() -> None:
    with pytest.raises(ValueError, match="no chord"):
        Chord(12)
