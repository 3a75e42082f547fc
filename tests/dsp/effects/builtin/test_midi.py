from importlib import import_module

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.effects.builtin.midi import (
    MIDI_EFFECT_TYPES,
    Humanize,
    Quantize,
    Transpose,
    Velocity,
)
from tonewright.dsp.effects.protocol import Family
from tonewright.dsp.midi.sequence import MidiSequence, MidiTrack
from tonewright.dsp.project.document import MidiEvent, Note, TempoEvent, TempoMap


def sequence(*notes, events=(), ticks_per_quarter=960, bpm=120.0):
    return MidiSequence(
        ticks_per_quarter,
        TempoMap((TempoEvent(0, bpm),)),
        (MidiTrack("x", notes, events),),
    )


def notes_of(effect, *notes, **fields):
    return effect.process_midi(sequence(*notes, **fields)).tracks[0].notes


NOTES = st.lists(
    st.builds(
        Note,
        pitch=st.integers(0, 127),
        velocity=st.integers(1, 127),
        start_ticks=st.integers(0, 10_000),
        length_ticks=st.integers(0, 2000),
        channel=st.sampled_from([0, 9]),
    ),
    max_size=10,
)


@pytest.mark.parametrize("effect_type", MIDI_EFFECT_TYPES, ids=lambda each: each.id)
def test_a_type_builds_its_effect_from_its_defaults(effect_type):
    module, name = effect_type.factory.split(":")
    params = {each.name: each.default for each in effect_type.parameters}
    if effect_type.seeded:
        params["seed"] = 1
    effect = getattr(import_module(module), name)(**params)
    assert effect_type.family is Family.MIDI
    assert all(getattr(effect, each) == value for each, value in params.items())
    empty = MidiSequence()
    assert effect.process_midi(empty) == empty


@pytest.mark.parametrize("effect_type", MIDI_EFFECT_TYPES, ids=lambda each: each.id)
def test_a_parameter_outside_its_range_is_refused(effect_type):
    module, name = effect_type.factory.split(":")
    factory = getattr(import_module(module), name)
    for parameter in effect_type.parameters:
        if parameter.maximum is not None:
            with pytest.raises(ValueError, match=parameter.name):
                factory(**{parameter.name: parameter.maximum + 1})
        if parameter.choices:
            with pytest.raises(ValueError, match=parameter.name):
                factory(**{parameter.name: "none"})


def test_transposing_moves_notes_and_their_pressure_but_no_drums():
    events = (MidiEvent(0, b"\xa0\x3c\x10"), MidiEvent(0, b"\xa9\x3c\x10"))
    (track,) = (
        Transpose(semitones=5)
        .process_midi(sequence(Note(60, 9, 0, 1), Note(60, 9, 0, 1, 9), events=events))
        .tracks
    )
    assert [note.pitch for note in track.notes] == [65, 60]
    assert [event.data[1] for event in track.events] == [65, 60]
    drums = notes_of(Transpose(semitones=5, keep_drums=False), Note(60, 9, 0, 1, 9))
    assert drums[0].pitch == 65


@given(NOTES, st.integers(-127, 127))
@settings(derandomize=True, deadline=None, max_examples=100)
def test_transposing_keeps_the_pitch_class_and_the_range(notes, semitones):
    moved = notes_of(Transpose(semitones=semitones, keep_drums=False), *notes)
    assert all(0 <= note.pitch <= 127 for note in moved)
    assert sorted((note.pitch - semitones) % 12 for note in moved) == sorted(
        note.pitch % 12 for note in notes
    )
    inside = [note for note in notes if 0 <= note.pitch + semitones <= 127]
    exact = {(note.start_ticks, note.pitch + semitones) for note in inside}
    assert exact <= {(note.start_ticks, note.pitch) for note in moved}


def test_quantising_moves_starts_and_leaves_lengths():
    assert notes_of(Quantize(grid="1/8"), Note(60, 9, 500, 333)) == (Note(60, 9, 480, 333),)
    half = notes_of(Quantize(grid="1/8", strength=0.5), Note(60, 9, 500, 333))
    assert half == (Note(60, 9, 490, 333),)


def test_quantising_ends_never_takes_a_note_away():
    effect = Quantize(grid="1/8", ends=True)
    assert notes_of(effect, Note(60, 9, 500, 400)) == (Note(60, 9, 480, 480),)
    assert notes_of(effect, Note(60, 9, 500, 50)) == (Note(60, 9, 480, 50),)
    assert notes_of(effect, Note(60, 9, 300, 300)) == (Note(60, 9, 480, 300),)


def test_quantising_follows_the_resolution_and_swings():
    assert notes_of(Quantize(grid="1/8t"), Note(60, 9, 33, 5), ticks_per_quarter=96) == (
        Note(60, 9, 32, 5),
    )
    assert notes_of(Quantize(grid="1/8", swing=1.0), Note(60, 9, 470, 5)) == (Note(60, 9, 640, 5),)


def test_a_note_that_moved_ends_the_one_before_it_on_its_key():
    moved = notes_of(Quantize(grid="1/4"), Note(60, 9, 0, 1000), Note(60, 9, 1010, 100))
    assert moved == (Note(60, 9, 0, 960), Note(60, 9, 960, 100))


@given(NOTES, st.integers(0, 5))
@settings(derandomize=True, deadline=None, max_examples=60)
def test_humanising_is_the_same_for_a_seed_and_stays_near(notes, seed):
    effect = Humanize(timing_ms=10.0, velocity=5.0, seed=seed)
    moved = notes_of(effect, *notes)
    assert moved == notes_of(effect, *notes)
    # 120 bpm: 1920 ticks a second; three deviations and the rounding.
    starts = sorted(note.start_ticks for note in notes)
    for before, after in zip(starts, sorted(note.start_ticks for note in moved), strict=True):
        assert abs(after - before) <= 3 * 0.010 * 1920 + 1
    assert all(1 <= note.velocity <= 127 for note in moved)


def test_humanising_means_its_deviations_at_any_tempo_and_resolution():
    notes = [Note(60, 64, 1000 + 100 * index, 10) for index in range(400)]
    for bpm, ticks_per_quarter in ((60.0, 960), (180.0, 100)):
        moved = notes_of(
            Humanize(timing_ms=4.0, velocity=6.0, seed=3),
            *notes,
            bpm=bpm,
            ticks_per_quarter=ticks_per_quarter,
        )
        ticks_per_second = bpm / 60 * ticks_per_quarter
        offsets = [(after.start_ticks - before.start_ticks) / ticks_per_second
                   for before, after in zip(notes, moved, strict=True)]  # fmt: skip
        velocities = [note.velocity - 64 for note in moved]
        # Four hundred numbers give a deviation to about 4 %; ticks of 3 ms blur it further.
        assert rms(offsets) == pytest.approx(0.004, rel=0.15)
        assert rms(velocities) == pytest.approx(6.0, rel=0.15)


def rms(values):
    return (sum(value * value for value in values) / len(values)) ** 0.5


def test_another_seed_moves_otherwise_and_none_moves_nothing():
    notes = [Note(60, 64, 1000 * index, 10) for index in range(10)]
    assert notes_of(Humanize(seed=1), *notes) != notes_of(Humanize(seed=2), *notes)
    assert notes_of(Humanize(timing_ms=0.0, velocity=0.0), *notes) == tuple(notes)


@pytest.mark.parametrize(
    ("effect", "before", "after"),
    [
        (Velocity(scale=0.5), 100, 50),
        (Velocity(scale=2.0), 100, 127),
        (Velocity(offset=-127), 100, 1),
        (Velocity(offset=10), 100, 110),
        (Velocity(compress=1.0, target=70), 100, 70),
        (Velocity(compress=0.5, target=70), 100, 85),
        (Velocity(), 33, 33),
    ],
)
def test_velocities_are_drawn_scaled_and_offset(effect, before, after):
    assert notes_of(effect, Note(60, before, 0, 10))[0].velocity == after
