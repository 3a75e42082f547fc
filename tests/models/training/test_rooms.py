from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from tonewright.models.training.corpus import SAMPLE_RATE, Split
from tonewright.models.training.rooms import (
    DIRECT_SAMPLES,
    RESPONSE_SAMPLES,
    Room,
    diffuse_tail,
    draw_response,
    draw_room,
    open_responses,
)


def room(rt60_seconds: float) -> Room:
    """Return a room of one absorption, which gives about a reverberation time without air."""
    size_m = np.array([7.0, 5.0, 3.0])
    surface = 2.0 * (35.0 + 15.0 + 21.0)
    absorption = 1.0 - np.exp(-0.161 * 105.0 / (surface * rt60_seconds))
    return Room(
        size_m, np.full(8, absorption), np.array([2.0, 2.0, 1.5]), np.array([4.0, 3.0, 1.5])
    )


def decay_seconds(response: np.ndarray) -> float:
    """Return the reverberation time from the fall between -10 and -30 dB."""
    left = np.cumsum(np.square(response[::-1], dtype=np.float64))[::-1]
    level_db = 10.0 * np.log10(left / left[0] + 1e-20)
    first, last = (int(np.argmax(level_db < limit)) for limit in (-10.0, -30.0))
    return 3.0 * (last - first) / SAMPLE_RATE


@pytest.mark.parametrize("rt60_seconds", [0.2, 0.5, 1.0])
def test_eyrings_time_is_that_of_the_absorption(rt60_seconds: float) -> None:
    assert room(rt60_seconds).rt60_seconds[0] == pytest.approx(rt60_seconds, rel=0.03)


def test_the_air_takes_high_frequencies() -> None:
    times = room(1.0).rt60_seconds
    assert np.all(np.diff(times) < 0.0)


@pytest.mark.parametrize("rt60_seconds", [0.3, 0.8])
def test_the_tail_decays_as_the_room_says(rt60_seconds: float) -> None:
    early = np.random.default_rng(1).standard_normal(4_800)
    response = diffuse_tail(room(rt60_seconds), early, 2_400, np.random.default_rng(2))
    octave = signal.butter(4, (850.0, 1_200.0), "bandpass", fs=SAMPLE_RATE, output="sos")
    tail = signal.sosfilt(octave, response)[4_800:]
    assert decay_seconds(tail) == pytest.approx(room(rt60_seconds).rt60_seconds[3], rel=0.15)


@pytest.mark.parametrize("seed", range(5))
def test_a_drawn_room_is_within_its_ranges(seed: int) -> None:
    drawn = draw_room(np.random.default_rng(seed), (0.3, 0.6), (1.0, 2.0))
    assert 1.0 <= np.linalg.norm(drawn.source_m - drawn.microphone_m) <= 2.0
    for place in (drawn.source_m, drawn.microphone_m):
        assert np.all((place > 0.0) & (place < drawn.size_m))
    assert np.all((drawn.absorption > 0.0) & (drawn.absorption < 1.0))


def test_responses_outside_the_ranges_are_left_out(tmp_path: Path) -> None:
    responses = open_responses(tmp_path, Split.TRAIN, 3)
    middle = float(np.median(responses.distance_m))
    near = responses.within((0.0, 9.0), (0.0, middle))
    assert len(near.full) == len(near.direct) == 2
    assert near.distance_m.max() == middle


@pytest.mark.parametrize("split", [Split.TRAIN, Split.TEST])
def test_the_direct_sound_begins_a_response_and_has_energy_one(split: Split) -> None:
    full, direct, _ = draw_response(np.random.default_rng(3), split)
    assert full.shape == (RESPONSE_SAMPLES,)
    assert direct.shape == (DIRECT_SAMPLES,)
    assert np.square(direct).sum() == pytest.approx(1.0, rel=1e-3)
    assert np.argmax(np.abs(direct)) == DIRECT_SAMPLES // 2
    rising = slice(0, DIRECT_SAMPLES // 2)
    # The rest of a high-pass filter at 10 Hz, which works in both directions.
    np.testing.assert_allclose(full[rising], direct[rising], atol=0.02)
    assert np.square(full[DIRECT_SAMPLES:]).sum() > 0.01


def test_the_same_seed_draws_the_same_response() -> None:
    first, second = (draw_response(np.random.default_rng(4), Split.TRAIN)[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_responses_are_made_once(tmp_path: Path) -> None:
    first = open_responses(tmp_path, Split.TRAIN, 2)
    (details,) = tmp_path.glob("*.npz")
    written = details.stat().st_mtime_ns
    second = open_responses(tmp_path, Split.TRAIN, 2)
    assert details.stat().st_mtime_ns == written
    np.testing.assert_array_equal(first.full, second.full)
