import math

import numpy as np
import pytest

from tonewright.dsp.exporting.null_test import NullTest


def test_stems_that_sum_to_the_mix_leave_nothing():
    stems = [np.full((2, 8), value, np.float32) for value in (0.5, 0.25, -0.125)]
    test = NullTest()
    test.add(np.full((2, 8), 0.625, np.float32), stems)
    assert test.residual_dbfs == -math.inf


def test_the_residual_is_its_peak_wherever_it_is():
    test = NullTest()
    mix = np.zeros((2, 8), np.float32)
    test.add(mix, [mix])
    mix[1, 3] = 0.001
    test.add(mix, [np.zeros((2, 8), np.float32)])
    test.add(np.zeros((2, 8), np.float32), [])
    assert test.residual_dbfs == pytest.approx(-60.0, abs=1e-4)
    assert test.mix_peak_dbfs == pytest.approx(-60.0, abs=1e-4)
