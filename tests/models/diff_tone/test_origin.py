from pathlib import Path

import numpy as np
import pytest

from tonewright.dsp.errors import EffectError
from tonewright.models.diff_tone.algorithm import Fixed, Offline
from tonewright.models.diff_tone.backend import Backend, Listener
from tonewright.models.diff_tone.origin import Origin, Remade, place_in, read_origin

ORIGIN = Origin("solo flute", 400, seed=3, steps=10, guidance=1.0, weights="w")


def test_an_origin_is_read_from_its_text_and_from_a_file(tmp_path: Path) -> None:
    recipe = tmp_path / "clip.recipe.json"
    recipe.write_text(ORIGIN.to_text(), "utf-8")
    assert read_origin(ORIGIN.to_text()) == ORIGIN
    assert read_origin(str(recipe)) == ORIGIN


@pytest.mark.parametrize("text", ["{}", '{"prompt": "harp"', '{"prompt": "a", "length": 1}'])
def test_what_is_no_origin_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(EffectError, match="origin: no recipe of a generated clip"):
        read_origin(text)
    with pytest.raises(EffectError, match="cannot be read; name the recipe"):
        read_origin(str(tmp_path / "none.json"))


def test_a_clip_made_again_is_the_same_bit_for_bit(model: Backend, listener: Listener) -> None:
    first = Remade(model, ORIGIN, listener=listener)
    again = Remade(model, ORIGIN, listener=listener)
    np.testing.assert_array_equal(first.audio, again.audio)
    assert first.trace == again.trace
    assert first.reconstruction_error() == 0.0
    other = Remade(model, Origin("solo flute", 400, seed=4, steps=10, guidance=1.0))
    assert np.abs(first.audio - other.audio).max() > 1e-3


def test_an_edit_leaves_the_clips_way_at_the_switch(model: Backend, listener: Listener) -> None:
    clip = Remade(model, ORIGIN, listener=listener)
    early, late = (clip.at(switch, "solo cello", guidance=1.0) for switch in (0, 8))
    assert early.mean() < late.mean() < clip.audio.mean()
    np.testing.assert_array_equal(clip.at(10, "solo cello", guidance=1.0), clip.audio)
    np.testing.assert_array_equal(clip.at(0, "solo cello", guidance=1.0, strength=0.0), clip.audio)
    assert clip.switch(Fixed(0.5)) == 5
    assert 1 <= clip.switch(Offline()) <= 10


def test_a_part_is_found_in_its_clip_and_something_else_is_not() -> None:
    rng = np.random.default_rng(0)
    clip = rng.standard_normal((1, 5_000)).astype(np.float32)
    part = 0.5 * clip[:, 1_234:2_500]
    assert place_in(clip, np.concatenate([part, part])) == 1_234
    assert place_in(clip, clip) == 0
    with pytest.raises(EffectError, match="take origin away"):
        place_in(clip, rng.standard_normal((1, 900)).astype(np.float32))
