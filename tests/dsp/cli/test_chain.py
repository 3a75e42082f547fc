from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def test_chains_are_kept_replaced_and_forgotten(shell: Any) -> None:
    shell.done("chain", "save", "Warm", "reverb")
    shell.done("chain", "save", "Warm", "gain,reverb", "-p", "gain_db=-3", "--mix", "0.5")
    shell.done("chain", "save", "Air", "highpass_filter")
    kept = shell.done("chain", "list", "--json").json
    assert [each["name"] for each in kept] == ["Air", "Warm"]
    assert [each["type"] for each in kept[1]["effects"]] == ["gain", "reverb"]
    assert (kept[1]["effects"][0]["params"], kept[1]["effects"][1]["mix"]) == ({"gain_db": -3}, 0.5)
    assert "Warm" not in shell.done("chain", "delete", "warm").out


@pytest.mark.parametrize(
    ("arguments", "reason", "code"),
    [
        (("save", "X", "no_such_effect"), "no_such_effect", 1),
        (("save", "X", "transpose"), "notes", 1),
        (("save", "X", "gain", "--range", "0:1"), "--range", 2),
        (("delete", "X"), "no kept chain 'X'", 1),
    ],
)
def test_what_is_refused(shell: Any, arguments: tuple[str, ...], reason: str, code: int) -> None:
    assert reason in shell.refused("chain", *arguments, code=code)
