import numpy as np
import torch

from tonewright.models.diff_tone.batches import (
    LOWEST,
    LinearDenoiser,
    draw_windows,
    elsewhere,
    misheard,
    recorded,
)
from tonewright.models.diff_tone.corpus import CLIP_FRAMES, PART_CLIPS, Store
from tonewright.models.diff_tone.features import BANDS, CONTENT, PITCHES
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


def test_content_heard_elsewhere_keeps_its_onsets_and_how_strong_a_frame_is() -> None:
    content = torch.zeros(64, CONTENT, 32)
    content[:, 40, :16] = 1.0
    content[:, 52, :16] = 0.5
    content[:, PITCHES:, 0] = 1.0
    heard = elsewhere(content, np.random.default_rng(2))
    assert torch.equal(heard[:, PITCHES:], content[:, PITCHES:])
    torch.testing.assert_close(heard[:, :PITCHES, :16].amax(dim=1), torch.ones(64, 16))
    # Other partials than the strongest are not what they were, and some rooms ring on.
    balance = heard[:, 52, 5] / heard[:, 40, 5]
    assert 0.3 < balance.median() < 0.7
    assert balance.std() > 0.05
    assert 0.1 < (heard[:, 40, 20] > 0.0).float().mean() < 0.5
    # A hum is there from the first frame to the last.
    hums = (heard[:, :24] > 0.0).all(dim=2).any(dim=1).float().mean()
    assert 0.0 < hums < 0.3


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
