import os
import shutil
from pathlib import Path

import pytest

from tonewright.dsp.errors import EffectError
from tonewright.models.diff_tone import opening
from tonewright.models.diff_tone.embedded import Embedded
from tonewright.models.diff_tone.opening import open_model, open_reporting


@pytest.fixture
def folder(networks: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(networks, tmp_path / "own"))


def test_what_ships_is_opened_once_and_is_whole() -> None:
    model = open_model("embedded")
    assert isinstance(model.backend, Embedded)
    assert model.listener is not None
    assert model.steering is not None
    for network in (model.backend._denoiser, model.steering, open_reporting()):
        assert all(each.isfinite().all() for each in network.parameters())
    assert open_model("embedded") is model


def test_networks_of_ones_own_are_found_by_what_they_are(folder: Path) -> None:
    (folder / "steering.safetensors").rename(folder / "a.safetensors")
    (folder / "other.safetensors").write_bytes(b"nothing of the kind")
    model = open_model(str(folder))
    assert model.steering is not None
    assert model.steering.shape.width == 16
    assert open_reporting(str(folder)).shape.width == 4


def test_other_networks_in_the_same_files_are_another_model(folder: Path) -> None:
    before = open_model(str(folder))
    assert open_model(str(folder)) is before
    weights = folder / "denoiser.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    os.utime(weights, (1, 1))
    assert open_model(str(folder)).key != before.key


def test_a_folder_without_a_reporting_classifier_gets_the_one_that_ships(folder: Path) -> None:
    (folder / "reporting.safetensors").unlink()
    assert open_reporting(str(folder)) is open_reporting()


@pytest.mark.parametrize("missing", ["Denoiser", "Steering"])
def test_a_folder_that_lacks_a_network_says_which(folder: Path, missing: str) -> None:
    (folder / f"{missing.lower()}.safetensors").unlink()
    with pytest.raises(EffectError, match=f"nor the weights of a {missing}"):
        open_model(str(folder))


def test_damaged_networks_are_named(folder: Path) -> None:
    weights = folder / "denoiser.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(EffectError, match="own: neither a pipeline"):
        open_model(str(folder))


def test_a_pipeline_is_opened_by_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(opening, "_pipeline", asked.append)
    (tmp_path / "model_index.json").write_text("{}", "utf-8")
    open_model(str(tmp_path))
    open_model("somebody/something")
    assert asked == [str(tmp_path.resolve()), "somebody/something"]
    with pytest.raises(EffectError, match="there is no such folder; choose one with a model"):
        open_model("no/such/folder")
