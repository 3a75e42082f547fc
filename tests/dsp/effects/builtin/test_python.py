from collections.abc import Callable

import numpy as np
import pytest

from tonewright.dsp.audio.signal import Audio, silence
from tonewright.dsp.effects import Automation, Chain, Slot
from tonewright.dsp.effects.builtin.python import PYTHON_TYPES, SidechainCompressor
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.project.document import EffectSpec, Id, Value

SAMPLE_RATE = 48_000
REGISTRY = Registry(PYTHON_TYPES)


def slot(effect_id: str, *, sidechain: Audio | None = None, **params: Value) -> Slot:
    spec = EffectSpec(Id("1"), effect_id, params=tuple(params.items()))
    return REGISTRY.create(spec, sidechain=sidechain)


def tone(hz: float, seconds: float, peak: float = 0.5, channels: int = 2) -> Audio:
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.tile(peak * np.sin(2 * np.pi * hz * at), (channels, 1)).astype(np.float32)


@pytest.mark.parametrize("width", [0.0, 0.5, 1.0, 2.0])
def test_width_scales_the_sides_and_leaves_the_middle(
    width: float, noise: Callable[..., Audio]
) -> None:
    audio = noise()
    heard = Chain([slot("stereo_width", width=width)])(audio, SAMPLE_RATE)
    np.testing.assert_allclose(heard.sum(axis=0), audio.sum(axis=0), atol=1e-6)
    np.testing.assert_allclose(heard[0] - heard[1], width * (audio[0] - audio[1]), atol=1e-6)


def test_width_does_nothing_to_one_channel_and_works_on_pairs(noise: Callable[..., Audio]) -> None:
    mono = noise(channels=1)
    np.testing.assert_allclose(
        Chain([slot("stereo_width", width=2.0)])(mono, SAMPLE_RATE), mono, atol=1e-6
    )
    four = noise(channels=4)
    heard = Chain([slot("stereo_width", width=0.0)])(four, SAMPLE_RATE)
    np.testing.assert_array_equal(heard[0], heard[1])
    np.testing.assert_array_equal(heard[2], heard[3])
    assert not np.allclose(heard[0], heard[2])


def test_a_tremolo_swings_between_full_and_its_depth() -> None:
    heard = Chain([slot("tremolo", rate_hz=4.0, depth=0.8)])(
        np.ones((1, SAMPLE_RATE), np.float32), SAMPLE_RATE
    )[0]
    assert heard.max() == pytest.approx(1.0) and heard.min() == pytest.approx(0.2)
    spectrum = np.abs(np.fft.rfft(heard - heard.mean()))
    assert np.argmax(spectrum) == 4


def test_a_tremolo_goes_on_smoothly_when_its_rate_changes() -> None:
    swinging = slot("tremolo", rate_hz=2.0, depth=1.0)
    faster = Automation(((0, 2.0, 0.0), (SAMPLE_RATE, 20.0, 0.0)))
    chain = Chain([Slot(swinging.effect, swinging.effect_type, automation={"rate_hz": faster})])
    heard = chain(np.ones((1, SAMPLE_RATE), np.float32), SAMPLE_RATE)[0]
    assert np.abs(np.diff(heard)).max() <= np.pi * 20.0 / SAMPLE_RATE * 1.01
    assert np.count_nonzero(np.diff(np.sign(heard - 0.5))) == 22  # 11 swings


def test_the_compressor_ducks_under_another_signal() -> None:
    bass = tone(100, 2.0, 0.3)
    drum = silence(2, bass.shape[1])
    drum[:, SAMPLE_RATE : SAMPLE_RATE + 24_000] = tone(1_000, 0.5, 1.0)
    params: dict[str, Value] = {"threshold_db": -20.0, "ratio": 4.0, "attack_ms": 2.0}
    ducked = slot("sidechain_compressor", sidechain=drum, release_ms=50.0, **params)
    heard = Chain([ducked])(bass, SAMPLE_RATE)
    np.testing.assert_allclose(heard[:, :SAMPLE_RATE], bass[:, :SAMPLE_RATE], atol=1e-6)
    during = slice(SAMPLE_RATE + 2_000, SAMPLE_RATE + 23_000)
    # 20 dB above the threshold at 4:1 are 15 dB less.
    level_db = 20 * np.log10(np.abs(heard[:, during]).max() / 0.3)
    assert level_db == pytest.approx(-15.0, abs=0.3)
    after = slice(SAMPLE_RATE + 24_000 + 24_000, None)
    np.testing.assert_allclose(heard[:, after], bass[:, after], atol=2e-3)


def test_without_a_sidechain_the_compressor_listens_to_its_input() -> None:
    loud = tone(1_000, 1.0, 1.0)
    heard = Chain([slot("sidechain_compressor", threshold_db=-12.0, ratio=2.0)])(loud, SAMPLE_RATE)
    assert 20 * np.log10(np.abs(heard[:, 24_000:]).max()) == pytest.approx(-6.0, abs=0.2)


def test_attack_and_release_are_time_constants() -> None:
    step = silence(1, SAMPLE_RATE)
    step[:, 12_000:24_000] = 1.0
    effect = SidechainCompressor(-40.0, 100.0, attack_ms=20.0, release_ms=100.0)
    heard = effect.process(np.full_like(step, 0.1), SAMPLE_RATE, sidechain=step)[0]
    gain_db = 20 * np.log10(heard / 0.1)
    wanted = -40.0 * 0.99
    assert gain_db[12_000 + 960] == pytest.approx(wanted * (1 - np.exp(-1)), abs=0.5)
    assert gain_db[24_000 + 4_800] == pytest.approx(wanted * np.exp(-1), abs=0.5)


def test_a_sidechain_is_in_step_for_any_blocks_and_silent_behind_its_end(
    noise: Callable[..., Audio],
) -> None:
    audio = noise(0.4, peak=0.5)
    drum = noise(0.2, channels=1)
    whole = Chain([slot("sidechain_compressor", sidechain=drum)])(audio, SAMPLE_RATE)
    ducked = slot("sidechain_compressor")
    ducked.sidechain = (drum[:, at : at + 333] for at in range(0, drum.shape[1], 333))
    chain = Chain([ducked])
    pieces = [
        chain.process(audio[:, at : at + 480], SAMPLE_RATE, reset=False)
        for at in range(0, audio.shape[1], 480)
    ]
    np.testing.assert_array_equal(np.concatenate([*pieces, chain.finish()], axis=1), whole)
