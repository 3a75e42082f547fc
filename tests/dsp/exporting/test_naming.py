from itertools import islice
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.errors import ExportError
from tonewright.dsp.exporting.naming import (
    MAX_NAME_BYTES,
    TOKENS,
    check_pattern,
    expand,
    numbered,
    safe_name,
    same_name,
)

VALUES = dict.fromkeys(TOKENS, "") | {
    "project": "Song",
    "track": "Lead / Vox",
    "number": "03",
    "region": "Verse 1",
    "timecode": "01-00-00-00",
}


def test_tokens_and_subfolders():
    path = expand("{region}/{number} {track} {timecode}", VALUES, "wav")
    assert path == PurePosixPath("Verse 1/03 Lead _ Vox 01-00-00-00.wav")


def test_an_empty_token_leaves_no_hole():
    assert expand("{project} {take} {number}", VALUES, "wav").name == "Song 03.wav"
    assert expand("{take}", VALUES, "wav").name == "untitled.wav"


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("{projekt}", r"there is no \{projekt\}; use .*\{project\}"),
        ("{track", "brace"),
        ("../{track}", "needs a name"),
        ("a/../../{track}", "needs a name"),
        ("/tmp/{track}", "must stay"),
        ("C:{track}", "must stay"),
        ("..\\{track}", "must stay"),
        ("", "needs a name"),
        ("a//{track}", "needs a name"),
    ],
)
def test_patterns_that_are_refused(pattern, said):
    with pytest.raises(ExportError, match=said):
        check_pattern(pattern)


@pytest.mark.parametrize("name", ["CON", "nul", "com1", "LPT9.take", "aux "])
def test_device_names_of_windows_are_no_names(name):
    assert safe_name(name, ".wav").startswith("_")


@given(st.text(max_size=400), st.sampled_from(["{track}", "{region}/{track}", "a/{track}"]))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_whatever_a_track_is_called_its_file_stays_in_the_folder(name, pattern):
    path = expand(pattern, VALUES | {"track": name, "region": name}, "wav")
    assert len(path.parts) == pattern.count("/") + 1
    for part in path.parts:
        assert part not in {"", ".", ".."}
        assert len(part.encode("utf-8")) <= MAX_NAME_BYTES
        assert not set(part) & set('<>:"/\\|?*\0\n')
        assert part == part.strip(" ") and not part.endswith(".")
    assert path.suffix == ".wav"


def test_numbers_go_before_the_extension_and_survive_the_limit():
    first, second, third = islice(numbered(PurePosixPath("x" * 300 + ".wav")), 3)
    assert second.name.endswith("x (2).wav")
    assert third.name.endswith("x (3).wav")
    assert len(second.name) <= MAX_NAME_BYTES
    assert len({first, second, third}) == 3


def test_names_that_differ_in_case_or_composition_are_one_name():
    assert same_name(PurePosixPath("Caf\u00e9.wav")) == same_name(PurePosixPath("cafe\u0301.WAV"))
