import numpy as np

from tonewright.models.style.examples import (
    aligned_bars,
    aligned_steps,
    profile_of,
    told_of,
    usual_of,
)
from tonewright.models.style.library import Style

PHASES = np.arange(8)
ENDS = (PHASES == 7).astype(np.int64)


def test_bars_take_turns() -> None:
    assert aligned_bars(2, False, PHASES, ENDS).tolist() == [0, 1, 0, 1, 0, 1, 0, 1]
    assert aligned_bars(1, False, PHASES, ENDS).tolist() == [0] * 8


def test_the_fill_plays_at_the_end_of_a_section_only() -> None:
    assert aligned_bars(8, True, PHASES, ENDS).tolist() == list(range(8))
    assert aligned_bars(4, True, PHASES, ENDS).tolist() == [0, 1, 2, 2, 0, 1, 2, 3]
    assert 7 not in aligned_bars(8, True, PHASES, np.zeros(8, np.int64))


def test_a_waltz_gives_its_later_beats_again_in_four() -> None:
    beats = aligned_steps(3, np.zeros(4, np.int64), np.array([0, 6, 12, 18]))
    assert (beats // 6).tolist() == [0, 1, 2, 1]


def test_four_gives_its_first_beats_to_a_waltz() -> None:
    assert aligned_steps(4, np.full(3, 2), np.array([0, 6, 13])).tolist() == [48, 54, 61]


def test_what_is_usual_is_a_share_of_bars(style: Style) -> None:
    bass = style.style_parts()[0].example
    usual = usual_of(bass)
    assert usual.shape[0] == 24
    assert usual[0].max() == 1.0
    assert usual[3].max() == 0.0


def test_an_example_tells_its_pattern_at_every_bar(style: Style) -> None:
    example = style.style_parts()[1].example
    beat_steps = np.tile(np.arange(24), 4)
    told = told_of(example, beat_steps, np.arange(4).repeat(24), np.zeros(96, np.int64))
    begun = told.aligned.any(axis=1).reshape(4, 24)
    assert np.flatnonzero(begun[0]).tolist() == [6, 18]
    assert (begun == begun[0]).all()


def test_the_profile_tells_two_styles_apart(style: Style) -> None:
    bass, chords, _ = (profile_of(part.example) for part in style.style_parts())
    assert np.abs(bass - chords).max() > 0.5
