from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.automation import Automation
from tonewright.dsp.errors import CancelledError
from tonewright.dsp.project.document import FadeCurve
from tonewright.dsp.rendering.graph import BLOCK_SAMPLES, Evaluation, Node, Reader, cut, on_grid
from tonewright.dsp.rendering.job import CancelToken
from tonewright.dsp.rendering.nodes import (
    Clips,
    Fader,
    Patch,
    Placement,
    Slice,
    Stored,
    Sum,
    Window,
)
from tonewright.dsp.rendering.sources import Silence
from tonewright.dsp.rendering.store import Store

opened: list[str] = []


@dataclass(frozen=True)
class Noise(Node):
    """Seeded noise in blocks of an odd size, which counts how often it is computed."""

    seed: int
    length_samples: int
    channels: int = 2

    @property
    def audio(self) -> Audio:
        shape = self.channels, self.length_samples
        return np.random.default_rng(self.seed).standard_normal(shape).astype(np.float32)

    def blocks(self, run: Evaluation) -> Iterator[Audio]:
        opened.append(self.key)
        audio = self.audio
        for start in range(run.start_samples, self.length_samples, 1_001):
            yield audio[:, start : start + 1_001]


def evaluation(*roots: Node, store: Store | None = None) -> Evaluation:
    store = store or Store(Path("/nowhere"))
    return Evaluation(roots, store=store, registry=None, cancel=CancelToken())


def evaluate(*roots: Node, store: Store | None = None) -> list[Audio]:
    """Read the roots in step, as an export does."""
    opened.clear()
    run = evaluation(*roots, store=store)
    readers = [Reader(run.open(root)) for root in roots]
    pieces: list[list[Audio]] = [[] for _ in roots]
    while not all(reader.ended for reader in readers):
        for piece, reader in zip(pieces, readers, strict=True):
            piece.append(reader.read(700))
    return [np.concatenate(piece, axis=1) for piece in pieces]


def test_blocks_come_on_the_grid_whatever_a_node_yields() -> None:
    noise = Noise(0, 3 * BLOCK_SAMPLES + 5)
    blocks = list(on_grid(noise.audio[:, i : i + 333] for i in range(0, noise.length_samples, 333)))
    assert [block.shape[1] for block in blocks] == [BLOCK_SAMPLES] * 3 + [5]
    assert np.array_equal(np.concatenate(blocks, axis=1), noise.audio)


@pytest.mark.parametrize(("start", "end"), [(0, 10), (5, 40), (25, 200), (99, 100), (100, 110)])
def test_cut_takes_a_range_of_a_stream_and_reads_no_further(start: int, end: int) -> None:
    audio = np.arange(100, dtype=np.float32)[np.newaxis]
    read = []

    def blocks() -> Iterator[Audio]:
        for at in range(0, 100, 10):
            read.append(at)
            yield audio[:, at : at + 10]

    pieces = list(cut(blocks(), start, end))
    joined = np.concatenate([np.zeros((1, 0), np.float32), *pieces], axis=1)
    assert np.array_equal(joined, audio[:, start:end])
    assert len(read) == min(10, -(-end // 10))


def test_a_node_that_several_read_is_computed_once() -> None:
    noise = Noise(1, 50_000)
    louder, mix = Fader(noise, gain_db=6.0), Sum((Fader(noise), Fader(noise, pan=-1.0)))
    got_noise, got_louder, got_mix = evaluate(noise, louder, mix)
    assert len(opened) == 1
    assert np.array_equal(got_noise, noise.audio)
    assert got_louder == pytest.approx(noise.audio * 10 ** (6 / 20), rel=1e-6)
    assert got_mix == pytest.approx(noise.audio * [[2.0], [1.0]], rel=1e-6)


def test_a_sum_is_as_long_as_its_longest_and_nothing_is_nothing() -> None:
    short, long = Noise(2, 10), Noise(3, 40_000)
    (mix,) = evaluate(Sum((short, long, Sum(()))))
    expected = long.audio.copy()
    expected[:, :10] += short.audio
    assert np.array_equal(mix, expected)
    assert list(evaluation(Sum(())).open(Sum(()))) == []


def test_clips_lie_where_they_are_placed_to_the_sample() -> None:
    first, second = Noise(4, 30_000), Noise(5, 20_001, channels=1)
    placements = (
        Placement(second, 100_003, 20_001, gain_db=-6.0),
        Placement(first, 7, 30_000),
        Placement(first, 20_000, 30_000),  # overlaps its twin
    )
    (track,) = evaluate(Clips(placements))
    expected = np.zeros((2, 120_004), np.float32)
    expected[:, 7:30_007] += first.audio
    expected[:, 20_000:50_000] += first.audio
    expected[:, 100_003:] += second.audio * np.float32(10 ** (-6 / 20))
    assert track == pytest.approx(expected, abs=1e-6)


def test_fades_shape_the_edges_of_a_clip_and_end_its_tail() -> None:
    source = Noise(6, 1_500)
    placement = Placement(source, 0, 1_000, 0.0, 100, FadeCurve.LINEAR, 200, FadeCurve.LINEAR)
    (track,) = evaluate(Clips((placement,)))
    gains = np.ones(1_500)
    gains[:100] = np.arange(100) / 100
    gains[800:1_000] = 1.0 - np.arange(200) / 200
    gains[1_000:] = 0.0
    assert track == pytest.approx(source.audio * gains, abs=1e-6)


def test_without_a_fade_out_the_tail_behind_a_clip_sounds_on() -> None:
    source = Noise(7, 1_500)
    (track,) = evaluate(Clips((Placement(source, 0, 1_000),)))
    assert np.array_equal(track, source.audio)


@pytest.mark.parametrize("start", [0, 5_000, BLOCK_SAMPLES])
def test_a_patch_that_changes_nothing_cannot_be_heard(start: int) -> None:
    dry, window = Noise(8, 40_000), Window(start, start + 9_000, 480)
    (patched,) = evaluate(Patch(dry, Slice(dry, window), window))
    assert patched == pytest.approx(dry.audio, abs=1e-6)


def test_a_patch_replaces_its_window_only_and_its_tail_rings_on() -> None:
    dry, window = Silence(2, 30_000), Window(10_000, 20_000, 480)
    tail = Noise(9, 10_000 + 15_000)  # as long as the window, and half a second more
    (patched,) = evaluate(Patch(dry, tail, window))
    assert not patched[:, :10_000].any()
    assert patched.shape[1] == 35_000
    assert np.array_equal(patched[:, 10_000:], tail.audio)


def test_a_patch_beyond_the_end_changes_nothing() -> None:
    dry, window = Noise(10, 1_000), Window(BLOCK_SAMPLES * 3, BLOCK_SAMPLES * 4, 480)
    (patched,) = evaluate(Patch(dry, Slice(dry, window), window))
    assert np.array_equal(patched, dry.audio)


def test_a_stored_node_is_read_and_what_it_stores_is_not_computed(tmp_path: Path) -> None:
    store, noise = Store(tmp_path), Noise(11, 20_000)
    with store.write(noise.key, sample_rate=48_000, recipe={}) as out:
        out.add(noise.audio)
    got_noise, got_fader = evaluate(
        Stored(noise, 48_000), Fader(Stored(noise, 48_000)), store=store
    )
    assert opened == []
    assert np.array_equal(got_noise, noise.audio)
    assert np.array_equal(got_fader, noise.audio)


def test_cancel_stops_between_blocks() -> None:
    cancel = CancelToken()
    noise = Noise(12, 10 * BLOCK_SAMPLES)
    run = Evaluation([noise], store=Store(Path("/nowhere")), registry=None, cancel=cancel)
    stream = run.open(noise)
    next(stream)
    cancel.cancel()
    with pytest.raises(CancelledError):
        next(stream)


ALL_KINDS = (
    Noise(20, 50_000),
    Silence(2, 50_000),
    Fader(Noise(21, 50_000, channels=1), gain_db=-3.0, pan=0.2),
    Fader(Noise(21, 50_000), gain_automation=Automation(((0, 0.0, 0.0), (40_000, -20.0, 0.5)))),
    Sum((Noise(22, 50_000), Noise(23, 9_000))),
    Slice(Noise(24, 60_000), Window(5_000, 55_000, 480)),
    Patch(Noise(25, 50_000), Noise(26, 30_000), Window(10_000, 35_000, 480)),
    Clips(
        (
            Placement(Noise(27, 20_000), 100, 20_000, -2.0, 7_000),
            Placement(
                Noise(28, 29_000, channels=1),
                *(21_000, 29_000, 0.0, 9_000, FadeCurve.SMOOTH, 8_000, FadeCurve.EQUAL_POWER),
            ),
        )
    ),
)


@pytest.mark.parametrize("node", ALL_KINDS, ids=lambda node: type(node).__name__)
@pytest.mark.parametrize("start", [1, 9_999, 12_345, 40_000, 49_999])
@pytest.mark.parametrize("block_samples", [1_024, BLOCK_SAMPLES])
def test_a_run_may_begin_anywhere(node: Node, start: int, block_samples: int) -> None:
    (whole,) = evaluate(node)
    run = Evaluation(
        [node],
        store=Store(Path("/nowhere")),
        registry=None,
        cancel=CancelToken(),
        start_samples=start,
        block_samples=block_samples,
    )
    blocks = list(run.open(node))
    assert {block.shape[1] for block in blocks[:-1]} <= {block_samples}
    assert np.array_equal(np.concatenate(blocks, axis=1), whole[:, start:])


@pytest.mark.parametrize("node", ALL_KINDS, ids=lambda node: type(node).__name__)
def test_a_run_that_begins_behind_the_end_is_empty(node: Node) -> None:
    run = Evaluation(
        [node],
        store=Store(Path("/nowhere")),
        registry=None,
        cancel=CancelToken(),
        start_samples=70_000,
    )
    assert list(run.open(node)) == []
