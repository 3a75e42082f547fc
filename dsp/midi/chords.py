"""Chords, and how they are named."""

from dataclasses import dataclass

PITCH_CLASSES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "M7": (0, 4, 7, 11),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "mM7": (0, 3, 7, 11),
    "m7b5": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
    "mb5": (0, 3, 6),
    "aug": (0, 4, 8),
    "aug7": (0, 4, 8, 10),
    "sus4": (0, 5, 7),
    "sus2": (0, 2, 7),
    "7sus": (0, 5, 7, 10),
    "9": (0, 2, 4, 7, 10),
    "m9": (0, 2, 3, 7, 10),
    "M9": (0, 2, 4, 7, 11),
    "7b9": (0, 1, 4, 7, 10),
    "7#9": (0, 3, 4, 7, 10),
    "7b5": (0, 4, 6, 10),
    "13": (0, 2, 4, 7, 9, 10),
}
"""Semitones above the root, by the names that lead sheets use."""

_ALSO_WRITTEN = {
    **dict.fromkeys(("maj", "M"), ""),
    **dict.fromkeys(("min", "-"), "m"),
    **dict.fromkeys(("min7", "-7"), "m7"),
    **dict.fromkeys(("maj7", "Maj7", "ma7"), "M7"),
    **dict.fromkeys(("mmaj7", "m(maj7)", "mMaj7"), "mM7"),
    **dict.fromkeys(("min6", "-6"), "m6"),
    **dict.fromkeys(("min7b5", "-7b5", "ø", "ø7"), "m7b5"),
    **dict.fromkeys(("dim", "°", "o"), "mb5"),
    **dict.fromkeys(("°7", "o7"), "dim7"),
    **dict.fromkeys(("+",), "aug"),
    **dict.fromkeys(("+7", "7#5"), "aug7"),
    **dict.fromkeys(("sus",), "sus4"),
    **dict.fromkeys(("7sus4",), "7sus"),
    **dict.fromkeys(("min9", "-9"), "m9"),
    **dict.fromkeys(("maj9", "Maj9", "ma9"), "M9"),
}


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord.

    Attributes:
        root: Pitch class, 0 (C) to 11.
        quality: One of ``QUALITIES``.
        bass: Pitch class of the lowest note.
    """

    root: int
    quality: str = ""
    bass: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.root < 12 or self.quality not in QUALITIES:
            raise ValueError(f"no chord: root {self.root}, quality {self.quality!r}")
        if self.bass is None:
            object.__setattr__(self, "bass", self.root)

    @property
    def name(self) -> str:
        """As on a lead sheet: ``Cm7``, ``G/B``."""
        slash = "" if self.bass == self.root else f"/{PITCH_CLASSES[self.bass or 0]}"
        return f"{PITCH_CLASSES[self.root]}{self.quality}{slash}"

    @property
    def intervals(self) -> tuple[int, ...]:
        """Semitones of its tones above the root."""
        return QUALITIES[self.quality]

    @property
    def pitch_classes(self) -> frozenset[int]:
        """Its tones, the bass too."""
        tones = {(self.root + interval) % 12 for interval in self.intervals}
        return frozenset(tones | {self.root if self.bass is None else self.bass})

    def transposed(self, semitones: int) -> "Chord":
        """Return the chord moved up."""
        bass = self.root if self.bass is None else self.bass
        return Chord((self.root + semitones) % 12, self.quality, (bass + semitones) % 12)


def parse_chord(name: str) -> Chord:
    """Return the chord of a name, as lead sheets write it; ValueError if it is none."""
    head, _, bass = name.strip().partition("/")
    length = 2 if head[1:2] in ("b", "#") else 1
    root, quality = _pitch_class(head[:length], name), head[length:]
    quality = _ALSO_WRITTEN.get(quality, quality)
    if quality not in QUALITIES:
        raise _no_chord(name)
    return Chord(root, quality, _pitch_class(bass, name) if bass else None)


def _pitch_class(text: str, name: str) -> int:
    naturals = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
    accidentals = {"": 0, "b": -1, "#": 1}
    try:
        return (naturals[text[:1]] + accidentals[text[1:]]) % 12
    except KeyError:
        raise _no_chord(name) from None


def _no_chord(name: str) -> ValueError:
    return ValueError(f"{name!r} is no chord; write it like Cm7, F#7 or G/B")
