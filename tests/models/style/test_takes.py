import numpy as np

from tonewright.dsp.midi.roles import Role
from tonewright.models.style.encoding import Grid, chord_line, grid_of
from tonewright.models.style.examples import Example
from tonewright.models.style.library import Style
from tonewright.models.style.takes import nearest, takes_of


def over(style: Style, *pitches: int) -> Grid:
    """Return two bars of quarters over the style's chords."""
    notes = np.array([(beat, 1, pitch, 90) for beat, pitch in enumerate(pitches)], np.float32)
    return grid_of(notes.reshape(-1, 4), Role.BASS, chord_line(style.chords), 36)


def test_the_take_that_moves_like_the_example_is_kept(style: Style) -> None:
    line = chord_line(style.chords)
    example = Example(over(style, 36, 43, 36, 43, 41, 48, 41, 48), line, 4)
    still = over(style, *(36,) * 4, *(41,) * 4)
    fifths = over(style, 43, 36, 43, 36, 48, 41, 48, 41)
    thirds = over(style, 36, 40, 36, 40, 41, 45, 41, 45)
    assert nearest([still, fifths, thirds], line, example) == 1
    assert nearest([thirds, still, fifths], line, example) == 2


def test_of_takes_that_move_alike_the_one_in_the_chord_is_kept(style: Style) -> None:
    line = chord_line(style.chords)
    example = Example(over(style, *(36, 43) * 2, *(41, 48) * 2), line, 4)
    inside = over(style, *(36, 43) * 2, *(41, 48) * 2)
    outside = over(style, *(37, 44) * 2, *(42, 49) * 2)
    assert nearest([outside, inside], line, example) == 1


def test_an_empty_example_leaves_the_first_take(style: Style) -> None:
    line = chord_line(style.chords)
    empty = Example(over(style), line, 4)
    assert nearest([over(style, 36), over(style, 40, 43)], line, empty) == 0


def test_only_basses_are_played_more_than_once() -> None:
    assert [len(takes_of(role)) > 1 for role in Role] == [role is Role.BASS for role in Role]
