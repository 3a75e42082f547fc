import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.json_text import dumps, loads, read

HERE = Path("song/project.json")
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=30,
)


@given(VALUES)
@settings(derandomize=True, deadline=None, max_examples=150)
def test_text_is_read_back_equal(data):
    assert loads(dumps(data), HERE) == data == json.loads(dumps(data))


def test_what_holds_scalars_only_is_one_line_where_it_fits():
    text = dumps({"a": {"x": 1, "y": []}, "notes": [[1, 2], [3, 4]], "w": ["v" * 60, "w" * 60]})
    assert text.decode() == (
        '{\n "a": {"x": 1, "y": []},\n "notes": [\n  [1, 2],\n  [3, 4]\n ],\n "w": [\n  "'
        + "v" * 60
        + '",\n  "'
        + "w" * 60
        + '"\n ]\n}\n'
    )


def test_names_that_are_no_utf8_survive():
    name = b"caf\xe9.wav".decode("utf-8", "surrogateescape")
    assert loads(dumps([name]), HERE) == [name]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'{\n "a": 1,\n "b" 2\n}', "song/project.json: no JSON at line 3, column 6"),
        (b"", "no JSON at line 1, column 1"),
        (b'{"a":\n "\xff"}', "no UTF-8 text at line 2"),
        (b"[NaN]", "NaN is no JSON number"),
        (b"[-Infinity]", "-Infinity is no JSON number"),
        (b"[" * 200_000, "nested too deeply"),
        (b"9" * 5_000, "integer string conversion"),
    ],
)
def test_bad_text_is_one_line_with_the_place(text, message):
    with pytest.raises(ProjectError) as caught:
        loads(text, HERE)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_mark_of_byte_order_is_no_error():
    assert loads(b"\xef\xbb\xbf[1]", HERE) == [1]


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ProjectError, match=r"none\.json: cannot be read"):
        read(tmp_path / "none.json")
