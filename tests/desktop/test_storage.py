import threading

import pytest

from tonewright.desktop.session import Session
from tonewright.desktop.storage import RECOVERED, Storage
from tonewright.desktop.tasks import Tasks
from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.document import Track, TrackKind, new_id
from tonewright.dsp.project.edits import add_track, set_project
from tonewright.dsp.project.folder import AUTOSAVE_FOLDER, PROJECT_FILE, load, save


class Program:
    """A program without a window: session, tasks and storage."""

    def __init__(self, data_folder):
        self.session, self.tasks = Session(), Tasks()
        self.storage = Storage(self.session, self.tasks, data_folder=data_folder)
        self.problems, self.notices = [], []
        self.storage.problem.connect(self.problems.append)
        self.storage.notice.connect(self.notices.append)

    def edit(self, name):
        self.session.apply("Rename", lambda project: set_project(project, name=name))

    def die(self):
        """End as a killed program does: what is on the disk stays, its locks go."""
        self.tasks.close()
        self.storage._keeper.close()
        self.storage._place.close()

    def close(self):
        self.tasks.close()
        self.storage.close()


@pytest.fixture
def start(tmp_path, qapp):
    programs = []

    def started():
        programs.append(Program(tmp_path / "data"))
        return programs[-1]

    yield started
    for program in programs:
        program.close()


@pytest.fixture
def song(tmp_path):
    project = add_track(Session().project, Track(new_id(), "Bass", TrackKind.AUDIO))
    save(set_project(project, name="Song"), tmp_path / "song")
    return tmp_path / "song"


def opened(program, qtbot, path):
    with qtbot.waitSignal(program.session.opened):
        program.storage.open(path)
    return program


def autosaved(qtbot, folder):
    qtbot.waitUntil(lambda: list((folder / AUTOSAVE_FOLDER).glob("*/*.json")) != [])


def test_a_project_opens_clean(start, qtbot, song):
    program = opened(start(), qtbot, song)
    assert program.session.project == load(song)
    assert program.session.folder == song
    assert not program.storage.unsaved
    assert program.problems == program.notices == []


@pytest.mark.parametrize("named", [True, False])
def test_what_a_killed_program_had_comes_back_and_can_be_undone(start, qtbot, song, named):
    program = start()
    if named:
        opened(program, qtbot, song)
    program.edit("a")
    program.edit("b")
    qtbot.waitUntil(lambda: program.storage._kept is program.session.project)
    program.die()

    again = start()
    with qtbot.waitSignal(again.storage.notice):
        if named:
            again.storage.open(song)
        else:
            again.storage.recover_unnamed()
    assert again.session.project.name == "b"
    assert again.storage.unsaved
    assert again.session.undo_stack.undoText() == RECOVERED
    again.session.undo_stack.undo()
    assert again.session.project.name == ("Song" if named else "Untitled")
    assert not again.storage.unsaved


def test_what_else_runs_in_the_background_delays_no_autosave(start, qtbot, song):
    program = opened(start(), qtbot, song)
    let_go = threading.Event()
    for _ in range(8):  # an hour that is imported, say
        program.tasks.run(let_go.wait, lambda _: None)
    program.edit("kept")
    qtbot.waitUntil(lambda: program.storage._kept is program.session.project)
    let_go.set()


def test_after_a_failed_autosave_the_next_edit_is_kept(start, qtbot, song, monkeypatch):
    program = opened(start(), qtbot, song)
    journal = program.storage._place.journal

    def full(project):
        raise ProjectError("no room")

    with monkeypatch.context() as patched, qtbot.waitSignal(program.storage.problem):
        patched.setattr(journal, "write", full)
        program.edit("lost")
    program.edit("kept")
    qtbot.waitUntil(lambda: program.storage._kept is program.session.project)
    assert program.problems == ["no room"]


def test_closing_without_saving_keeps_the_changes_for_next_time(start, qtbot, song):
    program = opened(start(), qtbot, song)
    program.edit("unsaved")
    program.close()
    again = start()
    with qtbot.waitSignal(again.storage.notice):
        again.storage.open(song)
    assert again.session.project.name == "unsaved"


def test_saving_leaves_no_autosave(start, qtbot, song):
    program = opened(start(), qtbot, song)
    program.edit("saved")
    autosaved(qtbot, song)
    with qtbot.waitSignal(program.storage.saved):
        program.storage.save()
    assert load(song).name == "saved"
    assert not program.storage.unsaved
    program.close()
    assert list((song / AUTOSAVE_FOLDER).glob("*/*.json")) == []
    assert opened(start(), qtbot, song).notices == []


def test_saving_elsewhere_moves_there(start, qtbot, song, tmp_path):
    program = opened(start(), qtbot, song)
    program.edit("copy")
    with qtbot.waitSignal(program.storage.saved):
        program.storage.save(tmp_path / "copy")
    assert load(song).name == "Song"
    assert load(tmp_path / "copy").name == "copy"
    assert program.session.folder == tmp_path / "copy"
    other = opened(start(), qtbot, song)  # the old folder is free again
    assert other.problems == []


def test_a_project_that_is_open_cannot_be_opened_twice(start, qtbot, song):
    opened(start(), qtbot, song)
    other = start()
    with qtbot.waitSignal(other.storage.problem):
        other.storage.open(song)
    assert "another window" in other.problems[0]
    assert other.session.folder is None


def test_a_damaged_autosave_falls_back_to_the_last_save_and_says_so(start, qtbot, song):
    program = opened(start(), qtbot, song)
    program.edit("lost")
    qtbot.waitUntil(lambda: program.storage._kept is program.session.project)
    program.die()
    for path in (song / AUTOSAVE_FOLDER).glob("*/*.json"):
        path.write_bytes(path.read_bytes()[:-10])
    again = opened(start(), qtbot, song)
    assert again.session.project.name == "Song"
    assert "damaged" in again.problems[0]


def test_a_folder_without_a_project_is_told_and_stays_as_it_is(start, qtbot, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    program = start()
    with qtbot.waitSignal(program.storage.problem):
        program.storage.open(folder)
    assert "there is no project" in program.problems[0]
    assert list(folder.iterdir()) == []


def test_a_damaged_project_is_told_and_its_folder_is_free_again(start, qtbot, song):
    whole = (song / PROJECT_FILE).read_bytes()
    (song / PROJECT_FILE).write_bytes(whole[:-20])
    program = start()
    with qtbot.waitSignal(program.storage.problem):
        program.storage.open(song)
    assert program.session.folder is None
    (song / PROJECT_FILE).write_bytes(whole)
    assert opened(start(), qtbot, song).problems == []
