import signal

import pytest

from tonewright.dsp.cli.stopping import Stopping

SIGNALS = [signal.SIGINT, signal.SIGTERM]


@pytest.mark.parametrize("number", SIGNALS)
def test_work_that_listens_is_asked_to_stop_and_then_made_to(number: signal.Signals) -> None:
    with Stopping() as stopping, stopping.listening() as cancel:
        signal.raise_signal(number)
        assert cancel.cancelled
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)


@pytest.mark.parametrize("number", SIGNALS)
def test_other_work_ends_at_once(number: signal.Signals) -> None:
    with Stopping() as stopping:
        with stopping.listening():
            pass
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)


def test_signals_are_given_back() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with Stopping():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before
