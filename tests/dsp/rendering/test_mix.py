import numpy as np
import pytest

from tonewright.dsp.project.document import FadeCurve
from tonewright.dsp.rendering.mix import fade_gains, level_gains, pan_gains


def test_the_centre_leaves_a_track_as_it_is() -> None:
    left, right = pan_gains(0.0)
    assert left == right == 1.0


@pytest.mark.parametrize(("pan", "kept", "gone"), [(-1.0, 0, 1), (1.0, 1, 0)])
def test_a_hard_pan_keeps_its_side_and_silences_the_other(pan: float, kept: int, gone: int) -> None:
    gains = pan_gains(pan)
    assert gains[kept] == 1.0
    assert gains[gone] == 0.0


def test_the_other_side_falls_steadily() -> None:
    left, right = pan_gains(np.linspace(0.0, 1.0, 50))
    assert (np.diff(left) < 0).all()
    assert (right == 1.0).all()
    half_left, _ = pan_gains(0.5)
    assert half_left == pytest.approx(np.sqrt(0.5))  # -3 dB half way


@pytest.mark.parametrize("curve", FadeCurve)
def test_fades_rise_from_silence_to_full(curve: FadeCurve) -> None:
    gains = fade_gains(curve, np.linspace(-0.5, 1.5, 201))
    assert gains[0] == 0.0
    assert gains[-1] == pytest.approx(1.0)
    assert (np.diff(gains) >= 0).all()


def test_equal_power_fades_cross_at_constant_power() -> None:
    t = np.linspace(0.0, 1.0, 33)
    power = (
        fade_gains(FadeCurve.EQUAL_POWER, t) ** 2 + fade_gains(FadeCurve.EQUAL_POWER, 1.0 - t) ** 2
    )
    assert power == pytest.approx(1.0)
    for curve in (FadeCurve.LINEAR, FadeCurve.SMOOTH):
        assert fade_gains(curve, t) + fade_gains(curve, 1.0 - t) == pytest.approx(1.0)


def test_a_level_is_a_gain_for_each_side() -> None:
    assert level_gains(-6.0206, 0.0) == pytest.approx(np.full((2, 1), 0.5), rel=1e-5)
    moving = level_gains(np.array([0.0, 20.0]), 1.0)
    assert moving == pytest.approx(np.array([[0.0, 0.0], [1.0, 10.0]]))
    assert level_gains(0.0, np.array([-1.0, 0.0, 1.0])).shape == (2, 3)
