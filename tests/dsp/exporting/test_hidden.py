"""Hidden folders: those of exports that were killed go, those of others stay."""

import subprocess
import sys
from pathlib import Path

import pytest

from tonewright.dsp.exporting.hidden import HiddenFolder, remove_left
from tonewright.dsp.exporting.staging import Staging

pytest.importorskip("fcntl")

EXPORT = """
import sys
from pathlib import Path
from tonewright.dsp.exporting.staging import Staging

with Staging() as staging:
    staging.part(Path(sys.argv[1]) / "mix.wav").write_bytes(bytes(100))
    print("writing", flush=True)
    sys.stdin.read()
"""


def exporting(folder: Path) -> subprocess.Popen[bytes]:
    """Start an export in another process, which goes on until it is ended."""
    process = subprocess.Popen(
        [sys.executable, "-c", EXPORT, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"writing\n"
    return process


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def test_what_a_killed_export_left_goes_with_the_next_one(tmp_path: Path) -> None:
    for each in (".tonewright-batch", "song"):  # not its own
        (tmp_path / each).mkdir()
    killed, at_work = exporting(tmp_path), exporting(tmp_path)
    assert len(names(tmp_path)) == 4
    killed.kill()
    killed.communicate()
    with Staging() as staging:
        staging.part(tmp_path / "next.wav").write_bytes(b"")
        staging.publish()
    assert len(names(tmp_path)) == 4  # of the two, one is still at work
    at_work.communicate()
    assert names(tmp_path) == {".tonewright-batch", "song", "next.wav"}


def test_the_folder_of_this_process_stays(tmp_path: Path) -> None:
    hidden = HiddenFolder(tmp_path)
    remove_left(tmp_path)
    assert hidden.path.is_dir()
    hidden.remove()
    assert names(tmp_path) == set()


def test_a_folder_that_is_just_being_made_stays(tmp_path: Path) -> None:
    (tmp_path / ".tonewright-export-new").mkdir()
    remove_left(tmp_path)
    assert names(tmp_path) == {".tonewright-export-new"}
