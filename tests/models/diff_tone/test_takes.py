from functools import lru_cache
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.rendering.job import CancelToken, Progress
from tonewright.models.diff_tone.algorithm import Fixed, Run
from tonewright.models.diff_tone.editing import Editing, Settings
from tonewright.models.diff_tone.inversion import Inversion
from tonewright.models.diff_tone.takes import Take, Takes, takes_of

SOURCE = np.full((1, 400), 0.5, np.float32)

EDIT_FRIENDLY, DDIM, SDEDIT = Inversion.EDIT_FRIENDLY, Inversion.DDIM, Inversion.SDEDIT


def editing(model: Any, inversion: Inversion = DDIM) -> Editing:
    return Editing(model, SOURCE, Settings("solo flute", 10, inversion, seed=7))


def takes(model: Any, listener: "Hears", count: int) -> Takes:
    found = lru_cache(lambda inversion: editing(model, inversion))
    return Takes(lambda inversion, _: found(inversion), listener, count, inversion=DDIM)


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
    assert takes_of(1, 4.0) == [Take(EDIT_FRIENDLY, 4.0)]
    assert takes_of(1, 4.0, SDEDIT) == [Take(SDEDIT, 4.0)]
    guidances = [2.5, 3.25, 4.0]
    assert takes_of(3, 4.0, DDIM) == [Take(DDIM, each) for each in guidances]
    assert takes_of(2, 1.0, DDIM) == [Take(DDIM, 1.0)] * 2


def test_left_to_themselves_they_go_from_exact_to_anew() -> None:
    assert takes_of(2, 4.0) == [Take(EDIT_FRIENDLY, 2.5), Take(SDEDIT, 4.0)]
    assert takes_of(4, 4.0) == [
        Take(EDIT_FRIENDLY, 2.5), Take(DDIM, 3.25), Take(DDIM, 4.0), Take(SDEDIT, 4.0)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "take"),
    [((0.9,), 0), ((0.1, 0.9), 1), ((0.3, 0.1), 0), ((0.1, 0.3), 1)],
)
def test_the_first_take_that_is_heard_is_kept(
    model: Any, answers: tuple[float, ...], take: int
) -> None:
    listener = Hears(*answers)
    made = takes(model, listener, 2).at(0, "solo cello", guidance=4.0)
    expected = editing(model).at(0, "solo cello", guidance=(2.5, 4.0)[take])
    np.testing.assert_array_equal(made, expected)
    assert listener.asked == len(answers)


@pytest.mark.parametrize(("answers", "take"), [((0.9,), 0), ((0.1, 0.9), 1), ((0.1, 0.2, 0.9), 2)])
def test_each_take_has_its_inversion_and_none_is_made_in_vain(
    model: Any, answers: tuple[float, ...], take: int
) -> None:
    inverted = []

    def invert(inversion: Inversion, run: Run) -> Editing:
        inverted.append(inversion)
        return editing(model, inversion)

    made = Takes(invert, Hears(*answers), 3).at(0, "solo cello", guidance=4.0)
    expected = takes_of(3, 4.0)
    assert inverted == [each.inversion for each in expected[: take + 1]]
    alone = editing(model, expected[take].inversion)
    guidance = expected[take].guidance
    np.testing.assert_array_equal(made, alone.at(0, "solo cello", guidance=guidance))


def test_one_take_is_not_judged(model: Any) -> None:
    listener = Hears()
    made = takes(model, listener, 1).at(0, "solo cello", guidance=4.0)
    np.testing.assert_array_equal(made, editing(model).at(0, "solo cello", guidance=4.0))


def test_progress_rises_over_all_takes(model: Any) -> None:
    told: list[Progress] = []

    def invert(inversion: Inversion, run: Run) -> Editing:
        settings = Settings("solo flute", 10, inversion)
        return Editing(model, SOURCE, settings, run=run)

    run = Run(told.append, CancelToken())
    Takes(invert, Hears(0.1, 0.1, 0.9), 3).at(0, "solo cello", guidance=4.0, run=run)
    assert [each.stage for each in told] == [
        *["edit"] * 10, *["inversion"] * 9, *["edit"] * 10, *["edit"] * 10
    ]  # fmt: skip
    fractions = [each.fraction for each in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_if_none_is_heard_what_is_played_counts_twice(model: Any) -> None:
    listener = Hears(0.5, 0.6, kept=(0.9, 0.8))
    made = takes(model, listener, 2).at(0, "solo cello", guidance=4.0)
    np.testing.assert_array_equal(made, editing(model).at(0, "solo cello", guidance=2.5))


def test_where_takes_are_alike_one_is_made(model: Any) -> None:
    made = takes(model, Hears(), 2)
    model.asked.clear()
    np.testing.assert_allclose(made.at(10, "solo cello", guidance=3.0), SOURCE, atol=1e-6)
    assert not model.asked
    assert made.switch(Fixed(0.5)) == 5


def test_strength_goes_from_the_recording_to_the_take(model: Any) -> None:
    none = takes(model, Hears(0.9), 2).at(0, "solo cello", guidance=3.0, strength=0.0)
    np.testing.assert_allclose(none, SOURCE)
