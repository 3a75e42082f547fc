from collections.abc import Callable

import numpy as np
import pytest

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects import Chain
from tonewright.dsp.effects.builtin.wpe import WPE_TYPE, WpeDereverb

RATE = 16_000


def room(rt60_seconds: float, channels: int, seed: int) -> np.ndarray:
    """Polack's room: noise that dies away, behind a direct sound."""
    rng = np.random.default_rng(seed)
    at = np.arange(round(rt60_seconds * RATE)) / RATE
    decay = 0.15 * rng.standard_normal((channels, len(at))) * 10 ** (-3 * at / rt60_seconds)
    decay[:, 0] = 1.0
    return decay


def speech_like(seconds: float, seed: int) -> np.ndarray:
    """Bursts of noise with pauses, four a second."""
    rng = np.random.default_rng(seed)
    at = np.arange(round(seconds * RATE)) / RATE
    gate = np.clip(np.sin(2 * np.pi * 4 * at), 0, 1) * (np.sin(2 * np.pi * 0.7 * at) > -0.5)
    return rng.standard_normal(len(at)) * gate * 0.1


def late_db(heard: np.ndarray, early: np.ndarray) -> float:
    """Return the level of what is not the early sound, against it."""
    late = heard - early
    return float(10 * np.log10(np.sum(late**2) / np.sum(early**2)))


@pytest.mark.parametrize("channels", [1, 2])
def test_late_echoes_are_taken_off(channels: int) -> None:
    dry = speech_like(4.0, 1)
    responses = room(0.5, channels, 2)
    early_responses = responses.copy()
    early_responses[:, round(0.03 * RATE) :] = 0.0
    wet, early = (
        np.stack([np.convolve(dry, each)[: len(dry)] for each in both]).astype(np.float32)
        for both in (responses, early_responses)
    )
    heard = Chain([WpeDereverb(taps=25, delay=3, iterations=2)])(wet, RATE)
    better_db = late_db(wet, early) - late_db(heard, early)
    assert better_db > (0.4 if channels == 1 else 2.5)


def test_a_second_channel_helps() -> None:
    dry = speech_like(3.0, 3)
    responses = room(0.5, 2, 4)
    early_responses = responses.copy()
    early_responses[:, round(0.03 * RATE) :] = 0.0
    wet, early = (
        np.stack([np.convolve(dry, each)[: len(dry)] for each in both]).astype(np.float32)
        for both in (responses, early_responses)
    )
    effect = WpeDereverb(taps=8, delay=3, iterations=2)
    alone, both = effect.process(wet[:1], RATE), effect.process(wet, RATE)
    assert late_db(both[0], early[0]) < late_db(alone[0], early[0]) - 1.0


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
def test_what_cannot_be_predicted_passes_whole(rate: int, noise: Callable[..., Audio]) -> None:
    audio = noise(0.5, peak=0.5)
    heard = WpeDereverb(taps=1, delay=20, iterations=1).process(audio, rate)
    assert heard.shape == audio.shape
    assert 10 * np.log10(np.sum((heard - audio) ** 2) / np.sum(audio**2)) < -12


def test_silence_before_and_a_missing_band_do_no_harm(noise: Callable[..., Audio]) -> None:
    audio = noise(0.5, peak=0.5)
    audio[:, :12_000] = 0.0
    audio[1] = 0.0
    heard = WpeDereverb(taps=4, delay=2, iterations=2).process(audio, 48_000)
    assert np.isfinite(heard).all()
    assert not heard[:, :9_000].any() or np.abs(heard[:, :9_000]).max() < 1e-6
    assert np.abs(heard[1]).max() < 1e-6


def test_its_tail_is_as_long_as_its_prediction() -> None:
    short = WPE_TYPE.tail_of({"taps": 1, "delay": 1, "iterations": 1})
    long = WPE_TYPE.tail_of({"taps": 40, "delay": 3, "iterations": 1})
    assert 0.0 < short.seconds < 0.1 < long.seconds < 1.0


@pytest.mark.parametrize("second", [1.0, -0.5, 0.0])
def test_copies_of_a_channel_are_treated_as_one_signal(second: float) -> None:
    dry = speech_like(3.0, 5)
    wet = np.convolve(dry, room(0.5, 1, 6)[0])[: len(dry)].astype(np.float32)
    alone = WpeDereverb(taps=8, delay=3, iterations=2).process(wet[np.newaxis], RATE)
    copies = np.stack([wet, np.float32(second) * wet])
    heard = WpeDereverb(taps=8, delay=3, iterations=2).process(copies, RATE)
    assert heard[0] == pytest.approx(alone[0], abs=1e-5)
    assert heard[1] == pytest.approx(second * alone[0], abs=1e-5)


@pytest.mark.parametrize("difference_db", [-100.0, -60.0, -40.0, -20.0])
def test_channels_that_hardly_differ_do_not_grow(difference_db: float) -> None:
    wet = np.convolve(speech_like(3.0, 7), room(0.5, 1, 8)[0])[: 3 * RATE]
    other = np.random.default_rng(9).standard_normal(3 * RATE) * np.std(wet)
    pair = np.stack([wet, wet + 10 ** (difference_db / 20) * other]).astype(np.float32)
    heard = WpeDereverb(taps=8, delay=3, iterations=2).process(pair, RATE)
    assert np.std(heard) < 1.02 * np.std(pair)
