from pathlib import Path
from typing import Any

import pytest

from tonewright.dsp.bridge.rendezvous import Meeting


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("TONEWRIGHT_RUNTIME", str(tmp_path / "run"))
    return tmp_path / "run"


def test_a_chain_that_is_not_kept_is_refused(shell: Any, folder: Path) -> None:
    assert "no kept chain 'Warm'" in shell.refused("serve", "--chain", "Warm")
    assert not folder.exists()


def test_one_engine_is_enough(shell: Any, folder: Path) -> None:
    with Meeting(folder):
        assert "already" in shell.refused("serve")
