import math

import torch
from torch import Tensor

from tonewright.models.diff_tone.features import SAMPLE_RATE, band_power, spectrum_of
from tonewright.models.diff_tone.render import magnitudes, rendered


def harmonics(hz: float, slope: float, seconds: float = 1.0) -> Tensor:
    time = torch.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    waves = [torch.sin(2.0 * math.pi * hz * n * time) * n**-slope for n in range(1, 20)]
    return 0.1 * torch.stack(waves).sum(dim=0)[None]


def apart(a: Tensor, b: Tensor) -> float:
    one, two = spectrum_of(a).abs(), spectrum_of(b).abs()
    return float((one - two).norm() / two.norm())


def test_a_dull_source_becomes_its_bright_target() -> None:
    dull, bright = harmonics(220.0, 2.5), harmonics(220.0, 0.5)
    made = rendered(dull, band_power(spectrum_of(bright)))
    assert made.shape == dull.shape
    assert apart(made, bright) < 0.3 * apart(dull, bright)


def test_its_own_bands_give_the_source_back() -> None:
    source = harmonics(330.0, 1.0)
    assert apart(rendered(source, band_power(spectrum_of(source))), source) < 0.1


def test_above_the_model_the_source_follows_the_highest_bands() -> None:
    noise = torch.randn(1, SAMPLE_RATE, generator=torch.Generator().manual_seed(1))
    spectrum = spectrum_of(noise)
    power = band_power(spectrum)
    same, quieter = (magnitudes(spectrum, power * gain) for gain in (1.0, 0.01))
    top = round(18_000 * 2_048 / SAMPLE_RATE)
    torch.testing.assert_close(same[:, top:], spectrum.abs()[:, top:], rtol=1e-3, atol=1e-5)
    torch.testing.assert_close(quieter[:, top:], 0.1 * same[:, top:], rtol=1e-3, atol=1e-5)


def test_silence_stays_silence() -> None:
    silent = torch.zeros(1, 10_000)
    made = rendered(silent, band_power(spectrum_of(silent)))
    assert made.abs().max() < 1e-6
