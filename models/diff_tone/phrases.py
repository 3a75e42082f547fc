"""Phrases drawn at random: melodies, chords of up to 5 voices, arpeggios; and their MIDI.

A phrase is a list of notes in seconds and knows what it is (``Description``), so that a prompt can
be written about it. The same phrase can be played by any instrument, which gives pairs to test on.
"""

from dataclasses import dataclass, replace

import numpy as np

from tonewright.dsp.midi.sequence import BEND, CONTROL, NOTE_OFF, NOTE_ON, PROGRAM
from tonewright.models.diff_tone.instruments import Description, Texture

SCALES = {
    "major": ((0, 2, 4, 5, 7, 9, 11), (0, 2, 4, 7, 9)),
    "minor": ((0, 2, 3, 5, 7, 8, 10), (0, 2, 3, 5, 7, 8, 11), (0, 3, 5, 7, 10)),
}
_CELLS = ((1.0,), (1.0,), (0.5, 0.5), (0.5, 0.5), (1.5, 0.5), (2.0,), (0.25,) * 4,
          (1 / 3,) * 3, (0.75, 0.25), (0.5, 0.25, 0.25), (3.0,))  # fmt: skip
_LENGTHS = {"legato": (0.97, 1.05), "plain": (0.75, 0.92), "staccato": (0.25, 0.5)}
_VELOCITIES = {"soft": (34, 58), "medium": (58, 90), "loud": (90, 120)}


@dataclass(frozen=True, slots=True)
class PhraseNote:
    """A note: start and length in seconds, pitch and velocity as in MIDI."""

    start_seconds: float
    length_seconds: float
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """Notes by start, and what is to be said of them; the instrument is left open (empty)."""

    notes: tuple[PhraseNote, ...]
    description: Description

    def moved(self, semitones: int) -> "Phrase":
        """Return the phrase at another pitch."""
        notes = tuple(replace(note, pitch=note.pitch + semitones) for note in self.notes)
        return replace(self, notes=notes)


def draw_phrase(
    rng: np.random.Generator, *, seconds: float, low: int, high: int, texture: Texture | None = None
) -> Phrase:
    """Return a random phrase.

    Args:
        rng: What draws it.
        seconds: All notes start before this.
        low: Lowest pitch, as a MIDI note.
        high: Highest pitch, at least 12 above ``low``.
        texture: Drawn too if None.
    """
    texture = texture or Texture(rng.choice(list(Texture), p=(0.55, 0.3, 0.15)))
    bpm = float(np.exp(rng.uniform(np.log(50.0), np.log(170.0))))
    mode = str(rng.choice(["major", "minor"]))
    scale = SCALES[mode][int(rng.integers(len(SCALES[mode])))]
    articulation = str(rng.choice(list(_LENGTHS), p=(0.4, 0.4, 0.2)))
    dynamics = str(rng.choice(list(_VELOCITIES)))
    root = int(rng.integers(12))
    ladder = [p for p in range(low, high + 1) if (p - root) % 12 in scale]
    beats = _rhythm(rng, seconds * bpm / 60.0, slow=texture is Texture.CHORDS)
    drawn = {
        Texture.LINE: _line,
        Texture.CHORDS: _chords,
        Texture.ARPEGGIO: _arpeggio,
    }[texture](rng, ladder, len(beats))
    softest, loudest = _VELOCITIES[dynamics]
    swell = rng.uniform(-1.0, 1.0)
    notes = []
    for (start, length), pitches in zip(beats, drawn, strict=True):
        share = rng.uniform(*_LENGTHS[articulation])
        place = 0.5 + 0.5 * swell * (2.0 * start / beats[-1][0] - 1.0 if beats[-1][0] else 0.0)
        for pitch in pitches:
            height = np.clip(0.7 * place + 0.3 * rng.random(), 0.0, 1.0)
            notes.append(
                PhraseNote(
                    start * 60.0 / bpm + abs(rng.normal(0.0, 0.006)),
                    max(0.06, share * length * 60.0 / bpm),
                    pitch,
                    round(softest + height * (loudest - softest)),
                )
            )
    pace = "slow" if bpm < 80 else "moderate" if bpm < 120 else "fast"
    return Phrase(
        tuple(sorted(notes, key=lambda note: note.start_seconds)),
        Description("", texture, pace, mode, dynamics, articulation),
    )


def _rhythm(rng: np.random.Generator, beats: float, *, slow: bool) -> list[tuple[float, float]]:
    """Return (start, length) of notes, in beats."""
    found: list[tuple[float, float]] = []
    position = 0.0
    while position < beats:
        cell = _CELLS[int(rng.integers(len(_CELLS)))]
        for length in cell:
            stretched = 2.0 * length if slow else length
            if position < beats and (rng.random() > 0.08 or not found):
                found.append((position, stretched))
            position += stretched
    return found


def _line(rng: np.random.Generator, ladder: list[int], count: int) -> list[list[int]]:
    """Return a melody: mostly steps, sometimes leaps, turned back at the ends of the range."""
    place = int(rng.integers(len(ladder)))
    found = []
    for _ in range(count):
        found.append([ladder[place]])
        leap = rng.random() < 0.2
        move = int(rng.integers(2, 6) if leap else rng.integers(0, 3)) * int(rng.choice([-1, 1]))
        place = place + move if 0 <= place + move < len(ladder) else place - move
        place = int(np.clip(place, 0, len(ladder) - 1))
    return found


def _chord(rng: np.random.Generator, ladder: list[int], voices: int) -> list[int]:
    """Return a chord of thirds over a step of the ladder, in some inversion, open or close."""
    spread = int(rng.integers(1, 3))
    reach = 2 * spread * (voices - 1) + 1
    place = int(rng.integers(max(1, len(ladder) - reach)))
    steps = [min(place + 2 * spread * voice, len(ladder) - 1) for voice in range(voices)]
    return sorted({ladder[step] for step in steps})


def _chords(rng: np.random.Generator, ladder: list[int], count: int) -> list[list[int]]:
    """Return chords of 2 to 5 voices, some of them repeated."""
    voices = int(rng.integers(2, 6))
    found: list[list[int]] = []
    for _ in range(count):
        again = found and rng.random() < 0.25
        found.append(found[-1] if again else _chord(rng, ladder, voices))
    return found


def _arpeggio(rng: np.random.Generator, ladder: list[int], count: int) -> list[list[int]]:
    """Return broken chords."""
    found: list[list[int]] = []
    while len(found) < count:
        chord = _chord(rng, ladder, int(rng.integers(3, 6)))
        order = chord if rng.random() < 0.6 else chord[::-1]
        found += [[pitch] for pitch in (*order, *order[-2:0:-1])]
    return found[:count]


def midi_of(
    phrase: Phrase, program: int, sample_rate: int, *, bend: int = 0x2000, vibrato: int = 0
) -> list[tuple[int, bytes]]:
    """Return the schedule that plays a phrase, as ``tonewright.dsp.midi.synth`` takes it.

    Args:
        phrase: What to play.
        program: General MIDI program, counted from 0.
        sample_rate: Of the schedule's positions.
        bend: Pitch bend for the whole of it, 0x2000 for none.
        vibrato: Depth of the modulation wheel, 0 to 127.
    """
    begin = [
        (0, bytes((PROGRAM, program))),
        (0, bytes((BEND, bend & 0x7F, bend >> 7))),
        (0, bytes((CONTROL, 1, vibrato))),
    ]
    played = []
    for note in phrase.notes:
        start = round(note.start_seconds * sample_rate)
        end = start + round(note.length_seconds * sample_rate)
        played.append((start, 1, bytes((NOTE_ON, note.pitch, note.velocity))))
        played.append((end, 0, bytes((NOTE_OFF, note.pitch, 0))))
    return begin + [(sample, data) for sample, _, data in sorted(played)]
