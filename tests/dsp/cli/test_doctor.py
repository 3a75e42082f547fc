from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tonewright.dsp.effects.registry import Registry, load_registry

# Two seconds of WPE are the slowest thing it does; the others show as much.
FAST = ("reverb", "pitch_shift", "transpose")


@pytest.fixture(autouse=True)
def few_effects(monkeypatch: pytest.MonkeyPatch) -> None:
    types = [each for each in load_registry() if each.id in FAST]
    monkeypatch.setattr("tonewright.dsp.cli.doctor.registry_of", lambda _: Registry(types))


def test_what_is_installed(shell: Any, tmp_path: Path) -> None:
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / "x.f32").write_bytes(b"1" * 100_000)
    found = shell.done("doctor", "--json", "--store", tmp_path).json
    assert found["packages"]["pedalboard"] == version("pedalboard")
    assert "pytest" not in found["packages"]
    assert found["store"]["folder"] == str(tmp_path)
    assert found["store"]["size_bytes"] >= 100_000
    assert found["effects"] == {"audio": 2, "midi": 1, "instrument": 0}
    assert {each["effect"] for each in found["speeds"]} <= {"reverb", "pitch_shift"}
    assert all(each["times_real_time"] > 0 for each in found["speeds"])


def test_what_is_missing_and_how_to_get_it(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def version_of(name: str) -> str | None:
        return None if name in ("torch", "PySide6") else "1.0"

    monkeypatch.setattr("tonewright.dsp.cli.doctor._version", version_of)
    monkeypatch.setattr("ctypes.util.find_library", lambda _: None)
    told = shell.done("doctor").out
    for command in (
        "sudo apt-get install libfluidsynth3",
        "pip install 'tonewright[models]'",
        "pip install 'tonewright[desktop]'",
    ):
        assert f"get it with: {command}\n" in told


def test_an_effect_that_cannot_run_is_told(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ImportError("No module named 'torch'")

    monkeypatch.setattr(Registry, "build", fail)
    speeds = shell.done("doctor", "--json").json["speeds"]
    assert {each["problem"] for each in speeds} == {"No module named 'torch'"}
    assert {each["times_real_time"] for each in speeds} == {None}
