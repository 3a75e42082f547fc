from pathlib import Path

import pytest

from tonewright.dsp.batch.manifest import Manifest, read_manifest
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.errors import BatchError


def read(folder: Path, text: str) -> Manifest:
    path = folder / "batch.toml"
    path.write_text(text, "utf-8")
    return read_manifest(path, default_registry())


def test_what_a_table_does_not_say_is_said_above_the_first(tmp_path: Path) -> None:
    manifest = read(
        tmp_path,
        'out = "o"\ninputs = ["a.wav"]\nseeds = [1, 2]\n'
        "[[render]]\npriority = 3\n"
        '[[render]]\ninputs = ["b.wav"]\nseeds = [7]\n',
    )
    assert manifest.out == tmp_path / "o"
    assert [(each.inputs, each.seeds, each.priority) for each in manifest.renders] == [
        (("a.wav",), (1, 2), 3),
        (("b.wav",), (7,), 0),
    ]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('inputs = ["a"]\nname = ', 2, "Invalid value"),
        ('inputs = ["a"]\nefects = []', 2, "there is no 'efects'"),
        ("seeds = [1]", 1, "either inputs or table"),
        ('inputs = ["a"]\ntable = "b"', 1, "either inputs or table"),
        ('inputs = "a"', 1, "must be a list"),
        ('inputs = [\n"a",\n3]', 3, "must hold texts"),
        ('out = ""\ninputs = ["a"]', 1, "name of a folder"),
        ('[render]\ninputs = ["a"]', 1, "two brackets"),
        ('inputs = ["a"]\n\nseeds = [-1]', 3, "at least 0"),
        ('inputs = ["a"]\nrange = [3, 1]', 2, "the end last"),
        ('inputs = ["a"]\neffects = [\n"reverb"]', 3, "an effect is written"),
        ('inputs = ["a"]\neffects = [\n{type="revreb"}]', 3, "reverb"),
        ('inputs = ["a"]\neffects = [\n{type="gain",mix=2}]', 3, "mix must be 0 to 1"),
        ('inputs = ["a"]\neffects = [{type="gain", params={gain_db=[1,\n999]}}]', 3, "gain_db"),
        ('inputs = ["a"]\neffects = [{type="gain", params={gian=1}}]', 2, "no parameter 'gian'"),
        ('inputs = ["a"]\neffects = [{type="gain", params={gain_db=[]}}]', 2, "no value"),
        ('inputs = ["a"]\n[export]\ndepht = "16"', 3, "'depht'"),
        ('inputs = ["a"]\n[export]\n\ndepth = "17"', 4, "'depth'"),
        (
            'inputs = ["a"]\n[[render]]\n[render.export]\ncontainer = "flac"\ndepth = "32f"',
            3,
            "FLAC",
        ),
    ],
)
def test_an_error_names_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(BatchError) as caught:
        read(tmp_path, text)
    assert said in str(caught.value)
    assert f"batch.toml:{line}: " in str(caught.value)


def test_a_manifest_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match="cannot be read"):
        read_manifest(tmp_path / "none.toml", default_registry())
