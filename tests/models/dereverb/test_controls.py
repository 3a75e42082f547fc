import numpy as np

from tonewright.models.dereverb.controls import STEP, removed_part


def test_an_amount_of_the_room_goes_in_whole_steps_of_24_bits() -> None:
    room = np.random.default_rng(0).normal(0.0, 0.1, (2, 1_000)).astype(np.float32)
    removed = removed_part(room, 37.0)
    assert removed.dtype == np.float32
    np.testing.assert_allclose(removed, 0.37 * room, atol=0.6 * STEP)
    np.testing.assert_array_equal(removed / STEP, np.round(removed / STEP))
