"""The instruments that are known by name, and prompts that speak of them.

Every instrument has General MIDI programs that sound like it, the range it is mostly heard in,
and the words it goes by. A **prompt** is a sentence from a template around these words; the text
encoder learns from such sentences only, so ``VOCABULARY`` is closed, and ``words_of`` says which
words of a sentence it does not know.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument.

    Attributes:
        name: What the user calls it.
        programs: General MIDI programs, counted from 0.
        low: Lowest pitch it is mostly heard at, as a MIDI note.
        high: Highest such pitch.
        synonyms: Other words for it.
    """

    name: str
    programs: tuple[int, ...]
    low: int
    high: int
    synonyms: tuple[str, ...] = ()


INSTRUMENTS = (
    Instrument("piano", (0, 1), 36, 96, ("grand piano", "acoustic piano")),
    Instrument("electric piano", (4, 5), 36, 91, ("e-piano", "rhodes")),
    Instrument("organ", (16, 19), 36, 91, ("church organ", "drawbar organ")),
    Instrument("acoustic guitar", (24, 25), 40, 79, ("nylon guitar", "steel guitar")),
    Instrument("electric guitar", (26, 27), 40, 84, ("clean guitar",)),
    Instrument("bass", (32, 33), 28, 60, ("bass guitar", "double bass")),
    Instrument("violin", (40,), 55, 96, ("fiddle",)),
    Instrument("cello", (42,), 36, 76, ("violoncello",)),
    Instrument("strings", (48, 49), 40, 88, ("string ensemble", "string section")),
    Instrument("harp", (46,), 36, 91),
    Instrument("trumpet", (56,), 54, 84),
    Instrument("horn", (60,), 41, 77, ("french horn",)),
    Instrument("saxophone", (65, 66), 46, 81, ("sax", "tenor sax", "alto sax")),
    Instrument("clarinet", (71,), 50, 86),
    Instrument("flute", (73,), 60, 96),
    Instrument("oboe", (68,), 58, 88),
    Instrument("choir", (52, 53), 43, 81, ("voice", "voices")),
    Instrument("synth lead", (80, 81), 48, 91, ("lead synth", "lead")),
    Instrument("synth pad", (88, 89), 43, 84, ("pad",)),
    Instrument("vibraphone", (11,), 53, 89, ("vibes", "mallets")),
)

NAMES = tuple(each.name for each in INSTRUMENTS)


class Texture(StrEnum):
    """How many notes sound at once."""

    LINE = "melody"
    CHORDS = "chords"
    ARPEGGIO = "arpeggio"


@dataclass(frozen=True, slots=True)
class Description:
    """What is said of a phrase.

    Attributes:
        instrument: A name of ``NAMES``.
        pace: ``"slow"``, ``"moderate"`` or ``"fast"``.
        mode: ``"major"`` or ``"minor"``.
        dynamics: ``"soft"``, ``"medium"`` or ``"loud"``.
        articulation: ``"legato"``, ``"plain"`` or ``"staccato"``.
    """

    instrument: str
    texture: Texture = Texture.LINE
    pace: str = "moderate"
    mode: str = "major"
    dynamics: str = "medium"
    articulation: str = "plain"


_TEMPLATES = (
    "{instrument}",
    "solo {instrument}",
    "a {instrument}",
    "solo {instrument} playing a {pace} {mode} {texture}",
    "{instrument} playing a {dynamics} {articulation} {texture}",
    "a {pace} {texture} in a {mode} key played by a {instrument}",
    "solo {instrument} playing {texture}, {pace}, {dynamics}, {articulation}, {mode} key, dry "
    "studio recording",
    "{dynamics} {instrument} recording, {articulation} {texture}",
)
FULL_TEMPLATE = 6

NEGATIVE_PROMPT = "low quality recording"


def prompt(description: Description, template: int = FULL_TEMPLATE, word: str = "") -> str:
    """Return a sentence that describes a phrase.

    Args:
        description: What to say.
        template: Which sentence, 0 to 7; the full one says everything.
        word: What to call the instrument; its name if empty.
    """
    return _TEMPLATES[template].format(
        instrument=word or description.instrument,
        texture=description.texture.value,
        pace=description.pace,
        mode=description.mode,
        dynamics=description.dynamics,
        articulation=description.articulation,
    )


def draw_prompt(description: Description, rng: np.random.Generator) -> str:
    """Return one of the sentences that describe a phrase, by one of the instrument's words."""
    instrument = INSTRUMENTS[NAMES.index(description.instrument)]
    words = (instrument.name, instrument.name, *instrument.synonyms)
    return prompt(
        description, int(rng.integers(len(_TEMPLATES))), words[int(rng.integers(len(words)))]
    )


def tokens_of(text: str) -> list[str]:
    """Return the words of a sentence, in lower case, without punctuation."""
    return re.findall(r"[a-z0-9-]+", text.lower())


def _all_words() -> tuple[str, ...]:
    words = set(tokens_of(" ".join(_TEMPLATES).replace("{", " ").replace("}", " ")))
    words |= set(tokens_of(NEGATIVE_PROMPT))
    for each in INSTRUMENTS:
        words |= set(tokens_of(" ".join((each.name, *each.synonyms))))
    for choices in (tuple(Texture), ("slow", "moderate", "fast"), ("major", "minor"),
                    ("soft", "medium", "loud"), ("legato", "plain", "staccato")):  # fmt: skip
        words |= set(choices)
    return tuple(sorted(words))


VOCABULARY = ("<pad>", "<unknown>", *_all_words())
_INDEX = {word: index for index, word in enumerate(VOCABULARY)}
MOST_WORDS = 24
"""Words of a sentence behind this many are not read."""


def indices_of(text: str) -> list[int]:
    """Return a sentence as ``MOST_WORDS`` indices into ``VOCABULARY``."""
    found = [_INDEX.get(word, 1) for word in tokens_of(text)[:MOST_WORDS]]
    return found + [0] * (MOST_WORDS - len(found))


def unknown_words(text: str) -> list[str]:
    """Return the words of a sentence that the text encoder has never read."""
    return [word for word in tokens_of(text) if word not in _INDEX]


def named_in(text: str) -> str:
    """Return the instrument that a sentence names, the longest name first; empty if none."""
    read = f" {' '.join(tokens_of(text))} "
    known = [(word, each.name) for each in INSTRUMENTS for word in (each.name, *each.synonyms)]
    for word, name in sorted(known, key=lambda pair: -len(pair[0])):
        if f" {word} " in read:
            return name
    return ""


def exchanged(text: str, target: str) -> str:
    """Return a sentence with another instrument in the place of the one it names.

    Raises:
        ValueError: If it names none.
    """
    source = named_in(text)
    if not source:
        raise ValueError(f"{text!r} names no instrument")
    instrument = INSTRUMENTS[NAMES.index(source)]
    words: Sequence[str] = sorted((source, *instrument.synonyms), key=len, reverse=True)
    pattern = "|".join(re.escape(word) for word in words)
    return re.sub(rf"\b(?:{pattern})\b", target, text, count=1, flags=re.IGNORECASE)
