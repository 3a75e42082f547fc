"""Roles: what a part does in an arrangement."""

from enum import StrEnum


class Role(StrEnum):
    """What a part does."""

    MELODY = "melody"
    BASS = "bass"
    CHORDS = "chords"
    PAD = "pad"
    ARPEGGIO = "arpeggio"
    DRUMS = "drums"


ACCOMPANIMENT = (Role.BASS, Role.CHORDS, Role.PAD, Role.ARPEGGIO, Role.DRUMS)
"""The roles that a style has parts for."""
