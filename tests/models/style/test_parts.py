import numpy as np

from tonewright.dsp.midi.bars import Bar
from tonewright.dsp.midi.chords import parse_chord
from tonewright.dsp.midi.roles import Role
from tonewright.models.style.encoding import SLOTS, Grid
from tonewright.models.style.library import Style
from tonewright.models.style.parts import (
    LARGEST_LEAP,
    StylePart,
    largest_leap,
    most_notes,
    notes_of_grid,
    pitches_of,
    repeated_share,
)
from tonewright.models.style.places import places_of


def part_of(style: Style, role: Role) -> StylePart:
    (part,) = (each for each in style.style_parts() if each.role is role)
    return part


def test_a_bass_follows_the_chord_s_other_bass(style: Style) -> None:
    places = places_of([Bar(0.0, 4.0, 0, False)])
    (part,) = (each for each in style.style_parts() if each.role is Role.BASS)
    line = places.line([parse_chord("C/E")] * 4)
    velocities = np.zeros((len(line), SLOTS), np.uint8)
    velocities[0, [12, 16]] = velocities[12, 19] = 90  # root and third at once, then the fifth
    grid = Grid(velocities, np.full(len(line), 4, np.uint8), 36)
    notes = notes_of_grid(grid, part, line, places)
    assert notes[:, 2].tolist() == [40, 43]
    assert (notes[:, 1] > 0.0).all()


def test_drums_have_the_same_keys_over_every_chord(style: Style) -> None:
    places = places_of([Bar(0.0, 4.0, 0, False)])
    lines = [places.line([parse_chord(name)] * 4) for name in ("C", "F#m7/E")]
    drums = [pitches_of(part_of(style, Role.DRUMS), line) for line in lines]
    np.testing.assert_array_equal(*drums)
    basses = [pitches_of(part_of(style, Role.BASS), line) for line in lines]
    assert (basses[0] != basses[1]).any()


def test_a_part_plays_as_many_notes_at_once_as_its_example(style: Style) -> None:
    assert [most_notes(part_of(style, role)) for role in (Role.BASS, Role.CHORDS)] == [1, 3]


def test_a_part_leaps_an_octave_or_as_far_as_its_example(style: Style) -> None:
    assert largest_leap(part_of(style, Role.BASS)) == LARGEST_LEAP
    style.parts[0].notes[1, 2] = 57.0
    assert largest_leap(part_of(style, Role.BASS)) == 57 - 36


def test_how_often_a_part_repeats_is_told_by_its_example(style: Style) -> None:
    bass = style.parts[0].notes
    assert repeated_share(part_of(style, Role.BASS)) == 0.0
    bass[1, 2] = bass[0, 2]
    assert repeated_share(part_of(style, Role.BASS)) == 1 / 3
    assert repeated_share(part_of(style, Role.CHORDS)) == 2 / 3
