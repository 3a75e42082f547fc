from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.errors import CancelledError, EffectError
from tonewright.dsp.rendering.job import CancelToken, Progress
from tonewright.dsp.rendering.store import Store
from tonewright.models.diff_tone.generating import generate
from tonewright.models.diff_tone.origin import read_origin


@pytest.fixture
def asked(networks: Path, tmp_path: Path) -> dict[str, Any]:
    return {
        "prompt": "solo flute playing",
        "seconds": 0.5,
        "seed": 7,
        "steps": 4,
        "guidance": 2.0,
        "model": str(networks),
        "store": Store(tmp_path),
        "registry": default_registry(),
        "report": lambda _: None,
        "cancel": CancelToken(),
    }


def test_the_clip_is_in_the_store_with_what_makes_it_again(asked: dict[str, Any]) -> None:
    made = generate(**asked)
    audio = np.concatenate(list(asked["store"].read(made["key"], 10_000)), axis=1)
    assert audio.shape == (1, 22_050)
    origin = read_origin(made["origin"])
    assert (origin.seed, origin.steps, origin.weights) == (7, 4, made["weights_sha256"])
    assert made["unread"] == []


def test_a_clip_that_is_there_is_not_made_again(asked: dict[str, Any]) -> None:
    told: list[Progress] = []
    asked |= {"seed": 11, "report": told.append}
    first = generate(**asked)
    assert len(told) == 4
    assert generate(**asked) == first
    assert len(told) == 4
    assert generate(**asked | {"seed": 12})["key"] != first["key"]


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"seconds": 0.05}, "a clip lasts 0.1 to 60 s, not 0.05"),
        ({"seconds": 61.0}, "not 61"),
        ({"prompt": "a sad song"}, "'a sad song' names no instrument that is known; there are"),
    ],
)
def test_what_cannot_be_made_is_refused(
    asked: dict[str, Any], other: dict[str, Any], reason: str
) -> None:
    with pytest.raises(EffectError, match=reason):
        generate(**asked | other)


def test_words_that_nobody_knows_are_told(asked: dict[str, Any]) -> None:
    made = generate(**asked | {"prompt": "solo flute playing a wistful melody"})
    assert made["unread"] == ["wistful"]


def test_it_may_be_cancelled_and_leaves_nothing(asked: dict[str, Any], tmp_path: Path) -> None:
    asked["cancel"].cancel()
    with pytest.raises(CancelledError):
        generate(**asked | {"seed": 9})
    assert not [each for each in tmp_path.rglob("*") if each.is_file()]
