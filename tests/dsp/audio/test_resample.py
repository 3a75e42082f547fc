import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.audio.resample import Resampler, resample, resampled_length
from tonewright.dsp.audio.signal import Audio

PAIRS = [(44_100, 48_000), (48_000, 44_100), (96_000, 44_100), (8_000, 48_000), (48_000, 16_000),
         (44_100, 44_100 / 0.83), (48_000, 48_000 * 1.2345)]  # fmt: skip


def chirp(rate: float, length: int) -> Audio:
    """A sweep from 100 to 3,000 Hz, faded in and out: inside the band of every rate here."""
    time = np.arange(length) / rate
    end = length / rate
    phase = 2 * np.pi * (100 * time + 1_450 * time**2 / end)
    return (0.5 * np.sin(phase) * np.sin(np.pi * time / end) ** 2)[np.newaxis].astype(np.float32)


@pytest.mark.parametrize(("from_rate", "to_rate"), PAIRS)
def test_a_chirp_comes_out_where_it_would_have_been_recorded(
    from_rate: float, to_rate: float
) -> None:
    length = round(from_rate)
    out = resample(chirp(from_rate, length), from_rate, to_rate)
    time_range = length / from_rate
    time = np.arange(out.shape[1]) / to_rate
    phase = 2 * np.pi * (100 * time + 1_450 * time**2 / time_range)
    ideal = 0.5 * np.sin(phase) * np.sin(np.pi * time / time_range) ** 2
    # The difference of a shift by a hundredth of a sample would be larger.
    assert np.abs(out[0] - ideal).max() < 2e-6


@pytest.mark.parametrize(("from_rate", "to_rate"), PAIRS)
def test_an_impulse_peaks_at_its_sample(from_rate: float, to_rate: float) -> None:
    audio = np.zeros((1, 20_000), np.float32)
    at = 8_000  # also a whole sample at the other rates, but for the varispeed
    audio[0, at] = 1.0
    out = resample(audio, from_rate, to_rate)
    assert abs(int(np.argmax(out[0])) - at * to_rate / from_rate) <= 0.5


@pytest.mark.parametrize(("from_rate", "to_rate"), [(96_000, 44_100), (48_000, 16_000)])
def test_what_would_alias_is_gone(from_rate: int, to_rate: int) -> None:
    time = np.arange(from_rate) / from_rate
    tone = np.sin(2 * np.pi * 0.56 * to_rate * time)[np.newaxis].astype(np.float32)
    out = resample(tone, from_rate, to_rate)[0, to_rate // 10 : -to_rate // 10]
    assert np.abs(out).max() < 1e-6


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    pair=st.sampled_from([*PAIRS, (44_100, 44_100)]),
    length=st.integers(0, 3_000),
    cuts=st.lists(st.integers(0, 3_000), max_size=5).map(sorted),
)
def test_pieces_are_the_whole_and_the_length_is_the_rule(
    pair: tuple[float, float], length: int, cuts: list[int]
) -> None:
    audio = np.random.default_rng(2).uniform(-1, 1, (2, length)).astype(np.float32)
    whole = resample(audio, *pair)
    assert whole.shape == (2, resampled_length(length, *pair))
    resampler = Resampler(*pair, 2)
    pieces = [resampler.process(piece) for piece in np.split(audio, cuts, axis=1)]
    assert np.array_equal(np.concatenate([*pieces, resampler.finish()], axis=1), whole)


@pytest.mark.parametrize(
    ("length", "from_rate", "to_rate", "expected"),
    [(1, 48_000, 24_000, 1), (3, 48_000, 24_000, 2), (441, 44_100, 48_000, 480), (0, 1, 2, 0),
     (10**15 + 1, 48_000, 24_000, 5 * 10**14 + 1)],
)  # fmt: skip
def test_halves_go_up_and_long_lengths_are_exact(
    length: int, from_rate: int, to_rate: int, expected: int
) -> None:
    assert resampled_length(length, from_rate, to_rate) == expected


def test_equal_rates_change_nothing() -> None:
    audio = chirp(44_100, 1_000)
    assert np.array_equal(resample(audio, 44_100, 44_100), audio)


@pytest.mark.parametrize(("arguments"), [(0, 1, 1), (1, -1, 1), (1, np.inf, 1), (1, 2, 0)])
def test_impossible_arguments_are_refused(arguments: tuple[float, float, int]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Resampler(*arguments)


def test_another_number_of_channels_is_refused() -> None:
    with pytest.raises(ValueError, match="1 channels, not 2"):
        Resampler(1, 2, 2).process(np.zeros((1, 5), np.float32))
