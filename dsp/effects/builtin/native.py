"""pedalboard's effects described as effect types; importing this loads no pedalboard.

Names are pedalboard's in snake case, parameters are called as there, ranges are those outside
which it refuses a value, returns NaN, or changes nothing more. What its plugins do not keep of the
contract is mended here, as measured with 0.9.26:

* a plugin starts anew in the middle of a stream when a block is longer than all before, so
  ``Voices`` never lets it see one;
* ``Resample`` and ``MP3Compressor`` are led by the size of their blocks: they get blocks of one
  size;
* more than two channels ``Reverb`` leaves as they are, ``Convolution`` fills with the first two,
  and ``MP3Compressor`` refuses: they get pairs;
* ``PitchShift`` and ``GSMFullRateCompressor`` cannot be streamed: ``builtin.whole`` runs them on
  long chunks. Away from 0 semitones, PitchShift's sound wanders up to 10 ms around its place;
* what is ``fixed`` below clicks, or starts the plugin anew, when it is set during a stream.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tonewright.dsp.effects.builtin import tails
from tonewright.dsp.effects.naming import named
from tonewright.dsp.effects.protocol import (
    NO_TAIL,
    Effect,
    EffectType,
    Layout,
    Parameter,
    ParameterKind,
    Params,
    RunsIn,
    Tail,
)
from tonewright.dsp.errors import EffectError

MODES = ("LPF12", "HPF12", "BPF12", "LPF24", "HPF24", "BPF24")


# --- factories, where a class alone does not do -----------------------------------------------


def convolution(impulse_response_filename: str, mix: float) -> Effect:
    """Return a convolution; EffectError if the file cannot be read."""
    import pedalboard

    tails.response_seconds(impulse_response_filename)
    try:
        return pedalboard.Convolution(str(Path(impulse_response_filename)), mix)
    except RuntimeError as error:
        raise EffectError(f"{impulse_response_filename}: {error}") from error


def ladder_filter(mode: str, **params: float) -> Effect:
    """Return a ladder filter; ``mode`` is one of ``MODES``."""
    import pedalboard

    return pedalboard.LadderFilter(mode=getattr(pedalboard.LadderFilter.Mode, mode), **params)


def resample(target_sample_rate: float, quality: str) -> Effect:
    """Return a resampler; ``quality`` is one of ``tails.QUALITIES``."""
    import pedalboard

    return pedalboard.Resample(target_sample_rate, getattr(pedalboard.Resample.Quality, quality))


# --- the table ----------------------------------------------------------------------------------


def _number(
    name: str,
    default: float,
    minimum: float,
    maximum: float,
    unit: str = "",
    *,
    fixed: bool = False,
    logarithmic: bool = False,
) -> Parameter:
    return Parameter(
        name,
        default,
        minimum,
        maximum,
        unit=unit,
        automatable=not fixed,
        logarithmic=logarithmic,
    )


def _hz(name: str, default: float) -> Parameter:
    return _number(name, default, 1.0, 20_000.0, "Hz", logarithmic=True)


def _ms(name: str, default: float, minimum: float = 0.0, maximum: float = 10_000.0) -> Parameter:
    return _number(name, default, minimum, maximum, "ms")


def _share(name: str, default: float, **options: Any) -> Parameter:
    return _number(name, default, 0.0, 1.0, **options)


def _choice(name: str, default: str, choices: tuple[str, ...]) -> Parameter:
    return Parameter(name, default, kind=ParameterKind.CHOICE, choices=choices)


def _native(
    plugin: str,
    effect_id: str,
    description: str,
    *parameters: Parameter,
    tail: Tail | Callable[[Params], Tail] = NO_TAIL,
    factory: str = "",
    **fields: Any,
) -> tuple[str, EffectType]:
    effect_type = EffectType(
        id=effect_id,
        name=named(effect_id),
        factory=factory or f"pedalboard:{plugin}",
        parameters=parameters,
        tail=tail,
        description=description,
        **fields,
    )
    return plugin, effect_type


_HERE = __name__
_CUTOFF = _hz("cutoff_frequency_hz", 440.0)
_SHELF = (
    _CUTOFF,
    _number("gain_db", 0.0, -60.0, 60.0, "dB"),
    _number("q", math.sqrt(0.5), 0.05, 100.0, logarithmic=True),
)
_DYNAMICS = (_ms("attack_ms", 1.0, maximum=1_000.0), _ms("release_ms", 100.0))

_TABLE: dict[str, EffectType] = dict(
    (
        _native(
            "Bitcrush",
            "bitcrush",
            "Fewer bits a sample",
            _number("bit_depth", 8.0, 0.0, 32.0, "bits"),
        ),
        _native(
            "BrickwallLimiter",
            "brickwall_limiter",
            "Nothing above the ceiling, with lookahead",
            _number("ceiling_db", -1.0, -60.0, 0.0, "dB"),
            _ms("release_ms", 100.0, 0.1),
            _number("lookahead_ms", 5.0, 0.1, 100.0, "ms", fixed=True),
            Parameter("true_peak", False, kind=ParameterKind.BOOL),
        ),
        _native(
            "Chorus",
            "chorus",
            "Copies that waver in pitch",
            _number("rate_hz", 1.0, 0.0, 100.0, "Hz"),
            _share("depth", 0.25),
            _number("centre_delay_ms", 7.0, 1.0, 100.0, "ms", fixed=True),
            _number("feedback", 0.0, -1.0, 1.0),
            _share("mix", 0.5),
            tail=tails.chorus_tail,
        ),
        _native(
            "Clipping",
            "clipping",
            "Hard distortion at a threshold",
            _number("threshold_db", -6.0, -100.0, 0.0, "dB"),
        ),
        _native(
            "Compressor",
            "compressor",
            "Less between loud and soft",
            _number("threshold_db", 0.0, -100.0, 0.0, "dB"),
            _number("ratio", 1.0, 1.0, 100.0, logarithmic=True),
            *_DYNAMICS,
        ),
        _native(
            "Convolution",
            "convolution",
            "The sound of a room or a box, from its impulse response",
            Parameter("impulse_response_filename", "", kind=ParameterKind.FILE),
            _share("mix", 1.0),
            tail=tails.convolution_tail,
            factory=f"{_HERE}:convolution",
            layout=Layout.PAIRS,
        ),
        _native(
            "Delay",
            "delay",
            "Echoes",
            _number("delay_seconds", 0.5, 0.0, 30.0, "s", fixed=True),
            _share("feedback", 0.0),
            _share("mix", 0.5),
            tail=tails.delay_tail,
        ),
        _native(
            "Distortion",
            "distortion",
            "Soft distortion",
            _number("drive_db", 25.0, -60.0, 100.0, "dB"),
        ),
        _native(
            "GSMFullRateCompressor",
            "gsm_full_rate_compressor",
            "An old mobile phone; the channels are mixed",
            _choice("quality", "WindowedSinc8", tuple(tails.QUALITIES)),
            tail=Tail(0.1),
            factory="tonewright.dsp.effects.builtin.whole:GsmFullRateCompressor",
            block_tolerance_db=-math.inf,
        ),
        _native("Gain", "gain", "Louder or softer", _number("gain_db", 1.0, -100.0, 60.0, "dB")),
        _native(
            "HighShelfFilter",
            "high_shelf_filter",
            "More or less above a frequency",
            *_SHELF,
            tail=tails.two_pole_tail,
        ),
        _native(
            "HighpassFilter",
            "highpass_filter",
            "Less below a frequency, 6 dB an octave",
            replace(_CUTOFF, default=50.0),
            tail=tails.one_pole_tail,
        ),
        _native("Invert", "invert", "The other polarity"),
        _native(
            "LadderFilter",
            "ladder_filter",
            "The resonant filter of old synthesizers",
            _choice("mode", "LPF12", MODES),
            _hz("cutoff_hz", 200.0),
            _share("resonance", 0.0),
            _number("drive", 1.0, 1.0, 100.0, logarithmic=True),
            tail=tails.ladder_tail,
            factory=f"{_HERE}:ladder_filter",
        ),
        _native(
            "Limiter",
            "limiter",
            "Holds the level below a threshold, and makes up for it",
            _number("threshold_db", -10.0, -90.0, 0.0, "dB"),
            _ms("release_ms", 100.0, 0.1),
        ),
        _native(
            "LowShelfFilter",
            "low_shelf_filter",
            "More or less below a frequency",
            *_SHELF,
            tail=tails.two_pole_tail,
        ),
        _native(
            "LowpassFilter",
            "lowpass_filter",
            "Less above a frequency, 6 dB an octave",
            replace(_CUTOFF, default=50.0),
            tail=tails.one_pole_tail,
        ),
        _native(
            "MP3Compressor",
            "mp3_compressor",
            "MP3 and back; at 32, 44.1 and 48 kHz or less",
            _number("vbr_quality", 2.0, 0.0, 9.999, fixed=True),
            tail=Tail(0.1),
            block_samples=1_152,
            layout=Layout.PAIRS,
        ),
        _native(
            "NoiseGate",
            "noise_gate",
            "Silence below a threshold",
            _number("threshold_db", -100.0, -100.0, 0.0, "dB"),
            _number("ratio", 10.0, 1.0, 100.0, logarithmic=True),
            *_DYNAMICS,
        ),
        _native(
            "PeakFilter",
            "peak_filter",
            "More or less around a frequency",
            *_SHELF,
            tail=tails.two_pole_tail,
        ),
        _native(
            "Phaser",
            "phaser",
            "Notches that move",
            _number("rate_hz", 1.0, 0.0, 100.0, "Hz"),
            _share("depth", 0.5),
            _number("centre_frequency_hz", 1_300.0, 20.0, 20_000.0, "Hz", logarithmic=True),
            _number("feedback", 0.0, -1.0, 1.0),
            _share("mix", 0.5),
            tail=tails.phaser_tail,
        ),
        _native(
            "PitchShift",
            "pitch_shift",
            "Another pitch at the same speed",
            _number("semitones", 0.0, -72.0, 72.0, "semitones", fixed=True),
            tail=Tail(0.1),
            factory="tonewright.dsp.effects.builtin.whole:PitchShift",
            runs_in=RunsIn.RENDERED,
            block_tolerance_db=-math.inf,
        ),
        _native(
            "Resample",
            "resample",
            "The sound of a lower sample rate",
            _number("target_sample_rate", 8_000.0, 100.0, 192_000.0, "Hz", fixed=True),
            _choice("quality", "WindowedSinc32", tuple(tails.QUALITIES)),
            tail=tails.resample_tail,
            block_samples=1_024,
            factory=f"{_HERE}:resample",
        ),
        _native(
            "Reverb",
            "reverb",
            "A room",
            _share("room_size", 0.5),
            _share("damping", 0.5),
            _share("wet_level", 0.33),
            _share("dry_level", 0.4),
            _share("width", 1.0),
            _share("freeze_mode", 0.0),
            tail=tails.reverb_tail,
            layout=Layout.PAIRS,
        ),
    )
)

NATIVE_TYPES = tuple(_TABLE.values())

WHOLE = frozenset({"GSMFullRateCompressor", "PitchShift"})
"""Classes that ``builtin.whole`` runs."""

SAMPLE_FOR_SAMPLE = frozenset(_TABLE) - WHOLE - {"BrickwallLimiter", "MP3Compressor", "Resample"}
"""Classes that return all they are fed at once, and so may share a native call."""

EXTERNAL_TAIL = Tail(10.0, 1.0)
"""Assumed for plugins that say nothing about theirs."""


def native_type(plugin: Any) -> EffectType:
    """Return what one of pedalboard's plugins declares."""
    import pedalboard

    name = type(plugin).__name__
    if isinstance(plugin, pedalboard.PluginContainer):
        # What is inside may depend on the size of its blocks, so they are all of one size.
        return EffectType(
            id=name, name=name, factory="", tail=_container_tail(plugin), block_samples=1_024
        )
    if isinstance(plugin, pedalboard.Convolution) and plugin.impulse_response is not None:
        # It does not tell the rate of its response; 8 kHz is the slowest in use.
        seconds = plugin.impulse_response.shape[-1] / 8_000.0
        return replace(_TABLE[name], tail=tails.response_tail(seconds))
    return _TABLE.get(name) or EffectType(id=name, name=name, factory="", tail=EXTERNAL_TAIL)


def in_contract(plugin: Any) -> Effect:
    """Return an effect that sounds as a plugin should and keeps the contract."""
    from tonewright.dsp.effects.builtin import whole

    match type(plugin).__name__:
        case "PitchShift":
            return whole.PitchShift(plugin.semitones)
        case "GSMFullRateCompressor":
            return whole.GsmFullRateCompressor(plugin.quality.name)
    return plugin


def _container_tail(plugin: Any) -> Tail:
    from pedalboard import Mix, PluginContainer

    from tonewright.dsp.effects.slot import Slot, slot_tail

    for each in plugin:
        if type(each).__name__ in WHOLE:
            raise EffectError(
                f"{type(each).__name__} inside a pedalboard.Mix cannot be streamed: put it into "
                "a Chain, with mix"
            )
    inside = [
        _container_tail(each) if isinstance(each, PluginContainer) else slot_tail(Slot(each))
        for each in plugin
    ]
    seconds = [tail.seconds for tail in inside]
    return Tail(
        max(seconds, default=0.0) if isinstance(plugin, Mix) else sum(seconds),
        sum(tail.gap_seconds for tail in inside),
    )
