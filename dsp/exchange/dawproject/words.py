"""The words that writer and reader share."""

from tonewright.dsp.project.document import PPQ, EffectSpec, Id

OURS = "tonewright:"
"""Begins the ``deviceID`` of Tonewright's own effects."""

FOREIGN = "/dawproject"
"""What is known of another program's device, in ``EffectSpec.extra``."""

MASTER = "master"
TRACK, RENDERED, DEVICE = "t-", "r-", "d-"
"""Begin the ids of tracks, of those that play them rendered, and of devices."""

EXPRESSIONS = {
    0xA0: "polyPressure",
    0xB0: "channelController",
    0xC0: "programChange",
    0xD0: "channelPressure",
    0xE0: "pitchBend",
}
"""MIDI messages, by their status byte, as curves."""


def device_file(effect_id: Id) -> str:
    """Return the name of the JSON file that holds a device whole."""
    return f"plugins/{effect_id}.json"


def is_external(effect: EffectSpec) -> bool:
    """Return whether an effect is a plugin, or another program's device, and not Tonewright's."""
    return effect.type.startswith("vst3_") or FOREIGN in effect.extra


def beats(ticks: float) -> str:
    """Return a position in beats."""
    return number(ticks / PPQ)


def number(value: float) -> str:
    """Return a number as text that is read back as the same number."""
    return repr(round(float(value), 12)).removesuffix(".0")


def boolean(value: bool) -> str:
    """Return a truth value as XML says it."""
    return "true" if value else "false"
