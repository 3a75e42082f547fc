from dataclasses import dataclass, field

import torch

from tonewright.models.diff_tone.algorithm import Trace
from tonewright.models.diff_tone.diffusion import cosine_grid
from tonewright.models.diff_tone.inversion import Path
from tonewright.models.diff_tone.keeping import Kept


@dataclass
class Edit:
    """An edit whose states take so many bytes; nobody edits with it."""

    size_bytes: int
    trace: Trace = field(default_factory=lambda: Trace(()))

    @property
    def path(self) -> Path:
        state = torch.zeros(self.size_bytes, dtype=torch.uint8)
        # A state that is a clean estimate too is there once.
        return Path(cosine_grid(1), (state, state), (state,), (None,), 0.0)


def get(kept: Kept, key: str, size_bytes: int = 40) -> Edit:
    return kept.get(key, lambda: Edit(size_bytes))  # type: ignore[arg-type, return-value]


def test_an_edit_is_made_once() -> None:
    kept = Kept(100)
    first = get(kept, "a")
    assert get(kept, "a") is first
    assert get(kept, "b") is not first


def test_what_was_used_longest_ago_goes_when_there_is_too_much() -> None:
    kept = Kept(100)
    first, second = get(kept, "a"), get(kept, "b")
    get(kept, "a")
    get(kept, "c")
    assert get(kept, "a") is first
    assert get(kept, "b") is not second


def test_the_last_stays_whatever_its_size() -> None:
    kept = Kept(100)
    get(kept, "a")
    large = get(kept, "large", 1_000)
    assert get(kept, "large", 1_000) is large
