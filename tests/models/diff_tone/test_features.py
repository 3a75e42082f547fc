import math

import numpy as np
import pytest
import torch
from torch import Tensor

from tonewright.models.diff_tone.features import (
    BANDS,
    HOP_SAMPLES,
    LOWEST_PITCH,
    PITCHES,
    SAMPLE_RATE,
    audio_of,
    band_power,
    bands,
    content_of,
    frames_of,
    level_of,
    mel_of,
    power_of,
    spectrum_of,
)


def tone(hz: float, seconds: float = 1.0, size: float = 1.0) -> Tensor:
    time = torch.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return size * torch.sin(2.0 * math.pi * hz * time)[None]


def test_frames_become_the_same_audio_again() -> None:
    audio = torch.from_numpy(np.random.default_rng(1).standard_normal((2, 20_000), np.float32))
    spectrum = spectrum_of(audio)
    assert spectrum.shape[2] == frames_of(20_000)
    torch.testing.assert_close(audio_of(spectrum, 20_000), audio, atol=1e-5, rtol=0.0)


def test_the_level_of_a_full_scale_tone_is_0_db() -> None:
    assert 20.0 * math.log10(level_of(tone(440.0)).item()) == pytest.approx(0.0, abs=3.1)
    ratio = level_of(tone(440.0, size=0.1)) / level_of(tone(440.0))
    assert ratio.item() == pytest.approx(0.1, rel=1e-3)


def test_every_band_hears_something_and_a_tone_is_heard_in_its_band() -> None:
    assert (bands().sum(dim=1) > 0.99).all()
    powers = band_power(spectrum_of(tone(2_000.0)))[0, :, 40]
    centres = bands() @ torch.linspace(0.0, SAMPLE_RATE / 2, bands().shape[1])
    assert centres[powers.argmax()].item() == pytest.approx(2_000.0, rel=0.03)


def test_what_the_networks_see_does_not_depend_on_the_level() -> None:
    def seen(size: float) -> Tensor:
        spectrum = spectrum_of(tone(330.0, size=size))
        return mel_of(band_power(spectrum), level_of(tone(330.0, size=size)))

    torch.testing.assert_close(seen(0.5), seen(0.05), atol=1e-3, rtol=0.0)
    level = level_of(tone(330.0))
    power = band_power(spectrum_of(tone(330.0)))
    again = power_of(mel_of(power, level), level)
    loud = power > 1e-6 * power.max()
    torch.testing.assert_close(again[loud], power[loud], rtol=1e-3, atol=0.0)
    assert again.shape[1] == BANDS


def test_content_knows_pitches_and_onsets_whoever_plays() -> None:
    quiet = torch.zeros(1, SAMPLE_RATE // 2)
    dull = torch.cat([quiet, tone(440.0)], dim=1)
    bright = torch.cat([quiet, sum(tone(440.0 * n) / n for n in range(1, 6))], dim=1)
    found = [content_of(audio)[0] for audio in (dull, bright)]
    onset_frame = SAMPLE_RATE // 2 // HOP_SAMPLES
    for content in found:
        assert content[:PITCHES, onset_frame + 30].argmax() == 69 - LOWEST_PITCH
        assert abs(int(content[PITCHES].argmax()) - onset_frame) <= 3
        assert content.amin() >= 0.0
        assert content.amax() <= 1.0
    assert not content_of(torch.zeros(1, 30_000)).any()


def test_a_pitch_between_two_semitones_is_heard_as_both_even_in_the_bass() -> None:
    pitch = 31.5
    content = content_of(tone(440.0 * 2.0 ** ((pitch - 69.0) / 12.0)))[0, :, 40]
    around = content[31 - LOWEST_PITCH : 33 - LOWEST_PITCH]
    torch.testing.assert_close(around, torch.ones(2), atol=0.3, rtol=0.0)
