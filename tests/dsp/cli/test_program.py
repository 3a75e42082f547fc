import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tonewright.dsp.cli.program import COMMANDS

RATE = 44_100


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(shell: Any, name: str) -> None:
    ran = shell.done(name, "--help")
    assert ran.out.startswith(f"usage: tonewright {name}")
    assert "--json" in ran.out
    assert ran.err == ""


def test_help_lists_every_command(
    shell: Any,
) -> None:
    ran = shell.done("--help")
    assert all(f"  {name} " in ran.out for name in COMMANDS)


def test_the_version_is_that_of_the_package(
    shell: Any,
) -> None:
    from importlib.metadata import version

    assert shell.done("--version").out == f"tonewright {version('tonewright')}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "required"),
        (["rendr"], "did you mean 'render'?"),
        (["--jsn", "info", "x"], "did you mean '--json'?"),
        (["info"], "required: PATH (see"),
        (["new"], "required: PROJECT (see"),
        (["fx", "p"], "required: TRACK (see"),
        (["info", "x", "--loudnes"], "did you mean '--loudness'"),
        (["info", "x", "y"], "'y' is one argument too many"),
        (["new", "p", "--rate", "3"], "8000 to 192000"),
        (["apply", "gain", "a.wav", "b.wav", "-p", "gain_db"], "name=value"),
        (["apply", "gain", "a.wav", "b.wav", "--range", "2:1"], "the end comes last"),
        (["apply", "gain", "a.wav", "b.wav", "--mix", "2"], "from 0 to 1"),
        (["render", "p", "--mix", "a.wav", "--normalise", "loud"], "lufs:-14"),
        (["render", "p", "--mix", "a.wav", "--tail", "long"], "m:ss"),
        (["render", "p"], "--mix FILE"),
        (["fx", "p", "1", "ad"], "invalid choice"),
        (["fx", "p", "1", "remove", "gain", "--mix", "1"], "no options"),
        (["fx", "p", "1", "set", "gain", "--at", "1"], "no options"),
    ],
)
def test_wrong_usage_is_2_and_one_line(shell: Any, arguments: list[str], said: str) -> None:
    assert said in shell.refused(*arguments, code=2)


def test_common_options_may_stand_before_and_behind_the_command(shell: Any, mono: Path) -> None:
    assert shell.done("--json", "info", mono).json == shell.done("info", mono, "--json").json


def test_an_unexpected_error_is_one_line(
    shell: Any, monkeypatch: pytest.MonkeyPatch, mono: Path
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no\nway")

    monkeypatch.setattr("tonewright.dsp.cli.info.run", fail)
    ran = shell.run("info", mono)
    assert ran.code == 1
    assert ran.err == (
        "tonewright: internal error: RuntimeError: no way "
        "(run with --debug for the traceback, and please report it)\n"
    )
    assert "Traceback" in shell.run("info", mono, "--debug").err


def test_a_reader_that_has_gone_is_no_reason_to_complain(shell: Any, mono: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(
        [sys.executable, "-m", "tonewright.dsp", "info", mono],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (1, b"")


def test_a_letter_that_the_terminal_cannot_show_is_escaped(
    shell: Any, tmp_path: Path, mono: Path
) -> None:
    named = mono.rename(tmp_path / "caf\u00e9.wav")
    ran = subprocess.run(
        [sys.executable, "-m", "tonewright.dsp", "info", named],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert rb"caf\xe9.wav: WAV" in ran.stdout
