"""What was saved is there again, whole, and a damaged file is said and left alone."""

import pytest

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.presets import Presets, effect_presets, export_presets


@pytest.fixture
def presets(tmp_path):
    return Presets(tmp_path / "deep" / "presets.json")


def test_a_preset_comes_back_as_it_was_saved(presets):
    values = {"room_size": 0.5, "mode": "LPF12", "on": True, "taps": 3}
    presets.save("Großer Saal", values)
    assert Presets(presets.file).get("Großer Saal") == values


def test_names_are_sorted_and_deleting_forgets_one(presets):
    for name in ("b", "A", "c"):
        presets.save(name, {})
    assert presets.names() == ("A", "b", "c")
    presets.delete("b")
    presets.delete("b")
    assert presets.names() == ("A", "c")
    with pytest.raises(ProjectError, match="no preset 'b'"):
        presets.get("b")


def test_saving_again_replaces(presets):
    presets.save("a", {"x": 1})
    presets.save("a", {"y": 2})
    assert presets.get("a") == {"y": 2}


def test_nothing_is_made_by_looking(presets):
    assert presets.names() == ()
    presets.delete("a")
    assert not presets.file.parent.exists()


def test_a_preset_needs_a_name(presets):
    with pytest.raises(ProjectError, match="needs a name"):
        presets.save("  ", {})


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"format": 1, "presets": {"a": 3}}', '{"format": 9, "presets": {}}']
)
def test_a_damaged_file_is_named_and_never_overwritten(presets, text):
    presets.file.parent.mkdir()
    presets.file.write_text(text)
    for act in (presets.names, lambda: presets.save("a", {}), lambda: presets.delete("a")):
        with pytest.raises(ProjectError, match=r"presets\.json"):
            act()
    assert presets.file.read_text() == text


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(ProjectError, match="taken"):
        Presets(tmp_path / "taken" / "presets.json").save("a", {})


def test_every_collection_has_a_file_of_its_own(tmp_path):
    effect_presets("reverb", tmp_path).save("a", {"x": 1})
    export_presets(tmp_path).save("a", {"mix": True})
    assert effect_presets("delay", tmp_path).names() == ()
    assert effect_presets("reverb", tmp_path).get("a") == {"x": 1}
