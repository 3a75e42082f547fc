from typing import Any

import numpy as np
import pytest
from torch import Tensor

from tonewright.models.diff_tone.algorithm import Fixed
from tonewright.models.diff_tone.editing import Editing, Settings
from tonewright.models.diff_tone.inversion import Inversion
from tonewright.models.diff_tone.takes import GENTLE, Takes, seeds_of

SOURCE = np.full((1, 400), 0.5, np.float32)


def editings(model: Any, takes: int) -> list[Editing]:
    settings = [
        Settings("solo flute", 10, Inversion.SDEDIT, seed=each) for each in seeds_of(7, takes)
    ]
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


def test_two_takes_share_a_seed_and_seeds_lie_far_apart() -> None:
    assert seeds_of(7, 1) == seeds_of(7, 2) == [7]
    assert len(seeds_of(7, 5)) == 3
    assert not set(seeds_of(7, 8)[1:]) & set(seeds_of(8, 8))
    assert max(seeds_of(2**64 - 1, 8)) < 2**64


@pytest.mark.parametrize(("prefers", "hard"), [(-9.0, 1.0), (9.0, GENTLE)])
def test_the_take_that_the_listener_prefers_is_kept(
    model: Any, prefers: float, hard: float
) -> None:
    both = editings(model, 2)
    made = Takes(both, 2, Prefers(prefers)).at(0, "solo cello", guidance=3.0)
    np.testing.assert_array_equal(made, both[0].at(0, "solo cello", guidance=3.0 * hard))


def test_where_takes_are_alike_one_is_made(model: Any) -> None:
    takes = Takes(editings(model, 4), 4, Prefers(0.0))
    model.asked.clear()
    np.testing.assert_allclose(takes.at(10, "solo cello", guidance=3.0), SOURCE, atol=1e-6)
    assert not model.asked
    assert takes.switch(Fixed(0.5)) == 5


def test_strength_goes_from_the_recording_to_the_take(model: Any) -> None:
    takes = Takes(editings(model, 2), 2, Prefers(-9.0))
    none = takes.at(0, "solo cello", guidance=3.0, strength=0.0)
    np.testing.assert_allclose(none, SOURCE)
