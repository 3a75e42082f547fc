"""Chord charts made by chance, with functional harmony.

A chart is a form (``AABA`` and its like) of sections of eight bars. A section is a walk over
functions, tonic to subdominant to dominant, that ends in a cadence; each function is played by
one of its chords, which may be coloured (sevenths, ninths, alterations), approached by its own
dominant, or put over another bass. Modal sections stay on few chords; a blues has its own form.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from tonewright.dsp.midi.bars import SECTION_BARS
from tonewright.dsp.midi.chords import QUALITIES, Chord

Degree = tuple[int, str]
"""Semitones above the tonic, quality."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Chords by the beat.

    Attributes:
        beats: Quarter notes a bar.
        chords: One for each beat.
        tempo_bpm: Of its quarter notes.
    """

    beats: int
    chords: tuple[Chord, ...]
    tempo_bpm: int

    @property
    def bars(self) -> int:
        """How many bars it has."""
        return len(self.chords) // self.beats

    def bar(self, number: int) -> tuple[Chord, ...]:
        """Return the chords of a bar's beats, counted from 0."""
        return self.chords[number * self.beats : (number + 1) * self.beats]


_MAJOR: Mapping[str, Sequence[Degree]] = {
    "T": ((0, ""), (0, ""), (9, "m"), (4, "m")),
    "S": ((5, ""), (2, "m"), (5, ""), (5, "m")),
    "D": ((7, "7"), (7, ""), (7, "7"), (11, "mb5")),
    "X": ((10, ""), (8, ""), (3, ""), (1, "")),
}
_MINOR: Mapping[str, Sequence[Degree]] = {
    "T": ((0, "m"), (0, "m"), (8, ""), (3, "")),
    "S": ((5, "m"), (2, "m7b5"), (8, ""), (5, "m")),
    "D": ((7, "7"), (7, "7"), (10, ""), (11, "dim7")),
    "X": ((10, ""), (1, ""), (5, ""), (2, "")),
}
_NEXT = {"T": "SSDTX", "S": "DDTSX", "D": "TTTS", "X": "SDT"}

_MODAL: Sequence[Sequence[Degree]] = (
    ((0, "m7"), (5, "7")),
    ((0, "m7"), (2, "m7")),
    ((0, "7"), (10, "")),
    ((0, ""), (10, ""), (5, "")),
    ((0, "M7"), (2, "7")),
    ((0, "m"), (1, "M7")),
    ((0, "m"), (10, ""), (8, ""), (7, "")),
)

_BLUES: Sequence[Degree] = (
    (0, "7"), (5, "7"), (0, "7"), (0, "7"), (5, "7"), (5, "7"),
    (0, "7"), (9, "7"), (2, "m7"), (7, "7"), (0, "7"), (7, "7"),
)  # fmt: skip

_COLOURS: Mapping[str, Sequence[str]] = {
    "": ("M7", "6", "M9", "sus2", "sus4", ""),
    "m": ("m7", "m9", "m6", "mM7", "m7", "m"),
    "7": ("9", "13", "7b9", "7#9", "7sus", "aug7", "7b5", "7"),
    "m7": ("m9", "m7"),
    "mb5": ("m7b5", "dim7"),
}


def sample_chart(random: Random, beats: int, sections: int = 4) -> Chart:
    """Return a chart.

    Args:
        random: Where chance comes from.
        beats: Quarter notes a bar, 3 or 4.
        sections: How many there are, of eight bars each; some are played again.
    """
    key = random.randrange(12)
    colour = random.choice((0.0, 0.15, 0.5, 0.9))
    different = [_section(random, beats, colour) for _ in range(max(2, sections - 1))]
    form = [0, *(random.randrange(len(different)) for _ in range(sections - 1))]
    chords = [chord.transposed(key) for index in form for chord in different[index]]
    return Chart(beats, tuple(chords), random.choice((80, 100, 120, 140, 180)))


def _section(random: Random, beats: int, colour: float) -> list[Chord]:
    kind = random.random()
    if kind < 0.12:
        start = random.choice((0, 4))
        bars = [[each] for each in _BLUES[start : start + SECTION_BARS]]
    elif kind < 0.27:
        loop = random.choice(_MODAL)
        hold = random.choice((1, 2))
        bars = [[loop[bar // hold % len(loop)]] for bar in range(SECTION_BARS)]
    else:
        bars = _functional(random, random.choice((_MAJOR, _MAJOR, _MINOR)), beats)
    return [chord for bar in bars for chord in _bar(random, bar, beats, colour)]


def _functional(
    random: Random, key: Mapping[str, Sequence[Degree]], beats: int
) -> list[list[Degree]]:
    many = random.choices((1, 2, beats), (0.62, 0.32, 0.06), k=SECTION_BARS)
    function = "T" if random.random() < 0.8 else random.choice("SDX")
    bars: list[list[Degree]] = []
    for bar, count in enumerate(many):
        degrees: list[Degree] = []
        for _ in range(count):
            if bar == SECTION_BARS - 1:
                function = random.choice("TTD") if not degrees else "D"
            degrees.append(random.choice(key[function]))
            function = random.choice(_NEXT[function])
        bars.append(degrees)
    return bars


def _bar(random: Random, degrees: Sequence[Degree], beats: int, colour: float) -> list[Chord]:
    """Return the chords of a bar's beats, coloured."""
    played = [_coloured(random, each, colour) for each in degrees]
    if len(played) == 1 and random.random() < 0.08 * (1.0 + colour):
        # The chord comes late, behind its own dominant.
        played.insert(0, Chord((played[0].root + 7) % 12, "7"))
    if len(played) == 1:
        return played * beats
    if len(played) == 2:
        first = (beats + 1) // 2 if random.random() < 0.85 else beats - 1
        return [played[0]] * first + [played[1]] * (beats - first)
    return played[:beats]


def _coloured(random: Random, degree: Degree, colour: float) -> Chord:
    root, quality = degree
    if random.random() < colour:
        quality = random.choice(_COLOURS.get(quality, (quality,)))
    bass = root
    if random.random() < 0.07:
        bass = root + random.choice(QUALITIES[quality][1:3])
    return Chord(root % 12, quality, bass % 12)
