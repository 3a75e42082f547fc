"""The dereverberation as plain data: importing this loads no network and no torch."""

from tonewright.dsp.effects.protocol import EffectType, Parameter, ParameterKind, RunsIn

DEREVERB_SHA256 = "3bd9bd45f3bba16185abfe42131efb80e378e78d7d95a0f469d9011aa9939735"

DEREVERB = EffectType(
    id="dereverb",
    name="Dereverberation",
    factory="tonewright.models.dereverb.effect:make",
    parameters=(
        Parameter(
            "amount", 100.0, 0.0, 100.0, unit="%", description="Share of the room that is removed"
        ),
        Parameter(
            "early", 0.0, 0.0, 100.0, unit="%", description="Share of early reflections that stays"
        ),
        Parameter(
            "floor_db", -80.0, -80.0, 0.0, unit="dB", description="How far anything is lowered"
        ),
        Parameter(
            "listen",
            "result",
            kind=ParameterKind.CHOICE,
            choices=("result", "removed"),
            description="The result, or what was removed",
        ),
    ),
    runs_in=RunsIn.RENDERED,
    block_tolerance_db=float("-inf"),
    weights_sha256=DEREVERB_SHA256,
    description="Takes the room off speech, voices and instruments, with a network",
)
