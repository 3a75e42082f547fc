"""The dereverberation as plain data: importing this loads no network and no torch.

``dereverb`` is rendered, in either mode. Where an effect may run is fixed for its type, so what
runs while one plays is another, ``dereverb_streaming``: the same as ``dereverb`` with the mode
``"streaming"``.
"""

from tonewright.dsp.effects.protocol import (
    NO_TAIL,
    EffectType,
    Parameter,
    ParameterKind,
    Params,
    RunsIn,
    Tail,
)

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

MODE = Parameter(
    "mode",
    "offline",
    kind=ParameterKind.CHOICE,
    choices=("offline", "streaming"),
    description="Offline looks ahead and is better; streaming is what is heard while one plays",
)

STREAMING_TAIL = Tail(0.13, 0.02)
"""The filters' past and the last frame."""


def _tail(params: Params) -> Tail:
    return STREAMING_TAIL if params["mode"] == "streaming" else NO_TAIL


# Its checksum is that of the mode offline: other weights for streaming are a new version of both.
DEREVERB = EffectType(
    id="dereverb",
    name="Dereverberation",
    factory="tonewright.models.dereverb.effect:make",
    parameters=(AMOUNT, EARLY, FLOOR, MODE, LISTEN),
    version=9,
    runs_in=RunsIn.RENDERED,
    tail=_tail,
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
    tail=STREAMING_TAIL,
    block_tolerance_db=float("-inf"),
    weights_sha256=STREAMING_SHA256,
    description="Takes the room off while it plays, 32 ms late; dereverb looks ahead and is better",
)
