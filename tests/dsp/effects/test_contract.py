"""Every registered audio effect keeps the contract; effects that lie are refused."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tonewright.dsp.audio.signal import Audio, silence
from tonewright.dsp.effects import Chain, EffectType, Layout, Slot
from tonewright.dsp.effects.protocol import Effect, Family, RunsIn
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.effects.verify import chirp, verify
from tonewright.dsp.errors import EffectError
from tonewright.dsp.project.document import EffectSpec, Id, Value
from tonewright.dsp.units import SILENCE_DB, db_to_gain, gain_to_db

SAMPLE_RATE = 48_000
TYPES = tuple(each for each in default_registry() if each.family is Family.AUDIO)

# Neutral, so that the chirp can be recognised, but not bypassed.
PARAMS: dict[str, dict[str, Value]] = {
    "bitcrush": {"bit_depth": 10.0},
    "chorus": {"mix": 0.3, "feedback": 0.3},
    "compressor": {"threshold_db": -20.0, "ratio": 3.0},
    "delay": {"delay_seconds": 0.05, "feedback": 0.4, "mix": 0.3},
    # The last step: the recording as the model has it. The networks are tiny ones.
    "diff_tone": {"switch": "100", "steps": 2, "target": "cello"},
    "distortion": {"drive_db": 6.0},
    "high_shelf_filter": {"gain_db": 6.0, "cutoff_frequency_hz": 4_000.0},
    "highpass_filter": {"cutoff_frequency_hz": 40.0},
    "ladder_filter": {"mode": "LPF12", "cutoff_hz": 15_000.0, "resonance": 0.2},
    "low_shelf_filter": {"gain_db": -6.0, "cutoff_frequency_hz": 100.0},
    "match_room": {"amount": 30.0},
    "lowpass_filter": {"cutoff_frequency_hz": 15_000.0},
    "noise_gate": {"threshold_db": -50.0},
    "peak_filter": {"gain_db": 9.0, "q": 3.0},
    "phaser": {"mix": 0.3, "feedback": 0.4},
    "resample": {"target_sample_rate": 30_000.0},
    "reverb": {"room_size": 0.3, "wet_level": 0.1},
    "sidechain_compressor": {"threshold_db": -20.0},
    "stereo_width": {"width": 1.5},
    "wpe_dereverb": {"taps": 4, "iterations": 1},
}


def ids(effect_type: EffectType) -> str:
    return effect_type.id


every = pytest.mark.parametrize("effect_type", TYPES, ids=ids)


@pytest.fixture(scope="module")
def response_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A room: a click, and a burst of noise that dies away over 50 ms."""
    rng = np.random.default_rng(3)
    decay = 0.05 * rng.standard_normal(2_400) * np.exp(-np.arange(2_400) / 400.0)
    decay[0] = 1.0
    path = tmp_path_factory.mktemp("response") / "room.wav"
    soundfile.write(path, decay, SAMPLE_RATE, subtype="FLOAT")
    return path


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bursts of noise in a dead room."""
    rng = np.random.default_rng(4)
    time = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE % 0.5
    path = tmp_path_factory.mktemp("recording") / "bursts.wav"
    bursts = 0.1 * rng.standard_normal(len(time)) * np.exp(-time / 0.02)
    soundfile.write(path, bursts, SAMPLE_RATE, subtype="FLOAT")
    return path


@pytest.fixture
def make(response_file: Path, recording: Path, networks: Path) -> Callable[[EffectType], Slot]:
    def slot(effect_type: EffectType) -> Slot:
        params = dict(PARAMS.get(effect_type.id, {}))
        if effect_type.id == "diff_tone":
            params["model"] = str(networks)
        if effect_type.id == "convolution":
            params["impulse_response_filename"] = str(response_file)
        if effect_type.id == "match_room":
            params["reference"] = str(recording)
        spec = EffectSpec(Id("x"), effect_type.id, params=tuple(params.items()))
        return default_registry().create(spec)

    return slot


def in_pieces(chain: Chain, audio: Audio, size: int, *, tail: bool = False) -> Audio:
    blocks = [audio[:, at : at + size] for at in range(0, audio.shape[1], size)]
    chain.reset()
    ready = [chain.process(block, SAMPLE_RATE, reset=False) for block in blocks]
    return np.concatenate([*ready, *(chain.drain() if tail else [chain.finish()])], axis=1)


@every
def test_a_chirp_comes_out_where_it_went_in(
    effect_type: EffectType, make: Callable[[EffectType], Slot], noise: Callable[..., Audio]
) -> None:
    assert effect_type.aligned
    played = chirp(channels=2)
    if effect_type.id == "wpe_dereverb":
        played = noise(0.5)  # a chirp can be predicted from its past, which is what it takes off
    heard = in_pieces(Chain([make(effect_type)]), played, 480)
    assert heard.shape == played.shape
    likeness = np.correlate(heard[0], played[0], mode="same")
    assert np.argmax(np.abs(likeness)) - played.shape[1] // 2 == 0


@every
def test_pieces_give_what_one_call_gives(
    effect_type: EffectType, make: Callable[[EffectType], Slot], noise: Callable[..., Audio]
) -> None:
    chain = Chain([make(effect_type)])
    audio = noise(0.4, peak=0.5)
    whole = chain.process(audio, SAMPLE_RATE)
    assert whole.shape == audio.shape
    for size in (64, 480, 1_000, 8_192):
        pieces = in_pieces(chain, audio, size)
        assert pieces.shape == whole.shape
        difference_db = gain_to_db(float(np.abs(pieces - whole).max()))
        assert difference_db <= effect_type.block_tolerance_db


@every
def test_the_tail_is_kept_until_it_is_silent(
    effect_type: EffectType, make: Callable[[EffectType], Slot], noise: Callable[..., Audio]
) -> None:
    slot = make(effect_type)
    tail = effect_type.tail_of(slot.params)
    audio = noise(0.5)
    length = audio.shape[1]
    rendered = Chain([slot]).render(audio, SAMPLE_RATE)
    # The same followed by silence, much longer than the declared tail.
    silent = silence(2, round((2.0 * tail.seconds + 0.5) * SAMPLE_RATE))
    longer = Chain([make(effect_type)]).process(np.hstack([audio, silent]), SAMPLE_RATE)
    threshold = db_to_gain(SILENCE_DB)
    assert np.abs(longer[:, rendered.shape[1] :]).max() < threshold
    assert rendered.shape[1] == length or np.abs(rendered[:, -1]).max() >= threshold
    np.testing.assert_allclose(rendered, longer[:, : rendered.shape[1]], atol=2e-5)
    assert np.abs(longer[:, length + math.ceil(tail.seconds * SAMPLE_RATE) :]).max() < threshold


@every
def test_a_second_pair_of_channels_sounds_like_the_first(
    effect_type: EffectType, make: Callable[[EffectType], Slot], noise: Callable[..., Audio]
) -> None:
    audio = noise(0.2, peak=0.5)
    pair = Chain([make(effect_type)]).process(audio, SAMPLE_RATE)
    both = Chain([make(effect_type)]).process(np.vstack([audio, audio]), SAMPLE_RATE)
    np.testing.assert_allclose(both, np.vstack([pair, pair]), atol=2e-6)


@every
def test_silence_stays_silence(effect_type: EffectType, make: Callable[[EffectType], Slot]) -> None:
    heard = Chain([make(effect_type)]).render(silence(2, 20_000), SAMPLE_RATE)
    assert heard.shape == (2, 20_000)
    assert not heard.any()


@every
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinity_are_refused(
    effect_type: EffectType, make: Callable[[EffectType], Slot], bad: float
) -> None:
    audio = silence(2, 1_000)
    audio[1, 700] = bad
    with pytest.raises(ValueError, match=rf"{bad} at sample 700 of channel 1"):
        Chain([make(effect_type)]).process(audio, SAMPLE_RATE)


@every
def test_one_channel_and_five_come_back_as_many(
    effect_type: EffectType, make: Callable[[EffectType], Slot], noise: Callable[..., Audio]
) -> None:
    for channels in (1, 5):
        audio = noise(0.1, channels, peak=0.5)
        chain = Chain([make(effect_type)])
        assert chain.process(audio, SAMPLE_RATE).shape == audio.shape


@pytest.mark.parametrize(
    "effect_type", [each for each in TYPES if each.runs_in is RunsIn.REALTIME], ids=ids
)
def test_declared_latency_is_verified(
    effect_type: EffectType, response_file: Path, recording: Path
) -> None:
    params = dict(PARAMS.get(effect_type.id, {}))
    if effect_type.id == "convolution":
        params["impulse_response_filename"] = str(response_file)
    if effect_type.id == "match_room":
        params["reference"] = str(recording)
    verify(effect_type, params)


# --- effects that lie ---------------------------------------------------------------------------


class Liar:
    """An effect that declares nothing, made to break its word in one way."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.kept = silence(1, 0)
        self.fed_samples = 0

    def process(
        self, audio: Audio, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> Audio:
        self.fed_samples += audio.shape[1]
        return self.broken(audio)

    def broken(self, audio: Audio) -> Any:
        raise NotImplementedError


class Late(Liar):
    def broken(self, audio: Audio) -> Audio:
        delay = np.concatenate([silence(len(audio), 100), audio], axis=1)
        if self.kept.shape[1]:
            delay[:, :100] = self.kept
        self.kept = delay[:, audio.shape[1] :]
        return delay[:, : audio.shape[1]]


class LateAndSaysSo(Late):
    latency_samples = 100


class LateAndSaysTooMuch(Late):
    latency_samples = 130


class Longer(Liar):
    def broken(self, audio: Audio) -> Audio:
        return np.repeat(audio, 2, axis=1)


class Swallows(Liar):
    def broken(self, audio: Audio) -> Audio:
        return audio[:, :0]


class Drops(Liar):
    def broken(self, audio: Audio) -> Audio:
        return audio[:, : max(0, 1_000 - (self.fed_samples - audio.shape[1]))]


class NotANumber(Liar):
    def broken(self, audio: Audio) -> Audio:
        out = audio.copy()
        if self.fed_samples > 20_000:
            out[0, 5] = np.nan
        return out


class MonoOut(Liar):
    def broken(self, audio: Audio) -> Audio:
        return audio[:1]


class Flat(Liar):
    def broken(self, audio: Audio) -> Audio:
        return audio[0]


class WritesToItsInput(Liar):
    def broken(self, audio: Audio) -> Audio:
        audio *= 0.5
        return audio


class Fails(Liar):
    def broken(self, audio: Audio) -> Audio:
        raise KeyError("wave")


@pytest.mark.parametrize(
    ("liar", "how"),
    [
        (Longer, "Longer returned 24000 samples more than the 24000 it was fed"),
        (Swallows, "Swallows keeps back 24000 of 24000 samples"),
        (Drops, "Drops keeps back 23000 of 24000 samples"),
        (NotANumber, "NotANumber returned nan at sample 5 of channel 0"),
        (MonoOut, r"MonoOut was fed 2 channels and returned shape \(1, 24000\)"),
        (Flat, r"Flat was fed 2 channels and returned shape \(24000,\)"),
        (WritesToItsInput, "WritesToItsInput failed at sample 0: .*read-only"),
        (Fails, "Fails failed at sample 0: 'wave'"),
    ],
)
def test_an_effect_that_breaks_its_word_is_refused(
    liar: Callable[[], Effect], how: str, noise: Callable[..., Audio]
) -> None:
    with pytest.raises(EffectError, match=how):
        Chain([liar()]).process(noise(), SAMPLE_RATE)


def late_type(name: str) -> EffectType:
    return EffectType(id=name.lower(), name=name, factory=f"{__name__}:{name}", layout=Layout.MONO)


@pytest.fixture
def importable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Factories can name this module."""
    import sys

    module = type(sys)(__name__)
    module.__dict__.update(globals())
    monkeypatch.setitem(sys.modules, __name__, module)
    yield


@pytest.mark.usefixtures("importable")
def test_a_wrong_latency_is_measured() -> None:
    verify(late_type("LateAndSaysSo"))
    with pytest.raises(
        EffectError, match="late declares 0 samples of latency but its output is 100 "
    ):
        verify(late_type("Late"))
    with pytest.raises(EffectError, match="declares 130 samples of latency but its output is 100 "):
        verify(late_type("LateAndSaysTooMuch"))


def test_a_declared_latency_is_compensated(noise: Callable[..., Audio]) -> None:
    audio = noise()
    np.testing.assert_array_equal(Chain([LateAndSaysSo()]).process(audio, SAMPLE_RATE), audio)
