import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.effects.fifo import Fifo


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=20))
@settings(derandomize=True, deadline=None, max_examples=50)
def test_samples_leave_in_the_order_they_came(steps: list[tuple[int, int]]) -> None:
    fifo = Fifo(2)
    came = left = 0
    for pushed, wanted in steps:
        fifo.push(np.arange(came, came + pushed, dtype=np.float32) * np.ones((2, 1), np.float32))
        came += pushed
        popped = min(wanted, fifo.samples)
        block = fifo.pop(popped)
        assert block.shape == (2, popped)
        assert block[1].tolist() == list(range(left, left + popped))
        left += popped
    assert fifo.samples == came - left


def test_more_than_waits_cannot_be_popped() -> None:
    with pytest.raises(ValueError, match="only 0 samples wait, not 1"):
        Fifo(1).pop(1)
