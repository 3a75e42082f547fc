"""Several switch positions of one edit, by networks that have learnt nothing."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import soundfile


def test_the_folder_has_the_sound_of_every_position_the_curve_and_the_numbers(
    shell: Any, tmp_path: Path, stereo: Path, networks: Path, in_place: list[Path]
) -> None:
    out = tmp_path / "tried"
    ran = shell.done(
        *("explore", stereo, "--target", "cello", "--out", out, "--positions", "3"),
        *("--range", "0:0.4", "-p", "steps=4", "-p", "guidance=2", "-p", f"model={networks}"),
        *("-p", "inversion=edit-friendly"),
    )
    assert "a recording: inverted (edit-friendly)" in ran.out
    found = json.loads((out / "explore.json").read_text("utf-8"))
    assert [each["switch_percent"] for each in found["points"] if each["switch"] != "auto"] == [
        0.0, 25.0, 100.0,
    ]  # fmt: skip
    (automatic,) = [each for each in found["points"] if each["switch"] == "auto"]
    assert automatic["switch_percent"] == found["automatic_percent"]
    assert len(found["trace"]) == len(found["trace_percent"]) == 4
    assert all(sum(step) == pytest.approx(1.0, abs=0.01) for step in found["trace"])
    # Edit-friendly inversion is exact.
    assert found["reconstruction_percent"] < 0.01
    assert not found["exact"]
    kept = [each["content_kept"] for each in found["points"]]
    assert kept[-1] > 0.9
    info = soundfile.info(stereo)
    for each in found["points"]:
        sound = soundfile.info(each["path"])
        assert (sound.samplerate, sound.channels) == (info.samplerate, 2)
        assert sound.frames == round(0.4 * info.samplerate)
        assert 0.0 <= each["target_probability"] <= 1.0
    picture = ElementTree.fromstring((out / "curve.svg").read_text("utf-8"))
    words = [each.text for each in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert f"auto, {found['automatic_percent']:g} %" in words
    circles = list(picture.iter("{http://www.w3.org/2000/svg}circle"))
    assert len(circles) == len(found["points"])


@pytest.mark.usefixtures("in_place")
def test_a_clip_made_here_is_told_apart(shell: Any, tmp_path: Path, networks: Path) -> None:
    clip = tmp_path / "a.wav"
    made = ("--seconds", "0.3", "--steps", "3", "--model", networks)
    shell.done("generate", "solo flute", clip, *made)
    found = shell.done(
        *("explore", clip, "--target", "cello", "--out", tmp_path / "out", "--positions", "2"),
        *("-p", f"origin=@{tmp_path / 'a.recipe.json'}", "-p", f"model={networks}", "--json"),
    ).json
    assert found["exact"]
    assert found["reconstruction_percent"] == 0.0
    assert found["points"][-1]["content_kept"] > 0.99


def test_what_cannot_be_explored_is_one_line(
    shell: Any, tmp_path: Path, mono: Path, networks: Path, in_place: list[Path]
) -> None:
    out = tmp_path / "out"
    line = shell.refused(
        *("explore", mono, "--target", "kazoo", "--out", out, "-p", f"model={networks}")
    )
    assert "target 'kazoo' names no instrument that is known" in line
    assert "--target" in shell.refused("explore", mono, "--out", out, code=2)
    line = shell.refused("explore", mono, "--target", "harp", "--out", out, "--range", "90:91")
    assert "ends before 90 s" in line
