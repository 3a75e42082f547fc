"""What every test shares: plugins that happen to be installed here are not seen.

Each of the processes that run tests has a core of its own: libraries that take all cores for
themselves would wait for each other.
"""

import os
from pathlib import Path

import pytest

os.environ["TONEWRIGHT_PLUGINS"] = os.devnull + ".json"
os.environ["OMP_NUM_THREADS"] = "1"


@pytest.fixture(scope="session")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the networks of a change of instrument, tiny and not trained."""
    import torch

    from tonewright.models.diff_tone.classifier import Reporting, Steering
    from tonewright.models.diff_tone.denoiser import Denoiser, Shape
    from tonewright.models.weights import save_weights

    folder = tmp_path_factory.mktemp("networks")
    with torch.random.fork_rng():
        torch.manual_seed(1)
        denoiser = Denoiser(Shape(width=16, layers=1, heads=2, words=8))
        for name, parameter in denoiser.named_parameters():
            if "modulation" in name or "leave" in name:
                torch.nn.init.normal_(parameter, std=0.1)
        save_weights(denoiser, folder / "denoiser.safetensors")
        save_weights(Steering(16), folder / "steering.safetensors")
        save_weights(Reporting(4), folder / "reporting.safetensors")
    return folder
