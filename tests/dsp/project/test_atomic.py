import errno
import os

import pytest

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.atomic import replacing


def write(path, content):
    with replacing(path) as file:
        file.write(content)


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "a"
    write(path, b"old")
    write(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("failure", [RuntimeError("stop"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, failure):
    path = tmp_path / "a"
    write(path, b"old")
    with pytest.raises(type(failure)), replacing(path) as file:
        file.write(b"half of the n")
        raise failure
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_one_line_with_the_remedy(tmp_path):
    path = tmp_path / "a"
    write(path, b"old")
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    message = r"/a: cannot be written: No space.*make room"
    with pytest.raises(ProjectError, match=message), replacing(path):
        raise full
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ProjectError, match=r"none/a: cannot be written"):
        write(tmp_path / "none" / "a", b"")
