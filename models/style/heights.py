"""Where new chords lie: below the tune, if the song's own did.

A style's example may play higher than a song's tune, which then is hard to hear. Whole parts are
moved by octaves, so that what they play stays what it is.
"""

from collections.abc import Sequence

import numpy as np

from tonewright.dsp.midi.analysis import Voice
from tonewright.dsp.midi.roles import Role
from tonewright.models.style.encoding import Floats

TOP_PERCENT = 75
"""A part hides the tune if fewer of its notes than these lie below it."""

LOWEST_MEAN_PITCH = 52.0
"""No part is moved so far that it lies lower on average: chords there are mud."""

_ABOVE_BASS = (Role.CHORDS, Role.PAD, Role.ARPEGGIO)


def tune_height(voices: Sequence[Voice]) -> float | None:
    """Return the mean pitch of a song's tune; None if it has none above its chords."""
    tune = _mean_pitch(voices, (Role.MELODY,))
    chords = _mean_pitch(voices, _ABOVE_BASS)
    if tune is None or (chords is not None and chords >= tune):
        return None
    return tune


def below(rows: Floats, role: Role, tune: float | None) -> Floats:
    """Return a part's notes, by octaves lower if its upper ones lie above the tune.

    Args:
        rows: Start and length in quarters, pitch and velocity.
        role: Who plays them; basses and drums stay.
        tune: From ``tune_height``.
    """
    if tune is None or role not in _ABOVE_BASS or not len(rows):
        return rows
    mean = float(rows[:, 2].mean())
    top = float(np.percentile(rows[:, 2], TOP_PERCENT))
    octaves = int(np.ceil(max(0.0, top - tune) / 12.0))
    while octaves and mean - 12.0 * octaves < LOWEST_MEAN_PITCH:
        octaves -= 1
    moved = rows.copy()
    moved[:, 2] -= 12.0 * octaves
    return moved


def _mean_pitch(voices: Sequence[Voice], roles: Sequence[Role]) -> float | None:
    pitches = [note.pitch for each in voices if each.role in roles for note in each.notes]
    return float(np.mean(pitches)) if pitches else None
