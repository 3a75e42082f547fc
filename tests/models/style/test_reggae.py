from tonewright.dsp.midi.roles import Role
from tonewright.models.style.measures import chord_tone_share
from tonewright.models.style.reggae import BEATS, reggae


def test_the_kick_drops_on_the_third_beat_only() -> None:
    _, parts = reggae()
    drums = next(part.notes for part in parts if part.role is Role.DRUMS)
    assert (drums[drums[:, 2] == 36, 0] % BEATS).tolist() == [2.0] * 8


def test_guitar_and_organ_stay_off_the_first_beat() -> None:
    _, parts = reggae()
    chords = [part.notes for part in parts if part.role is Role.CHORDS]
    assert len(chords) == 2
    assert all((notes[:, 0] % BEATS > 0.0).all() for notes in chords)


def test_every_pitch_belongs_to_its_chord() -> None:
    chords, parts = reggae()
    assert len(chords) == 8 * BEATS
    for part in parts:
        if part.role is not Role.DRUMS:
            assert chord_tone_share(part.notes, chords) == 1.0
