import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.batch.positions import line_of, lines_of

TEXT = '''\
out = "x"                       # a comment with = and [
inputs = [
  "a]", 'b"',                   # ] }
]
[export]
container.x = 1
[[render]]
effects = [
  { type = "reverb", params = { a = [1,
   2], "b c" = """x
"}]""" } },
  { type = 'q' },
]
[render.export]
depth = "16"
[[render]]
"na me" = 1979-05-27T07:32:00Z
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("out",), 1),
        (("inputs",), 2),
        (("inputs", 1), 3),
        (("export", "container", "x"), 6),
        (("render", 0), 7),
        (("render", 0, "effects", 0, "type"), 9),
        (("render", 0, "effects", 0, "params", "a", 0), 9),
        (("render", 0, "effects", 0, "params", "a", 1), 10),
        (("render", 0, "effects", 0, "params", "b c"), 10),
        (("render", 0, "effects", 1, "type"), 12),
        (("render", 0, "export", "depth"), 15),
        (("render", 1, "na me"), 17),
        (("render", 1, "missing"), 16),
        (("missing",), 1),
    ],
)
def test_every_value_has_its_line(path: tuple[str | int, ...], line: int) -> None:
    tomllib.loads(TEXT)
    assert line_of(lines_of(TEXT), path) == line


WORDS = st.text("ab#]}[{=, ", max_size=4)


@given(st.lists(st.one_of(WORDS, st.lists(WORDS, max_size=3), st.integers()), max_size=8))
@settings(derandomize=True, deadline=None, max_examples=80)
def test_keys_are_on_the_lines_they_were_written_to(values: list[object]) -> None:
    text = "".join(f"# {v}\nk{n} = {v!r}\n" for n, v in enumerate(values))
    tomllib.loads(text)
    lines = lines_of(text)
    assert [lines[f"k{n}",] for n in range(len(values))] == [2 * n + 2 for n in range(len(values))]
