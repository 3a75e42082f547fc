import torch

from tonewright.models.diff_tone.classifier import (
    HEARD_FRAMES,
    Reporting,
    Steering,
    heard,
    windows_of,
)
from tonewright.models.diff_tone.features import BANDS
from tonewright.models.diff_tone.instruments import NAMES


def test_windows_cover_all_frames() -> None:
    mel = torch.arange(1_000.0).expand(1, BANDS, 1_000)
    windows = windows_of(mel)
    assert windows.shape == (4, BANDS, HEARD_FRAMES)
    assert set(windows[:, 0].flatten().tolist()) == set(range(1_000))
    assert windows_of(mel[:, :, :40]).shape == (1, BANDS, HEARD_FRAMES)


def test_the_answer_for_all_windows_is_a_distribution_that_follows_the_loud() -> None:
    logits = torch.tensor([[4.0, 0.0], [0.0, 4.0]])
    mel = torch.stack([torch.full((BANDS, 10), 2.0), torch.full((BANDS, 10), -1.0)])
    answer = heard(logits, mel)
    assert abs(answer.sum().item() - 1.0) < 1e-6
    assert answer[0] > 0.9


def test_both_give_a_logit_for_every_name() -> None:
    mel = torch.randn(3, BANDS, HEARD_FRAMES, generator=torch.Generator().manual_seed(1))
    torch.manual_seed(2)
    steering = Steering(width=16).eval()
    assert steering(mel, torch.ones(3)).shape == (3, len(NAMES))
    assert Reporting(width=4).eval()(mel).shape == (3, len(NAMES))
    assert not torch.equal(steering(mel, torch.ones(3)), steering(mel, torch.full((3,), 0.1)))
