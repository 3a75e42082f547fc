import numpy as np
import torch

from tonewright.models.diff_tone.batches import (
    LOWEST,
    LinearDenoiser,
    draw_windows,
    misheard,
    recorded,
)
from tonewright.models.diff_tone.corpus import CLIP_FRAMES, PART_CLIPS, Store
from tonewright.models.diff_tone.features import BANDS, CONTENT
from tonewright.models.diff_tone.instruments import Description


def test_windows_are_drawn_where_something_sounds() -> None:
    part = np.zeros((PART_CLIPS, CLIP_FRAMES, BANDS + CONTENT), np.uint8)
    part[:, 400:, :BANDS] = 160  # 0 dB
    store = Store((part,), (Description("flute"),) * PART_CLIPS)
    mel, content = draw_windows(store, np.arange(20), np.random.default_rng(1))
    assert mel.shape == (20, BANDS, 256)
    assert content.shape == (20, CONTENT, 256)
    assert (mel.amax(dim=(1, 2)) > LOWEST).all()


def test_content_may_be_heard_from_the_other_of_a_pair() -> None:
    part = np.zeros((PART_CLIPS, CLIP_FRAMES, BANDS + CONTENT), np.uint8)
    part[:, :, :BANDS] = 160
    part[1::2, :, BANDS:] = 255
    store = Store((part,), (Description("flute"),) * PART_CLIPS)
    rng = np.random.default_rng(1)
    _, own = draw_windows(store, np.array([0, 1]), rng)
    _, others = draw_windows(store, np.array([0, 1]), rng, others_share=1.0)
    assert own[:, 0, 0].tolist() == [0.0, 1.0]
    assert others[:, 0, 0].tolist() == [1.0, 0.0]


def test_misheard_content_is_nearly_the_same() -> None:
    content = torch.rand(4, CONTENT, 32, generator=torch.Generator().manual_seed(1))
    heard = misheard(content, np.random.default_rng(2))
    assert heard.amin() >= 0.0
    assert heard.amax() <= 1.0
    assert 0.0 < (heard - content).abs().mean() < 0.1


def test_a_recording_is_coloured_but_stays_itself() -> None:
    rng = np.random.default_rng(2)
    mel = torch.from_numpy(rng.normal(0.0, 1.0, (4, BANDS, 32))).float()
    heard = recorded(mel, rng)
    assert not torch.equal(heard, mel)
    loud = mel > 1.0
    assert torch.corrcoef(torch.stack([heard[loud], mel[loud]]))[0, 1] > 0.5
    gentle = recorded(mel, np.random.default_rng(3), strength=0.0)
    torch.testing.assert_close(gentle[mel > 1.5], mel[mel > 1.5], atol=0.3, rtol=0.0)


def test_the_linear_denoiser_is_better_than_scaling_and_exact_without_noise() -> None:
    generator = torch.Generator().manual_seed(3)
    few = torch.randn(64, 3, generator=generator)
    axes = torch.randn(3, BANDS, generator=generator)
    frames = (few @ axes).reshape(8, 8, BANDS).transpose(1, 2)
    denoiser = LinearDenoiser(frames)
    noise = torch.randn(frames.shape, generator=generator)
    alpha = torch.full((8,), 0.5)
    estimate = denoiser(0.5**0.5 * (frames + noise), alpha)
    assert (estimate - frames).square().mean() < 0.2 * frames.square().mean()
    nearly = denoiser(frames, torch.full((8,), 1.0 - 1e-7))
    torch.testing.assert_close(nearly, frames, atol=0.02, rtol=0.02)
