import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pedalboard
import pytest

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects import Chain, EffectType, Slot
from tonewright.dsp.effects.builtin.native import NATIVE_TYPES, native_type
from tonewright.dsp.effects.protocol import Parameter, ParameterKind
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import EffectError
from tonewright.dsp.units import db_to_gain

SAMPLE_RATE = 48_000
REGISTRY = Registry(NATIVE_TYPES)
BY_CLASS = {
    name: getattr(pedalboard, name)
    for name in dir(pedalboard)
    if isinstance(getattr(pedalboard, name), type)
    and getattr(pedalboard, name).__module__ == "pedalboard_native"
    and issubclass(getattr(pedalboard, name), pedalboard.Plugin)
} | {"Reverb": pedalboard.Reverb}
ABSTRACT = {"ExternalPlugin", "IIRFilter", "Plugin", "PluginContainer", "VST3Plugin", "_klass"}
CLASSES = [name for name in BY_CLASS if name not in ABSTRACT | {"Convolution"}]

# Where a parameter can be heard, so that moving it changes the sound.
AUDIBLE = {
    "brickwall_limiter": {"ceiling_db": -12.0},
    "chorus": {"feedback": 0.3},
    "compressor": {"threshold_db": -30.0, "ratio": 4.0},
    "delay": {"delay_seconds": 0.05, "feedback": 0.4},
    "high_shelf_filter": {"gain_db": 9.0},
    "ladder_filter": {"cutoff_hz": 800.0, "resonance": 0.5, "drive": 2.0},
    "limiter": {"threshold_db": -20.0},
    "low_shelf_filter": {"gain_db": 9.0},
    "noise_gate": {"threshold_db": -15.0, "ratio": 2.0},
    "peak_filter": {"gain_db": 9.0},
    "phaser": {"feedback": 0.4},
}
AUTOMATABLE = [
    (each, parameter)
    for each in NATIVE_TYPES
    for parameter in each.parameters
    if parameter.automatable and each.id != "convolution"
]


def plugin_of(effect_type: EffectType) -> pedalboard.Plugin:
    return REGISTRY.make(effect_type.id, AUDIBLE.get(effect_type.id, {}))


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_has_a_type_with_its_parameters_and_defaults(name: str) -> None:
    plugin = BY_CLASS[name]()
    effect_type = native_type(plugin)
    assert effect_type in NATIVE_TYPES
    assert effect_type.id.replace("_", "") == name.lower()
    for parameter in effect_type.parameters:
        default = getattr(plugin, parameter.name)
        default = getattr(default, "name", default)
        assert parameter.default == pytest.approx(default)
    settable = {key for key, value in vars(type(plugin)).items() if isinstance(value, property)}
    if name.endswith(("ShelfFilter", "PeakFilter")):
        settable |= {"q"}
    assert settable == {parameter.name for parameter in effect_type.parameters}


@pytest.mark.parametrize(
    ("effect_type", "parameter"),
    [
        (each, parameter)
        for each in NATIVE_TYPES
        for parameter in each.parameters
        if parameter.kind is ParameterKind.FLOAT and each.id != "convolution"
    ],
    ids=lambda each: getattr(each, "id", getattr(each, "name", "")),
)
def test_the_whole_range_of_a_parameter_can_be_used(
    effect_type: EffectType, parameter: Parameter, noise: Callable[..., Audio]
) -> None:
    audio = noise(0.05, peak=0.3)
    for value in (parameter.minimum, parameter.maximum):
        assert value is not None
        effect = REGISTRY.make(effect_type.id, {parameter.name: value})
        assert Chain([Slot(effect, effect_type)])(audio, SAMPLE_RATE).shape == audio.shape


@pytest.mark.parametrize("name", CLASSES)
def test_a_chain_of_one_sounds_as_pedalboard_does(name: str, noise: Callable[..., Audio]) -> None:
    audio = noise(0.5, peak=0.5)
    np.testing.assert_array_equal(
        Chain([BY_CLASS[name]()])(audio, SAMPLE_RATE), BY_CLASS[name]()(audio, SAMPLE_RATE)
    )


@pytest.mark.parametrize(
    ("effect_type", "parameter"),
    AUTOMATABLE,
    ids=lambda each: getattr(each, "id", getattr(each, "name", "")),
)
def test_an_automated_parameter_acts_at_once_and_starts_nothing_anew(
    effect_type: EffectType, parameter: Parameter, noise: Callable[..., Audio]
) -> None:
    seconds = np.arange(24_000) / SAMPLE_RATE
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 7 * seconds)
    tone = np.sin(2 * np.pi * 220 * seconds)  # where a sample of delay more changes little
    audio = ((noise(0.5, peak=0.01) + 0.3 * tone) * swell).astype(np.float32)

    def heard(*moves: tuple[int, float]) -> Audio:
        plugin = plugin_of(effect_type)
        plugin.reset()
        blocks = []
        for at in range(0, 24_000, 480):
            for place, value in moves:
                if place == at:
                    setattr(plugin, parameter.name, value)
            blocks.append(plugin.process(audio[:, at : at + 480], SAMPLE_RATE, 480, False))
        return np.concatenate(blocks, axis=1)

    still = heard()
    now = getattr(plugin_of(effect_type), parameter.name)
    np.testing.assert_array_equal(heard((12_000, now)), still)
    assert parameter.minimum is not None and parameter.maximum is not None
    other = (
        parameter.minimum
        if now > (parameter.minimum + parameter.maximum) / 2
        else (parameter.maximum)
    )
    moved = heard((12_000, other))
    np.testing.assert_array_equal(moved[:, :11_000], still[:, :11_000])
    assert np.abs(moved - still)[:, 11_000:].max() > 1e-4
    nearly = now + 1e-4 * (other - now)
    assert np.abs(heard((12_000, nearly)) - still).max() < 0.05


@pytest.mark.parametrize("room_size", [0.0, 0.5, 0.8])
@pytest.mark.parametrize("damping", [0.0, 1.0])
def test_the_tail_of_a_reverb_is_as_declared(
    room_size: float, damping: float, noise: Callable[..., Audio]
) -> None:
    effect_type = REGISTRY.get("reverb")
    params = {"room_size": room_size, "damping": damping, "wet_level": 1.0}
    complete = {each.name: each.default for each in effect_type.parameters} | params
    seconds = effect_type.tail_of(complete).seconds
    audio = noise(1.0)
    longer = np.pad(audio, ((0, 0), (0, round((seconds + 1) * SAMPLE_RATE))))
    heard = pedalboard.Reverb(**params)(longer, SAMPLE_RATE)
    behind = np.abs(heard[:, audio.shape[1] :]).max(axis=0)
    last = np.flatnonzero(behind >= db_to_gain(-90.0))[-1] / SAMPLE_RATE
    assert 0.4 * seconds < last < seconds


@pytest.mark.parametrize(
    ("params", "seconds"),
    [({"feedback": 0.0}, 0.2), ({"feedback": 0.5}, 17 * 0.2), ({"feedback": 1.0}, 60.0)],
)
def test_the_tail_of_a_delay_is_exact(params: dict[str, float], seconds: float) -> None:
    effect_type = REGISTRY.get("delay")
    tail = effect_type.tail_of({"delay_seconds": 0.2, "mix": 0.5, **params})
    assert tail.seconds == pytest.approx(seconds)


def test_a_parallel_mix_rings_as_long_as_the_longest(noise: Callable[..., Audio]) -> None:
    def board() -> pedalboard.Mix:
        return pedalboard.Mix(
            [pedalboard.Gain(-6), pedalboard.Chain([pedalboard.Delay(0.1), pedalboard.Delay(0.2)])]
        )

    assert native_type(board()).tail.seconds == pytest.approx(0.3)  # type: ignore[union-attr]
    audio = noise(0.3, peak=0.3)
    heard = Chain([board()]).render(audio, SAMPLE_RATE)
    assert heard.shape[1] == audio.shape[1] + round(0.3 * SAMPLE_RATE)
    np.testing.assert_array_equal(heard[:, : audio.shape[1]], board()(audio, SAMPLE_RATE))


def test_what_cannot_be_streamed_inside_a_mix_is_refused(noise: Callable[..., Audio]) -> None:
    hidden = pedalboard.Mix([pedalboard.Gain(), pedalboard.PitchShift(3)])
    with pytest.raises(EffectError, match=r"PitchShift inside a pedalboard\.Mix.*Chain"):
        Chain([hidden])(noise(), SAMPLE_RATE)


def test_an_impulse_response_given_as_an_array_rings_out(noise: Callable[..., Audio]) -> None:
    response = np.zeros(9_600, np.float32)
    response[[0, 9_599]] = 1.0
    audio = noise(0.1, peak=0.3)
    heard = Chain([pedalboard.Convolution(response, 1.0, SAMPLE_RATE)]).render(audio, SAMPLE_RATE)
    assert heard.shape[1] == audio.shape[1] + 9_599


def test_an_impulse_response_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    for path, message in (
        (broken, "broken.wav"),
        (tmp_path / "none.wav", "none.wav"),
        ("", "set "),
    ):
        with pytest.raises(EffectError, match=message):
            REGISTRY.make("convolution", {"impulse_response_filename": str(path)})


def test_pedalboards_own_refusal_names_the_effect(noise: Callable[..., Audio]) -> None:
    with pytest.raises(EffectError, match=r"mp3_compressor failed at sample 0: .*96"):
        Chain([pedalboard.MP3Compressor()])(noise(), 96_000)


def test_the_table_is_read_without_pedalboard() -> None:
    code = (
        "import sys, tonewright.dsp.effects.builtin\n"
        "print([name for name in ('pedalboard', 'scipy', 'nara_wpe', 'soundfile') "
        "if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
