import os
import stat
from pathlib import Path

import pytest

from tonewright.dsp.bridge.rendezvous import Meeting, find, runtime_folder
from tonewright.dsp.errors import BridgeError


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_meeting_is_found_and_only_its_user_can_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with Meeting(folder) as meeting:
        found = find(folder)
        assert found is not None
        assert (found.token, len(found.token)) == (meeting.token, 64)
        assert (mode(folder), mode(folder / "engine"), mode(found.path)) == (0o700, 0o600, 0o600)
    assert find(folder) is None
    assert [*folder.iterdir()] == []


def test_names_and_tokens_differ_each_time(tmp_path: Path) -> None:
    seen = set()
    for _ in range(3):
        with Meeting(tmp_path / "run"):
            seen.add(find(tmp_path / "run"))
    assert len(seen) == 3


def test_a_second_engine_is_refused(tmp_path: Path) -> None:
    with Meeting(tmp_path / "run"), pytest.raises(BridgeError, match="already"):
        Meeting(tmp_path / "run")


def test_what_a_killed_engine_left_behind_is_cleared_away(tmp_path: Path) -> None:
    left_behind = Meeting(tmp_path / "run")
    left_behind.listener.close()
    with Meeting(tmp_path / "run") as meeting:
        found = find(tmp_path / "run")
        assert found is not None
        assert found.token == meeting.token
        assert len([*(tmp_path / "run").glob("*.sock")]) == 1


def test_a_folder_that_others_can_read_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    with pytest.raises(BridgeError, match="700"):
        Meeting(folder)


def test_the_folder_is_the_one_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONEWRIGHT_RUNTIME", "/run/here")
    assert runtime_folder() == Path("/run/here")
    monkeypatch.delenv("TONEWRIGHT_RUNTIME")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/7")
    assert runtime_folder() == Path("/run/user/7/tonewright")
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert runtime_folder() == Path(f"/tmp/tonewright-{os.getuid()}")
