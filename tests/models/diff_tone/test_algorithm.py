import pytest
import torch
from torch import Tensor

from tonewright.dsp.errors import CancelledError
from tonewright.dsp.rendering.job import CancelToken, Progress
from tonewright.models.diff_tone.algorithm import (
    Fixed,
    Offline,
    Online,
    Run,
    Trace,
    edited,
    generated,
    inverted,
    trace_of,
)
from tonewright.models.diff_tone.diffusion import NoiseStream, cosine_grid
from tonewright.models.diff_tone.inversion import Inversion

SHAPE = (1, 2, 8)
GRID = cosine_grid(20)
STREAM = NoiseStream(5, SHAPE, torch.float64)
NAMES = ("flute", "cello", "horn")


def trace(*labels: str, confidence: float = 0.9) -> Trace:
    rest = (1.0 - confidence) / 2.0
    said = tuple(tuple(confidence if n == each else rest for n in NAMES) for each in labels)
    return Trace(NAMES, said)


class Toward:
    """A clean estimate that a prompt draws to a value, and the source's noise to the rest."""

    def __init__(self, value: float) -> None:
        self.value = value
        self.calls: list[int] = []

    def __call__(self, x: Tensor, index: int) -> Tensor:
        self.calls.append(index)
        return 0.3 * torch.tanh(x) + self.value


def test_online_switches_after_the_same_answer_in_a_row() -> None:
    heard = trace("horn", "flute", "horn", "horn", "horn", "flute")
    assert Online(1).decide(heard, 20) == 1
    assert Online(2).decide(heard, 20) == 4
    assert Online(3).decide(heard, 20) == 5
    assert Online(4).decide(heard, 20) is None
    assert Online(4).decide(heard, 6) == 6


def test_online_waits_for_confidence() -> None:
    unsure = trace("horn", "horn", "horn", confidence=0.4)
    assert Online(2, 0.5).decide(unsure, 20) is None
    sure = unsure.heard((0.05, 0.05, 0.9))
    assert Online(2, 0.5).decide(sure, 20) == 4


def test_offline_switches_when_the_answer_is_final() -> None:
    assert Offline().decide(trace("horn", "flute", "horn", "horn", "horn"), 5) == 3
    assert Offline().decide(trace("horn", "horn", "horn"), 3) == 1
    assert Offline().decide(trace("horn", "horn"), 3) is None


@pytest.mark.parametrize(("share", "switch"), [(0.0, 0), (0.25, 5), (1.0, 20)])
def test_fixed_is_a_share_of_the_steps(share: float, switch: int) -> None:
    assert Fixed(share).decide(Trace(NAMES), 20) == switch


@pytest.mark.parametrize("eta", [0.0, 1.0])
def test_a_clip_is_edited_in_one_pass_as_it_is_from_its_path(eta: float) -> None:
    source, target = Toward(-1.0), Toward(1.0)
    made = generated(source, GRID, STREAM, eta=eta)
    again = generated(source, GRID, STREAM, eta=eta)
    assert torch.equal(made.path.end, again.path.end)

    source.calls.clear()
    online = generated(source, GRID, STREAM, eta=eta, target=target, rule=Fixed(0.3))
    assert (source.calls, target.calls) == (list(range(6)), list(range(6, 20)))
    assert online.switch == 6
    assert torch.equal(online.path.end, edited(made.path, target, 6))


def test_the_online_rule_listens_until_it_switches() -> None:
    class Heard:
        names = NAMES

        def __init__(self) -> None:
            self.answers = iter(["horn", "flute", "flute", "flute"])

        def probabilities(self, clean: Tensor, alpha: float) -> Tensor:
            answer = next(self.answers)
            return torch.tensor([0.8 if name == answer else 0.1 for name in NAMES])

    made = generated(
        Toward(-1.0), GRID, STREAM, target=Toward(1.0), listener=Heard(), rule=Online(3)
    )
    assert made.switch == 4
    assert made.trace.labels == ("horn", "flute", "flute", "flute")
    assert made.trace.confidences == pytest.approx([0.8] * 4)


def test_the_offline_rule_cannot_decide_on_the_way() -> None:
    with pytest.raises(ValueError, match="whole path"):
        generated(Toward(0.0), GRID, STREAM, target=Toward(1.0), rule=Offline())


def test_moving_the_switch_costs_only_the_steps_behind_it() -> None:
    latent = torch.zeros(SHAPE, dtype=torch.float64)
    path = inverted(latent, Toward(0.0), GRID, STREAM, inversion=Inversion.EDIT_FRIENDLY)
    target = Toward(1.0)
    late = edited(path, target, 15)
    assert target.calls == list(range(15, 20))
    early = edited(path, target, 2)
    assert early.mean() > late.mean() > 0.0
    assert torch.equal(edited(path, target, 20), path.end)
    with pytest.raises(ValueError, match="0 to 20"):
        edited(path, target, 21)


@pytest.mark.parametrize("inversion", list(Inversion))
def test_every_inversion_gives_a_path_to_edit_and_a_trace(inversion: Inversion) -> None:
    class Sign:
        names = ("low", "high")

        def probabilities(self, clean: Tensor, alpha: float) -> Tensor:
            high = torch.sigmoid(clean.mean())
            return torch.stack([1.0 - high, high])

    latent = torch.full(SHAPE, 2.0, dtype=torch.float64)
    path = inverted(latent, Toward(2.0), GRID, STREAM, inversion=inversion)
    found = trace_of(path, Sign())
    assert set(found.labels) == {"high"}
    assert len(found.labels) == GRID.steps
    assert edited(path, Toward(-2.0), 0).mean() < 0.0


def test_every_step_is_reported_and_may_be_cancelled() -> None:
    told: list[Progress] = []
    token = CancelToken()
    run = Run(told.append, token)
    path = inverted(
        torch.zeros(SHAPE), Toward(0.0), GRID, STREAM, inversion=Inversion.DDIM, run=run
    )
    assert told[-1].fraction >= 0.95
    assert [each.stage for each in told] == ["inversion"] * 19
    told.clear()
    edited(path, Toward(1.0), 10, run)
    assert [each.fraction for each in told] == pytest.approx([0.1 * n for n in range(1, 11)])
    token.cancel()
    with pytest.raises(CancelledError):
        edited(path, Toward(1.0), 10, run)
