import os

import pytest

from tonewright.dsp.errors import ExportError
from tonewright.dsp.exporting.staging import Staging


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_nothing_is_there_before_publish_and_all_is_after(tmp_path):
    targets = [tmp_path / "new" / "a.wav", tmp_path / "new" / "deep" / "b.wav"]
    with Staging() as staging:
        for target in targets:
            staging.part(target).write_text(target.name)
            assert staging.part(target).name == target.name
        assert not any(target.exists() for target in targets)
        staging.publish()
    assert files_below(tmp_path) == ["new", "new/a.wav", "new/deep", "new/deep/b.wav"]


def test_an_error_leaves_neither_files_nor_folders(tmp_path):
    with pytest.raises(RuntimeError), Staging() as staging:
        staging.part(tmp_path / "x" / "y" / "a.wav").write_text("half")
        staging.scratch(tmp_path / "x").write_text("half")
        raise RuntimeError
    assert files_below(tmp_path) == []


def test_when_one_cannot_be_placed_none_is_and_old_files_are_back(tmp_path):
    (tmp_path / "a.wav").write_text("old")
    (tmp_path / "c.wav").mkdir()
    with pytest.raises(ExportError, match=r"c\.wav.*folder of this name"), Staging() as staging:
        for name in ("a.wav", "b.wav", "c.wav"):
            staging.part(tmp_path / name).write_text("new")
        staging.publish(overwrite=True)
    assert files_below(tmp_path) == ["a.wav", "c.wav"]
    assert (tmp_path / "a.wav").read_text() == "old"


def test_a_file_that_appeared_meanwhile_is_not_replaced(tmp_path):
    with pytest.raises(ExportError, match="has appeared"), Staging() as staging:
        staging.part(tmp_path / "a.wav").write_text("new")
        (tmp_path / "a.wav").write_text("someone else's")
        staging.publish()
    assert (tmp_path / "a.wav").read_text() == "someone else's"


def test_a_file_in_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with Staging() as staging, pytest.raises(ExportError, match="is a file and no folder"):
        staging.part(tmp_path / "file" / "a.wav")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_unwritable_folder_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with Staging() as staging, pytest.raises(ExportError, match="may not be written"):
        staging.part(tmp_path / "a.wav")
