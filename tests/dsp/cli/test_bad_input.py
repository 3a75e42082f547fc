"""Files and projects that are damaged: one line, exit code 1, nothing left behind."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tonewright.dsp.cli.program import COMMANDS

RATE = 44_100
TONE = 0.25 * np.sin(np.arange(44_100) / 16)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _text(path: Path) -> None:
    path.write_text("not a sound\n" * 100)


def _truncated(path: Path) -> None:
    soundfile.write(path, TONE.copy(), RATE, format="WAV")
    path.write_bytes(path.read_bytes()[:20_000])


def _header_only(path: Path) -> None:
    soundfile.write(path, TONE[:0], RATE, format="WAV")


def _huge_header(path: Path) -> None:
    soundfile.write(path, TONE[:400], RATE, format="WAV")
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = (0xFFFFFF00).to_bytes(4, "little")
    path.write_bytes(data)


def _not_a_number(path: Path) -> None:
    audio = TONE.copy()
    audio[1000] = np.nan
    soundfile.write(path, audio, RATE, format="WAV", subtype="FLOAT")


def _broken_midi(path: Path) -> None:
    path.write_bytes(b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\0\x20\0\x90")


def _folder(path: Path) -> None:
    path.mkdir()


BAD = [_empty, _text, _truncated, _header_only, _huge_header, _not_a_number, _broken_midi]


@pytest.mark.parametrize("make", BAD)
@pytest.mark.parametrize("command", ["new", "add", "apply"])
def test_a_bad_file_is_one_line_that_names_it(
    shell: Any, song: Path, tmp_path: Path, command: str, make: Callable[[Path], None]
) -> None:
    bad = tmp_path / "bad.wav"
    make(bad)
    before = shell.tree(tmp_path)
    arguments = {
        "new": ["new", tmp_path / "p", bad],
        "add": ["add", song, bad],
        "apply": ["apply", "gain", bad, tmp_path / "out.wav"],
    }[command]
    if command == "apply" and make is _broken_midi:
        arguments[1] = "transpose"
        arguments[3] = tmp_path / "out.mid"
    assert str(bad) in shell.refused(*arguments)
    assert shell.tree(tmp_path) == before
    assert not (tmp_path / "p").exists()


def test_a_mislabelled_file_is_read_for_what_it_is(
    shell: Any, tmp_path: Path, stereo: Path
) -> None:
    path = stereo.rename(tmp_path / "really.mp3")
    assert shell.done("info", path, "--json").json["format"] == "FLAC"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text[: len(text) // 2], "line"),
        (lambda text: "", "project.json"),
        (lambda text: "[]", "project.json"),
        (lambda text: text.replace("media/mono.wav", "/etc/passwd"), "media"),
        (lambda text: text.replace("media/mono.wav", "../../mono.wav"), "media"),
        (lambda text: text.replace('"format": 1', '"format": 99'), "99"),
        (lambda text: text.replace('"gain_db": 0.0', '"gain_db": "loud"', 1), "gain_db"),
    ],
)
@pytest.mark.parametrize("command", ["info", "render", "fx", "add"])
def test_a_bad_project_is_one_line_that_names_the_place(
    shell: Any,
    song: Path,
    *,
    mono: Path,
    tmp_path: Path,
    change: Callable[[str], str],
    said: str,
    command: str,
) -> None:
    path = song / "project.json"
    text = change(path.read_text())
    assert text != path.read_text()
    path.write_text(text)
    before = shell.tree(tmp_path)
    arguments = {
        "info": ["info", song],
        "render": ["render", song, "--mix", tmp_path / "mix.wav"],
        "fx": ["fx", song, "mono", "add", "gain"],
        "add": ["add", song, mono],
    }[command]
    line = shell.refused(*arguments)
    assert said in line
    assert str(path) in line
    assert shell.tree(tmp_path) == before


@settings(
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    start=st.sampled_from([b"", b"RIFF", b"fLaC", b"OggS", b"MThd\0\0\0\6", b"FORM", b"ID3", b"{"]),
    rest=st.binary(max_size=200),
    suffix=st.sampled_from([".wav", ".mid", ".json", ""]),
)
def test_no_bytes_bring_a_traceback(
    shell: Any, tmp_path: Path, start: bytes, rest: bytes, suffix: str
) -> None:
    path = tmp_path / f"fuzz{suffix}"
    path.write_bytes(start + rest)
    ran = shell.run("info", path)
    assert ran.code in (0, 1)
    assert ran.code == 0 or (ran.err.count("\n") == 1 and "internal error" not in ran.err), ran


@settings(
    derandomize=True,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [*COMMANDS, "--json", "--mix", "--range", "-p", "1:2", "x=1", "--", "-"]
            ),
            st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=5),
        ),
        max_size=5,
    )
)
def test_no_command_line_brings_a_traceback(
    shell: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tonewright.dsp.cli.doctor.run", lambda *_: None)
    monkeypatch.setattr("tonewright.dsp.cli.demo.run", lambda *_: None)  # a minute each time
    monkeypatch.setattr("tonewright.dsp.cli.serve.run", lambda *_: None)  # it would not end
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    ran = shell.run(*arguments)
    assert ran.code in (0, 1, 2)
    assert "Traceback" not in ran.err
    assert "internal error" not in ran.err, ran


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs a folder that nobody may write to")
def test_a_folder_that_may_not_be_written(shell: Any, song: Path, mono: Path) -> None:
    for arguments in (
        ["apply", "gain", mono, "/proc/a.wav"],
        ["render", song, "--mix", "/proc/a.wav"],
        ["render", song, "--stems", "/proc/stems"],
        ["new", "/proc/p", mono],
    ):
        assert "/proc" in shell.refused(*arguments)


@pytest.mark.parametrize("command", ["apply", "render", "new"])
def test_a_full_disk_leaves_nothing(
    shell: Any, song: Path, mono: Path, tmp_path: Path, command: str
) -> None:
    before = shell.tree(tmp_path)
    arguments = {
        "apply": ["apply", "gain", mono, tmp_path / "out.wav", "--depth", "32f"],
        "render": ["render", song, "--mix", tmp_path / "out.wav"],
        "new": ["new", tmp_path / "p", mono],
    }[command]
    code = (
        "import resource, sys, tonewright.dsp.cli\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "sys.exit(tonewright.dsp.cli.main())\n"
    )
    ran = subprocess.run(
        [sys.executable, "-B", "-c", code, "--quiet", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.count("\n") == 1
    assert str(tmp_path) in ran.stderr
    assert "internal error" not in ran.stderr
    assert shell.tree(tmp_path) == before
    assert not (tmp_path / "p").exists()
