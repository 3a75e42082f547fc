"""Conversion between ticks, seconds, samples and bars.

Between two tempo events the tempo is constant or, for ``TempoCurve.LINEAR``, changes linearly over
ticks towards the next event's tempo. With ``bpm(t) = b + k t`` the time to get to tick t is

    s(t) = 60 / PPQ * log(1 + k t / b) / k,

whose inverse is closed too, so nothing is stepped and nothing drifts. Before tick 0 the first
tempo, and from the last event on the last tempo, is kept. A plain number is a position in the unit
that the function converts from; a ``Time`` says itself what it is.
"""

import math
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from tonewright.dsp.project.document import (
    PPQ,
    AudioClip,
    Clip,
    ClockTime,
    MusicalTime,
    Project,
    TempoCurve,
    TempoMap,
    Time,
    TimeRange,
    TimeSignatureEvent,
)
from tonewright.dsp.units import seconds_to_samples

_SECONDS_PER_TICK_AT_1_BPM = 60.0 / PPQ
_TICKS_PER_WHOLE = 4 * PPQ


@dataclass(frozen=True, slots=True, order=True)
class BarBeatTick:
    """A position as musicians count it: bars and beats from 1, ticks of the beat from 0."""

    bar: int
    beat: int
    tick: int


def to_seconds(tempo_map: TempoMap, time: Time | float) -> float:
    """Return the seconds of a time, or of a position in ticks."""
    if isinstance(time, ClockTime):
        return time.seconds
    ticks = time.ticks if isinstance(time, MusicalTime) else time
    table = _table(_Same(tempo_map))
    return table.pieces[table.at_ticks(ticks)].seconds_at(ticks)


def to_ticks(tempo_map: TempoMap, time: Time | float) -> float:
    """Return the ticks (with their fraction) of a time, or of a position in seconds."""
    if isinstance(time, MusicalTime):
        return float(time.ticks)
    seconds = time.seconds if isinstance(time, ClockTime) else time
    table = _table(_Same(tempo_map))
    return table.pieces[table.at_seconds(seconds)].ticks_at(seconds)


def to_samples(tempo_map: TempoMap, time: Time | float, sample_rate: int) -> int:
    """Return the nearest sample of a time, or of a position in ticks; halves go up."""
    return seconds_to_samples(to_seconds(tempo_map, time), sample_rate)


def at_seconds(tempo_map: TempoMap, seconds: float, like: Time) -> Time:
    """Return a position in seconds as a time of the same kind as ``like``, to the nearest tick."""
    if isinstance(like, ClockTime):
        return ClockTime(seconds)
    return MusicalTime(math.floor(to_ticks(tempo_map, seconds) + 0.5))


def shifted(tempo_map: TempoMap, time: Time, delta: Time) -> Time:
    """Return a time moved by a distance in ticks or in seconds; it stays of its own kind.

    A distance of the other kind is measured from where the time is.
    """
    if isinstance(delta, ClockTime):
        if isinstance(time, ClockTime):
            return ClockTime(time.seconds + delta.seconds)
        return at_seconds(tempo_map, to_seconds(tempo_map, time) + delta.seconds, time)
    if isinstance(time, MusicalTime):
        return MusicalTime(time.ticks + delta.ticks)
    return ClockTime(to_seconds(tempo_map, to_ticks(tempo_map, time) + delta.ticks))


def range_of(project: Project, clip: Clip) -> TimeRange:
    """Return where a clip sounds, in seconds from the project's start.

    Raises:
        KeyError: If the clip plays a medium that the project does not have.
    """
    start_seconds = to_seconds(project.tempo_map, clip.start)
    if isinstance(clip, AudioClip):
        rate_hz = project.medium(clip.media_id).sample_rate * clip.speed_ratio
        return TimeRange(start_seconds, start_seconds + clip.source_length_samples / rate_hz)
    end_ticks = to_ticks(project.tempo_map, clip.start) + clip.length_ticks
    return TimeRange(start_seconds, to_seconds(project.tempo_map, end_ticks))


def end_of(project: Project) -> float:
    """Return where the last clip ends, in seconds; 0 if there is no clip."""
    return max((range_of(project, clip).end_seconds for _, clip in project.clips()), default=0.0)


def bar_beat_tick(tempo_map: TempoMap, ticks: int) -> BarBeatTick:
    """Return the bar, beat and tick of a position >= 0; a new signature starts a new bar."""
    if ticks < 0:
        raise ValueError(f"bars count from tick 0, not from {ticks}")
    bars = _bars(_Same(tempo_map))
    index = bisect_right(tempo_map.time_signatures, ticks, key=lambda s: s.start_ticks) - 1
    signature = tempo_map.time_signatures[index]
    inside_ticks = ticks - signature.start_ticks
    beats = inside_ticks * signature.denominator // _TICKS_PER_WHOLE
    bar, beat = divmod(beats, signature.numerator)
    return BarBeatTick(bars[index] + bar, beat + 1, inside_ticks - _beat_ticks(signature, beats))


def ticks_of(tempo_map: TempoMap, bar: int, beat: int = 1, tick: int = 0) -> int:
    """Return the position of a bar, beat (both from 1) and tick (from 0), in ticks.

    Beats and ticks beyond their bar count on from it.
    """
    if bar < 1 or beat < 1 or tick < 0:
        raise ValueError(f"bars and beats count from 1, ticks from 0, not {bar}|{beat}|{tick}")
    bars = _bars(_Same(tempo_map))
    index = bisect_right(bars, bar) - 1
    signature = tempo_map.time_signatures[index]
    beats = (bar - bars[index]) * signature.numerator + beat - 1
    return signature.start_ticks + _beat_ticks(signature, beats) + tick


class _Same:
    """A tempo map as a key by identity: hashing hundreds of tempi on every call would be slow."""

    __slots__ = ("tempo_map",)

    def __init__(self, tempo_map: TempoMap) -> None:
        self.tempo_map = tempo_map

    def __hash__(self) -> int:
        return id(self.tempo_map)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.tempo_map is other.tempo_map


@dataclass(frozen=True, slots=True)
class _Piece:
    """One tempo event with where it starts; ``slope`` is the change of bpm per tick."""

    start_ticks: float
    start_seconds: float
    bpm: float
    slope: float

    def seconds_at(self, ticks: float) -> float:
        delta_ticks = ticks - self.start_ticks
        if self.slope == 0.0 or delta_ticks <= 0.0:
            return self.start_seconds + delta_ticks * _SECONDS_PER_TICK_AT_1_BPM / self.bpm
        growth = math.log1p(self.slope * delta_ticks / self.bpm)
        return self.start_seconds + growth * _SECONDS_PER_TICK_AT_1_BPM / self.slope

    def ticks_at(self, seconds: float) -> float:
        delta_seconds = seconds - self.start_seconds
        if self.slope == 0.0 or delta_seconds <= 0.0:
            return self.start_ticks + delta_seconds * self.bpm / _SECONDS_PER_TICK_AT_1_BPM
        growth = math.expm1(delta_seconds * self.slope / _SECONDS_PER_TICK_AT_1_BPM)
        return self.start_ticks + growth * self.bpm / self.slope


@dataclass(frozen=True, slots=True)
class _Table:
    """The pieces of a tempo map with their starts, for bisection."""

    pieces: tuple[_Piece, ...]
    start_ticks: tuple[float, ...]
    start_seconds: tuple[float, ...]

    def at_ticks(self, ticks: float) -> int:
        return max(bisect_right(self.start_ticks, ticks) - 1, 0)

    def at_seconds(self, seconds: float) -> int:
        return max(bisect_right(self.start_seconds, seconds) - 1, 0)


@lru_cache(maxsize=64)
def _table(key: _Same) -> _Table:
    pieces: list[_Piece] = []
    tempos = key.tempo_map.tempos
    for index, event in enumerate(tempos):
        slope = 0.0
        if event.curve is TempoCurve.LINEAR and index + 1 < len(tempos):
            following = tempos[index + 1]
            slope = (following.bpm - event.bpm) / (following.start_ticks - event.start_ticks)
        start_seconds = pieces[-1].seconds_at(event.start_ticks) if pieces else 0.0
        pieces.append(_Piece(event.start_ticks, start_seconds, event.bpm, slope))
    return _Table(
        tuple(pieces),
        tuple(piece.start_ticks for piece in pieces),
        tuple(piece.start_seconds for piece in pieces),
    )


@lru_cache(maxsize=64)
def _bars(key: _Same) -> tuple[int, ...]:
    """Return the number of the bar that each time signature starts."""
    bars = [1]
    for signature, following in pairwise(key.tempo_map.time_signatures):
        wholes = (following.start_ticks - signature.start_ticks) * signature.denominator
        bars.append(bars[-1] - (-wholes // (_TICKS_PER_WHOLE * signature.numerator)))
    return tuple(bars)


def _beat_ticks(signature: TimeSignatureEvent, beats: int) -> int:
    """Return the first tick of a beat; beats shorter than a tick's fraction start rounded up."""
    return -(-beats * _TICKS_PER_WHOLE // signature.denominator)
