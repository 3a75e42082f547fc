import io
import json
from enum import StrEnum
from math import inf, nan
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.cli.console import Console, ProgressLine, plain, printable
from tonewright.dsp.cli.stopping import Stopping
from tonewright.dsp.project.document import Id, Project
from tonewright.dsp.rendering.job import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_document_becomes_json() -> None:
    class Kind(StrEnum):
        AUDIO = "audio"

    value = {"a": (1, 2.5, -inf, nan), "b": Kind.AUDIO, "c": Path("x/y"), "d": None, "e": True}
    assert json.loads(json.dumps(plain(value), allow_nan=False)) == {
        "a": [1, 2.5, None, None],
        "b": "audio",
        "c": "x/y",
        "d": None,
        "e": True,
    }
    assert plain(Project(Id("p"), "song"))["tempo_map"]["tempos"][0]["bpm"] == 120.0
    with pytest.raises(TypeError, match="object is no JSON"):
        plain(object())


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.text(st.characters()))
def test_names_cannot_command_the_terminal(text: str) -> None:
    shown = printable(text)
    assert all(letter.isprintable() or letter == "\n" for letter in shown)
    shown.encode()  # raises for lone surrogates, which files with odd names bring


def test_a_terminal_gets_one_line_that_is_rewritten() -> None:
    terminal, now = Terminal(), [0.0]
    line = ProgressLine(terminal, now=lambda: now[0])
    line(Progress(0.0, "reverb on Lead"))
    line(Progress(0.1, "too soon to be shown"))
    now[0] = 1.0
    line(Progress(0.5, "reverb on Lead", eta_seconds=61.0))
    line.clear()
    assert terminal.getvalue() == (
        "\r  0 %  reverb on Lead\x1b[K\r 50 %  1:01 left  reverb on Lead\x1b[K\r\x1b[K"
    )


def test_a_line_is_never_wider_than_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    terminal = Terminal()
    ProgressLine(terminal)(Progress(0.0, "x" * 100))
    assert len(terminal.getvalue()) == len("\r") + 19 + len("\x1b[K")


def test_a_file_gets_a_line_for_each_tenth() -> None:
    stream = io.StringIO()
    line = ProgressLine(stream)
    for step in range(1001):
        line(Progress(step / 1000, "a", eta_seconds=3.0 * 3600))
    line.clear()
    lines = stream.getvalue().splitlines()
    assert lines[0] == "  0 %  3:00:00 left  a"
    assert 10 <= len(lines) <= 11
    assert "\r" not in stream.getvalue()


@pytest.mark.parametrize("as_json", [False, True])
def test_results_and_notes_go_apart(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    with Console(as_json=as_json, quiet=False, stopping=Stopping()) as console:
        console.note("beside\nit")
        console.result({"a": 1}, "text")
    printed = capsys.readouterr()
    assert printed.out == ('{\n "a": 1\n}\n' if as_json else "text\n")
    assert printed.err == "beside it\n"


def test_quiet_leaves_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    with Console(as_json=False, quiet=True, stopping=Stopping()) as console:
        console.note("beside")
        with console.work() as (report, _):
            report(Progress(0.5, "working"))
        console.result({}, "text")
    assert capsys.readouterr() == ("text\n", "")
