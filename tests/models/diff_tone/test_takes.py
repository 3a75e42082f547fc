from typing import Any

import numpy as np
import pytest
from torch import Tensor

from tonewright.models.diff_tone.algorithm import Fixed
from tonewright.models.diff_tone.editing import Editing, Settings
from tonewright.models.diff_tone.inversion import Inversion
from tonewright.models.diff_tone.takes import Takes, plan, worth

SOURCE = np.full((1, 400), 0.5, np.float32)


def editings(model: Any, takes: int) -> list[Editing]:
    settings = [Settings("solo flute", 10, kind, seed=seed) for kind, seed in plan(takes, 7, None)]
    return [Editing(model, SOURCE, each) for each in settings]


class Prefers:
    """A listener that hears the target wherever the mean is nearest to a value."""

    names = ("flute", "cello")

    def __init__(self, value: float) -> None:
        self.value = value

    def probabilities(self, clean: Tensor, alpha: float) -> Tensor:
        near = 1.0 / (1.0 + (clean.mean() - self.value).abs())
        return near.repeat(2)

    def kept(self, before: Tensor, after: Tensor) -> float:
        return 1.0


def test_takes_are_inverted_by_turns_and_have_noise_of_their_own() -> None:
    one, other = Inversion.DDIM, Inversion.SDEDIT
    takes = plan(4, 7, None)
    assert [kind for kind, _ in takes] == [one, other, one, other]
    assert [seed for _, seed in plan(2, 7, None)] == [7, 7]
    assert len(set(takes)) == 4
    assert not set(takes) & set(plan(4, 8, None))
    assert len(set(plan(3, 7, other))) == 3
    assert max(seed for _, seed in plan(8, 2**64 - 1, None)) < 2**64


def test_worth_wants_the_target_and_what_is_played(model: Any, listener: Any) -> None:
    source, near, far = (model.encode(np.full((1, 9), each)) for each in (0.5, -0.1, -0.4))
    expected = float(listener.probabilities(near, 1.0)[1]) * 0.4**2
    assert worth(listener, source, near, "cello") == pytest.approx(expected)
    assert worth(listener, source, near, "cello") > worth(listener, source, far, "cello")


@pytest.mark.parametrize(("prefers", "best"), [(-9.0, min), (9.0, max)])
def test_the_take_that_the_listener_prefers_is_kept(model: Any, prefers: float, best: Any) -> None:
    takes = editings(model, 4)
    made = Takes(takes, Prefers(prefers)).at(0, "solo cello", guidance=3.0)
    each = [take.at(0, "solo cello", guidance=3.0) for take in takes]
    np.testing.assert_array_equal(made, best(each, key=np.mean))


def test_where_takes_are_alike_one_is_made(model: Any) -> None:
    takes = Takes(editings(model, 2), Prefers(0.0))
    model.asked.clear()
    np.testing.assert_allclose(takes.at(10, "solo cello", guidance=3.0), SOURCE, atol=1e-6)
    assert not model.asked
    assert takes.switch(Fixed(0.5)) == 5


def test_strength_goes_from_the_recording_to_the_take(model: Any) -> None:
    takes = Takes(editings(model, 2), Prefers(-9.0))
    none = takes.at(0, "solo cello", guidance=3.0, strength=0.0)
    np.testing.assert_allclose(none, SOURCE)
