from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from tonewright.dsp.errors import EffectError
from tonewright.dsp.weights import shipped_weights
from tonewright.models.diff_tone.classifier import Reporting, Steering
from tonewright.models.diff_tone.denoiser import Denoiser, Shape
from tonewright.models.diff_tone.effect_type import WEIGHTS
from tonewright.models.diff_tone.weights import (
    load_denoiser,
    load_reporting,
    load_steering,
    save_network,
)

SMALL = Shape(width=16, layers=1, heads=2, words=8)


def test_networks_come_back_as_they_were_but_for_16_bits(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    for network, load in (
        (Denoiser(SMALL), load_denoiser),
        (Steering(16), load_steering),
        (Reporting(4), load_reporting),
    ):
        save_network(network, path)
        loaded = load(path)
        assert not loaded.training
        for name, value in network.state_dict().items():
            torch.testing.assert_close(
                loaded.state_dict()[name].float(), value.float(), atol=1e-3, rtol=1e-3
            )


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    with pytest.raises(EffectError, match="missing"):
        load_denoiser(path)
    path.write_bytes(b"nothing")
    with pytest.raises(EffectError, match="not the weights of a Steering"):
        load_steering(path)
    save_network(Steering(16), path)
    with pytest.raises(EffectError, match="not the weights of a Denoiser"):
        load_denoiser(path)


@pytest.mark.parametrize(
    ("part", "load"),
    [("denoiser", load_denoiser), ("steering", load_steering), ("reporting", load_reporting)],
)
def test_the_networks_that_ship_are_those_the_effect_asks_for(
    part: str, load: Callable[[Path], nn.Module]
) -> None:
    name = f"diff_tone-{part}.safetensors"
    network = load(shipped_weights(name, WEIGHTS[name]))
    assert all(each.isfinite().all() for each in network.parameters())
