import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace

import pytest

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.folder import save
from tonewright.dsp.project.journal import Journal


def named(project, name):
    return replace(project, name=str(name))


def names(recovered):
    return [state.project.name for state in recovered.states]


def crashed(folder, data_folder, *projects, keep=5):
    """Leave what a program that dies leaves: autosaves and no lock."""
    journal = Journal(folder, keep=keep, data_folder=data_folder)
    for project in projects:
        journal.write(project)
    journal.close()
    return sorted((journal._base).glob("*/*.json"))


@pytest.fixture(params=[True, False], ids=["saved", "never saved"])
def folder(request, tmp_path, song):
    """The folder of a project that has been saved, or None."""
    if not request.param:
        return None
    save(song, tmp_path / "song")
    os.utime(tmp_path / "song" / "project.json", ns=(0, 0))
    return tmp_path / "song"


def last_save(folder):
    return ["song"] if folder else []


def test_states_come_back_newest_first(folder, tmp_path, song):
    crashed(folder, tmp_path, *(named(song, index) for index in range(7)))
    with Journal(folder, data_folder=tmp_path) as journal:
        recovered = journal.recover()
        assert names(recovered) == ["6", "5", "4", "3", "2", *last_save(folder)]
        assert recovered.states[0].project == named(song, 6)
        assert recovered.problems == ()
        assert [state.autosave for state in recovered.states] == [True] * 5 + [False] * bool(folder)


def test_a_damaged_autosave_is_skipped_and_reported(folder, tmp_path, song):
    paths = crashed(folder, tmp_path, *(named(song, index) for index in range(4)))
    paths[3].write_bytes(paths[3].read_bytes()[:-100])
    paths[2].write_bytes(b"")
    paths[1].write_bytes(paths[1].read_bytes().replace(b'"1"', b'"9"'))
    recovered = Journal(folder, data_folder=tmp_path).recover()
    assert names(recovered) == ["0", *last_save(folder)]
    assert len(recovered.problems) == 3
    assert all("the autosave is damaged" in problem for problem in recovered.problems)


def test_what_a_running_program_writes_is_not_offered(folder, tmp_path, song):
    running = Journal(folder, data_folder=tmp_path)
    running.write(named(song, "running"))
    crashed(folder, tmp_path, named(song, "dead"))
    other = Journal(folder, data_folder=tmp_path)
    assert names(other.recover()) == ["dead", *last_save(folder)]
    assert names(running.recover()) == ["dead", *last_save(folder)]
    running.close()
    assert names(other.recover()) == ["dead", "running", *last_save(folder)]


def test_a_clean_end_leaves_nothing(folder, tmp_path, song):
    with Journal(folder, data_folder=tmp_path) as journal:
        journal.write(song)
        base = journal._base
    assert list(base.iterdir()) == []
    assert names(Journal(folder, data_folder=tmp_path).recover()) == last_save(folder)


def test_after_an_error_the_autosaves_stay(folder, tmp_path, song):
    with pytest.raises(RuntimeError), Journal(folder, data_folder=tmp_path) as journal:
        journal.write(named(song, "precious"))
        raise RuntimeError
    recovered = Journal(folder, data_folder=tmp_path).recover()
    assert names(recovered) == ["precious", *last_save(folder)]


def test_a_recovery_can_be_forgotten(folder, tmp_path, song):
    crashed(folder, tmp_path, named(song, 1), named(song, 2))
    journal = Journal(folder, data_folder=tmp_path)
    for state in journal.recover().states[:1]:
        journal.forget(state)
    assert names(journal.recover()) == last_save(folder)
    for state in journal.recover().states:
        journal.forget(state)
    assert names(journal.recover()) == last_save(folder)


def test_autosaves_older_than_the_save_are_not_offered(tmp_path, song):
    folder = tmp_path / "song"
    save(song, folder)
    crashed(folder, None, named(song, "old"))
    os.utime(folder / "project.json", ns=(2**62, 2**62))
    assert names(Journal(folder).recover()) == ["song"]


def test_without_a_whole_save_the_autosave_is_what_there_is(tmp_path, song):
    folder = tmp_path / "song"
    save(song, folder)
    crashed(folder, None, named(song, "kept"))
    (folder / "project.json").write_text("{")
    recovered = Journal(folder).recover()
    assert names(recovered) == ["kept"]
    assert "no JSON at line 1" in recovered.problems[0]


def test_the_same_state_is_written_once(tmp_path, song):
    journal = Journal(None, data_folder=tmp_path)
    for _ in range(3):
        journal.write(song)
    assert len(list(tmp_path.glob("autosave/*/*.json"))) == 1
    journal.discard()
    assert not list(tmp_path.glob("autosave/*/*.json"))
    journal.write(song)
    assert len(list(tmp_path.glob("autosave/*/*.json"))) == 1
    journal.close()


def test_writing_waits_for_no_disk_and_sync_does_once(tmp_path, song, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    with Journal(None, data_folder=tmp_path) as journal:
        journal.write(song)
        assert synced == []
        journal.sync()
        assert synced != []
        synced.clear()
        journal.sync()
        assert synced == []


def test_threads_may_write_at_once(tmp_path, song):
    journal = Journal(None, keep=50, data_folder=tmp_path)
    threads = [
        threading.Thread(target=journal.write, args=(named(song, index),)) for index in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.close()
    recovered = Journal(None, data_folder=tmp_path).recover()
    assert sorted(map(int, names(recovered))) == list(range(20))


def test_a_place_that_cannot_be_written_is_named(tmp_path, song):
    (tmp_path / "autosave").write_text("a file where the folder should be")
    with pytest.raises(ProjectError, match=r"autosave cannot be written: .*save the project"):
        Journal(None, data_folder=tmp_path).write(song)
    with pytest.raises(ValueError, match="at least 1"):
        Journal(None, keep=0)


EDITOR = """
    import sys
    from dataclasses import replace
    from pathlib import Path
    from tonewright.dsp.project.document import Id, MidiClip, MusicalTime, Note, Project, Track
    from tonewright.dsp.project.document import TrackKind
    from tonewright.dsp.project.journal import Journal

    notes = tuple(Note(60, 90, index, 1) for index in range(500))
    clip = MidiClip(Id("c"), "c", MusicalTime(0), 500, notes)
    project = Project(Id("p"), "p", tracks=(Track(Id("t"), "t", TrackKind.MIDI, clips=(clip,)),))
    journal = Journal(None, data_folder=Path(sys.argv[1]))
    for number in range(1_000_000):
        journal.write(replace(project, name=str(number)))
        sys.stdout.write(f"{number}\\n")
        sys.stdout.flush()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of POSIX")
def test_a_kill_at_any_moment_loses_the_last_edit_at_most(tmp_path):
    moments = random.Random(8)
    for kill in range(8):
        place = tmp_path / str(kill)
        with subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(EDITOR), str(place)],
            stdout=subprocess.PIPE,
            text=True,
        ) as editor:
            for _ in range(moments.randrange(1, 25)):
                written = int(editor.stdout.readline())
            # A different share of the next write each time.
            for _ in range(moments.randrange(0, 20_000)):
                pass
            editor.send_signal(signal.SIGKILL)
            rest = editor.stdout.read().split()
        written = max([written, *map(int, rest)])
        journal = Journal(None, data_folder=place)
        recovered = journal.recover()
        assert recovered.problems == ()
        newest = int(recovered.states[0].project.name)
        assert written <= newest <= written + 1
