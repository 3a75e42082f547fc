from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.audio.signal import Audio, silence
from tonewright.dsp.effects import Chain, Slot
from tonewright.dsp.effects.chunked import ChunkedEffect, shorter_chunks
from tonewright.dsp.errors import EffectError

RATE = 1_000


class Identity(ChunkedEffect):
    chunk_seconds = 1.0
    overlap_seconds = 0.2

    def __init__(self) -> None:
        self.lengths: list[int] = []
        super().__init__()

    def process_chunk(self, audio: Audio, sample_rate: float) -> Audio:
        self.lengths.append(audio.shape[1])
        return audio


class FreePhase(Identity):
    """Each chunk in another polarity, but for one place where all agree."""

    fade_seconds = 0.02

    def process_chunk(self, audio: Audio, sample_rate: float) -> Audio:
        chunk = super().process_chunk(audio, sample_rate)
        sign = -1.0 if len(self.lengths) % 2 else 1.0
        flipped = sign * chunk
        for agreed in (900, 100):  # 0.1 s into the overlap, seen from both chunks
            flipped[:, agreed - 15 : agreed + 15] = chunk[:, agreed - 15 : agreed + 15]
        return flipped.astype(np.float32)


@given(
    st.integers(0, 4_000),
    st.lists(st.integers(1, 1_500), min_size=1, max_size=8),
)
@settings(derandomize=True, deadline=None, max_examples=40)
def test_any_blocks_give_the_input_back_bit_for_bit(length: int, sizes: list[int]) -> None:
    audio = np.random.default_rng(length).uniform(-1, 1, (2, length)).astype(np.float32)
    effect = Identity()
    chain = Chain([effect])
    pieces = []
    at = 0
    while at < length:
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(chain.process(audio[:, at : at + size], RATE, reset=False))
        at += size
    if pieces:
        heard = np.concatenate([*pieces, chain.finish()], axis=1)
        np.testing.assert_array_equal(heard, audio)
    # Whole chunks, each 0.8 s after the one before; the last is the rest, never only overlap.
    assert all(size == 1_000 for size in effect.lengths[:-1])
    assert all(200 < size <= 1_000 for size in effect.lengths[1:])
    assert (
        effect.lengths == []
        if length == 0
        else sum(effect.lengths) == length + 200 * (len(effect.lengths) - 1)
    )


def test_where_memory_is_short_chunks_are_shorter_and_still_join(
    noise: Callable[..., Audio],
) -> None:
    audio = noise(0.05)[:, :5_000]
    for divisor, longest in ((2, 500), (4, 401), (100, 401)):  # longer than two overlaps
        effect = Identity()
        with shorter_chunks(divisor):
            heard = Chain([effect]).render(audio, RATE)
        np.testing.assert_array_equal(heard, audio)
        assert max(effect.lengths) == longest
    effect = Identity()
    Chain([effect]).render(audio, RATE)
    assert max(effect.lengths) == 1_000


def test_no_zeros_are_fed_to_end_a_stream(noise: Callable[..., Audio]) -> None:
    effect = Identity()
    Chain([effect]).render(noise(0.05)[:, :2_300], RATE)
    assert effect.lengths == [1_000, 1_000, 700]


def test_alone_and_with_mix_it_is_in_line(noise: Callable[..., Audio]) -> None:
    audio = noise(0.1)[:, :3_333]
    np.testing.assert_array_equal(Identity().process(audio, RATE), audio)
    heard = Chain([Slot(Identity(), mix=0.5)])(audio, RATE)
    np.testing.assert_allclose(heard, audio, atol=1e-7)


def test_a_short_fade_is_put_where_the_chunks_agree() -> None:
    audio = np.ones((1, 1_700), np.float32)
    heard = FreePhase().process(audio, RATE)
    # Between the two chunks there is no place with less than full level.
    np.testing.assert_allclose(np.abs(heard), 1.0, atol=1e-6)


def test_a_chunk_of_another_shape_is_refused() -> None:
    class Shorter(Identity):
        def process_chunk(self, audio: Audio, sample_rate: float) -> Audio:
            return audio[:, 1:]

    with pytest.raises(EffectError, match=r"Shorter returned shape \(1, 499\) for .* \(1, 500\)"):
        Chain([Shorter()])(silence(1, 500), RATE)


def test_there_is_nothing_to_finish_before_a_stream() -> None:
    with pytest.raises(ValueError, match="no stream"):
        Identity().finish()
