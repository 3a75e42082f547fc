"""Notes keep what an edit does not name, and go back where they came from."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.document import (
    PPQ,
    Id,
    MidiClip,
    MusicalTime,
    Note,
    Project,
    Track,
    TrackKind,
)
from tonewright.dsp.project.edits import (
    add_notes,
    add_velocity,
    delete_notes,
    move_notes,
    quantise_notes,
    replace_notes,
    resize_notes,
    set_velocity,
)
from tonewright.dsp.project.edits.notes import louder, moved, quantised, resized

CLIP = Id("clip")
A, B, C = Note(60, 100, 0, 480), Note(64, 90, 490, 480), Note(67, 80, 960, 240)


def song(notes=(A, B, C), start_ticks=0):
    clip = MidiClip(CLIP, "Riff", MusicalTime(start_ticks), 4 * PPQ, tuple(notes))
    return Project(Id("song"), "Song", tracks=(Track(Id("t"), "T", TrackKind.MIDI, clips=(clip,)),))


def notes_of(project):
    return project.tracks[0].clips[0].notes


anywhere = st.lists(
    st.builds(
        Note,
        pitch=st.integers(0, 127),
        velocity=st.integers(1, 127),
        start_ticks=st.integers(0, 4000),
        length_ticks=st.integers(0, 900),
    ),
    min_size=1,
    max_size=6,
).map(lambda notes: sorted(notes, key=lambda note: note.start_ticks))


@settings(derandomize=True, deadline=None, max_examples=60)
@given(anywhere, st.integers(-5000, 5000), st.integers(-130, 130))
def test_moving_keeps_the_shape_of_a_chord_and_the_keyboard(notes, ticks, semitones):
    after = moved(notes, ticks=ticks, semitones=semitones)
    first, new = notes[0], after[0]
    for old, note in zip(notes, after, strict=True):
        assert note.start_ticks - old.start_ticks == new.start_ticks - first.start_ticks
        assert note.pitch - old.pitch == new.pitch - first.pitch
        assert note.start_ticks >= 0
        assert 0 <= note.pitch <= 127
    assert sorted(notes_of(move_notes(song(notes), CLIP, notes, ticks=ticks)), key=repr) == sorted(
        moved(notes, ticks=ticks), key=repr
    )


def test_nothing_is_moved_by_moving_nothing():
    project = song()
    assert moved((), ticks=3) == ()
    assert move_notes(project, CLIP, (), ticks=100) is project


def test_what_an_edit_does_not_name_stays():
    after = notes_of(move_notes(song(), CLIP, [B], ticks=1000))
    assert after == (A, C, replace(B, start_ticks=1490))


def test_of_equal_notes_as_many_are_taken_as_are_given():
    project = song((A, A, A))
    assert notes_of(delete_notes(project, CLIP, [A, A])) == (A,)
    with pytest.raises(ProjectError, match="has no Note"):
        delete_notes(project, CLIP, [A] * 4)


def test_adding_sorts_and_deleting_takes_it_back():
    project = song((A, C))
    more = add_notes(project, CLIP, [B])
    assert notes_of(more) == (A, B, C)
    assert delete_notes(more, CLIP, [B]) == project


def test_a_note_is_replaced_by_any_number_of_others():
    assert notes_of(replace_notes(song(), CLIP, [A, B], [C])) == (C, C)


def test_resizing_stops_at_the_least_length_but_lengthens_nothing():
    short = Note(60, 100, 0, 10)
    assert resized([A, short], ticks=-10_000, least_ticks=60) == (
        replace(A, length_ticks=60),
        short,
    )
    after = notes_of(resize_notes(song(), CLIP, [A], ticks=20))
    assert after[0].length_ticks == 500


def test_velocities_stay_playable():
    assert [note.velocity for note in louder([A, B], velocity=30)] == [127, 120]
    assert [note.velocity for note in louder([A, B], velocity=-200)] == [1, 1]
    assert [note.velocity for note in notes_of(add_velocity(song(), CLIP, [A], velocity=-1))] == [
        99,
        90,
        80,
    ]
    assert notes_of(set_velocity(song(), CLIP, [A, C], velocity=5))[2].velocity == 5
    with pytest.raises(ProjectError, match="no MIDI note"):
        set_velocity(song(), CLIP, [A], velocity=128)


def test_quantising_pulls_to_the_lines_of_the_project_not_of_the_clip():
    project = song((Note(60, 100, 0, 100), Note(60, 100, 230, 100)), start_ticks=250)
    after = notes_of(quantise_notes(project, CLIP, notes_of(project), grid="1/16"))
    assert [(250 + note.start_ticks) % 240 for note in after if note.start_ticks] == [0]
    assert after[0].start_ticks == 0  # its line is before the clip


def test_half_strength_goes_half_way_and_twice_full_strength_changes_nothing():
    project = song((Note(60, 100, 100, 100),))
    note = notes_of(project)
    assert quantised(project, CLIP, note, grid="1/16", strength=0.5)[0].start_ticks == 50
    once = quantise_notes(project, CLIP, note, grid="1/16")
    assert quantise_notes(once, CLIP, notes_of(once), grid="1/16") is once


def test_swing_delays_every_second_line():
    project = song((Note(60, 100, 240, 100),))
    (note,) = quantised(project, CLIP, notes_of(project), grid="1/16", swing=1.0)
    assert note.start_ticks == 240 + 80


def test_what_cannot_be_is_refused():
    with pytest.raises(ProjectError, match="no clip"):
        add_notes(song(), Id("other"), [A])
    with pytest.raises(ProjectError, match="no MIDI note"):
        add_notes(song(), CLIP, [replace(A, pitch=128)])
    with pytest.raises(ValueError, match="strength"):
        quantised(song(), CLIP, [A], grid="1/16", strength=1.5)
