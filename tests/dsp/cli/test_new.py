"""``new``, ``add`` and ``info``."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

RATE = 44_100


def test_a_track_for_each_file(shell: Any, tmp_path: Path, mono: Path, midi: Path) -> None:
    made = shell.done("new", tmp_path / "p", mono, "--name", "Song", midi, "--json").json
    assert [(each["name"], each["kind"]) for each in made["tracks"]] == [
        ("mono", "audio"),
        ("Keys", "midi"),
    ]
    assert (made["name"], made["sample_rate"]) == ("Song", RATE)
    assert made["length_seconds"] == 1.5
    assert (tmp_path / "p" / "media" / "mono.wav").read_bytes() == mono.read_bytes()
    info = shell.done("info", tmp_path / "p", "--json").json
    assert info["tracks"] == made["tracks"]
    assert info["effects_not_installed"] == []


def test_files_are_added(shell: Any, tmp_path: Path, song: Path, midi: Path) -> None:
    added = shell.done("add", song, midi, "--json").json
    assert [each["name"] for each in added["tracks"]] == ["mono", "stereo", "Keys"]
    assert shell.done("info", song / "project.json", "--json").json["tracks"] == added["tracks"]


def test_linked_media_stay_where_they_are(
    shell: Any, tmp_path: Path, mono: Path, stereo: Path
) -> None:
    shell.done("new", tmp_path / "p", mono, "--link", "--rate", "48k")
    shell.done("add", tmp_path / "p", stereo)
    shell.done("fx", tmp_path / "p", "mono", "add", "gain")
    assert not (tmp_path / "p" / "media").exists()
    media = shell.done("info", tmp_path / "p", "--json").json["media"]
    assert [each["path"] for each in media] == [str(mono), str(stereo)]


def test_a_project_is_not_made_twice(shell: Any, song: Path, mono: Path) -> None:
    before = shell.tree(song)
    assert "tonewright add" in shell.refused("new", song, mono)
    assert shell.tree(song) == before


def test_missing_media_are_told_and_no_error(shell: Any, song: Path) -> None:
    (song / "media" / "mono.wav").unlink()
    ran = shell.done("info", song)
    assert "missing: " in ran.out
    assert "mono.wav" in ran.out


def test_the_loudness_of_a_file_and_of_a_mix(shell: Any, song: Path, stereo: Path) -> None:
    of_file = shell.done("info", stereo, "--loudness", "--json", "--quiet").json["loudness"]
    assert of_file["sample_peak_dbfs"] == pytest.approx(20 * np.log10(0.25), abs=0.01)
    shell.done("fx", song, "mono", "add", "gain", "-p", "gain_db=-80")
    of_mix = shell.done("info", song, "--loudness", "--json").json["loudness"]
    assert of_mix["integrated_lufs"] == pytest.approx(of_file["integrated_lufs"], abs=0.1)


def test_what_a_midi_file_holds(shell: Any, midi: Path) -> None:
    found = shell.done("info", midi, "--json").json
    assert [(each["name"], each["notes"]) for each in found["tracks"]] == [("Keys", 3)]
    assert found["length_seconds"] == 1.5
