import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.midi.quantize import GRIDS, Grid
from tonewright.dsp.project.document import TempoMap, TimeSignatureEvent

FOUR = TempoMap()


@pytest.mark.parametrize(("name", "ticks"), [(name, 960 * each) for name, each in GRIDS.items()])
def test_lines_are_a_spacing_apart_and_each_stays_where_it_is(name, ticks):
    grid = Grid(name, FOUR, 960)
    for index in range(int(4 * 960 / ticks) + 1):
        assert grid.nearest(index * ticks) == index * ticks
        assert grid.nearest(round(index * ticks + ticks * 0.4)) == index * ticks
        assert grid.nearest(round(index * ticks + ticks * 0.6)) == (index + 1) * ticks


@given(
    st.sampled_from(list(GRIDS)),
    st.integers(0, 100_000),
    st.floats(0.0, 1.0),
    st.integers(1, 1000),
)
@settings(derandomize=True, deadline=None, max_examples=200)
def test_quantising_twice_changes_nothing_more(name, ticks, swing, ticks_per_quarter):
    grid = Grid(name, FOUR, ticks_per_quarter, swing=swing)
    line = grid.nearest(ticks)
    assert line >= 0
    # A line between two ticks is rounded, which may be nearer to the line before where they crowd.
    assert abs(grid.nearest(line) - line) <= (0 if grid.spacing_ticks >= 3 else 1)


def test_a_full_swing_puts_offbeats_on_triplets():
    grid = Grid("1/8", FOUR, 960, swing=1.0)
    assert grid.nearest(480) == 640
    assert grid.nearest(960) == 960
    assert Grid("1/8", FOUR, 960, swing=0.5).nearest(480) == 560


def test_lines_start_again_with_each_bar():
    seven_eight = TempoMap(time_signatures=(TimeSignatureEvent(0, 7, 8),))
    grid = Grid("1/4", seven_eight, 960)
    bar = 7 * 480
    assert grid.nearest(bar + 10) == bar
    assert grid.nearest(bar + 900) == bar + 960
    assert grid.nearest(bar - 30) == bar


def test_a_signature_that_cuts_a_bar_short_starts_a_new_one():
    cut = TempoMap(time_signatures=(TimeSignatureEvent(0), TimeSignatureEvent(1000, 3, 4)))
    grid = Grid("1/4", cut, 960)
    assert grid.nearest(990) == 1000
    assert grid.nearest(1950) == 1960


@given(st.integers(0, 10_000))
@settings(derandomize=True, deadline=None, max_examples=50)
def test_strength_is_the_share_of_the_way(ticks):
    grid = Grid("1/16", FOUR, 960)
    assert grid.pulled(ticks, 0.0) == ticks
    assert grid.pulled(ticks, 1.0) == grid.nearest(ticks)
    half = (grid.nearest(ticks) + ticks) / 2
    assert abs(grid.pulled(ticks, 0.5) - half) <= 0.5


@pytest.mark.parametrize(("name", "swing"), [("1/3", 0.0), ("1/8", 1.1), ("1/8", -0.1)])
def test_what_is_no_grid_is_refused(name, swing):
    with pytest.raises(ValueError, match="must be"):
        Grid(name, FOUR, 960, swing=swing)
