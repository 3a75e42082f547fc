from typing import Any

import numpy as np
import pytest

from tonewright.models.diff_tone.algorithm import Fixed, Offline, Online
from tonewright.models.diff_tone.backend import Backend, Listener
from tonewright.models.diff_tone.editing import Editing, Settings, prompts
from tonewright.models.diff_tone.inversion import Inversion

SOURCE = np.full((1, 400), 0.5, np.float32)


@pytest.mark.parametrize("inversion", list(Inversion))
def test_an_early_switch_changes_and_a_late_one_keeps(
    model: Backend, listener: Listener, inversion: Inversion
) -> None:
    settings = Settings("solo flute", 30, inversion)
    editing = Editing(model, SOURCE, settings, listener=listener)
    early, late = (editing.at(switch, "solo cello", guidance=1.0).mean() for switch in (0, 28))
    assert early < 0.0 < late
    np.testing.assert_allclose(editing.at(30, "solo cello"), SOURCE, atol=1e-6)
    assert editing.switch(Fixed(0.5)) == 15
    assert 1 <= editing.switch(Online(2)) <= editing.switch(Online(4)) <= 30
    assert 1 <= editing.switch(Offline()) <= 30


def test_another_switch_costs_only_the_steps_behind_it(model: Any) -> None:
    editing = Editing(model, SOURCE, Settings("solo flute", 30))
    assert model.asked == [0.5] * 30
    model.asked.clear()
    editing.at(25, "solo cello")
    assert model.asked == [-0.5] * 5


def test_strength_goes_from_the_recording_to_the_edit(model: Backend) -> None:
    editing = Editing(model, SOURCE, Settings("solo flute", 20))
    none, half, whole = (editing.at(2, "solo cello", strength=s) for s in (0.0, 0.5, 1.0))
    np.testing.assert_allclose(none, SOURCE)
    np.testing.assert_allclose(half, 0.5 * (none + whole), atol=1e-6)


def test_the_reconstruction_error_tells_exact_from_near(model: Backend) -> None:
    errors = {
        inversion: Editing(
            model, SOURCE, Settings("solo flute", 20, inversion)
        ).reconstruction_error()
        for inversion in Inversion
    }
    assert errors[Inversion.EDIT_FRIENDLY] < 1e-12
    assert 1e-6 < errors[Inversion.DDIM] < errors[Inversion.SDEDIT]


def test_takes_differ_by_seed(model: Backend) -> None:
    one, same, other = (
        Editing(model, SOURCE, Settings("solo flute", 10, Inversion.SDEDIT, seed=seed)).at(
            1, "solo cello"
        )
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("source", "target", "spoken", "wanted"),
    [
        ("flute", "cello", "solo flute", "solo cello"),
        ("solo flute playing a slow melody", "cello", "solo flute playing a slow melody",
         "solo cello playing a slow melody"),
        ("", "cello", "", "solo cello"),
        ("flute", "soft cello recording", "solo flute", "soft cello recording"),
    ],
)  # fmt: skip
def test_prompts_differ_in_the_instrument(
    source: str, target: str, spoken: str, wanted: str
) -> None:
    assert prompts(source, target) == (spoken, wanted)
