import numpy as np
import pytest

from tonewright.models.diff_tone.instruments import Texture
from tonewright.models.diff_tone.phrases import draw_phrase, midi_of


def most_at_once(phrase_notes: list[tuple[float, float]]) -> int:
    return max(sum(start <= at < end for start, end in phrase_notes) for at, _ in phrase_notes)


@pytest.mark.parametrize("texture", list(Texture))
def test_phrases_stay_in_their_range_and_time(texture: Texture) -> None:
    rng = np.random.default_rng(3)
    for _ in range(30):
        phrase = draw_phrase(rng, seconds=8.0, low=50, high=74, texture=texture)
        assert phrase.description.texture is texture
        assert all(50 <= note.pitch <= 74 for note in phrase.notes)
        assert all(0.0 <= note.start_seconds < 8.1 for note in phrase.notes)
        assert all(1 <= note.velocity <= 127 for note in phrase.notes)
        starts = [note.start_seconds for note in phrase.notes]
        assert starts == sorted(starts)


def test_lines_are_single_notes_and_chords_have_up_to_five() -> None:
    rng = np.random.default_rng(4)

    def voices(texture: Texture) -> int:
        most = 0
        for _ in range(40):
            phrase = draw_phrase(rng, seconds=6.0, low=48, high=84, texture=texture)
            # What overlaps by a moment is one behind the other.
            spans = [
                (note.start_seconds, note.start_seconds + note.length_seconds - 0.15)
                for note in phrase.notes
            ]
            most = max(most, most_at_once(spans))
        return most

    assert voices(Texture.LINE) == 1
    assert voices(Texture.CHORDS) == 5


def test_midi_plays_every_note_once_and_releases_it() -> None:
    phrase = draw_phrase(np.random.default_rng(5), seconds=4.0, low=60, high=84)
    events = midi_of(phrase.moved(-12), 73, 44_100)
    assert events[0] == (0, bytes((0xC0, 73)))
    on = [data[1] for _, data in events if data[0] == 0x90]
    off = [data[1] for _, data in events if data[0] == 0x80]
    assert sorted(on) == sorted(off) == sorted(note.pitch - 12 for note in phrase.notes)
    assert [at for at, _ in events] == sorted(at for at, _ in events)
