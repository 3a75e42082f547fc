"""How well a translation keeps the content and meets the style.

Notes are rows of start and length in quarter notes, pitch and velocity. The measures are those of
S. Cífka, U. Şimşekli and G. Richard (ISMIR 2019) and of Groove2Groove (TASLP 2020):

* **Content**: chroma at 12 frames a quarter, averaged over 2 quarters every quarter, the first time
  where only the first quarter is in the window; cosine of the two pieces window by window, mean
  over windows where at least one sounds. Velocities do not count. Of basses it is measured against
  the song's bass.
* **Style fit**: cosine between histograms. ``time_pitch`` counts pairs of notes by the time and
  the interval between them, ``onset_duration`` and ``onset_velocity`` notes by their place in four
  quarters and what they are, ``onset_drum`` drum hits by place and drum. Places are
  sixths of a quarter, with edges that no sixteenth and no triplet lies on.
* **Chord tones**: the share of sounding time that belongs to the chord.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tonewright.dsp.midi.chords import Chord

Notes = npt.NDArray[np.float32]
Histogram = npt.NDArray[np.float64]

_FRAMES = 12
_WINDOW = 24
_SIXTHS = 6
_BAR = 24
_INTERVALS = 20
_DURATIONS = 12
_LOUDNESSES = 8


def content(output: Notes, source: Notes) -> float:
    """Return how alike the harmony of two pieces is, 0 to 1."""
    end = max([1.0, *(float((n[:, 0] + n[:, 1]).max()) for n in (output, source) if len(n))])
    a, b = (_chroma(notes, int(np.ceil(end))) for notes in (output, source))
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    cosine = (a * b).sum(axis=1) / np.maximum(norms, 1e-9)
    sounding = (a.sum(axis=1) > 0.0) | (b.sum(axis=1) > 0.0)
    return float(cosine[sounding].sum() / max(1, sounding.sum()))


def _chroma(notes: Notes, quarters: int) -> Histogram:
    before = _WINDOW - _FRAMES
    frames = np.zeros((before + quarters * _FRAMES + _FRAMES, 12))
    for start, length, pitch, _ in notes.tolist():
        first = before + max(0, round(start * _FRAMES))
        end = before + round((start + length) * _FRAMES)
        frames[first : max(first + 1, end), int(pitch) % 12] += 1.0
    total = np.concatenate((np.zeros((1, 12)), frames.cumsum(axis=0)))
    starts = np.arange(quarters + 1) * _FRAMES
    return np.asarray((total[starts + _WINDOW] - total[starts]) / _WINDOW)


def time_pitch(notes: Notes) -> Histogram:
    """Return counts of ordered pairs less than 4 quarters apart, ``(24, 41)``."""
    result = np.zeros((_BAR, 2 * _INTERVALS + 1))
    order = np.argsort(notes[:, 0], kind="stable")
    places = _places(notes[order, 0])
    pitches = notes[order, 2].astype(np.int64)
    for shift in range(1, len(places)):
        times = places[shift:] - places[:-shift]
        near = times < _BAR
        if not near.any():
            break
        intervals = pitches[shift:] - pitches[:-shift]
        near &= np.abs(intervals) <= _INTERVALS
        np.add.at(result, (times[near], intervals[near] + _INTERVALS), 1.0)
        # Both orders count for notes that begin together.
        both = near & (times == 0)
        np.add.at(result, (times[both], _INTERVALS - intervals[both]), 1.0)
    return result


def onset_duration(notes: Notes) -> Histogram:
    """Return counts by place in four quarters and duration up to 2, ``(24, 12)``."""
    durations = np.clip(np.round(notes[:, 1] * _SIXTHS).astype(np.int64) - 1, 0, _DURATIONS - 1)
    return _counted(notes, durations, _DURATIONS)


def onset_velocity(notes: Notes) -> Histogram:
    """Return counts by place in four quarters and velocity, ``(24, 8)``."""
    return _counted(notes, notes[:, 3].astype(np.int64) // 16, _LOUDNESSES)


def onset_drum(notes: Notes) -> Histogram:
    """Return counts by place in four quarters and drum, ``(24, 128)``."""
    return _counted(notes, notes[:, 2].astype(np.int64), 128)


def _places(quarters: Notes) -> npt.NDArray[np.int64]:
    """Return sixths of a quarter; a note up to a 24th of a quarter early is still in its own."""
    return np.floor((quarters + 1.0 / 24.0) * _SIXTHS).astype(np.int64)


def _counted(notes: Notes, kinds: npt.NDArray[np.int64], size: int) -> Histogram:
    result = np.zeros((_BAR, size))
    places = _places(notes[:, 0]) % _BAR
    np.add.at(result, (places, kinds), 1.0)
    return result


def fit(first: Histogram, second: Histogram) -> float:
    """Return the cosine of two histograms; 0 if one is empty."""
    norm = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float((first * second).sum() / norm) if norm else 0.0


def chord_tone_share(notes: Notes, beats: Sequence[Chord]) -> float:
    """Return the share of sounding time in the chord; one chord for each quarter note."""
    inside = whole = 0.0
    for start, length, pitch, _ in notes.tolist():
        position, end = start, min(start + length, float(len(beats)))
        while position < end - 1e-6:
            beat = int(position + 1e-6)
            following = min(end, beat + 1.0)
            whole += following - position
            if int(pitch) % 12 in beats[beat].pitch_classes:
                inside += following - position
            position = following
    return inside / whole if whole else 0.0


def faults(notes: Notes) -> int:
    """Return how many notes MIDI could not hold, or that are struck again while they sound."""
    wrong = (notes[:, 2] < 0) | (notes[:, 2] > 127) | (notes[:, 3] < 1) | (notes[:, 3] > 127)
    wrong |= notes[:, 1] <= 0.0
    count = int(wrong.sum())
    for pitch in np.unique(notes[:, 2]):
        same = notes[notes[:, 2] == pitch]
        same = same[np.argsort(same[:, 0], kind="stable")]
        count += int((same[1:, 0] < same[:-1, 0] + same[:-1, 1] - 1e-3).sum())
    return count
