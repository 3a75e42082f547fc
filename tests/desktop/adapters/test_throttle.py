from tonewright.desktop.adapters.throttle import Throttle


def test_the_first_call_is_at_once_and_the_last_is_never_lost(until):
    value = 0
    seen = []
    throttle = Throttle(lambda: seen.append(value), 20)
    for value in range(1, 100):  # noqa: B007 - the function looks at it
        throttle.call()
    assert seen == [1]
    until(lambda: len(seen) == 2)
    assert seen == [1, 99]
    until(lambda: not throttle._timer.isActive())
    throttle.call()
    assert seen == [1, 99, 99]
    throttle.cancel()


def test_a_call_that_waits_can_be_forgotten(until):
    seen = []
    throttle = Throttle(lambda: seen.append(1), 0)
    throttle.call()
    throttle.call()
    throttle.cancel()
    later = Throttle(lambda: None, 0)
    later.call()
    until(lambda: not later._timer.isActive())
    assert seen == [1]
