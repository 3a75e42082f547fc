import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.effects.automation import Automation, SampledAutomation, as_curve

quick = settings(derandomize=True, deadline=None, max_examples=60)
values = st.floats(-1e3, 1e3)
points = st.lists(
    st.tuples(st.integers(-1_000, 1_000), values, st.floats(-1.0, 1.0)), min_size=1, max_size=6
).map(lambda each: tuple(sorted(each, key=lambda point: point[0])))


def at(curve: Automation, *samples: float) -> list[float]:
    return curve.values(np.asarray(samples)).tolist()


def test_a_straight_line_and_its_ends_held() -> None:
    curve = Automation(((10, 0.0, 0.0), (20, 5.0, 0.0)))
    assert at(curve, 0, 10, 12, 20, 99) == [0.0, 0.0, 1.0, 5.0, 5.0]


def test_two_points_at_one_sample_are_a_jump() -> None:
    curve = Automation(((0, 1.0, 0.0), (100, 1.0, 0.0), (100, -3.0, 0.0), (200, -3.0, 0.0)))
    assert at(curve, 99, 100, 101) == [1.0, -3.0, -3.0]


@given(st.floats(0.05, 1.0))
@quick
def test_a_bend_starts_slowly_above_0_and_fast_below(bend: float) -> None:
    slow, fast = (Automation(((0, 0.0, b), (100, 1.0, 0.0))) for b in (bend, -bend))
    assert at(slow, 50)[0] < 0.5 < at(fast, 50)[0]
    # The two mirror each other.
    np.testing.assert_allclose(at(slow, 30), 1.0 - np.asarray(at(fast, 70)), rtol=1e-9)
    np.testing.assert_allclose(at(slow, 0, 100), [0.0, 1.0], atol=1e-12)


@given(points)
@quick
def test_between_two_points_a_curve_stays_between_their_values(
    points: tuple[tuple[int, float, float], ...],
) -> None:
    curve = Automation(points)
    for (start, left, _), (end, right, _) in itertools.pairwise(points):
        if start < end:
            way = curve.values(np.linspace(start, end, 50)[:-1])
            rising = np.diff(way) * np.sign(right - left)
            assert (rising >= -1e-9).all()
            assert min(left, right) - 1e-9 <= way.min() <= way.max() <= max(left, right) + 1e-9


@given(points, st.integers(-500, 500))
@quick
def test_a_shifted_curve_has_its_values_later(
    points: tuple[tuple[int, float, float], ...], shift: int
) -> None:
    samples = np.arange(-1_100, 1_100, 37)
    curve = Automation(points)
    np.testing.assert_array_equal(
        curve.shifted(shift).values(samples + shift), curve.values(samples)
    )


def test_an_array_is_read_in_steps() -> None:
    curve = SampledAutomation(np.asarray([0.0, 4.0, 2.0]), step_samples=4)
    assert curve.values(np.asarray([-1, 0, 1, 4, 6, 8, 50])).tolist() == [0, 0, 1, 4, 3, 2, 2]
    assert as_curve(np.arange(5.0)).values(np.asarray([3])).tolist() == [3.0]


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ((), "at least one point"),
        (((5, 0.0, 0.0), (4, 0.0, 0.0)), "sorted: 5 before 4"),
        (((0, float("nan"), 0.0),), "value nan"),
        (((0, 0.0, 1.5),), "bend 1.5"),
    ],
)
def test_what_is_no_curve_is_refused(
    points: tuple[tuple[int, float, float], ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Automation(points)


def test_an_array_that_is_no_curve_is_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(2, 2\)"):
        SampledAutomation(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="finite"):
        SampledAutomation(np.asarray([np.inf]))
    with pytest.raises(ValueError, match="not 0"):
        SampledAutomation(np.zeros(2), step_samples=0)
