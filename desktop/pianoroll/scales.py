"""Names of pitches and scales, pitches as MIDI keys (60 is C4)."""

NAMES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")

SCALES = {
    "Chromatic": frozenset(range(12)),
    "Major": frozenset((0, 2, 4, 5, 7, 9, 11)),
    "Minor": frozenset((0, 2, 3, 5, 7, 8, 10)),
    "Harmonic minor": frozenset((0, 2, 3, 5, 7, 8, 11)),
    "Melodic minor": frozenset((0, 2, 3, 5, 7, 9, 11)),
    "Dorian": frozenset((0, 2, 3, 5, 7, 9, 10)),
    "Phrygian": frozenset((0, 1, 3, 5, 7, 8, 10)),
    "Lydian": frozenset((0, 2, 4, 6, 7, 9, 11)),
    "Mixolydian": frozenset((0, 2, 4, 5, 7, 9, 10)),
    "Major pentatonic": frozenset((0, 2, 4, 7, 9)),
    "Minor pentatonic": frozenset((0, 3, 5, 7, 10)),
    "Blues": frozenset((0, 3, 5, 6, 7, 10)),
}
"""Semitones above the root."""

BLACK = frozenset((1, 3, 6, 8, 10))
"""Pitch classes of the black keys."""


def pitch_name(pitch: int) -> str:
    """Return the name of a pitch, e.g. ``"C4"`` for 60."""
    return f"{NAMES[pitch % 12]}{pitch // 12 - 1}"


def in_scale(pitch: int, root: int, scale: str) -> bool:
    """Tell whether a pitch belongs to one of ``SCALES`` on a root, 0 (C) to 11 (B)."""
    return (pitch - root) % 12 in SCALES[scale]
