from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtTest import QSignalSpy

from tonewright.desktop.session import Session
from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.document import Media, Track, TrackKind, new_id
from tonewright.dsp.project.edits import add_media, add_track, set_project, set_track

BASS = Track(new_id(), "Bass", TrackKind.AUDIO)


@pytest.fixture
def session(qapp):
    return Session()


def rename(name):
    return lambda project: set_project(project, name=name)


def test_undo_returns_the_very_same_object(session):
    before = session.project
    assert session.apply("Rename", rename("Song"))
    after = session.project
    session.undo_stack.undo()
    assert session.project is before
    session.undo_stack.redo()
    assert session.project is after
    assert session.undo_stack.undoText() == "Rename"


def test_an_edit_that_changes_nothing_pushes_nothing(session):
    changes = QSignalSpy(session.changed)
    assert not session.apply("Nothing", lambda project: project)
    assert session.undo_stack.count() == changes.count() == 0


def test_an_edit_that_is_refused_is_told_and_changes_nothing(session):
    problems = QSignalSpy(session.problem)

    def refused(project):
        raise ProjectError("there is no such clip")

    assert not session.apply("Impossible", refused)
    assert problems.at(0) == ["there is no such clip"]
    assert session.undo_stack.count() == 0


def test_a_drag_is_one_entry_and_two_drags_are_two(session):
    for key in ("drag:a", "drag:b"):
        for step in range(50):
            session.apply("Rename", rename(f"{key} {step}"), merge_key=key)
    assert session.undo_stack.count() == 2
    session.undo_stack.undo()
    assert session.project.name == "drag:a 49"
    session.undo_stack.undo()
    assert session.project.name == "Untitled"


def test_a_drag_that_comes_back_leaves_no_entry(session):
    start = session.project
    session.apply("Rename", rename("a"), merge_key="drag")
    session.apply("Rename", lambda _: start, merge_key="drag")
    assert session.undo_stack.count() == 0
    assert session.project is start


def test_edits_without_a_key_stay_apart(session):
    session.apply("Rename", rename("a"))
    session.apply("Rename", rename("b"))
    assert session.undo_stack.count() == 2


def test_changed_names_what_differs(session):
    diffs = []
    session.changed.connect(diffs.append)
    session.apply("Add track", lambda project: add_track(project, BASS))
    track = session.project.tracks[0]
    session.apply("Rename track", lambda project: set_track(project, track.id, name="Bass 2"))
    assert diffs[0].tracks_added == (track.id,)
    assert diffs[1].tracks_changed == (track.id,)


def test_opening_clears_the_history_and_tells_views_both_projects(session):
    session.apply("Add track", lambda project: add_track(project, BASS))
    old = session.project.tracks[0].id
    other = add_track(Session().project, Track(new_id(), "Keys", TrackKind.MIDI))
    diffs = []
    session.changed.connect(diffs.append)
    session.open(other, Path("/songs/other"))
    assert session.undo_stack.count() == 0
    assert session.folder == Path("/songs/other")
    assert diffs[0].tracks_added == (other.tracks[0].id,)
    assert diffs[0].tracks_removed == (old,)


def test_media_that_were_collected_stay_collected_through_undo(session):
    medium = Media(new_id(), "take", "/stick/take.wav", "0" * 64, 48_000, 1, 480)
    session.apply("Import", lambda project: add_media(project, medium))
    session.apply("Rename", rename("Song"))
    saved = session.project
    written = replace(saved, media=(replace(medium, path="/song/media/take.wav"),))
    session.mark_saved(saved, written, Path("/song"))
    assert session.undo_stack.isClean()
    assert session.project.media[0].path == "/song/media/take.wav"
    session.undo_stack.undo()
    assert session.project.name == "Untitled"
    assert session.project.media[0].path == "/song/media/take.wav"


def test_an_edit_made_while_saving_leaves_the_project_unsaved(session):
    session.apply("Rename", rename("Song"))
    saved = session.project
    session.apply("Rename", rename("Song 2"))
    session.mark_saved(saved, saved, Path("/song"))
    assert not session.undo_stack.isClean()
