import dataclasses
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.effects.protocol import EffectType, Parameter, ParameterKind
from tonewright.dsp.project.document import FadeCurve
from tonewright.dsp.rendering.bound import BoundEffect
from tonewright.dsp.rendering.chains import files_of, folders_of
from tonewright.dsp.rendering.key import SILENT, content_key
from tonewright.dsp.rendering.nodes import Effects, Fader, Stored
from tonewright.dsp.rendering.sources import Silence, Source

SOURCE = Source("/a.wav", "ab" * 32, 2, 0, 48_000, 48_000, 48_000)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=6,
)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(values, values)
def test_keys_are_equal_only_for_equal_values_of_equal_type(a: object, b: object) -> None:
    assert (content_key(a) == content_key(b)) == (repr(a) == repr(b))


@pytest.mark.parametrize("name", [each.name for each in dataclasses.fields(Source)])
def test_every_field_of_a_source_but_its_path_is_in_the_key(name: str) -> None:
    old = getattr(SOURCE, name)
    other = dataclasses.replace(SOURCE, **{name: old + "x" if isinstance(old, str) else old + 1})
    assert (other.key == SOURCE.key) == (name == "path")


def test_the_key_of_an_effect_holds_all_that_can_be_heard() -> None:
    effect = BoundEffect("gain", 1, (("gain_db", 1.0),))
    assert [each.name for each in dataclasses.fields(effect) if each.metadata] == []


def bound(**params: str) -> BoundEffect:
    """An effect with a file and a text, bound as a plan does it."""
    effect_type = EffectType(
        id="room",
        name="Room",
        factory="",
        parameters=(
            Parameter("reference", "", kind=ParameterKind.FILE),
            Parameter("model", "", kind=ParameterKind.TEXT),
        ),
    )
    return BoundEffect(
        "room",
        1,
        tuple(sorted(params.items())),
        files=files_of(effect_type, params),
        folders=folders_of(effect_type, params),
    )


def test_the_content_of_an_effects_file_is_in_the_key_and_not_its_place(tmp_path: Path) -> None:
    first, moved, other, missing = (tmp_path / f"{number}.wav" for number in range(4))
    for path, content in ((first, b"a"), (moved, b"a"), (other, b"b")):
        path.write_bytes(content)
    keys = [Effects(SOURCE, (bound(reference=str(each)),), 48_000).key for each in (first, moved)]
    assert keys[0] == keys[1] == Effects(SOURCE, (bound(reference=str(first)),), 48_000).key
    assert bound(reference=str(other)).key != bound(reference=str(first)).key
    assert bound(reference=str(missing)).key != bound(reference=str(missing) + "x").key
    first.write_bytes(b"changed")
    assert Effects(SOURCE, (bound(reference=str(first)),), 48_000).key != keys[0]


def test_what_changes_in_a_models_folder_changes_the_key(tmp_path: Path) -> None:
    weights = tmp_path / "model" / "unet" / "weights.safetensors"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"a")
    before = bound(model=str(tmp_path / "model")).key
    assert bound(model=str(tmp_path / "model")).key == before
    weights.write_bytes(b"changed")
    assert bound(model=str(tmp_path / "model")).key != before


def test_a_text_is_no_folder_because_one_is_named_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cello").mkdir()
    monkeypatch.chdir(tmp_path)
    assert bound(model="cello").folders == ()
    assert bound(model="a/" + 5_000 * "long").folders == ()


def test_a_node_holds_its_inputs_by_their_keys() -> None:
    assert Fader(SOURCE).key != Fader(dataclasses.replace(SOURCE, start_samples=1)).key
    assert Fader(SOURCE).key == Fader(dataclasses.replace(SOURCE, path="/moved.wav")).key


def test_a_stored_node_has_the_key_of_what_is_stored_whatever_it_is_called() -> None:
    assert Stored(SOURCE, 48_000, label="a").key == Stored(SOURCE, 48_000, label="b").key
    assert Stored(SOURCE, 48_000).key == SOURCE.key


def test_kinds_of_node_with_the_same_fields_differ() -> None:
    @dataclass(frozen=True)
    class Other:
        channels: int
        length_samples: int

    assert content_key(Other(1, 5)) != Silence(1, 5).key


def test_silent_fields_are_left_out() -> None:
    @dataclass(frozen=True)
    class Named:
        gain: float
        name: str = field(metadata=SILENT)

    assert content_key(Named(1.0, "a")) == content_key(Named(1.0, "b"))
    assert content_key(Named(1.0, "a")) != content_key(Named(2.0, "a"))


def test_arrays_enums_and_bytes_have_keys() -> None:
    assert content_key(np.arange(3)) == content_key(np.arange(3))
    assert content_key(np.arange(3)) != content_key(np.arange(3).astype(np.int16))
    assert content_key(FadeCurve.LINEAR) != content_key(FadeCurve.SMOOTH)
    assert content_key(b"a") != content_key("a")


def test_what_has_no_key_is_refused() -> None:
    with pytest.raises(TypeError, match="dict has no content key"):
        content_key({"a": 1})
