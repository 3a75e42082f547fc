"""The timeline of the song, and how effects, sends and automation are written down."""

import numpy as np
from score import A2, INTRO, LAST, RETURN, TAG, A, B

from tonewright.dsp.project.document import (
    PPQ,
    AutomationLane,
    AutomationPoint,
    EffectSpec,
    Id,
    ParameterRef,
    Send,
    TempoCurve,
    TempoEvent,
    TempoMap,
    TimeSignatureEvent,
    Value,
)
from tonewright.dsp.project.tempo import to_seconds

PARTS = {"Intro": INTRO, "A": A, "A'": A2, "B": B, "Return": RETURN, "Ending": TAG}
_SLOWER = B + 21  # the last bar of B leads back to the tempo of A


def tick(quarters: float) -> int:
    """Return a place in quarters as ticks of the project."""
    return round(quarters * PPQ)


TEMPO_MAP = TempoMap(
    (
        TempoEvent(0, 100.0),
        TempoEvent(tick(A), 104.0),
        TempoEvent(tick(B), 120.0),
        TempoEvent(tick(_SLOWER), 120.0, TempoCurve.LINEAR),
        TempoEvent(tick(RETURN), 104.0),
        TempoEvent(tick(TAG), 104.0, TempoCurve.LINEAR),
        TempoEvent(tick(LAST), 60.0),
    ),
    (
        TimeSignatureEvent(0, 4, 4),
        TimeSignatureEvent(tick(B), 6, 8),
        TimeSignatureEvent(tick(RETURN), 4, 4),
    ),
)


def seconds_at(quarters: float) -> float:
    """Return the time of a place in quarters."""
    return to_seconds(TEMPO_MAP, quarters * PPQ)


def hand(part: str) -> np.random.Generator:
    """Return the random numbers of one player."""
    return np.random.default_rng(list(part.encode()))


def effect(owner: str, kind: str, *, sidechain: Id | None = None, **params: Value) -> EffectSpec:
    """Return an effect whose id says whose it is."""
    return EffectSpec(
        Id(f"{owner}-{kind}"), kind, params=tuple(sorted(params.items())), sidechain_id=sidechain
    )


def send(owner: str, gain_db: float) -> Send:
    """Return a send to the hall."""
    return Send(Id(f"{owner}-to-hall"), Id("hall"), gain_db)


def lane(
    effect_id: str | None, parameter: str, *points: tuple[float, float, float]
) -> AutomationLane:
    """Return automation from points (place in quarters, value, bend)."""
    return AutomationLane(
        ParameterRef(Id(effect_id) if effect_id else None, parameter),
        tuple(AutomationPoint(tick(place), value, bend) for place, value, bend in points),
    )
