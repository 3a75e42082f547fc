import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.playback.transport import LoopRange, Transport

POSITIONS = st.integers(0, 60)
LOOPS = st.none() | st.builds(
    lambda start, length: LoopRange(start, start + length), POSITIONS, st.integers(1, 30)
)


def stepped(transport: Transport) -> Transport:
    """Return the transport one sample on, by what a loop is."""
    position = transport.position_samples + 1
    if transport.loop is not None and position == transport.loop.end_samples:
        position = transport.loop.start_samples
    return transport.at(position)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(POSITIONS, LOOPS, st.integers(0, 100))
def test_advancing_at_once_is_advancing_by_single_samples(
    position: int, loop: LoopRange | None, length: int
) -> None:
    once = single = Transport(position, True, loop)
    for _ in range(length):
        single = stepped(single)
    assert once.advanced(length) == single


@settings(derandomize=True, deadline=None, max_examples=100)
@given(POSITIONS, LOOPS)
def test_straight_is_the_way_to_the_jump(position: int, loop: LoopRange | None) -> None:
    transport = Transport(position, True, loop)
    straight = transport.straight_samples
    if straight is None:
        assert loop is None or position >= loop.end_samples
        assert transport.advanced(1_000).position_samples == position + 1_000
    else:
        assert loop is not None
        assert straight >= 1
        assert transport.advanced(straight - 1).position_samples == position + straight - 1
        assert transport.advanced(straight).position_samples == loop.start_samples


@pytest.mark.parametrize(("start", "end"), [(5, 5), (6, 5), (-1, 5)])
def test_a_loop_has_at_least_one_sample(start: int, end: int) -> None:
    with pytest.raises(ValueError, match=f"{start} to {end}"):
        LoopRange(start, end)


def test_nothing_is_before_the_start() -> None:
    with pytest.raises(ValueError, match="-1"):
        Transport().at(-1)
