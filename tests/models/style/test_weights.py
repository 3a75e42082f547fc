from pathlib import Path

import pytest
import torch

from tonewright.dsp.errors import EffectError
from tonewright.models.style.weights import StyleNetworks, load_networks
from tonewright.models.weights import save_weights


def test_weights_come_back_in_sixteen_bits(networks: StyleNetworks, tmp_path: Path) -> None:
    path = tmp_path / "style.safetensors"
    save_weights(networks, path)
    loaded = load_networks(path)
    assert loaded.shape == networks.shape
    for name, value in networks.state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[name], value.half().float())


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    path.write_bytes(b"no weights at all")
    with pytest.raises(EffectError, match="not the weights of style translation"):
        load_networks(path)
