"""Reggae, which the groove library lacks: eight bars written by hand.

One drop: kick and side stick on the third beat, the guitar on the second and fourth, an organ
between the beats, and a bass of two bars that leaves room.
"""

from collections.abc import Iterator

import numpy as np

from tonewright.dsp.midi.chords import Chord, parse_chord
from tonewright.dsp.midi.roles import Role
from tonewright.models.style.corpus import Notes, Part

BEATS = 4
NAMES = ("Am", "Dm", "G", "C", "F", "Dm", "Am", "Em")

BASS, GUITAR, ORGAN = 33, 27, 16
"""Programs."""

_BASS_LINE = (
    ((0.0, 0, 0.8), (1.5, 2, 0.4), (2.0, 0, 0.8), (3.0, 1, 0.4), (3.5, 2, 0.4)),
    ((0.5, 0, 0.4), (1.0, 0, 0.4), (1.5, 1, 0.4), (2.0, 2, 0.9), (3.5, 0, 0.4)),
)
"""Of two bars: place, number of the chord's tone, length."""

_Row = tuple[float, float, int, int]


def reggae() -> tuple[tuple[Chord, ...], tuple[Part, ...]]:
    """Return the chords by the beat, and what is played over them."""
    chords = [parse_chord(name) for name in NAMES]
    parts = ((Role.BASS, BASS, _bass), (Role.CHORDS, GUITAR, _guitar), (Role.CHORDS, ORGAN, _organ))
    played = [
        Part(
            role,
            program,
            _notes(row for bar, chord in enumerate(chords) for row in play(bar, chord)),
        )
        for role, program, play in parts
    ]
    drums = Part(Role.DRUMS, 0, _notes(row for bar in range(len(NAMES)) for row in _drums(bar)))
    return tuple(chord for chord in chords for _ in range(BEATS)), (*played, drums)


def _notes(rows: Iterator[_Row]) -> Notes:
    return np.array(sorted(rows), np.float32).reshape(-1, 4)


def _tones(chord: Chord, lowest: int) -> list[int]:
    """Return root, third and fifth, each as low as it can be from a pitch on."""
    return [lowest + (chord.root + interval - lowest) % 12 for interval in chord.intervals[:3]]


def _bass(bar: int, chord: Chord) -> Iterator[_Row]:
    tones = _tones(chord, 33)
    for place, tone, length in _BASS_LINE[bar % 2]:
        yield BEATS * bar + place, length, tones[tone], 96 if place == 0.0 else 86


def _guitar(bar: int, chord: Chord) -> Iterator[_Row]:
    for place in (1.0, 3.0):
        for pitch in _tones(chord, 60):
            yield BEATS * bar + place, 0.2, pitch, 84


def _organ(bar: int, chord: Chord) -> Iterator[_Row]:
    for place in (0.5, 1.5, 2.5, 3.5):
        for pitch in _tones(chord, 55):
            yield BEATS * bar + place, 0.3, pitch, 58


def _drums(bar: int) -> Iterator[_Row]:
    start = float(BEATS * bar)
    yield start + 2.0, 0.2, 36, 104
    yield start + 2.0, 0.2, 37, 98
    for eighth in range(2 * BEATS):
        is_open = eighth == 7 and bar % 4 == 3
        yield start + eighth / 2.0, 0.2, 46 if is_open else 42, 74 if eighth % 2 == 0 else 54
