"""The dereverberation as plain data: importing this loads no network and no torch.

Where an effect may run is fixed for its type, so the two modes are two types: ``dereverb`` looks
ahead and is rendered, ``dereverb_streaming`` does not and runs while one plays. Their parameters
are the same.
"""

from tonewright.dsp.effects.protocol import EffectType, Parameter, ParameterKind, RunsIn, Tail

DEREVERB_SHA256 = "92275507b2f4c54144315ad97eef4606135e2b0733a21326640185a8d86c6595"

STREAMING_SHA256 = "bc38d2ec8bc95c5fccbf6f9ede917961b112b7cca3c4534dd873743ff45e794a"

AMOUNT = Parameter(
    "amount", 100.0, 0.0, 100.0, unit="%", description="Share of the room that is removed"
)
EARLY = Parameter(
    "early", 0.0, 0.0, 100.0, unit="%", description="Share of early reflections that stays"
)
FLOOR = Parameter(
    "floor_db", -80.0, -80.0, 0.0, unit="dB", description="How far anything is lowered"
)
LISTEN = Parameter(
    "listen",
    "result",
    kind=ParameterKind.CHOICE,
    choices=("result", "removed"),
    description="The result, or what was removed",
)

DEREVERB = EffectType(
    id="dereverb",
    name="Dereverberation",
    factory="tonewright.models.dereverb.effect:make",
    parameters=(AMOUNT, EARLY, FLOOR, LISTEN),
    version=9,
    runs_in=RunsIn.RENDERED,
    block_tolerance_db=float("-inf"),
    weights_sha256=DEREVERB_SHA256,
    description="Takes the room off speech, voices and instruments, with a network",
)

DEREVERB_STREAMING = EffectType(
    id="dereverb_streaming",
    name="Dereverberation (streaming)",
    factory="tonewright.models.dereverb.streaming:make",
    parameters=(AMOUNT, EARLY, FLOOR, LISTEN),
    version=5,
    # The filters' past and the last frame.
    tail=Tail(0.13, 0.02),
    block_tolerance_db=float("-inf"),
    weights_sha256=STREAMING_SHA256,
    description="Takes the room off while it plays, 32 ms late; dereverb looks ahead and is better",
)
