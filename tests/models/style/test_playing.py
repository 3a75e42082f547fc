import numpy as np
import pytest

from tonewright.dsp.midi.bars import Bar
from tonewright.dsp.midi.chords import parse_chord
from tonewright.dsp.midi.roles import Role
from tonewright.models.style import measures
from tonewright.models.style.following import Followed
from tonewright.models.style.library import Style
from tonewright.models.style.places import Places, places_of
from tonewright.models.style.playing import Freedom, play
from tonewright.models.style.weights import StyleNetworks

NAMES = ("G", "Em", "Am", "D7", "Bbdim7", "Fsus4", "Gm7", "C")
CHORDS = [parse_chord(name) for name in NAMES for _ in range(4)]


def song() -> Places:
    return places_of([Bar(4.0 * n, 4.0, n % 8, n % 8 == 7) for n in range(8)])


def played(
    networks: StyleNetworks,
    style: Style,
    freedom: Freedom = Freedom(),  # noqa: B008
    seed: int = 0,
    followed: Followed | None = None,
):
    places = song()
    parts = style.style_parts()
    notes = play(
        networks,
        parts,
        places.line(CHORDS),
        places,
        freedom=freedom,
        numbers=np.random.default_rng(seed),
        followed=followed,
    )
    return {part.role: rows for part, rows in zip(parts, notes, strict=True)}


def test_untrained_networks_put_the_pattern_on_the_chords(
    networks: StyleNetworks, style: Style
) -> None:
    notes = played(networks, style)[Role.CHORDS]
    first = notes[notes[:, 0] < 4.0]
    assert sorted(set(first[:, 0].tolist())) == [1.0, 3.0]
    assert {int(pitch) % 12 for pitch in first[:, 2]} == {7, 11, 2}
    assert measures.chord_tone_share(notes, CHORDS) > 0.95


def test_a_bass_plays_one_note_at_a_time(networks: StyleNetworks, style: Style) -> None:
    bass = played(networks, style, Freedom(temperature=2.0, density=1.0))[Role.BASS]
    starts = bass[:, 0].tolist()
    assert len(starts) == len(set(starts))


@pytest.mark.parametrize("temperature", [0.0, 1.0, 2.0])
def test_nothing_is_outside_the_range_or_the_kit(
    networks: StyleNetworks, style: Style, temperature: float
) -> None:
    notes = played(networks, style, Freedom(temperature))
    bass, chords, drums = (notes[role] for role in (Role.BASS, Role.CHORDS, Role.DRUMS))
    assert bass[:, 2].min() >= 36 - 5
    assert bass[:, 2].max() <= 48 + 5
    assert chords[:, 2].min() >= 60 - 5
    assert chords[:, 2].max() <= 72 + 5
    before_fill = drums[drums[:, 0] < 28.0]
    assert set(before_fill[:, 2].tolist()) <= {36.0, 42.0}
    assert all(rows[:, 1].min() > 0.0 for rows in notes.values())


def test_the_same_seed_plays_the_same(networks: StyleNetworks, style: Style) -> None:
    free = Freedom(temperature=1.0)
    first, same, other = (played(networks, style, free, seed) for seed in (1, 1, 2))
    for role, rows in first.items():
        np.testing.assert_array_equal(rows, same[role])
    assert any(not np.array_equal(rows, other[role]) for role, rows in first.items())


def test_density_makes_more_or_fewer_notes(networks: StyleNetworks, style: Style) -> None:
    counts = [
        sum(map(len, played(networks, style, Freedom(density=density)).values()))
        for density in (-1.0, 0.0, 1.0)
    ]
    assert counts[0] < counts[1] < counts[2] or counts[0] <= counts[1] < counts[2]


def test_a_held_note_ends_where_a_chord_begins_without_it(
    networks: StyleNetworks, style: Style
) -> None:
    long = style.parts[1].notes.copy()
    long[:, 1] = 8.0
    style.parts[1].notes[:] = long
    notes = played(networks, style)[Role.CHORDS]
    for start, length, pitch, _ in notes.tolist():
        inside = range(int(start) + 1, min(32, int(np.ceil(start + length - 1e-3))))
        assert all(int(pitch) % 12 in CHORDS[beat].pitch_classes for beat in inside)


def test_the_example_s_velocities_are_played(networks: StyleNetworks, style: Style) -> None:
    notes = played(networks, style)
    assert set(notes[Role.DRUMS][:, 3].tolist()) == {70.0, 100.0}
    assert set(notes[Role.BASS][:, 3].tolist()) == {90.0, 100.0}


def test_no_key_is_struck_while_it_sounds(networks: StyleNetworks, style: Style) -> None:
    style.parts[1].notes[:, 1] = 6.0
    for rows in played(networks, style, Freedom(temperature=1.0)).values():
        assert measures.faults(rows) == 0


def test_a_song_without_steps_gets_no_notes(networks: StyleNetworks, style: Style) -> None:
    places = places_of([])
    parts = style.style_parts()
    line = places.line([])
    numbers = np.random.default_rng(0)
    notes = play(networks, parts, line, places, freedom=Freedom(), numbers=numbers)
    assert [len(rows) for rows in notes] == [0, 0, 0]


FIFTHS = np.array(
    [(bar * 4, 4, 36 + (CHORDS[4 * bar].root + 7) % 12, 90) for bar in range(8)], np.float32
)
"""A bass that holds the fifth of each chord of the song."""


@pytest.mark.parametrize("followed", [Followed(FIFTHS, 0.0), Followed(FIFTHS[:0], 1.0)])
def test_a_bass_that_follows_nothing_is_as_if_there_was_none(
    networks: StyleNetworks, style: Style, followed: Followed
) -> None:
    alone = played(networks, style)
    for role, rows in played(networks, style, followed=followed).items():
        np.testing.assert_array_equal(rows, alone[role])


def test_a_bass_that_follows_keeps_the_song_s_notes_in_its_own_rhythm_and_range(
    networks: StyleNetworks, style: Style
) -> None:
    alone = played(networks, style)
    basses = [
        played(networks, style, followed=Followed(FIFTHS, share))[Role.BASS] for share in (0.5, 1.0)
    ]
    alike = [measures.content(rows, FIFTHS) for rows in (alone[Role.BASS], *basses)]
    assert alike[0] < alike[1]
    assert alike[1] <= alike[2]
    for rows in basses:
        assert rows[:, 0].tolist() == alone[Role.BASS][:, 0].tolist()
        assert rows[:, 2].min() >= 36 - 5
        assert rows[:, 2].max() <= 48 + 5


def test_a_bass_that_follows_repeats_no_more_than_its_example(
    networks: StyleNetworks, style: Style
) -> None:
    bass = played(networks, style, followed=Followed(FIFTHS, 1.0))[Role.BASS]
    assert (np.diff(bass[:, 2]) == 0).mean() < 0.1


def test_only_basses_follow(networks: StyleNetworks, style: Style) -> None:
    alone, following = (
        played(networks, style),
        played(networks, style, followed=Followed(FIFTHS, 1.0)),
    )
    for role in (Role.CHORDS, Role.DRUMS):
        np.testing.assert_array_equal(alone[role], following[role])
