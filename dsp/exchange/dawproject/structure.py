"""The structure of DAWproject 1.0, and a check of documents against it.

For each element: its children in the order that the published schema gives them (a tuple inside is
a free choice of several), the attributes that it must have, and of attributes with an enumeration
the values. See github.com/bitwig/dawproject, ``Project.xsd``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

_TIMELINES = ("Lanes", "Notes", "Clips", "ClipSlot", "markers", "Warps", "Audio", "Video", "Points")
_PARAMETERS = (
    "RealParameter",
    "BoolParameter",
    "IntegerParameter",
    "EnumParameter",
    "TimeSignatureParameter",
)
DEVICES = (
    "Device",
    "Vst2Plugin",
    "Vst3Plugin",
    "ClapPlugin",
    "BuiltinDevice",
    "Equalizer",
    "Compressor",
    "NoiseGate",
    "Limiter",
    "AuPlugin",
)
_POINTS = ("RealPoint", "EnumPoint", "BoolPoint", "IntegerPoint", "TimeSignaturePoint")
_UNITS = frozenset(
    {
        "linear",
        "normalized",
        "percent",
        "decibel",
        "hertz",
        "semitones",
        "seconds",
        "beats",
        "bpm",
    }
)
_VALUES = {
    "unit": _UNITS,
    "timeUnit": frozenset({"beats", "seconds"}),
    "contentTimeUnit": frozenset({"beats", "seconds"}),
    "fadeTimeUnit": frozenset({"beats", "seconds"}),
    "deviceRole": frozenset({"instrument", "noteFX", "audioFX", "analyzer"}),
    "role": frozenset({"regular", "master", "effect", "submix", "vca"}),
    "type": frozenset({"pre", "post"}),
    "interpolation": frozenset({"hold", "linear"}),
    "solo": frozenset({"true", "false"}),
    "enable": frozenset({"true", "false"}),
    "loaded": frozenset({"true", "false"}),
}
_REFERENCES = ("track", "destination", "parameter", "reference")


@dataclass(frozen=True, slots=True)
class _Rule:
    """What an element may hold: children, each a name or a choice of names, in order."""

    children: tuple[str | tuple[str, ...], ...] = ()
    required: frozenset[str] = field(default_factory=frozenset)


def _rule(*children: str | tuple[str, ...], required: str = "") -> _Rule:
    return _Rule(children, frozenset(required.split()))


_PARAMETER = _rule(required="unit")
_DEVICE = _rule("Parameters", "Enabled", "State", required="deviceName deviceRole")
_RULES = {
    "Project": _rule(
        "Application", "Transport", "Structure", "Arrangement", "Scenes", required="version"
    ),
    "Application": _rule(required="name version"),
    "Transport": _rule("Tempo", "TimeSignature"),
    "Structure": _rule(("Track", "Channel")),
    "Track": _rule("Channel", "Track"),
    "Channel": _rule("Devices", "Mute", "Pan", "Sends", "Volume"),
    "Devices": _rule(DEVICES),
    **dict.fromkeys(DEVICES[:5], _DEVICE),
    "Parameters": _rule(_PARAMETERS),
    "Sends": _rule("Send"),
    "Send": _rule("Enable", "Pan", "Volume"),
    "Arrangement": _rule("Lanes", "Markers", "TempoAutomation", "TimeSignatureAutomation"),
    "Lanes": _rule(_TIMELINES),
    "Clips": _rule("Clip"),
    "Clip": _rule(_TIMELINES, required="time"),
    "Notes": _rule("Note"),
    "Note": _rule(required="time duration channel key"),
    "Warps": _rule(_TIMELINES, "Warp", required="contentTimeUnit"),
    "Warp": _rule(required="time contentTime"),
    "Audio": _rule("File", required="channels sampleRate duration"),
    "File": _rule(required="path"),
    "State": _rule(required="path"),
    "Markers": _rule("Marker"),
    "Marker": _rule(required="time"),
    "Points": _rule("Target", _POINTS),
    "TempoAutomation": _rule("Target", _POINTS),
    "TimeSignatureAutomation": _rule("Target", _POINTS),
    "RealPoint": _rule(required="time value"),
    "TimeSignaturePoint": _rule(required="time numerator denominator"),
    "Tempo": _PARAMETER,
    "Volume": _PARAMETER,
    "Pan": _PARAMETER,
    "RealParameter": _PARAMETER,
    "TimeSignature": _rule(required="numerator denominator"),
    "EnumParameter": _rule(required="count"),
}


def problems(root: Element) -> list[str]:
    """Return what in a ``project.xml`` is not as the schema says; nothing if all is."""
    identities = [each.get("id") for each in root.iter() if each.get("id")]
    found = [] if root.tag == "Project" else [f"the root is {root.tag}, not Project"]
    found += [
        f"the id {each} is used twice" for each in set(identities) if identities.count(each) > 1
    ]
    for element in root.iter():
        found += _problems(element, set(identities))
    return found


def _problems(element: Element, identities: set[str | None]) -> Iterator[str]:
    rule = _RULES.get(element.tag)
    if rule is not None:
        for name in sorted(rule.required - set(element.keys())):
            yield f"{element.tag} has no {name}"
        place = 0
        for child in element:
            while place < len(rule.children) and not _fits(child.tag, rule.children[place]):
                place += 1
            if place == len(rule.children):
                yield f"{child.tag} is not allowed in {element.tag}, or not there"
                break
    for name, value in element.items():
        if name in _VALUES and value not in _VALUES[name]:
            yield f"{element.tag}: {name} cannot be {value!r}"
        if name in _REFERENCES and value not in identities:
            yield f"{element.tag}: {name} refers to {value!r}, which is not there"


def _fits(tag: str, wanted: str | tuple[str, ...]) -> bool:
    return tag == wanted if isinstance(wanted, str) else tag in wanted
