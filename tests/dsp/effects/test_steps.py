"""Automation, heard through the chain: where steps lie, what they have, what is refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pedalboard
import pytest

from tonewright.dsp.audio.signal import Audio, silence
from tonewright.dsp.effects import Automation, Chain, Parameter, Slot, effect
from tonewright.dsp.errors import EffectError

SAMPLE_RATE = 48_000


def test_a_parameter_follows_its_curve(recorder_type: type[Any]) -> None:
    recorder = recorder_type()
    curve = Automation(((0, 0.0, 0.0), (48_000, 30.0, 0.0)))
    Chain([Slot(recorder, automation={"level": curve})])(silence(1, 48_000), SAMPLE_RATE)
    wanted = curve.values(np.arange(48_000))
    # A value is held for at most 512 samples, and right in their middle; the corner is rounded.
    assert np.abs(np.asarray(recorder.levels) - wanted).max() <= 30.0 * 256 / 48_000 + 0.02
    in_the_middle = np.asarray(recorder.levels)[768:-512:512]
    np.testing.assert_allclose(in_the_middle, wanted[768:-512:512], atol=1e-9)
    assert max(recorder.blocks) == 512
    assert recorder.level == 0.0  # as it was before


def test_a_slow_filter_takes_half_as_many_steps(recorder_type: type[Any]) -> None:
    @effect("sweeping", Parameter("cutoff_hz", 1.0, 1.0, 1_000.0, automatable=True))
    class Sweeping(recorder_type):
        cutoff_hz = 1.0

    recorder = Sweeping()
    curve = Automation(((0, 100.0, 0.0), (48_000, 109.0, 0.0)))
    Chain([Slot(recorder, automation={"cutoff_hz": curve})])(silence(1, 48_000), SAMPLE_RATE)
    assert set(recorder.blocks[:-1]) == {1_024}


def test_values_change_at_the_same_samples_for_any_blocks(recorder_type: type[Any]) -> None:
    audio = silence(1, 30_000)
    curve = Automation(((0, 0.0, 0.0), (9_000, 80.0, 0.5), (9_000, -20.0, 0.0), (29_000, 9.0, 0.0)))
    heard = []
    for size in (64, 480, 1_000, 30_000):
        recorder = recorder_type()
        chain = Chain([Slot(recorder, automation={"level": curve})])
        for at in range(0, 30_000, size):
            chain.process(audio[:, at : at + size], SAMPLE_RATE, reset=False)
        heard.append(recorder.levels)
    assert heard[0] == heard[1] == heard[2] == heard[3]


def test_a_curve_that_stands_still_does_not_cut_the_stream(recorder_type: type[Any]) -> None:
    recorder = recorder_type()
    curve = Automation(((0, 7.0, 0.0), (9_000, 7.0, 0.0)))
    Chain([Slot(recorder, automation={"level": curve})])(silence(1, 20_000), SAMPLE_RATE)
    assert recorder.blocks == [20_000] and set(recorder.levels) == {7.0}


def test_a_jump_becomes_a_ramp_of_5_ms(recorder_type: type[Any]) -> None:
    recorder = recorder_type()
    jump = Automation(((0, 0.0, 0.0), (10_240, 0.0, 0.0), (10_240, 60.0, 0.0)))
    Chain([Slot(recorder, automation={"level": jump})])(silence(1, 20_480), SAMPLE_RATE)
    levels = np.asarray(recorder.levels)
    moving = np.flatnonzero(np.diff(levels)) + 1
    assert abs(moving[0] - 10_240) <= 192 and abs(moving[-1] - 10_240) <= 192
    assert np.diff(levels).max() <= 60.0 / 5 + 1e-9


def test_automation_makes_no_zipper_noise() -> None:
    """The sound of a fade is that of a perfect fade; steps would be lines 94 Hz apart."""
    seconds = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    tone = (0.5 * np.sin(2 * np.pi * 1_000 * seconds)).astype(np.float32)[np.newaxis]
    curve = Automation(((0, 0.0, 0.0), (2 * SAMPLE_RATE, -12.0, 0.0)))
    slot = Slot(pedalboard.Gain(0.0), automation={"gain_db": curve})
    heard = Chain([slot])(tone, SAMPLE_RATE)[0]
    perfect = tone[0] * 10 ** (curve.values(np.arange(2 * SAMPLE_RATE)) / 20)
    window = np.hanning(len(seconds))
    error = np.abs(np.fft.rfft((heard - perfect) * window))
    carrier = np.abs(np.fft.rfft(perfect * window)).max()
    away = np.abs(np.fft.rfftfreq(len(seconds), 1 / SAMPLE_RATE) - 1_000) > 40
    assert 20 * np.log10(error[away].max() / carrier) < -55


def test_a_tail_is_that_of_the_parameters_at_the_end() -> None:
    click = silence(2, 20_000)
    click[:, 19_000] = 1.0
    growing = {"room_size": Automation(((0, 0.0, 0.0), (18_000, 0.8, 0.0)))}
    grown = Chain([Slot(pedalboard.Reverb(room_size=0.0), automation=growing)])
    small = Chain([pedalboard.Reverb(room_size=0.0)])
    assert grown.render(click, SAMPLE_RATE).shape[1] > 2 * small.render(click, SAMPLE_RATE).shape[1]


def test_automation_beyond_the_band_says_what_is_possible() -> None:
    rising = {"cutoff_frequency_hz": Automation(((0, 100.0, 0.0), (90, 4_000.0, 0.0)))}
    chain = Chain([Slot(pedalboard.LowpassFilter(), automation=rising)])
    with pytest.raises(EffectError, match=r"frequency_hz to 4000, .* below half .* 4000 Hz; lower"):
        chain(np.zeros((1, 100), np.float32), 8_000)


def test_automation_of_a_parameter_with_one_bound_names_it(recorder_type: type[Any]) -> None:
    @effect("half_bound", Parameter("level", 0.5, minimum=0.0, automatable=True))
    class HalfBound(recorder_type):
        level = 0.5

    falling = {"level": Automation(((0, 0.5, 0.0), (90, -1.0, 0.0)))}
    with pytest.raises(EffectError, match="takes level to -1, outside 0 to inf"):
        Chain([Slot(HalfBound(), automation=falling)])(np.zeros((1, 100), np.float32), 8_000)


def test_automated_blocks_of_a_single_sample_are_blocks_like_others(
    noise: Callable[..., Audio],
) -> None:
    audio = noise()
    rising = {"gain_db": Automation(((0, -20.0, 0.0), (audio.shape[1], 0.0, 0.0)))}
    pieces = np.split(audio, [1, 64, 65, 129, 701], axis=1)
    chain = Chain([Slot(pedalboard.Gain(), automation=rising)])
    heard = [chain.process(each, SAMPLE_RATE, reset=False) for each in pieces]
    whole = Chain([Slot(pedalboard.Gain(), automation=rising)])(audio, SAMPLE_RATE)
    np.testing.assert_array_equal(np.concatenate([*heard, chain.finish()], axis=1), whole)
