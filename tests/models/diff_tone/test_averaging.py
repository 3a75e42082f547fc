import sys
from pathlib import Path

import pytest
import torch

from tonewright.models.diff_tone.averaging import main, mean_of
from tonewright.models.diff_tone.denoiser import Denoiser, Shape, load_denoiser
from tonewright.models.weights import save_weights


def denoiser(seed: int, layers: int = 1) -> Denoiser:
    torch.manual_seed(seed)
    return Denoiser(Shape(width=16, layers=layers, heads=2))


def test_the_mean_lies_in_the_middle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [tmp_path / "first.safetensors", tmp_path / "second.safetensors"]
    for seed, file in enumerate(files):
        save_weights(denoiser(seed), file)
    out = tmp_path / "mean.safetensors"
    monkeypatch.setattr(sys, "argv", ["averaging", *map(str, files), "--out", str(out)])
    main()
    first, second = (load_denoiser(file).state_dict() for file in files)
    mean = load_denoiser(out).state_dict()
    for name, value in mean.items():
        middle = (first[name] + second[name]) / 2.0
        torch.testing.assert_close(value, middle, atol=1e-3, rtol=1e-3)
    assert any(not torch.equal(first[name], second[name]) for name in mean)


def test_denoisers_of_two_shapes_have_no_mean() -> None:
    with pytest.raises(ValueError, match="different shapes"):
        mean_of([denoiser(0), denoiser(1, layers=2)])
