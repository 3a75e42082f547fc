from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

RATE = 44_100


def test_effects_are_added_set_listed_and_removed(shell: Any, song: Path) -> None:
    def effects(*arguments: object) -> list[tuple[str, dict[str, Any], float, bool]]:
        found = shell.done("fx", song, *arguments, "--json").json["effects"]
        return [(e["type"], e["params"], e["mix"], e["enabled"]) for e in found]

    assert effects("MONO") == []
    effects("mono", "add", "Reverb,gain", "-p", "room_size=0.6", "-p", "gain.gain_db=-3")
    effects("1", "add", "highpass_filter", "--at", "1")
    effects("1", "set", "2", "room_size=0.7", "mix=0.5")
    assert effects("mono", "set", "gain", "enabled=off") == [
        ("highpass_filter", {}, 1.0, True),
        ("reverb", {"room_size": 0.7}, 0.5, True),
        ("gain", {"gain_db": -3.0}, 1.0, False),
    ]
    assert [each[0] for each in effects("mono", "remove", "reverb", "1")] == ["gain"]
    assert [each[0] for each in effects("mono")] == ["gain"]
    assert effects("master", "add", "gain", "--mix", "0.25") == [("gain", {}, 0.25, True)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lead", "list"], "no track 'lead'"),
        (["mno", "list"], "did you mean 'mono'?"),
        (["mono", "add", "revreb"], "did you mean 'reverb'"),
        (["mono", "add", "reverb", "-p", "room_sise=1"], "did you mean 'room_size'?"),
        (["mono", "add", "reverb", "-p", "room_size=7"], "room_size"),
        (["mono", "add", "reverb", "-p", "room_size=big"], "must be a number"),
        (["mono", "add", "gain", "--at", "3"], "1 to 2"),
        (["mono", "add", "gain", "--sidechain", "stereo"], "no sidechain"),
        (["mono", "remove", "2"], "no effect 2"),
        (["mono", "remove", "reverb"], "no effect of mono 'reverb'"),
        (["mono", "set", "gain", "gain_db=x"], "must be a number"),
        (["mono", "set", "gain", "gian_db=1"], "did you mean 'gain_db'?"),
    ],
)
def test_an_edit_that_is_refused_changes_nothing(
    shell: Any, song: Path, arguments: list[str], said: str
) -> None:
    shell.done("fx", song, "mono", "add", "gain")
    before = shell.tree(song)
    assert said in shell.refused("fx", song, *arguments)
    assert shell.tree(song) == before


def test_an_effect_that_is_not_installed_is_kept(shell: Any, song: Path, tmp_path: Path) -> None:
    shell.done("fx", song, "mono", "add", "gain", "-p", "gain_db=3")
    path = song / "project.json"
    path.write_text(path.read_text().replace('"gain"', '"warmth"'))
    assert shell.done("info", song, "--json").json["effects_not_installed"] == ["warmth"]
    assert "not installed" in shell.refused("fx", song, "mono", "set", "warmth", "gain_db=1")
    kept = shell.done("fx", song, "mono", "set", "warmth", "mix=0.5", "--json").json["effects"][0]
    assert (kept["type"], kept["mix"], kept["params"]) == ("warmth", 0.5, {"gain_db": 3.0})
    options = ("--mix", tmp_path / "m.wav")
    assert "--skip-missing-effects" in shell.refused("render", song, *options)
    made = shell.done("render", song, *options, "--skip-missing-effects", "--json").json
    assert any("warmth" in each for each in made["warnings"])


def test_an_impulse_response_comes_into_the_project(shell: Any, song: Path, tmp_path: Path) -> None:
    hall = tmp_path / "hall.wav"
    soundfile.write(hall, np.array([1.0, 0.0, 0.5]), RATE)
    setting = f"impulse_response_filename={hall}"
    shell.done("fx", song, "mono", "add", "convolution", "-p", setting)
    hall.unlink()
    moved = song.rename(tmp_path / "elsewhere")
    shell.done("render", moved, "--mix", tmp_path / "mix.wav", "--range", "0:1")
