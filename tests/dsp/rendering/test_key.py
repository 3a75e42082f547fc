import dataclasses
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.project.document import FadeCurve
from tonewright.dsp.rendering.key import SILENT, content_key
from tonewright.dsp.rendering.nodes import BoundEffect, Fader, Stored
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
