import itertools
import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pedalboard
import pytest

from tonewright.dsp.audio.signal import Audio, silence
from tonewright.dsp.effects import Automation, Chain, EffectType, Slot, Tail
from tonewright.dsp.errors import EffectError

SAMPLE_RATE = 48_000


class Half:
    """A Python effect without any declaration."""

    def process(
        self, audio: Audio, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> Audio:
        return audio * np.float32(0.5)

    def reset(self) -> None:
        self.resets = getattr(self, "resets", 0) + 1


class Echo(Half):
    """One echo, 0.1 s late: a gap and then a tail."""

    effect_type = EffectType("echo", "Echo", "", tail=Tail(0.1, 0.1))

    def process(
        self, audio: Audio, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> Audio:
        memory = silence(len(audio), 4_800) if self.memory is None else self.memory
        later = np.concatenate([memory, audio], axis=1)
        self.memory = later[:, audio.shape[1] :]
        return audio + later[:, : audio.shape[1]]

    def reset(self) -> None:
        self.memory: Audio | None = None


def board() -> list[pedalboard.Plugin]:
    return [
        pedalboard.HighpassFilter(80),
        pedalboard.Compressor(-20, 3),
        pedalboard.Chorus(),
        pedalboard.Delay(0.02, 0.3, 0.2),
        pedalboard.Reverb(),
        pedalboard.BrickwallLimiter(-6),
        pedalboard.Resample(20_000),
        pedalboard.Gain(-3),
    ]


# --- a list -------------------------------------------------------------------------------------


def test_a_chain_is_a_list() -> None:
    first, second, third = Half(), pedalboard.Gain(), Half()
    chain = Chain([first])
    chain.append(third)
    chain.insert(1, second)
    assert list(chain) == [first, second, third]
    assert (len(chain), chain.index(second), second in chain, chain[-1]) == (3, 1, True, third)
    chain.remove(second)
    chain[1] = second
    assert list(chain[1:]) == [second] and isinstance(chain[1:], Chain)
    del chain[0]
    assert list(operator.add(chain, [third])) == [second, third]
    chain[0:1] = [first, third]
    assert chain.pop() is third
    chain += [second]
    chain.reverse()
    assert list(chain) == [second, first]
    assert "Gain" in repr(chain)


@pytest.mark.parametrize("thing", [None, 3, object(), np.sin])
def test_what_is_no_effect_does_not_enter(thing: object) -> None:
    chain = Chain([Half()])
    for put in (chain.append, lambda each: chain.__setitem__(0, each), lambda each: Chain([each])):
        with pytest.raises(TypeError, match="no effect"):
            put(thing)  # type: ignore[arg-type]
    assert len(chain) == 1


def test_pedalboard_itself_takes_no_chain() -> None:
    with pytest.raises(TypeError):
        pedalboard.Pedalboard([Chain()])


# --- a call -------------------------------------------------------------------------------------


def test_native_effects_sound_as_in_a_pedalboard(noise: Callable[..., Audio]) -> None:
    audio = noise(1.0, peak=0.5)
    expected = pedalboard.Pedalboard(board())(audio, SAMPLE_RATE)
    chain = Chain(board())
    np.testing.assert_allclose(chain(audio, SAMPLE_RATE), expected, atol=1e-6)
    np.testing.assert_allclose(chain.process(audio, SAMPLE_RATE), expected, atol=1e-6)


def test_all_kinds_of_effects_stand_side_by_side(noise: Callable[..., Audio]) -> None:
    audio = noise()
    inner = Chain([Half(), pedalboard.Pedalboard([pedalboard.Gain(6.0), pedalboard.Invert()])])
    heard = Chain([pedalboard.Gain(-6.0), inner, Half(), Chain()])(audio, SAMPLE_RATE)
    np.testing.assert_allclose(heard, -0.25 * audio, atol=1e-6)


def test_no_effects_change_nothing(noise: Callable[..., Audio]) -> None:
    audio = noise()
    np.testing.assert_array_equal(Chain()(audio, SAMPLE_RATE), audio)
    np.testing.assert_array_equal(Chain().render(audio, SAMPLE_RATE), audio)


def test_one_dimension_and_float64_come_back_as_pedalboard_returns_them(
    noise: Callable[..., Audio],
) -> None:
    audio = noise(channels=1)[0].astype(np.float64)
    heard = Chain([pedalboard.Gain(-6)])(audio, SAMPLE_RATE)
    expected = pedalboard.Gain(-6)(audio, SAMPLE_RATE)
    assert (heard.shape, heard.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_array_equal(heard, expected)
    assert Chain([Echo()]).render(audio.astype(np.float32), SAMPLE_RATE).ndim == 1


def test_nothing_in_is_nothing_out() -> None:
    chain = Chain([*board(), Half(), Slot(Chain([pedalboard.Resample()]), mix=0.5)])
    assert chain(silence(2, 0), SAMPLE_RATE).shape == (2, 0)
    assert list(chain.stream([], SAMPLE_RATE)) == []
    assert chain.render(silence(2, 0), SAMPLE_RATE).shape == (2, 0)


@pytest.mark.parametrize("shape", [(480, 2), (2, 3, 4)])
def test_a_layout_is_never_guessed(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"transposed|shape"):
        Chain([Half()])(np.zeros(shape, np.float32), SAMPLE_RATE)


def test_effects_are_reset_for_each_call_that_asks_for_it(noise: Callable[..., Audio]) -> None:
    audio = noise()
    half = Half()
    chain = Chain([half, pedalboard.Reverb()])
    first = chain(audio, SAMPLE_RATE)
    np.testing.assert_array_equal(chain(audio, SAMPLE_RATE), first)
    assert half.resets == 2
    assert not np.array_equal(chain(audio, SAMPLE_RATE, reset=False), first)
    assert half.resets == 2


def test_a_stream_keeps_its_rate_and_channels(noise: Callable[..., Audio]) -> None:
    chain = Chain([Half()])
    chain.process(noise(), SAMPLE_RATE, reset=False)
    with pytest.raises(ValueError, match="2 channels at 48000 Hz, the audio 2 at 44100"):
        chain.process(noise(), 44_100, reset=False)
    with pytest.raises(ValueError, match="the audio 1 at 48000"):
        chain.process(noise(channels=1), SAMPLE_RATE, reset=False)
    chain.reset()
    chain.process(noise(channels=1), 44_100, reset=False)


def test_finish_needs_a_stream() -> None:
    with pytest.raises(ValueError, match="no stream"):
        Chain([Half()]).finish()


def test_the_same_effect_twice_is_refused(noise: Callable[..., Audio]) -> None:
    gain = pedalboard.Gain()
    with pytest.raises(ValueError, match="twice"):
        Chain([gain, Half(), Chain([gain])])(noise(), SAMPLE_RATE)


def test_the_first_small_block_does_not_make_later_ones_start_anew(
    noise: Callable[..., Audio],
) -> None:
    audio = noise(0.5)
    chain = Chain(board())
    cuts = [0, 64, 500, 8_000, 8_010, 20_000, audio.shape[1]]
    blocks = [audio[:, a:b] for a, b in itertools.pairwise(cuts)]
    pieces = [chain.process(block, SAMPLE_RATE, reset=False) for block in blocks]
    heard = np.concatenate([*pieces, chain.finish()], axis=1)
    np.testing.assert_allclose(heard, chain(audio, SAMPLE_RATE), atol=1e-6)


# --- a stream -----------------------------------------------------------------------------------


def test_a_stream_does_not_depend_on_its_blocks(noise: Callable[..., Audio]) -> None:
    audio = noise(2.0, peak=0.3)
    chain = Chain([*board(), Half(), Echo()])
    whole = chain.render(audio, SAMPLE_RATE)
    for size in (777, 40_000):
        blocks = (audio[:, at : at + size] for at in range(0, audio.shape[1], size))
        heard = np.concatenate(list(chain.stream(blocks, SAMPLE_RATE)), axis=1)
        np.testing.assert_array_equal(heard, whole)
    dry_length = list(chain.stream([audio], SAMPLE_RATE, tail=False))
    np.testing.assert_array_equal(np.concatenate(dry_length, axis=1), whole[:, : audio.shape[1]])


def test_an_echo_behind_a_gap_is_part_of_the_tail(noise: Callable[..., Audio]) -> None:
    audio = silence(2, 6_000)
    audio[:, 5_000] = 0.5
    heard = Chain([Echo(), Half()]).render(audio, SAMPLE_RATE)
    assert np.flatnonzero(heard[0]).tolist() == [5_000, 9_800]
    assert heard.shape[1] == 9_801


def test_a_tail_ends_at_minus_90_and_a_gain_behind_it_makes_it_longer() -> None:
    click = silence(2, 1_000)
    click[:, 0] = 1.0
    reverb = Chain([pedalboard.Reverb(room_size=0.2, wet_level=1.0)]).render(click, SAMPLE_RATE)
    lifted = Chain([pedalboard.Reverb(room_size=0.2, wet_level=1.0), pedalboard.Gain(40)])
    louder = lifted.render(click, SAMPLE_RATE)
    for heard in (reverb, louder):
        assert np.abs(heard[:, -1]).max() >= 10 ** (-90 / 20)
    assert louder.shape[1] > reverb.shape[1] + 10_000


def test_what_comes_before_a_tail_is_not_fed_its_silence(
    noise: Callable[..., Audio], recorder_type: type[Any]
) -> None:
    before, behind = recorder_type(), recorder_type()
    Chain([before, pedalboard.Delay(0.2, 0.0), behind]).render(noise(0.2), SAMPLE_RATE)
    assert sum(before.blocks) == 9_600
    assert sum(behind.blocks) > 19_200


def test_an_endless_tail_is_cut(noise: Callable[..., Audio]) -> None:
    heard = Chain([pedalboard.Delay(0.5, feedback=1.0)]).stream([noise(0.1)], 8_000)
    assert sum(block.shape[1] for block in heard) <= 4_800 + 120 * 8_000


def test_blocks_are_checked(noise: Callable[..., Audio]) -> None:
    def blocks() -> Iterator[Audio]:
        yield noise()
        yield np.full((2, 10), np.nan, np.float32)

    with pytest.raises(ValueError, match="nan"):
        list(Chain([Half()]).stream(blocks(), SAMPLE_RATE))


# --- mix ----------------------------------------------------------------------------------------


def test_mix_blends_with_the_dry_signal_in_line(noise: Callable[..., Audio]) -> None:
    audio = noise(0.5, peak=0.5)
    for wet in (
        Half(),
        pedalboard.Reverb(),
        pedalboard.MP3Compressor(),
        pedalboard.Pedalboard([pedalboard.Resample(), pedalboard.Gain(-3)]),
        Chain([pedalboard.BrickwallLimiter(-12), Half()]),
    ):
        processed = Chain([wet])(audio, SAMPLE_RATE)
        heard = Chain([Slot(wet, mix=0.25)])(audio, SAMPLE_RATE)
        np.testing.assert_allclose(heard, 0.75 * audio + 0.25 * processed, atol=1e-6)


def test_dry_is_dry_and_an_effect_switched_off_is_not_there(noise: Callable[..., Audio]) -> None:
    audio = noise()
    for slot in (Slot(pedalboard.Reverb(), mix=0.0), Slot(pedalboard.Reverb(), enabled=False)):
        np.testing.assert_array_equal(Chain([slot])(audio, SAMPLE_RATE), audio)


def test_a_mix_outside_0_to_1_is_refused() -> None:
    with pytest.raises(ValueError, match=r"not 1\.5"):
        Slot(Half(), mix=1.5)


# --- automation ---------------------------------------------------------------------------------


def test_automation_by_place_or_effect_and_as_an_array(noise: Callable[..., Audio]) -> None:
    audio = noise(0.2)
    gain = pedalboard.Gain(0.0)
    chain = Chain([Half(), gain])
    faded = np.linspace(0.0, -6.0, audio.shape[1])
    by_place = chain(audio, SAMPLE_RATE, automation={(1, "gain_db"): faded})
    by_effect = chain(audio, SAMPLE_RATE, automation={(gain, "gain_db"): faded})
    np.testing.assert_array_equal(by_place, by_effect)
    np.testing.assert_allclose(by_place, 0.5 * audio * 10 ** (faded / 20), atol=0.02)
    assert gain.gain_db == 0.0
    with pytest.raises(ValueError, match="not in the chain"):
        chain(audio, SAMPLE_RATE, automation={(7, "gain_db"): faded})


def test_only_what_may_be_automated_is(noise: Callable[..., Audio]) -> None:
    curve = Automation(((0, 0.1, 0.0),))
    with pytest.raises(
        EffectError, match=r"delay: 'delay_seconds' cannot be automated; .*feedback"
    ):
        Slot(pedalboard.Delay(), automation={"delay_seconds": curve})
    with pytest.raises(EffectError, match="Half: 'level' cannot be automated; these can: none"):
        Slot(Half(), automation={"level": curve})
    outside = Slot(pedalboard.Reverb(), automation={"room_size": Automation(((0, 1.5, 0.0),))})
    with pytest.raises(
        EffectError, match=r"reverb: automation takes room_size to 1\.5, outside 0 to"
    ):
        Chain([outside])(noise(), SAMPLE_RATE)


@pytest.mark.parametrize("cut", [[1], [1, 2, 3, 500, 501], [700, 701, 703]])
@pytest.mark.parametrize(
    "make",
    [pedalboard.BrickwallLimiter, pedalboard.Reverb, pedalboard.Compressor, pedalboard.Gain],
)
def test_blocks_of_a_single_sample_are_blocks_like_others(
    noise: Callable[..., Audio], cut: list[int], make: Callable[[], Any]
) -> None:
    audio = noise()
    chain = Chain([make()])
    pieces = [chain.process(each, SAMPLE_RATE, reset=False) for each in np.split(audio, cut, 1)]
    heard = np.concatenate([*pieces, chain.finish()], axis=1)
    np.testing.assert_allclose(heard, Chain([make()])(audio, SAMPLE_RATE), atol=1e-6)


def test_a_filter_beyond_the_band_says_what_is_possible() -> None:
    chain = Chain([pedalboard.Gain(), pedalboard.LowpassFilter(5_000)])
    with pytest.raises(EffectError, match=r"cutoff_frequency_hz 5000 must be below .* 4000 Hz"):
        chain(np.zeros((1, 100), np.float32), 8_000)
