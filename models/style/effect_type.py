"""The effect of this package as plain data; nothing heavy is imported for it."""

from tonewright.dsp.effects.protocol import EffectType, Family, Parameter, ParameterKind, RunsIn
from tonewright.models.style.styles import STYLES

WEIGHTS_SHA256 = "9c001aa22fe968ece6cd8ef0598522bd6a2c724fff2dbf6436be017e8569d0c8"
"""Of ``resources/weights/style.safetensors``."""

_OWN = ("same", *STYLES)


def _choice(name: str, description: str) -> Parameter:
    return Parameter(name, "same", kind=ParameterKind.CHOICE, choices=_OWN, description=description)


def _switch(name: str, description: str) -> Parameter:
    return Parameter(name, False, kind=ParameterKind.BOOL, description=description)


def _text(name: str, description: str) -> Parameter:
    return Parameter(name, "", kind=ParameterKind.TEXT, description=description)


STYLE_TRANSLATE = EffectType(
    id="style_translate",
    name="Style translation",
    factory="tonewright.models.style.effect:StyleTranslate",
    parameters=(
        Parameter(
            "style",
            "bossa",
            kind=ParameterKind.CHOICE,
            choices=tuple(STYLES),
            description="What the accompaniment becomes",
        ),
        Parameter(
            "example",
            "",
            kind=ParameterKind.FILE,
            description="MIDI file of 2 to 8 bars, instead of a named style",
        ),
        _choice("blend_style", "A second style"),
        Parameter("blend_percent", 0.0, 0.0, 100.0, unit="%", description="How much of it"),
        _choice("bass_style", "Another style for the bass"),
        _choice("chords_style", "Another style for chords, pads and arpeggios"),
        _choice("drums_style", "Another style for the drums"),
        Parameter(
            "follow_bass_percent",
            35.0,
            0.0,
            100.0,
            unit="%",
            description="How closely the new bass keeps to the song's own notes",
        ),
        _switch("keep_bass", "Leave the song's bass"),
        _switch("keep_chords", "Leave the song's chords"),
        _switch("keep_drums", "Leave the song's drums"),
        _switch("keep_controllers", "Keep pedals and volumes of what is replaced"),
        _text("programs", "Other instruments: bass=33,chords=4"),
        _text("roles", "Roles of tracks, if heard wrong: 2=melody,3=bass"),
        _text("chords", "Chords of bars, if heard wrong: 1: Cm7 | 2: F7 Bb7"),
        Parameter("density", 0.0, -1.0, 1.0, description="Fewer or more notes"),
        Parameter("temperature", 0.3, 0.0, 2.0, description="0 plays the likeliest notes"),
        Parameter(
            "variation", 0, 0, 999, ParameterKind.INT, description="Each number is another take"
        ),
    ),
    version=5,
    family=Family.MIDI,
    runs_in=RunsIn.RENDERED,
    seeded=True,
    weights_sha256=WEIGHTS_SHA256,
    description="Accompany the same song in another style; the melody stays",
)
