from pathlib import Path

import pytest
import torch

from tonewright.dsp.errors import EffectError
from tonewright.models.dereverb.bands import Shape
from tonewright.models.dereverb.network import DereverbNetwork, load_network
from tonewright.models.weights import kind_of, parameters_of, save_weights

SHAPE = Shape(width=8, layers=1, past=2, ahead=0, both_ways=False)


def test_a_network_comes_back_with_its_shape(tmp_path: Path) -> None:
    network = DereverbNetwork(SHAPE)
    save_weights(network, tmp_path / "weights.safetensors")
    back = load_network(tmp_path / "weights.safetensors")
    assert back.shape == SHAPE
    for name, value in network.state_dict().items():
        torch.testing.assert_close(back.state_dict()[name], value, atol=1e-3, rtol=1e-3)
    (path,) = tmp_path.iterdir()
    assert kind_of(path) == "DereverbNetwork"
    assert path.stat().st_size < 2 * parameters_of(network) + 5_000


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(EffectError, match=r"none\.safetensors: weights are missing"):
        load_network(tmp_path / "none.safetensors")


@pytest.mark.parametrize("damage", ["cut", "text", "other"])
def test_wrong_weights_are_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "weights.safetensors"
    save_weights(DereverbNetwork(SHAPE), path)
    content = path.read_bytes()
    other = content.replace(b"both_ways", b"both_wavs")
    path.write_bytes({"cut": content[:1000], "text": b"hello", "other": other}[damage])
    with pytest.raises(EffectError, match=r"weights\.safetensors: not the weights"):
        load_network(path)
    assert kind_of(path) == ("DereverbNetwork" if damage == "other" else "")
