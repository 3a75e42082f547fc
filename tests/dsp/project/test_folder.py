import errno
import hashlib
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tonewright.dsp.errors import ProjectError, SchemaTooNewError
from tonewright.dsp.project.document import Channel, EffectSpec, Id, Project
from tonewright.dsp.project.edits import set_project
from tonewright.dsp.project.folder import load, save
from tonewright.dsp.project.media_files import missing_media


@pytest.fixture
def recorded(song, tmp_path):
    """The song with a real file outside of the project folder."""
    path = tmp_path / "takes" / "tone.wav"
    path.parent.mkdir()
    path.write_bytes(b"sound")
    digest = hashlib.sha256(b"sound").hexdigest()
    medium = replace(song.media[0], path=str(path), sha256=digest, size_bytes=5)
    return replace(song, media=(medium,))


def written(folder):
    return json.loads((folder / "project.json").read_text())


def listing(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_what_is_saved_is_loaded(recorded, tmp_path):
    folder = tmp_path / "song"
    saved = save(recorded, folder)
    assert load(folder) == load(folder / "project.json") == saved
    assert listing(folder) == ["media", "media/tone.wav", "project.json"]
    assert written(folder)["media"][0]["path"] == "media/tone.wav"
    assert Path(saved.media[0].path) == folder / "media" / "tone.wav"
    assert save(saved, folder) is saved


def test_a_saved_project_can_be_moved(recorded, tmp_path):
    save(recorded, tmp_path / "song")
    shutil.move(tmp_path / "song", tmp_path / "elsewhere")
    moved = load(tmp_path / "elsewhere")
    assert missing_media(moved) == ()
    assert save(moved, tmp_path / "copy") == load(tmp_path / "copy")
    assert (tmp_path / "copy" / "media" / "tone.wav").read_bytes() == b"sound"


def test_the_same_project_gives_the_same_bytes(recorded, tmp_path):
    save(recorded, tmp_path / "a")
    save(recorded, tmp_path / "b")
    content = [(tmp_path / name / "project.json").read_bytes() for name in "ab"]
    assert content[0] == content[1]


def test_media_may_stay_where_they_are_and_be_collected_later(recorded, tmp_path):
    folder = tmp_path / "song"
    assert save(recorded, folder, collect=False) is recorded
    assert listing(folder) == ["links.json", "project.json"]
    assert str(tmp_path) not in (folder / "project.json").read_text()
    loaded = load(folder)
    assert loaded == recorded
    collected = save(loaded, folder)
    assert listing(folder) == ["media", "media/tone.wav", "project.json", "project.json.bak"]
    assert load(folder) == collected


def test_a_missing_medium_is_a_state(recorded, tmp_path):
    folder = tmp_path / "song"
    (tmp_path / "takes" / "tone.wav").unlink()
    assert save(recorded, folder) is recorded
    assert missing_media(load(folder)) == recorded.media
    (folder / "links.json").unlink()
    (missing,) = missing_media(load(folder))
    assert Path(missing.path) == folder / "media" / "tone.wav"
    save(load(folder), folder)
    assert load(folder).media == (missing,)


@pytest.fixture
def convolved(song, tmp_path):
    """The song with an impulse response from elsewhere on its master."""
    hall = tmp_path / "rooms" / "hall.wav"
    hall.parent.mkdir()
    hall.write_bytes(b"echo")
    effect = EffectSpec(Id("ir"), "convolution", params=(("file", str(hall)), ("mix", 0.5)))
    return replace(song, media=(), tracks=(), master=Channel(effects=(effect,)))


def played(project):
    return dict(project.master.effects[0].params)["file"]


def test_the_files_of_effects_move_with_the_project(convolved, tmp_path):
    saved = save(convolved, tmp_path / "song")
    assert listing(tmp_path / "song") == ["media", "media/hall.wav", "project.json"]
    assert str(tmp_path) not in (tmp_path / "song" / "project.json").read_text()
    assert load(tmp_path / "song") == saved
    assert save(saved, tmp_path / "song") is saved
    shutil.rmtree(tmp_path / "rooms")
    shutil.move(tmp_path / "song", tmp_path / "elsewhere")
    moved = load(tmp_path / "elsewhere")
    assert Path(played(moved)) == tmp_path / "elsewhere" / "media" / "hall.wav"
    again = save(moved, tmp_path / "copy")
    assert Path(played(again)).read_bytes() == b"echo"


def test_files_of_effects_and_media_of_one_name_are_kept_apart(convolved, recorded, tmp_path):
    tone = Path(recorded.media[0].path).rename(tmp_path / "takes" / "hall.wav")
    project = replace(convolved, media=(replace(recorded.media[0], path=str(tone)),))
    saved = save(project, tmp_path / "song")
    assert Path(saved.media[0].path).read_bytes() == b"sound"
    assert Path(played(saved)).read_bytes() == b"echo"


def test_files_of_effects_may_stay_where_they_are(convolved, tmp_path):
    assert save(convolved, tmp_path / "song", collect=False) is convolved
    assert load(tmp_path / "song") == convolved
    assert listing(tmp_path / "song") == ["project.json"]


def test_the_file_of_an_effect_may_be_lost(convolved, tmp_path):
    saved = save(convolved, tmp_path / "song")
    Path(played(saved)).unlink()
    assert save(load(tmp_path / "song"), tmp_path / "song") == saved
    outside = replace(convolved)
    shutil.rmtree(tmp_path / "rooms")
    assert save(outside, tmp_path / "other") is outside
    assert load(tmp_path / "other") == outside
    save(saved, tmp_path / "third")
    assert played(load(tmp_path / "third")) == played(saved)


def test_the_file_of_an_effect_cannot_leave_the_folder(convolved, tmp_path):
    save(convolved, tmp_path / "song")
    path = tmp_path / "song" / "project.json"
    path.write_text(path.read_text().replace("media/hall.wav", "../rooms/hall.wav"))
    with pytest.raises(ProjectError, match="not a path inside the project folder"):
        load(tmp_path / "song")


def test_what_is_not_ours_stays(recorded, tmp_path):
    folder = tmp_path / "song"
    folder.mkdir()
    for name in ("view.json", "notes.txt"):
        (folder / name).write_text(name)
    save(recorded, folder)
    assert {(folder / name).read_text() for name in ("view.json", "notes.txt")} == {
        "view.json",
        "notes.txt",
    }


def test_the_save_before_is_kept(song, tmp_path):
    save(song, tmp_path)
    save(set_project(song, name="second"), tmp_path)
    (tmp_path / "project.json").write_bytes((tmp_path / "project.json.bak").read_bytes())
    assert load(tmp_path).name == "song"


def test_a_medium_that_has_changed_is_not_collected(recorded, tmp_path):
    (tmp_path / "takes" / "tone.wav").write_bytes(b"noise")
    with pytest.raises(ProjectError, match="changed since it was imported"):
        save(recorded, tmp_path / "song")
    assert listing(tmp_path / "song") == ["media"]


def test_an_inconsistent_project_is_not_written(song, tmp_path):
    with pytest.raises(ProjectError, match="sample_rate"):
        save(replace(song, sample_rate=1), tmp_path / "song")
    assert not (tmp_path / "song").exists()


def test_a_failed_save_leaves_the_project_as_it_was(recorded, tmp_path, monkeypatch):
    folder = tmp_path / "song"
    save(recorded, folder)
    before = (folder / "project.json").read_bytes()

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ProjectError, match="No space left on device; make room"):
        save(set_project(recorded, name="second"), folder)
    assert (folder / "project.json").read_bytes() == before
    assert not [name for name in listing(folder) if name.endswith(".part")]


def test_a_folder_that_cannot_be_made_is_named(song, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ProjectError, match=r"file/song: the project folder cannot be made"):
        save(song, tmp_path / "file" / "song")


@pytest.mark.parametrize("path", ["/etc/passwd", "../tone.wav", "C:\\tone.wav", "media/../../x"])
def test_a_path_out_of_the_folder_is_refused(song, tmp_path, path):
    save(song, tmp_path)
    data = written(tmp_path)
    data["media"][0]["path"] = path
    (tmp_path / "project.json").write_text(json.dumps(data))
    with pytest.raises(ProjectError, match=r"project\.json: media\[0\]\.path: .*copy the file"):
        load(tmp_path)


def test_damaged_projects_name_the_place_and_the_backup(song, tmp_path):
    with pytest.raises(ProjectError, match="there is no project; make one with: tonewright new"):
        load(tmp_path)
    save(song, tmp_path)
    file = tmp_path / "project.json"
    whole = file.read_text()
    file.write_text(whole[:200])
    with pytest.raises(ProjectError, match=r"project\.json: no JSON at line \d+, .*restore a copy"):
        load(tmp_path)
    file.write_text(whole)
    save(song, tmp_path)
    (tmp_path / "autosave" / "1").mkdir(parents=True)
    (tmp_path / "autosave" / "1" / "1.json").write_text("")
    file.write_bytes(b"\xff")
    with pytest.raises(ProjectError, match=r"is in autosave and project\.json\.bak"):
        load(tmp_path)


def test_faults_inside_name_the_file(song, tmp_path):
    save(song, tmp_path)
    data = written(tmp_path)
    (tmp_path / "project.json").write_text(json.dumps(data | {"sample_rate": 1}))
    with pytest.raises(ProjectError, match=r"project\.json: project: sample_rate must be"):
        load(tmp_path)
    (tmp_path / "project.json").write_text(json.dumps(data | {"format": 9}))
    with pytest.raises(SchemaTooNewError, match=r"project\.json: .*format 9.*update Tonewright"):
        load(tmp_path)
    (tmp_path / "project.json").write_text(json.dumps(data))
    (tmp_path / "links.json").write_text("[]")
    with pytest.raises(ProjectError, match=r"links\.json must map"):
        load(tmp_path)


def test_an_empty_project_is_a_project(tmp_path):
    project = Project(Id("p"), "p")
    assert save(project, tmp_path) is project
    assert load(tmp_path) == project
