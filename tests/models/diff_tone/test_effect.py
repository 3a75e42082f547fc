from dataclasses import replace

import numpy as np
import pytest

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.errors import CancelledError, EffectError
from tonewright.dsp.rendering.job import CancelToken, Progress
from tonewright.models.diff_tone import effect
from tonewright.models.diff_tone.algorithm import Run
from tonewright.models.diff_tone.backend import Backend, Listener
from tonewright.models.diff_tone.effect import Controls, InstrumentChange

CELLO = Controls("cello", rule="fixed", switch=10.0, steps=20, guidance=1.0)


def flute(length: int = 900, channels: int = 2) -> Audio:
    return np.full((channels, length), 0.5, np.float32)


@pytest.mark.parametrize("rate", [8_000, 11_025])
def test_the_track_keeps_its_length_its_channels_and_changes(
    model: Backend, listener: Listener, rate: int
) -> None:
    made = InstrumentChange(model, listener, CELLO).process(flute(), rate)
    assert made.shape == (2, 900)
    assert made.dtype == np.float32
    assert made[:, 300:600].mean() < 0.2


def test_a_stream_in_pieces_is_the_same_and_comes_at_the_end(
    model: Backend, listener: Listener
) -> None:
    changing = InstrumentChange(model, listener, CELLO)
    whole = changing.process(flute(), 8_000)
    for start in range(0, 900, 300):
        piece = flute()[:, start : start + 300]
        assert changing.process(piece, 8_000, reset=False).shape == (2, 0)
    np.testing.assert_array_equal(changing.finish(), whole)


@pytest.mark.parametrize("rule", ["online", "offline"])
def test_the_source_and_the_switch_are_found(model: Backend, listener: Listener, rule: str) -> None:
    changing = InstrumentChange(model, listener, replace(CELLO, rule=rule))
    changing.process(flute(), 8_000)
    assert changing.editing is not None
    assert changing.editing.trace.labels[-1] == "flute"
    named = InstrumentChange(model, listener, replace(CELLO, rule=rule, source="flute"))
    np.testing.assert_array_equal(named.process(flute(), 8_000), changing.process(flute(), 8_000))


def test_silence_stays_silence(model: Backend, listener: Listener) -> None:
    silent = np.zeros((1, 500), np.float32)
    assert not InstrumentChange(model, listener, CELLO).process(silent, 8_000).any()


def test_steps_are_told_and_may_be_cancelled(model: Backend, listener: Listener) -> None:
    told: list[Progress] = []
    token = CancelToken()
    changing = InstrumentChange(model, listener, CELLO, Run(told.append, token))
    changing.process(flute(), 8_000)
    assert [each.stage for each in told] == ["inversion"] * 20 + ["edit"] * 18
    token.cancel()
    with pytest.raises(CancelledError):
        changing.process(flute(), 8_000)


def test_what_cannot_be_done_says_what_can(
    model: Backend, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(EffectError, match="set source to an instrument"):
        InstrumentChange(model, None, CELLO)
    InstrumentChange(model, None, replace(CELLO, source="flute")).process(flute(), 8_000)
    monkeypatch.setattr(effect, "LONGEST_SECONDS", 0.05)
    with pytest.raises(EffectError, match="split the track"):
        InstrumentChange(model, listener, CELLO).process(flute(), 8_000)
