"""What ``diff_tone.py`` edits: phrases that one instrument plays and another should."""

from dataclasses import dataclass

import numpy as np
from diff_tone_measures import (
    Mono,
    Transcriber,
    chroma_similarity,
    note_f1,
    onset_f1,
    spectral_distance_db,
    true_peak_db,
)

from tonewright.models.diff_tone.corpus import FONT_FOLDER, FONTS, Player, Split, phrase_for
from tonewright.models.diff_tone.denoiser import WINDOW_FRAMES
from tonewright.models.diff_tone.features import HOP_SAMPLES, SAMPLE_RATE
from tonewright.models.diff_tone.instruments import INSTRUMENTS
from tonewright.models.diff_tone.phrases import Phrase, PhraseNote

LENGTH_SAMPLES = (WINDOW_FRAMES - 1) * HOP_SAMPLES


@dataclass(frozen=True, slots=True)
class Case:
    """A phrase that one instrument played and another should.

    Attributes:
        phrase: What is played.
        source: Who plays it.
        target: Who should.
        audio: The source, mono.
        truth: The target, mono; None, as is the phrase, for clips that the model made.
    """

    phrase: Phrase | None
    source: str
    target: str
    audio: Mono
    truth: Mono | None

    @property
    def notes(self) -> list[PhraseNote]:
        """The notes that sound for at least 0.1 s."""
        last = LENGTH_SAMPLES / SAMPLE_RATE - 0.1
        notes = self.phrase.notes if self.phrase else ()
        return [note for note in notes if note.start_seconds < last]

    def measured(self, audio: Mono, transcriber: Transcriber) -> dict[str, object]:
        """Return what is measured of an output beside who is heard."""
        found: dict[str, object] = {
            "texture": self.phrase.description.texture.value if self.phrase else None,
            "source": self.source,
            "target": self.target,
            "chroma": chroma_similarity(audio, self.audio),
            "peak_db": true_peak_db(audio),
        }
        if self.phrase and self.truth is not None:
            found |= {
                "onset_f1": onset_f1(audio, self.notes),
                "note_f1": note_f1(transcriber.notes(audio), self.notes),
                "distance_db": spectral_distance_db(audio, self.truth),
            }
        return found


def played(player: Player, phrase: Phrase, program: int) -> Mono:
    """Return the first 3 s of a phrase."""
    return player.play(phrase, program)[0, :LENGTH_SAMPLES]


def draw_cases(split: Split, count: int) -> list[Case]:
    """Return cases: every instrument a source and a target as often as others."""
    cases = []
    with Player(FONT_FOLDER / FONTS[split][0]) as player:
        for number in range(count):
            rng = np.random.default_rng((2_026, list(Split).index(split), number))
            lap, first = divmod(number, len(INSTRUMENTS))
            source = INSTRUMENTS[first]
            target = INSTRUMENTS[(first + 1 + 7 * lap % 19) % len(INSTRUMENTS)]
            phrase = phrase_for(rng, (source, target)[int(rng.integers(2))])
            cases.append(
                Case(
                    phrase,
                    source.name,
                    target.name,
                    played(player, phrase, int(rng.choice(source.programs))),
                    played(player, phrase, target.programs[0]),
                )
            )
    return cases
