from collections.abc import Callable

import numpy as np
import pedalboard

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects import Chain
from tonewright.dsp.effects.builtin.whole import GsmFullRateCompressor, PitchShift

SAMPLE_RATE = 48_000


class InChunks(PitchShift):
    chunk_seconds = 3.0
    overlap_seconds = 1.0


def chord(seconds: float) -> Audio:
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    tones = sum(np.sin(2 * np.pi * hz * at) for hz in (220.0, 277.2, 329.6))
    beats = 0.3 + 0.7 * np.exp(-((at * 2) % 1.0) * 6)
    return (0.2 * tones * beats).astype(np.float32)[np.newaxis]


def test_streamed_pitch_shift_is_that_of_one_call(noise: Callable[..., Audio]) -> None:
    audio = chord(2.0)
    chain = Chain([pedalboard.PitchShift(4)])
    pieces = [
        chain.process(audio[:, at : at + 64], SAMPLE_RATE, reset=False)
        for at in range(0, audio.shape[1], 64)
    ]
    heard = np.concatenate([*pieces, chain.finish()], axis=1)
    np.testing.assert_array_equal(heard, pedalboard.PitchShift(4)(audio, SAMPLE_RATE))


def test_chunks_of_a_shifted_pitch_join_without_a_hole() -> None:
    audio = chord(7.0)
    heard = InChunks(5.0).process(audio, SAMPLE_RATE)[0]
    whole = pedalboard.PitchShift(5.0)(audio, SAMPLE_RATE)[0]

    def level(signal: np.ndarray) -> np.ndarray:
        return np.sqrt(
            (signal[: len(signal) // 2_400 * 2_400].reshape(-1, 2_400) ** 2).mean(axis=1)
        )

    # Against one call: no dip or bump at a join, in any 50 ms.
    change_db = 20 * np.log10(level(heard)[2:-2] / level(whole)[2:-2])
    assert np.abs(change_db).max() < 3.0
    for signal in (heard, whole):
        spectrum = np.abs(np.fft.rfft(signal * np.hanning(len(signal))))
        hz = np.argmax(spectrum) * SAMPLE_RATE / len(signal)
        assert min(abs(hz - each * 2 ** (5 / 12)) for each in (220.0, 277.2, 329.6)) < 1.0


def test_gsm_in_chunks_is_as_good_as_in_one_call(noise: Callable[..., Audio]) -> None:
    audio = chord(6.0)
    heard = GsmFullRateCompressor("WindowedSinc8").process(audio, SAMPLE_RATE)
    whole = pedalboard.GSMFullRateCompressor()(audio, SAMPLE_RATE)

    def likeness(signal: Audio, second: int) -> float:
        part = slice(second * SAMPLE_RATE, (second + 1) * SAMPLE_RATE)
        return float(np.corrcoef(signal[0, part], audio[0, part])[0, 1])

    for second in range(6):
        assert likeness(heard, second) > likeness(whole, second) - 0.02


def test_gsm_does_not_hiss_on_silence() -> None:
    audio = chord(3.0)
    audio[:, SAMPLE_RATE : 2 * SAMPLE_RATE] = 0.0
    assert pedalboard.GSMFullRateCompressor()(audio, SAMPLE_RATE)[0, 60_000:90_000].any()
    heard = GsmFullRateCompressor("WindowedSinc8").process(audio, SAMPLE_RATE)[0]
    assert not heard[SAMPLE_RATE + 2_000 : 2 * SAMPLE_RATE - 2_000].any()
    assert heard[2 * SAMPLE_RATE :].any()
