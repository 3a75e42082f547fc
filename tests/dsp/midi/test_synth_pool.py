import pytest

from tonewright.dsp.midi.synth_pool import MOST_IDLE, SynthPool


class Instrument:
    def __init__(self, soundfont, sample_rate):
        self.closed = False
        self.can_reset = True

    def reset(self):
        return self.can_reset

    def close(self):
        self.closed = True


@pytest.fixture
def pool():
    return SynthPool(Instrument)


@pytest.fixture
def font(tmp_path):
    path = tmp_path / "font.sf2"
    path.write_bytes(b"one")
    return path


def test_one_that_came_back_is_lent_again(pool, font):
    with pool.borrowed(font, 48_000) as first:
        pass
    with pool.borrowed(font, 48_000) as again:
        assert again is first
        with pool.borrowed(font, 48_000) as other:
            assert other is not first


def test_another_rate_or_another_file_is_another_synthesizer(pool, font):
    with pool.borrowed(font, 48_000) as first:
        pass
    with pool.borrowed(font, 44_100) as other_rate:
        assert other_rate is not first
    font.write_bytes(b"another")
    with pool.borrowed(font, 48_000) as other_file:
        assert other_file is not first


def test_a_listener_that_leaves_gives_it_back(pool, font):
    lent = []

    def sound():
        with pool.borrowed(font, 48_000) as synth:
            lent.append(synth)
            yield 1
            yield 2

    for _ in range(2):
        blocks = sound()
        next(blocks)
        blocks.close()
    assert lent[0] is lent[1]


def test_one_that_failed_or_cannot_be_reset_is_freed(pool, font):
    with pytest.raises(ZeroDivisionError), pool.borrowed(font, 48_000) as failed:
        raise ZeroDivisionError
    with pool.borrowed(font, 48_000) as tuned:
        assert tuned is not failed
        tuned.can_reset = False
    assert failed.closed
    assert tuned.closed


def test_the_number_that_waits_is_bounded(pool, font):
    lent = [pool.borrowed(font, 48_000) for _ in range(MOST_IDLE + 3)]
    synths = [each.__enter__() for each in lent]
    for each in lent:
        each.__exit__(None, None, None)
    assert sum(each.closed for each in synths) == 3
