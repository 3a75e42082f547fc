"""The notes of "Slack Water", a bossa nova in D with a middle part in F and six eight.

Places and lengths are in quarter notes from the start of the piece. A line is written as text,
``"r:.5 A4:.5 D5:1 | ..."``: a name (``r`` rests) and a length; every bar is counted.
"""

import re
from dataclasses import dataclass, replace

import numpy as np

INTRO, A, A2, B, RETURN, TAG, LAST, END = 0, 16, 48, 80, 104, 120, 132, 140
"""Where the parts begin; ``B`` is in 6/8, three quarters a bar, the others in 4/4."""

_SCALE = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


@dataclass(frozen=True, slots=True)
class Played:
    """A note as it is played; ``velocity`` 1 to 127."""

    start: float
    length: float
    pitch: int
    velocity: int


def pitch(name: str) -> int:
    """Return the MIDI pitch of a name such as ``F#4``; C4 is 60."""
    match = re.fullmatch(r"([A-G])([#b]?)(\d)", name)
    if match is None:
        raise ValueError(f"no note: {name!r}")
    letter, accidental, octave = match.groups()
    return 12 * int(octave) + 12 + _SCALE[letter] + {"#": 1, "b": -1, "": 0}[accidental]


def line(text: str, start: float, velocity: int, bar: float = 4.0) -> list[Played]:
    """Return the notes of a written line; each bar must hold ``bar`` quarters."""
    notes = []
    for number, written in enumerate(text.split("|")):
        place = start + number * bar
        for each in written.split():
            name, length = each.split(":")
            if name != "r":
                notes.append(Played(place, float(length), pitch(name), velocity))
            place += float(length)
        if place != start + (number + 1) * bar:
            raise ValueError(f"bar {number + 1} of {text!r} has {place - start - number * bar}")
    return notes


def phrased(notes: list[Played], rng: np.random.Generator, *, late: float = 0.0) -> list[Played]:
    """Return notes with accents on beats, weight on high and long ones, and a player's hand."""
    played = []
    for note in notes:
        weight = 5.0 * (note.start % 1.0 == 0.0) + 0.35 * (note.pitch - 69) + 3.0 * note.length
        velocity = round(note.velocity + weight + rng.normal(0.0, 3.0))
        start = max(0.0, note.start + late + rng.normal(0.0, 0.008))
        played.append(replace(note, start=start, velocity=min(max(velocity, 20), 120)))
    return played


GUITAR_A = line(
    "r:.5 A4:.5 D5:.5 E5:.5 F#5:1.5 E5:.5 | C#5:1 D5:.5 A4:1.5 r:1 |"
    "r:.5 B4:.5 D5:.5 E5:.5 F#5:1 A5:1 | G5:.5 F#5:.5 E5:1.5 C#5:.5 E5:1 |"
    "r:.5 C#5:.5 E5:.5 F#5:.5 A5:1.5 F#5:.5 | E5:.5 F#5:.5 D5:1 C#5:.5 B4:.5 r:1 |"
    "r:.5 B4:.5 D5:.5 E5:.5 G5:1 F#5:1 | E5:1 D5:.5 B4:.5 C#5:.5 A4:1.5",
    A,
    84,
)
GUITAR_A2 = line(
    "r:4 | r:3 F#4:.5 A4:.5 | B4:1.5 r:2.5 | r:3 Bb4:.5 D5:.5 |"
    "E5:1 C#5:.5 A4:1.5 r:1 | r:3 F#4:.5 A4:.5 | G4:2 r:2 | r:2 A4:.5 Bb4:.5 C#5:.5 E5:.5",
    A2,
    74,
)
GUITAR_B = line(
    "D5:1 F5:.5 A5:1.5 | G5:.5 F5:.5 E5:.5 C5:1.5 | Bb4:.5 D5:.5 F5:.5 A5:1 G5:.5 |"
    "G5:1 F5:.5 E5:1.5 | F5:1 G5:.5 A5:1 C6:.5 | A5:1.5 E5:1.5 |"
    "D5:.5 F5:.5 A5:.5 Bb5:1 A5:.5 | G5:.5 E5:.5 D5:.5 C#5:1.5",
    B,
    86,
    bar=3.0,
)
GUITAR_END = [
    *line(
        "r:.5 A4:.5 D5:.5 E5:.5 F#5:1.5 E5:.5 | C#5:1 D5:.5 A4:1.5 r:1 |"
        "r:.5 B4:.5 D5:.5 E5:.5 F#5:1 A5:1 | D5:.5 E5:.5 Bb4:1 A4:.5 G4:.5 r:1",
        RETURN,
        84,
    ),
    *line("r:2 D5:1.5 C#5:.5 | A4:1 F#4:3 | r:2 D5:1 F#5:1 | r:4", RETURN, 66),
    *line(
        "r:.5 A4:.5 D5:.5 E5:.5 F#5:1 A5:1 | B5:1 A5:.5 G5:.5 F#5:1 E5:1 | F#5:1 D5:1 Bb4:1 C#5:1",
        TAG,
        80,
    ),
    *(
        Played(LAST + 0.09 * index, 8.0 - 0.09 * index, pitch(name), 78 - 3 * index)
        for index, name in enumerate(("D3", "A3", "F#4", "B4", "D5"))
    ),
    Played(LAST + 3.0, 4.5, pitch("E5"), 58),
    Played(LAST + 4.0, 4.0, pitch("A5"), 52),
]

FLUTE = [
    *line(
        "r:.5 A4:.5 D5:.5 E5:.5 A5:1.5 F#5:.5 | E5:.5 F#5:.5 D5:1 C#5:1 r:1 |"
        "r:.5 D5:.5 F#5:.5 A5:.5 B5:1 D6:1 | D6:.5 Bb5:.5 A5:.5 G5:.5 E5:1 r:1 |"
        "r:.5 C#5:.5 E5:.5 F#5:.5 A5:1.5 E5:.5 | D#5:.5 F#5:.5 A5:.5 C6:.5 B5:1.5 r:.5 |"
        "r:.5 B4:.5 E5:.5 G5:.5 F#5:1 D5:1 | E5:1 F#5:.5 E5:.5 C#5:2",
        A2,
        80,
    ),
    *line("r:2 A5:2 | F#5:2.5 r:1.5 | r:2 B5:1 D6:1 | Bb5:1.5 A5:.5 G5:1 r:1", RETURN, 68),
    *line("r:2 D6:2 | r:1 E5:1 F#5:1 G5:1 | A5:2 G5:1 E5:1", TAG, 66),
    Played(LAST, 5.0, pitch("F#5"), 66),
]

_VOICINGS = {  # the right hand of the electric piano; the bass has the roots
    "Dmaj9": "F#3 A3 C#4 E4",
    "Bm9": "F#3 A3 C#4 D4",
    "Gmaj9": "F#3 A3 B3 D4",
    "A13sus": "G3 B3 D4 F#4",
    "A13": "G3 B3 C#4 F#4",
    "F#m7": "E3 A3 C#4 E4",
    "Em9": "F#3 G3 B3 D4",
    "A7b9": "G3 Bb3 C#4 E4",
    "Gm6": "G3 Bb3 D4 E4",
    "B7b9": "F#3 A3 C4 D#4",
    "Bbmaj9": "F3 A3 C4 D4",
    "F/A": "G3 A3 C4 E4",
    "Gm9": "F3 A3 Bb3 D4",
    "C9sus": "F3 Bb3 D4 G4",
    "C9": "E3 Bb3 D4 G4",
    "Am7": "E3 G3 C4 E4",
    "A7sus": "E3 G3 D4 E4",
    "D/F#": "A3 D4 E4 A4",
    "D69": "F#3 A3 B3 E4",
}
_STRINGS = {  # three voices that move as little as they can
    "Dmaj9": "A3 D4 F#4",
    "Bm9": "A3 D4 F#4",
    "Gmaj9": "B3 D4 F#4",
    "A13sus": "B3 D4 G4",
    "A13": "B3 C#4 G4",
    "F#m7": "A3 C#4 E4",
    "Em9": "B3 D4 F#4",
    "A7b9": "Bb3 C#4 G4",
    "Gm6": "Bb3 D4 E4",
    "B7b9": "A3 D#4 F#4",
    "Bbmaj9": "A3 D4 F4",
    "F/A": "A3 C4 E4",
    "Gm9": "Bb3 D4 F4",
    "C9sus": "Bb3 D4 G4",
    "C9": "Bb3 D4 E4",
    "Am7": "C4 E4 G4",
    "A7sus": "D4 E4 G4",
    "D/F#": "A3 D4 F#4",
    "D69": "D3 A3 D4 F#4 B4",
}
_ROOTS = {"Dmaj9": "D2", "D69": "D2", "D/F#": "F#2", "F/A": "A1", "Em9": "E2", "Bbmaj9": "Bb1"}


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord and where it sounds."""

    start: float
    length: float
    name: str

    def voices(self, voicings: dict[str, str]) -> list[int]:
        """Return the pitches in one of the tables."""
        return [pitch(name) for name in voicings[self.name].split()]

    @property
    def root(self) -> int:
        """The note of the bass."""
        letter = re.match(r"[A-G][#b]?", self.name)
        assert letter is not None
        low = {"C": "2"}.get(letter[0], "1")
        return pitch(_ROOTS.get(self.name, letter[0] + low))


def _chords(text: str, start: float, bar: float = 4.0) -> list[Chord]:
    chords = []
    for number, written in enumerate(text.split("|")):
        names = written.split()
        length = bar / len(names)
        for index, name in enumerate(names):
            chords.append(Chord(start + number * bar + index * length, length, name))
    return chords


CHORDS = [
    *_chords("Gmaj9 | F#m7 | Em9 | A13sus A7b9", INTRO),
    *_chords("Dmaj9 | Bm9 | Gmaj9 | A13sus A13 | F#m7 | Bm9 | Em9 | A13sus A7b9", A),
    *_chords("Dmaj9 | Bm9 | Gmaj9 | Gm6 | F#m7 | B7b9 | Em9 | A13sus A7b9", A2),
    *_chords("Bbmaj9 | F/A | Gm9 | C9sus C9 | Bbmaj9 | Am7 | Gm9 | A7sus A7b9", B, bar=3.0),
    *_chords("Dmaj9 | Bm9 | Gmaj9 | Gm6", RETURN),
    *_chords("D/F# | Em9 | A13sus A7b9", TAG),
    Chord(LAST, 8.0, "D69"),
]


def electric_piano(rng: np.random.Generator) -> list[Played]:
    """Return the chords: held in the intro and the middle, in rhythm in the bossa parts."""
    notes = []
    for chord in CHORDS:
        bar = int((chord.start - A) // 4)
        if chord.start < A or B <= chord.start < RETURN or chord.start >= TAG:
            hits = [(0.0, chord.length * 0.97, 62)]
        else:
            rhythm = ((0.0, 0.8, 66), (1.5, 0.9, 60), (3.0, 0.9, 63))
            if bar % 2:
                rhythm = ((0.0, 0.45, 60), (1.0, 0.9, 64), (2.5, 1.3, 62))
            inside = chord.start % 4.0
            hits = [
                (place - inside, length, velocity)
                for place, length, velocity in rhythm
                if inside <= place < inside + chord.length
            ]
        for place, length, velocity in hits:
            for index, each in enumerate(chord.voices(_VOICINGS)):
                rolled = 0.012 * index * (length > 1.5)
                top = 6 * (index == 3)
                start = max(0.0, chord.start + place + rolled + rng.normal(0.0, 0.006))
                loud = round(velocity + top + rng.normal(0.0, 4.0))
                notes.append(Played(start, length, each, loud))
    return notes


def strings(rng: np.random.Generator) -> list[Played]:
    """Return the pad, from the second half of A on; a voice that stays is held over."""
    notes: list[Played] = []
    for chord in CHORDS:
        if chord.start < A + 16:
            continue
        for each in chord.voices(_STRINGS):
            held = next(
                (n for n in notes if n.pitch == each and n.start + n.length == chord.start), None
            )
            if held is not None and held.length < 8.0:
                notes[notes.index(held)] = replace(held, length=held.length + chord.length)
            else:
                velocity = round(64 + rng.normal(0.0, 3.0))
                notes.append(Played(chord.start, chord.length, each, velocity))
    return notes


def bass(rng: np.random.Generator) -> list[Played]:
    """Return the bass: root and fifth of the bossa, walking into the next root."""
    notes = []
    for chord, following in zip(CHORDS, [*CHORDS[1:], CHORDS[-1]], strict=True):
        root, fifth = chord.root, chord.root + (7 if chord.root < 36 else -5)
        near = following.root + (1 if following.root < root else -1)
        if chord.start < 8.0:
            continue
        if chord.start >= TAG or chord.start < A:
            line_ = [(0.0, chord.length * 0.95, root, 78)]
        elif B <= chord.start < RETURN and chord.length == 3.0:
            line_ = [(0.0, 1.4, root, 84), (1.5, 0.9, fifth, 72), (2.5, 0.45, near, 66)]
        elif chord.length == 1.5:
            line_ = [(0.0, 0.95, root, 82), (1.0, 0.45, fifth, 68)]
        elif chord.length == 2.0:
            line_ = [(0.0, 1.45, root, 84), (1.5, 0.45, fifth, 70)]
        else:
            line_ = [
                (0.0, 1.4, root, 88),
                (1.5, 0.4, fifth, 70),
                (2.0, 1.4, fifth, 82),
                (3.5, 0.45, near, 70),
            ]
        for place, length, each, velocity in line_:
            start = chord.start + place + rng.normal(0.004, 0.005)
            notes.append(Played(start, length, each, round(velocity + rng.normal(0.0, 3.0))))
    return notes


def vibraphone(rng: np.random.Generator) -> list[Played]:
    """Return broken chords: over the intro, under the flute, six a bar in the middle, the end."""
    notes = []
    for chord in CHORDS:
        tones = [each + 12 for each in chord.voices(_VOICINGS)]
        tones += [tones[0] + 12, tones[1] + 12]
        if chord.start < A:
            steps, order, velocity = 0.5, (0, 2, 1, 3, 2, 4, 3, 1), 58
        elif A2 <= chord.start < B:
            steps, order, velocity = 0.5, (None, 3, None, 2, None, 4, None, 1), 50
        elif B <= chord.start < RETURN:
            steps, order, velocity = 0.5, (0, 1, 2, 3, 4, 2), 54
        elif TAG <= chord.start < LAST:
            steps, order, velocity = 0.5, (0, 1, 2, 3, 4, 3, 2, 1), 52
        elif chord.start == LAST:
            steps, order, velocity = 0.25, (0, 1, 2, 3, 4, 5), 50
        else:
            continue
        for index in range(min(round(chord.length / steps), 8 if chord.start < LAST else 6)):
            which = order[index % len(order)]
            if which is None:
                continue
            start = max(0.0, chord.start + index * steps + rng.normal(0.0, 0.006))
            accent = 5 * (index % 4 == 0)
            loud = round(velocity + accent + rng.normal(0.0, 4.0))
            notes.append(Played(start, max(steps, 0.9), tones[which], loud))
    return notes


_KICK, _STICK, _SNARE, _HAT, _OPEN, _CRASH, _RIDE = 36, 37, 38, 42, 46, 49, 51
_TOMS = (50, 47, 45, 43)
_SHAKER = 70


def drums(rng: np.random.Generator) -> list[Played]:
    """Return the kit: bossa clave on the stick, ride and shaker from A' on, six eight in B."""
    hits: list[tuple[float, int, int]] = []
    for place in np.arange(8.0, A, 0.5):
        hits.append((place, _SHAKER, 44 + 12 * (place % 1.0 == 0.5)))
    for start, end in ((A, A2), (A2, B), (RETURN, TAG)):
        for bar, place in enumerate(np.arange(start, end, 4.0)):
            hits += [
                (place + at, _KICK, loud) for at, loud in ((0, 84), (1.5, 62), (2, 78), (3.5, 60))
            ]
            clave = (0.0, 1.5, 3.0) if bar % 2 == 0 else (1.0, 2.5)
            hits += [(place + at, _STICK, 70) for at in clave]
            cymbal = _HAT if start == A else _RIDE
            hits += [(place + at, cymbal, 58 - 14 * (at % 1.0 > 0)) for at in np.arange(0, 4, 0.5)]
            if start != A:
                hits += [
                    (place + at + 0.02 * (at % 0.5 > 0), _SHAKER, 40 + 16 * (at % 1.0 == 0.5))
                    for at in np.arange(0, 4, 0.25)
                ]
    for place in np.arange(B, RETURN, 3.0):
        hits += [(place, _KICK, 74), (place + 1.5, _STICK, 66), (place + 2.5, _KICK, 56)]
        hits += [(place + at, _RIDE, 56 - 14 * (at % 1.5 > 0)) for at in np.arange(0, 3, 0.5)]
    hits += [(start, _CRASH, loud) for start, loud in ((A, 62), (A2, 76), (B, 58), (RETURN, 78))]
    hits += [(A2 - 0.75 + 0.25 * i, tom, 50 + 6 * i) for i, tom in enumerate(_TOMS[1:])]
    hits += [(B - 1.0 + 0.25 * i, tom, 48 + 6 * i) for i, tom in enumerate(_TOMS)]
    hits += [(RETURN - 1.5 + 0.5 * i, _SNARE, 58 + 10 * i) for i in range(3)]
    hits += [(place, _KICK, 70) for place in np.arange(TAG, LAST, 2.0)]
    hits += [(place, _RIDE, 50) for place in np.arange(TAG, LAST, 1.0)]
    hits += [(LAST, _KICK, 76), (LAST, _CRASH, 60)]
    return [
        Played(
            max(0.0, place + rng.normal(0.0, 0.004)),
            0.2,
            key,
            int(np.clip(round(loud + rng.normal(0.0, 4.0)), 20, 120)),
        )
        for place, key, loud in hits
    ]
