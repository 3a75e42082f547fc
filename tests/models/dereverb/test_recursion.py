import numpy as np

from tonewright.models.dereverb.recursion import Recursion


def test_an_average_over_all_frames_so_far_is_that_of_pieces() -> None:
    values = np.random.default_rng(5).random((2, 9))
    whole = Recursion(4.0)(values)
    ages = np.arange(9)[:, None] - np.arange(9)
    weights = np.where(ages >= 0, np.exp(-ages / 4.0), 0.0)
    np.testing.assert_allclose(whole, values @ weights.T / weights.sum(axis=1))
    pieces = Recursion(4.0)
    done = [pieces(values[:, start : start + 2]) for start in range(0, 9, 2)]
    np.testing.assert_allclose(np.concatenate(done, axis=1), whole)
