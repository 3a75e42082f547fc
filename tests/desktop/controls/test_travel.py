import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.desktop.controls.travel import Decibels, Linear, Logarithmic, travel_of
from tonewright.dsp.effects.protocol import Parameter, ParameterKind

TRAVELS = [Linear(-3.0, 5.0), Logarithmic(20.0, 20_000.0), Decibels()]


@pytest.mark.parametrize("travel", TRAVELS)
@settings(derandomize=True, deadline=None, max_examples=50)
@given(st.floats(0, 1))
def test_there_and_back_is_the_same_place(travel, fraction):
    value = travel.value_at(fraction)
    assert travel.value_at(travel.fraction_of(value)) == pytest.approx(value, abs=1e-6, rel=1e-9)


@pytest.mark.parametrize("travel", TRAVELS)
def test_more_travel_is_more_and_the_ends_are_the_ends(travel):
    values = [travel.value_at(step / 20) for step in range(21)]
    assert values == sorted(values)
    assert values[0] == pytest.approx(travel.minimum)
    assert values[-1] == pytest.approx(travel.maximum)
    assert travel.fraction_of(1e12) == 1.0
    assert travel.fraction_of(-1e12) == 0.0


def test_the_middle_of_a_logarithmic_way_is_the_geometric_mean():
    assert Logarithmic(20.0, 20_000.0).value_at(0.5) == pytest.approx(632.4555)


def test_near_unity_a_decibel_has_more_room_than_far_below():
    law = Decibels()
    near = law.fraction_of(0.0) - law.fraction_of(-1.0)
    far = law.fraction_of(-60.0) - law.fraction_of(-61.0)
    assert near > 5 * far


def test_whole_numbers_stay_whole():
    assert Linear(1, 10, whole=True).value_at(0.333) == 4


@pytest.mark.parametrize(
    ("parameter", "kind"),
    [
        (Parameter("a", 0.0, 0.0, 1.0), Linear),
        (Parameter("f_hz", 20.0, 20.0, 2e4, logarithmic=True), Logarithmic),
        (Parameter("f", 0.0, 0.0, 1.0, logarithmic=True), Linear),
        (Parameter("a", 0.0, 0.0), type(None)),
        (Parameter("a", False, kind=ParameterKind.BOOL), type(None)),
    ],
)
def test_only_numbers_with_two_ends_have_a_knob(parameter, kind):
    assert type(travel_of(parameter)) is kind
