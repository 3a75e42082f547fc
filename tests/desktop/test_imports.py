import threading

import numpy as np
import pytest
import soundfile

from tonewright.desktop import imports as imports_module
from tonewright.desktop.imports import Imports
from tonewright.desktop.session import Session
from tonewright.desktop.tasks import Tasks
from tonewright.dsp.midi.exchange import export_midi
from tonewright.dsp.project.document import (
    ClockTime,
    MidiClip,
    MusicalTime,
    Note,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.project.edits import add_clip, add_track, set_tempo
from tonewright.dsp.project.tempo import range_of
from tonewright.dsp.rendering.queue import State


@pytest.fixture
def session(qapp):
    return Session()


@pytest.fixture
def imports(session):
    tasks = Tasks()
    yield Imports(session, tasks, session)
    tasks.close()


@pytest.fixture
def wave(tmp_path):
    def made(name, seed=0):
        path = tmp_path / name
        sound = np.random.default_rng(seed).uniform(-0.5, 0.5, 4_410)
        soundfile.write(path, sound, 44_100)
        return path

    return made


@pytest.fixture
def song(tmp_path):
    project = set_tempo(Session().project, 0, 90.0)
    project = add_track(project, Track(new_id(), "Bass", TrackKind.MIDI))
    clip = MidiClip(new_id(), "Riff", MusicalTime(0), 3840, (Note(40, 90, 0, 960),))
    path = tmp_path / "song.mid"
    export_midi(add_clip(project, project.tracks[0].id, clip), path)
    return path


def run(qtbot, session, imports, *paths, **options):
    with qtbot.waitSignal(session.changed):
        imports.start(paths, **options)


def test_files_become_tracks_in_one_undo_step(qtbot, session, imports, wave):
    run(qtbot, session, imports, wave("a.wav"), wave("b.flac", 1), start_seconds=1.5)
    assert [track.name for track in session.project.tracks] == ["a", "b"]
    assert {
        range_of(session.project, clip).start_seconds for _, clip in session.project.clips()
    } == {1.5}
    assert session.project.sample_rate == 44_100
    assert session.undo_stack.count() == 1
    session.undo_stack.undo()
    assert session.project.tracks == session.project.media == ()


def test_a_file_goes_to_the_audio_track_it_is_dropped_on(qtbot, session, imports, wave):
    track = Track(new_id(), "Guitar", TrackKind.AUDIO)
    session.apply("Add track", lambda project: add_track(project, track))
    run(qtbot, session, imports, wave("a.wav"), track_id=track.id)
    assert [each.name for each in session.project.tracks[0].clips] == ["a"]
    run(qtbot, session, imports, wave("again.wav"), start_seconds=2.0)
    assert len(session.project.media) == 1  # the same content is one medium
    assert session.project.tracks[1].clips[0].start == ClockTime(2.0)


def test_midi_brings_its_tempo_to_an_empty_project_only(qtbot, session, imports, song, wave):
    run(qtbot, session, imports, song)
    assert session.project.tempo_map.tempos[0].bpm == pytest.approx(90.0, abs=1e-3)
    assert session.project.tracks[0].clips[0].notes[0].pitch == 40
    session.apply("Tempo", lambda project: set_tempo(project, 0, 100.0))
    run(qtbot, session, imports, song, start_seconds=2.4)
    assert session.project.tempo_map.tempos[0].bpm == 100.0
    assert session.project.tracks[1].clips[0].start == MusicalTime(3840)


def test_a_bad_file_is_told_and_the_others_come(qtbot, session, imports, wave, tmp_path):
    bad = tmp_path / "notes.wav"
    bad.write_text("no sound")
    with qtbot.waitSignal(imports.problem) as told:
        imports.start([bad, wave("a.wav")])
    assert "notes.wav" in told.args[0]
    assert [track.name for track in session.project.tracks] == ["a"]


def test_several_bad_files_are_told_in_one_line(qtbot, session, imports, tmp_path):
    bad = [tmp_path / f"{name}.wav" for name in "abc"]
    for path in bad:
        path.write_text("no sound")
    with qtbot.waitSignal(imports.problem) as told:
        imports.start(bad)
    assert "a.wav" in told.args[0]
    assert told.args[0].endswith("; 2 more files cannot be read either")


def test_where_new_tracks_are_is_told(qtbot, session, imports, wave):
    run(qtbot, session, imports, wave("a.wav"))
    with qtbot.waitSignal(imports.notice) as told:
        imports.start([wave("b.wav", 1), wave("c.wav", 2)])
    assert told.args == ["2 files: 2 new tracks below the others"]


def test_what_was_edited_meanwhile_stays(qtbot, session, imports, wave):
    with qtbot.waitSignal(session.changed):
        imports.start([wave("a.wav")])
        track = Track(new_id(), "Guitar", TrackKind.AUDIO)
        session.apply("Add track", lambda project: add_track(project, track))
    qtbot.waitUntil(lambda: len(session.project.tracks) == 2)
    assert [track.name for track in session.project.tracks] == ["Guitar", "a"]


@pytest.fixture
def held(monkeypatch):
    """Stop reading behind the first block until the test goes on; what it asks then is told."""
    begun, go_on = threading.Event(), threading.Event()
    read = imports_module.import_media

    def slow(path, told):
        def wait(fraction):
            begun.set()
            assert go_on.wait(10.0)
            told(fraction)

        return read(path, told=wait)

    monkeypatch.setattr(imports_module, "import_media", slow)
    yield begun, go_on
    go_on.set()


def test_an_import_is_a_job_until_it_is_done(qtbot, session, imports, wave, held):
    _, go_on = held
    imports.start([wave("a.wav")])
    assert [job.label for job in imports.jobs] == ["Import of a.wav"]
    qtbot.waitUntil(lambda: imports.jobs[0].state is State.RUNNING)
    assert imports.jobs[0].progress.stage == "a.wav"
    with qtbot.waitSignal(session.changed):
        go_on.set()
    assert imports.jobs == ()


def test_an_import_that_is_stopped_adds_nothing_and_the_next_one_is_read(
    qtbot, session, imports, wave, held
):
    begun, go_on = held
    imports.start([wave("a.wav")])
    assert begun.wait(10.0)
    with qtbot.waitSignal(imports.notice) as told:
        imports.cancel(imports.jobs[0].key)
    assert told.args == ["Import of a.wav: stopped, nothing was added"]
    assert imports.jobs == ()
    with qtbot.waitSignal(session.changed):
        imports.start([wave("b.wav", 1)])
        go_on.set()
    qtbot.waitUntil(lambda: imports.jobs == ())
    assert [track.name for track in session.project.tracks] == ["b"]
