"""The weights that ship, on a source in a made room: at every rate, in every channel."""

import numpy as np
import pytest

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects import Chain
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.effects.slot import Slot
from tonewright.models.dereverb.effect_type import DEREVERB, DEREVERB_STREAMING

RATES = (44_100, 48_000, 96_000)
TYPES = {each.id: each for each in (DEREVERB, DEREVERB_STREAMING)}
GAINS = (1.0, 0.5, 0.8, 0.3)
LATE = (0, 12, 5, 20)
"""By how many samples each channel hears the source later than the first."""

BURST_SECONDS = 0.08
PERIOD_SECONDS = 0.6

both = pytest.mark.parametrize("name", TYPES)


def room(rate: int, channels: int) -> tuple[Audio, Audio]:
    """Return (wet, dry): bursts of noise, each channel with an echo of its own, RT60 0.6 s."""
    rng = np.random.default_rng(11)
    time = np.arange(3 * rate) / rate % PERIOD_SECONDS
    source = rng.standard_normal(len(time)) * (time < BURST_SECONDS) * 0.05
    size = 2 * len(source)
    decay = np.arange(round(0.6 * rate)) / rate
    wet, dry = [], []
    for gain, late in zip(GAINS[:channels], LATE, strict=False):
        direct = gain * np.roll(source, late)
        tail = rng.standard_normal(len(decay)) * np.exp(-6.9 * decay / 0.6) * rate**-0.5 * 2.0
        tail[: round(0.005 * rate)] = 0.0
        echo = np.fft.irfft(np.fft.rfft(source, size) * np.fft.rfft(tail, size))[: len(source)]
        dry.append(direct)
        wet.append(direct + gain * echo)
    return np.array(wet, np.float32), np.array(dry, np.float32)


def applied(name: str, audio: Audio, rate: int) -> Audio:
    effect_type = TYPES[name]
    effect = Registry((effect_type,)).make(name, {})
    return Chain([Slot(effect, effect_type)]).process(audio, rate)


def test_the_mode_streaming_is_what_is_heard_while_one_plays() -> None:
    wet, _ = room(44_100, 2)
    made = Registry((DEREVERB,)).make("dereverb", {"mode": "streaming"})
    heard = Chain([Slot(made, DEREVERB)]).process(wet, 44_100)
    np.testing.assert_array_equal(heard, applied("dereverb_streaming", wet, 44_100))
    tails = [DEREVERB.tail_of({"mode": mode}).seconds for mode in ("offline", "streaming")]
    assert tails == [0.0, DEREVERB_STREAMING.tail_of({}).seconds]


def power(audio: Audio, rate: int, first_seconds: float, last_seconds: float) -> np.ndarray:
    """Return the power of each channel at some time of every burst but the first."""
    time = np.arange(audio.shape[1]) / rate
    within = (time % PERIOD_SECONDS >= first_seconds) & (time % PERIOD_SECONDS < last_seconds)
    chosen = audio[:, within & (time > PERIOD_SECONDS)]
    return np.square(chosen, dtype=np.float64).mean(axis=1)


@both
@pytest.mark.parametrize(("rate", "channels"), [(44_100, 2), (48_000, 1), (96_000, 4)])
def test_echoes_get_fainter_and_the_source_stays(name: str, rate: int, channels: int) -> None:
    wet, dry = room(rate, channels)
    heard = applied(name, wet, rate)
    assert heard.shape == wet.shape
    assert heard.dtype == np.float32
    gone = power(heard, rate, 0.15, 0.5) / power(wet, rate, 0.15, 0.5)
    kept = power(heard, rate, 0.0, BURST_SECONDS) / power(dry, rate, 0.0, BURST_SECONDS)
    # Noise is unlike what trained them: how much goes is for the benchmark to say.
    assert (gone < 0.95).all()
    assert (np.abs(10.0 * np.log10(kept)) < 4.0).all()


@both
@pytest.mark.parametrize("rate", RATES)
def test_nothing_above_8_khz_is_lost(name: str, rate: int) -> None:
    wet, dry = room(rate, 1)
    high = []
    for audio in (applied(name, wet, rate), dry):
        spectrum = np.fft.rfft(audio)
        spectrum[:, np.fft.rfftfreq(audio.shape[1], 1.0 / rate) < 8_000.0] = 0.0
        high.append(power(np.fft.irfft(spectrum, audio.shape[1]), rate, 0.0, BURST_SECONDS))
    assert np.abs(10.0 * np.log10(high[0] / high[1])).max() < 4.0


@both
@pytest.mark.parametrize("rate", RATES)
def test_a_source_is_heard_from_where_it_was(name: str, rate: int) -> None:
    heard = applied(name, room(rate, 2)[0], rate)
    level_db = 10.0 * np.log10(np.divide(*power(heard, rate, 0.0, BURST_SECONDS)))
    assert level_db == pytest.approx(-20.0 * np.log10(GAINS[1]), abs=1.0)
    left, right = (np.fft.rfft(each, 2 * heard.shape[1]) for each in heard)
    likeness = np.fft.irfft(right * left.conj())
    assert np.argmax(likeness) == LATE[1]
