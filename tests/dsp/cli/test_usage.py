import argparse
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.cli.usage import (
    Parser,
    UsageError,
    assignment,
    on_off,
    sample_rate,
    seconds,
    share,
    time_range,
    whole,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0.0), ("90.5", 90.5), ("1:30", 90.0), ("1:02:03.5", 3723.5), ("0:00.25", 0.25)],
)
def test_times(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "1:60", "1:-2", "1.5:00", "1:2:3:4", "nan", "inf", "1:", ":1"]
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(UsageError, match="m:ss"):
        seconds(text)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("1:2.5", 1.0, 2.5),
        ("1:30:2:00", 90.0, 120.0),
        ("90-2:00", 90.0, 120.0),
        ("0:01:02:0:01:03", 62.0, 63.0),
    ],
)
def test_ranges(text: str, start: float, end: float) -> None:
    found = time_range(text)
    assert (found.start_seconds, found.end_seconds) == (start, end)


@pytest.mark.parametrize("text", ["5", "2:1", "3:3", "1:2:3", "1-", "-1", "a:b", "", ":", "1--2"])
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(UsageError):
        time_range(text)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.text(max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (seconds, time_range, assignment, on_off, sample_rate, share, whole):
        try:
            read(text)
        except UsageError as error:
            assert "\n" not in str(error)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59))
def test_a_time_is_the_sum_of_its_parts(hours: int, minutes: int, rest: int) -> None:
    assert seconds(f"{hours}:{minutes:02}:{rest:02}") == hours * 3600 + minutes * 60 + rest


def test_values() -> None:
    assert assignment("a.b= c=d ") == ("a.b", "c=d")
    assert (on_off("On"), on_off("false")) == (True, False)
    assert (sample_rate("48000"), sample_rate("44.1k")) == (48_000, 44_100)
    assert (share("0"), share("1")) == (0.0, 1.0)
    assert math.isclose(share("0.25"), 0.25)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (assignment, "gain"),
        (assignment, "=3"),
        (on_off, "maybe"),
        (sample_rate, "7999"),
        (sample_rate, "44.1"),
        (sample_rate, "192001"),
        (share, "1.01"),
        (share, "nan"),
        (whole, "-1"),
        (whole, "1.0"),
    ],
)
def test_values_that_are_refused(read: object, text: str) -> None:
    assert callable(read)
    with pytest.raises(UsageError, match=text):
        read(text)


def _parser() -> Parser:
    parser = Parser("prog", "What it does.")
    parser.add_argument("items", nargs="*")
    parser.add_argument("--overwrite", action="store_true")
    return parser


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--overwrit"], "did you mean '--overwrite'?"),
        (["--ovrwrite=3"], "did you mean '--overwrite'?"),
        (["--zzz"], "no option '--zzz' (see"),
    ],
)
def test_an_unknown_option_is_refused(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ending:
        _parser().parse_args(arguments, argparse.Namespace())
    assert ending.value.code == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.err.count("\n") == 1
    assert printed.out == ""


def test_options_may_stand_between_the_items() -> None:
    parser = _parser()
    parser.intermixed = True
    args = parser.parse_args(["a", "--overwrite", "b"], argparse.Namespace())
    assert (args.items, args.overwrite) == (["a", "b"], True)


def test_help_adds_what_the_command_knows(capsys: pytest.CaptureFixture[str]) -> None:
    parser = Parser("prog", "What it does.")
    parser.add_argument("effect")
    parser.more_help = lambda args: f"about {args.effect}"
    with pytest.raises(SystemExit) as ending:
        parser.parse_args(["reverb", "--help"], argparse.Namespace())
    assert ending.value.code == 0
    assert capsys.readouterr().out.endswith("about reverb\n")
