import hashlib
import os
from dataclasses import replace

import pytest

from tonewright.dsp.errors import MediaError, ProjectError
from tonewright.dsp.project.document import Id, Media, Project
from tonewright.dsp.project.media_files import (
    collect,
    inside,
    missing_media,
    names_inside,
    relink,
    sha256_of,
)


def medium(path, content=b"sound", number=0, write=True):
    if write:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    return Media(
        Id(f"m{number}"), path.stem, str(path), digest, 48_000, 1, 9, size_bytes=len(content)
    )


def test_the_checksum_is_of_the_whole_file(tmp_path):
    content = os.urandom(1000) * 2200  # longer than two blocks
    (tmp_path / "a").write_bytes(content)
    assert sha256_of(tmp_path / "a") == hashlib.sha256(content).hexdigest()
    with pytest.raises(MediaError, match=r"none: cannot be read"):
        sha256_of(tmp_path / "none")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../a.wav",
        "media/../../a.wav",
        "media/./a.wav",
        "media//a.wav",
        "media/",
        "C:/a.wav",
        "c:a.wav",
        "media\\a.wav",
        "\\\\server\\a.wav",
        "a\0.wav",
        "media/..",
    ],
)
def test_no_path_leaves_the_folder(tmp_path, path):
    with pytest.raises(ProjectError, match=r"here: .* is not a path inside .*media/name"):
        inside(tmp_path, path, "here")


def test_no_link_leaves_the_folder(tmp_path):
    folder, outside = tmp_path / "song", tmp_path / "outside"
    (folder / "media").mkdir(parents=True)
    outside.mkdir()
    (outside / "a.wav").write_bytes(b"secret")
    (folder / "media" / "a.wav").symlink_to(outside / "a.wav")
    (folder / "media" / "dangling.wav").symlink_to(outside / "b.wav")
    (folder / "away").symlink_to(outside)
    (folder / "media" / "here.wav").symlink_to(folder / "media" / "real.wav")
    for path in ("media/a.wav", "media/dangling.wav", "away/a.wav"):
        with pytest.raises(ProjectError, match="is a link out of the project folder"):
            inside(folder, path, "here")
    assert inside(folder, "media/here.wav", "here") == folder / "media" / "here.wav"
    (tmp_path / "link").symlink_to(folder)
    assert inside(tmp_path / "link", "media/x.wav", "here").name == "x.wav"


def names_of(media, folder):
    names = names_inside(media, folder)
    return [names[each.path] for each in media]


def test_names_are_readable_and_never_collide(tmp_path):
    folder = tmp_path / "song"
    media = [
        medium(tmp_path / "x" / "Vox.wav", b"1", 1),
        medium(tmp_path / "y" / "vox.WAV", b"2", 2),
        medium(tmp_path / "z" / "Vox.wav", b"1", 3),
        medium(tmp_path / "z" / "con.wav", b"3", 4),
        medium(tmp_path / "z" / 'a<b>:"?*|.wav', b"4", 5),
        medium(tmp_path / "z" / " . .wav", b"5", 6),
        medium(tmp_path / "z" / ("long" * 50 + ".wav"), b"6", 7),
        medium(folder / "media" / "in.wav", b"7", 8),
    ]
    names = names_of(media, folder)
    assert names[0] == names[2] == "media/Vox.wav"
    assert names[1] == f"media/vox {media[1].sha256[:8]}.WAV"
    assert names[3:6] == ["media/_con.wav", "media/a_b_.wav", "media/media.wav"]
    assert len(names[6]) < 120
    assert names[7] == "media/in.wav"
    assert len({name.casefold() for name in names}) == len(names) - 1


def test_a_name_in_use_is_shared_by_the_same_content_only(tmp_path):
    folder = tmp_path / "song"
    medium(folder / "media" / "a.wav", b"old")
    same = medium(tmp_path / "a.wav", b"old")
    assert names_of([same], folder) == ["media/a.wav"]
    other = medium(tmp_path / "a.wav", b"new")
    assert names_of([other], folder) == [f"media/a {other.sha256[:8]}.wav"]


def test_collecting_checks_the_content_and_leaves_nothing_half(tmp_path):
    original = medium(tmp_path / "a.wav", b"sound")
    target = tmp_path / "song" / "media" / "a.wav"
    (tmp_path / "a.wav").write_bytes(b"other")
    with pytest.raises(ProjectError, match=r"a\.wav: it has changed since it was imported"):
        collect(original, target)
    assert list(target.parent.iterdir()) == []
    (tmp_path / "a.wav").write_bytes(b"sound")
    collect(original, target)
    assert target.read_bytes() == b"sound"


def test_missing_media_are_found_again_by_content(tmp_path):
    here = medium(tmp_path / "here.wav", b"here", 0)
    gone = medium(tmp_path / "gone.wav", b"gone", 1, write=False)
    lost = medium(tmp_path / "lost.wav", b"lost", 2, write=False)
    project = Project(Id("p"), "p", media=(here, gone, lost))
    assert missing_media(project) == (gone, lost)
    archive = tmp_path / "archive"
    medium(archive / "b" / "renamed.flac", b"gone")
    medium(archive / "a" / "decoy.wav", b"g0ne")
    medium(archive / "gone.wav", b"a file of another size")
    found = relink(project, archive)
    assert missing_media(found) == (lost,)
    assert found.media[1] == replace(gone, path=str(archive / "b" / "renamed.flac"))
    assert found.media[0] is here
    assert relink(found, archive) is found


def test_one_file_is_enough_and_sizes_may_be_unknown(tmp_path):
    gone = replace(medium(tmp_path / "gone.wav", b"gone", write=False), size_bytes=0)
    project = Project(Id("p"), "p", media=(gone,))
    medium(tmp_path / "found.wav", b"gone")
    assert missing_media(relink(project, tmp_path / "found.wav")) == ()
    with pytest.raises(ProjectError, match="no such folder or file to search"):
        relink(project, tmp_path / "nowhere")


def test_nothing_missing_needs_no_search(tmp_path):
    project = Project(Id("p"), "p", media=(medium(tmp_path / "a.wav"),))
    assert relink(project, tmp_path / "nowhere") is project


def test_files_that_cannot_be_read_are_passed_over(tmp_path, monkeypatch):
    gone = medium(tmp_path / "gone.wav", b"gone", write=False)
    archive = tmp_path / "archive"
    medium(archive / "a.wav", b"good")
    medium(archive / "b.wav", b"gone")

    def refuse_a(path):
        if path.name == "a.wav":
            raise MediaError("cannot be read")
        return hashlib.sha256(path.read_bytes()).hexdigest()

    monkeypatch.setattr("tonewright.dsp.project.media_files.sha256_of", refuse_a)
    project = relink(Project(Id("p"), "p", media=(gone,)), archive)
    assert missing_media(project) == ()
