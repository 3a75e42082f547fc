from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tonewright.dsp.audio.signal import Audio
from tonewright.models.diff_tone.algorithm import Fixed
from tonewright.models.diff_tone.editing import Editing, Settings
from tonewright.models.diff_tone.inversion import Inversion
from tonewright.models.diff_tone.takes import Takes, guidances

SOURCE = np.full((1, 400), 0.5, np.float32)


def editing(model: Any, inversion: Inversion = Inversion.DDIM) -> Editing:
    return Editing(model, SOURCE, Settings("solo flute", 10, inversion, seed=7))


class Hears:
    """A listener that hears the target as often as its answers say, one after another."""

    names = ("flute", "cello")

    def __init__(self, *answers: float, kept: tuple[float, ...] = (1.0,) * 9) -> None:
        self.answers = iter(answers)
        self.likenesses = iter(kept)
        self.asked = 0

    def probabilities(self, clean: Tensor, alpha: float) -> Tensor:
        raise AssertionError("a take is judged by its sound")

    def in_sound(self, latent: Tensor, source: Audio) -> Tensor:
        assert source is SOURCE
        self.asked += 1
        return torch.tensor([0.0, next(self.answers)])

    def kept(self, before: Tensor, after: Tensor) -> float:
        return next(self.likenesses)


def test_takes_go_from_half_as_far_to_as_far_as_asked() -> None:
    assert guidances(1, 4.0) == [4.0]
    assert guidances(2, 4.0) == pytest.approx([2.5, 4.0])
    assert guidances(3, 4.0) == pytest.approx([2.5, 3.25, 4.0])
    assert guidances(3, 1.0) == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("answers", "take"),
    [((0.9,), 0), ((0.1, 0.9), 1), ((0.3, 0.1), 0), ((0.1, 0.3), 1)],
)
def test_the_first_take_that_is_heard_is_kept(
    model: Any, answers: tuple[float, ...], take: int
) -> None:
    listener = Hears(*answers)
    made = Takes(editing(model), listener, 2).at(0, "solo cello", guidance=4.0)
    expected = editing(model).at(0, "solo cello", guidance=guidances(2, 4.0)[take])
    np.testing.assert_array_equal(made, expected)
    assert listener.asked == len(answers)


def test_the_last_take_may_begin_from_mere_noise(model: Any) -> None:
    made_anew = []

    def anew() -> Editing:
        made_anew.append(editing(model, Inversion.SDEDIT))
        return made_anew[-1]

    def made(listener: Hears, takes: int) -> Audio:
        each = Takes(editing(model), listener, takes, anew=anew)
        return each.at(0, "solo cello", guidance=4.0)

    gentle = editing(model).at(0, "solo cello", guidance=2.5)
    np.testing.assert_array_equal(made(Hears(0.9), 3), gentle)
    np.testing.assert_array_equal(
        made(Hears(0.9), 1), editing(model).at(0, "solo cello", guidance=4.0)
    )
    assert not made_anew
    last = editing(model, Inversion.SDEDIT).at(0, "solo cello", guidance=4.0)
    np.testing.assert_array_equal(made(Hears(0.1, 0.2, 0.9), 3), last)
    assert not np.array_equal(last, gentle)
    assert len(made_anew) == 1


def test_if_none_is_heard_what_is_played_counts_twice(model: Any) -> None:
    listener = Hears(0.5, 0.6, kept=(0.9, 0.8))
    made = Takes(editing(model), listener, 2).at(0, "solo cello", guidance=4.0)
    gentle, _ = guidances(2, 4.0)
    np.testing.assert_array_equal(made, editing(model).at(0, "solo cello", guidance=gentle))


def test_where_takes_are_alike_one_is_made(model: Any) -> None:
    takes = Takes(editing(model), Hears(), 2)
    model.asked.clear()
    np.testing.assert_allclose(takes.at(10, "solo cello", guidance=3.0), SOURCE, atol=1e-6)
    assert not model.asked
    assert takes.switch(Fixed(0.5)) == 5


def test_strength_goes_from_the_recording_to_the_take(model: Any) -> None:
    takes = Takes(editing(model), Hears(0.9), 2)
    none = takes.at(0, "solo cello", guidance=3.0, strength=0.0)
    np.testing.assert_allclose(none, SOURCE)
