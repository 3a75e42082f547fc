import pytest

from tonewright.dsp.midi.chords import QUALITIES
from tonewright.models.style.frames import frame_of


@pytest.mark.parametrize("quality", QUALITIES)
def test_a_frame_loses_nothing(quality: str) -> None:
    assert sorted(frame_of(quality)) == list(range(12))


def test_thirds_fifths_and_sevenths_have_one_number_each() -> None:
    for quality, semitones in {"M7": (4, 7, 11), "m7": (3, 7, 10), "m7b5": (3, 6, 10)}.items():
        frame = frame_of(quality)
        assert [frame[each] for each in semitones] == [4, 7, 11]
    assert frame_of("7sus")[5] == 4
    assert frame_of("dim7")[9] == 11
