import torch
from torch import Tensor

from tonewright.models.diff_tone.denoiser import Denoiser, Shape, velocity_loss
from tonewright.models.diff_tone.features import BANDS, CONTENT
from tonewright.models.diff_tone.instruments import indices_of

SHAPE = Shape(width=32, layers=2, heads=2, patch=4, words=16)
X = torch.randn(2, BANDS, 32, generator=torch.Generator().manual_seed(1))
TIME = torch.tensor([0.2, 0.9])
CONTENTS = torch.rand(2, CONTENT, 32, generator=torch.Generator().manual_seed(2))


def prompts(*texts: str) -> Tensor:
    return torch.tensor([indices_of(text) for text in texts])


def awake() -> Denoiser:
    """Return a network whose gates are open, as after some training."""
    torch.manual_seed(3)
    made = Denoiser(SHAPE)
    for name, parameter in made.named_parameters():
        if "modulation" in name or "leave" in name:
            torch.nn.init.normal_(parameter, std=0.1)
    return made.eval()


def test_it_begins_with_the_mean_and_keeps_the_shape() -> None:
    made = Denoiser(SHAPE)(X, TIME, prompts("flute", ""), None)
    assert made.shape == X.shape
    assert not made.any()


def test_the_prompt_the_time_and_the_content_are_heard() -> None:
    network = awake()
    flutes = prompts("solo flute", "solo flute")
    before = network(X, TIME, flutes, None)
    others = [
        network(X, TIME, prompts("solo cello", "solo cello"), None),
        network(X, TIME, prompts("", ""), None),
        network(X, TIME + 0.05, flutes, None),
        network(X, TIME, flutes, CONTENTS),
    ]
    for other in others:
        assert (other - before).abs().mean() > 1e-3


def test_a_window_without_content_is_as_if_there_were_none() -> None:
    network = awake()
    words = prompts("harp", "harp")
    mixed = CONTENTS.clone()
    mixed[0] = -1.0
    made = network(X, TIME, words, mixed)
    torch.testing.assert_close(made[:1], network(X[:1], TIME[:1], words[:1], None))
    torch.testing.assert_close(
        made[1:], network(X[1:], TIME[1:], words[1:], CONTENTS[1:]), atol=1e-5, rtol=1e-4
    )


def test_windows_do_not_hear_each_other() -> None:
    network = awake()
    words = prompts("harp", "")
    torch.testing.assert_close(
        network(X, TIME, words, None)[1:],
        network(X[1:], TIME[1:], words[1:], None),
        atol=1e-5,
        rtol=1e-4,
    )


def test_the_loss_is_that_of_the_velocity() -> None:
    clean, noise = torch.randn(2, 1, BANDS, 8, generator=torch.Generator().manual_seed(4))
    alpha = torch.tensor([0.6])
    x = alpha.sqrt() * clean + (1.0 - alpha).sqrt() * noise
    estimate = 0.9 * clean

    def velocity(of: Tensor) -> Tensor:
        e = (x - alpha.sqrt() * of) / (1.0 - alpha).sqrt()
        return alpha.sqrt() * e - (1.0 - alpha).sqrt() * of

    wanted = (velocity(estimate) - velocity(clean)).square().mean()
    torch.testing.assert_close(velocity_loss(estimate, clean, alpha), wanted)
