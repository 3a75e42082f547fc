import numpy as np
import pytest

from tonewright.dsp.midi.bars import Bar
from tonewright.dsp.midi.roles import Role
from tonewright.models.style.encoding import Floats, Grid, bass_pitches, chord_line, grid_of
from tonewright.models.style.examples import Example
from tonewright.models.style.following import Followed
from tonewright.models.style.library import Style
from tonewright.models.style.parts import StylePart, notes_of_grid
from tonewright.models.style.places import Places, places_of
from tonewright.models.style.takes import Take, composite, phrases_of, takes_of

BARS = 8


def places(bars: int = BARS) -> Places:
    return places_of([Bar(4.0 * n, 4.0, n, n == bars - 1) for n in range(bars)])


def over(style: Style, *pitches: int, bars: int = 2) -> Grid:
    """Return bars of quarters, the pitches again and again, over the style's chords."""
    again = np.resize(np.array(pitches, np.float32), 4 * bars if pitches else 0)
    notes = np.array([(beat, 1, pitch, 90) for beat, pitch in enumerate(again)], np.float32)
    return grid_of(notes.reshape(-1, 4), Role.BASS, line_of(style, bars), 36)


def line_of(style: Style, bars: int):
    return chord_line(style.chords * (bars // 2))


def chosen(
    style: Style, example: Grid, *takes: Grid, free: int = 0, followed: Followed | None = None
) -> Floats:
    """Return the struck pitches of what is put together from takes of eight bars.

    Args:
        style: Whose chords.
        example: What they should be like.
        takes: Of which the first ``free`` are played by the style alone.
        free: How many of them.
        followed: The song's bass.
    """
    part = StylePart(Role.BASS, 33, Example(example, line_of(style, 2), 4))
    line = line_of(style, BARS)
    notes = [notes_of_grid(each, part, line, places()) for each in takes]
    ways = [Take(lean_nats=0.0 if n < free else 1.0) for n in range(len(takes))]
    grid = composite(part, ways, takes, notes, line=line, places=places(), followed=followed)
    steps, slots = np.nonzero(grid.velocities)
    return bass_pitches(line, grid.register)[steps, slots]


def test_the_take_that_moves_like_the_example_is_kept(style: Style) -> None:
    example = over(style, 36, 43, 36, 43, 41, 48, 41, 48)
    still = over(style, *(36,) * 4, *(41,) * 4, bars=BARS)
    fifths = over(style, 43, 36, 43, 36, 48, 41, 48, 41, bars=BARS)
    thirds = over(style, 36, 40, 36, 40, 41, 45, 41, 45, bars=BARS)
    kept = chosen(style, example, still, fifths, thirds)
    assert kept.tolist() == [43, 36, 43, 36, 48, 41, 48, 41] * 4


@pytest.mark.parametrize("free", [0, 1])
def test_what_the_style_makes_of_the_song_counts_beside_the_example(
    style: Style, free: int
) -> None:
    example = over(style, 36, 43, 36, 43, 41, 48, 41, 48)
    fifths = over(style, 36, 43, 36, 43, 41, 48, 41, 48, bars=BARS)
    thirds = over(style, 36, 40, 36, 40, 41, 45, 41, 45, bars=BARS)
    intervals = np.abs(np.diff(chosen(style, example, thirds, fifths, free=free)))
    assert 7 in intervals
    assert (4 in intervals) == bool(free)


def test_of_takes_that_move_alike_the_one_in_the_chord_is_kept(style: Style) -> None:
    example = over(style, *(36, 43) * 2, *(41, 48) * 2)
    inside = over(style, *(36, 43) * 2, *(41, 48) * 2, bars=BARS)
    outside = over(style, *(37, 44) * 2, *(42, 49) * 2, bars=BARS)
    assert chosen(style, example, outside, inside)[0] == 36


def half(first: Grid, second: Grid) -> Grid:
    middle = len(first.lengths) // 2
    return Grid(
        np.concatenate((first.velocities[:middle], second.velocities[middle:])),
        np.concatenate((first.lengths[:middle], second.lengths[middle:])),
        first.register,
    )


def test_the_best_phrases_of_takes_are_put_together(style: Style) -> None:
    example = over(style, 36, 43, 36, 43, 41, 48, 41, 48)
    good = over(style, 36, 43, 36, 43, 41, 48, 41, 48, bars=BARS)
    bad = over(style, 37, 38, 37, 38, 42, 43, 42, 43, bars=BARS)
    kept = chosen(style, example, half(good, bad), half(bad, good))
    assert kept.tolist() == [36, 43, 36, 43, 41, 48, 41, 48] * 4


def test_phrases_that_would_leap_too_far_are_not_joined(style: Style) -> None:
    example = over(style, 36, 43, 36, 43, 41, 48, 41, 48)
    good = over(style, 36, 43, 36, 43, 41, 48, 41, 48, bars=BARS)
    high = over(style, 60, 67, 60, 67, 65, 72, 65, 72, bars=BARS)
    bad = over(style, 37, 38, 37, 38, 42, 43, 42, 43, bars=BARS)
    kept = chosen(style, example, half(good, bad), half(bad, high))
    assert np.abs(np.diff(kept)).max() <= 12


def test_where_style_leaves_the_choice_the_song_s_bass_is_followed(style: Style) -> None:
    example = over(style, 36)
    roots = over(style, *(36,) * 4, *(41,) * 4, bars=BARS)
    thirds = over(style, *(40,) * 4, *(45,) * 4, bars=BARS)
    own = np.array([(4 * bar, 4, (40, 45)[bar % 2], 80) for bar in range(BARS)], np.float32)
    assert chosen(style, example, roots, thirds)[0] == 36
    kept = chosen(style, example, roots, thirds, followed=Followed(own, 1.0))
    assert kept.tolist() == ([40] * 4 + [45] * 4) * 4


def test_an_empty_example_leaves_the_first_take(style: Style) -> None:
    assert chosen(style, over(style), over(style, 36, bars=8), over(style, 40, bars=8))[0] == 36


def test_phrases_are_of_four_bars_of_a_section() -> None:
    bars = [Bar(4.0 * n, 4.0, phase, False) for n, phase in enumerate((0, 1, 2, 3, 4, 5, 0, 1))]
    assert phrases_of(places_of(bars)).tolist() == [0, 4 * 24, 6 * 24]


@pytest.mark.parametrize("follows", [False, True])
def test_only_basses_are_played_more_than_once(follows: bool) -> None:
    counts = {role: len(takes_of(role, follows=follows)) for role in Role}
    assert [count > 1 for count in counts.values()] == [role is Role.BASS for role in Role]


def test_only_a_bass_that_follows_leans() -> None:
    alone, following = (takes_of(Role.BASS, follows=follows) for follows in (False, True))
    assert not any(take.lean_nats for take in alone)
    assert any(take.lean_nats for take in following)
    assert set(alone) < set(following)
