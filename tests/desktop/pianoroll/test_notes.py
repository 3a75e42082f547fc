from dataclasses import replace

import pytest
from PySide6.QtTest import QSignalSpy

from tonewright.desktop.pianoroll.notes import ClipNotes
from tonewright.dsp.project.document import Id, Note
from tonewright.dsp.project.edits import delete_clips, set_channel, set_clip, set_track
from tonewright.dsp.project.edits.notes import moved

RIFF = Id("riff")
A, B, C = Note(60, 100, 0, 480), Note(64, 90, 960, 480), Note(67, 80, 1920, 480)


@pytest.fixture
def notes(session):
    notes = ClipNotes(session)
    notes.show(RIFF)
    return notes


def test_ghosts_are_what_sounds_with_the_clip_counted_from_its_start(notes):
    assert notes.ghosts == (Note(40, 90, 960, 960),)


def test_what_an_edit_made_stays_selected_and_undo_takes_it_back(session, notes):
    notes.select([A, B])
    notes.reshape("Move notes", lambda each: moved(each, ticks=240))
    assert notes.selected == (replace(A, start_ticks=240), replace(B, start_ticks=1200))
    session.undo_stack.undo()
    assert notes.notes == (A, B, C)
    assert notes.selected == ()  # those notes are no more


def test_a_note_deleted_elsewhere_is_not_selected_any_more(session, notes):
    notes.select([A, B])
    session.apply("Elsewhere", lambda p: set_clip(p, RIFF, notes=(B, C)))
    assert notes.selected == (B,)


def test_quantising_without_a_selection_takes_all_and_selects_none(session, notes):
    session.apply("Late", lambda p: set_clip(p, RIFF, notes=(replace(A, start_ticks=30), C)))
    notes.quantise(strength=1.0, swing=0.0)
    assert notes.notes == (A, C)
    assert notes.selected == ()


def test_transposing_takes_the_selected_only(notes):
    notes.select([A])
    notes.transpose(12)
    assert notes.notes == (replace(A, pitch=72), B, C)


def test_a_duplicate_follows_on_the_grid(notes):
    notes.grid = "1/4"
    notes.select([A])
    notes.duplicate()
    assert notes.selected == (replace(A, start_ticks=960),)


def test_positions_snap_to_the_bars_of_the_project(notes):
    notes.grid = "1/4"
    assert notes.snapped(1000.0) == 960
    assert notes.snapped(-700.0) == 0


def test_the_color_of_the_track_is_followed_and_a_fader_is_not(session, notes):
    told = QSignalSpy(notes.changed)
    session.apply("Gain", lambda p: set_channel(p, Id("keys"), gain_db=-3.0))
    assert told.count() == 0
    session.apply("Color", lambda p: set_track(p, Id("keys"), color="#112233"))
    assert told.count() == 1
    assert notes.color == "#112233"


def test_a_clip_that_is_deleted_leaves_nothing(session, notes):
    notes.select([A])
    session.apply("Delete", lambda p: delete_clips(p, [RIFF]))
    assert notes.clip is None
    assert notes.notes == notes.selected == notes.ghosts == ()
    notes.quantise(strength=1.0, swing=0.0)
    notes.transpose(1)
    assert session.undo_stack.count() == 1
