"""What ``diff_tone.py`` compares with: simple ways, and the truth through simpler renderings."""

from functools import lru_cache

import numpy as np
import torch
from diff_tone_cases import LENGTH_SAMPLES, Case, played
from diff_tone_measures import Mono
from torch import Tensor

from tonewright.models.diff_tone.corpus import FONT_FOLDER, FONTS, Player, Split, phrase_for
from tonewright.models.diff_tone.embedded import Embedded
from tonewright.models.diff_tone.features import audio_of, band_power, bands, level_of, spectrum_of
from tonewright.models.diff_tone.instruments import INSTRUMENTS, NAMES
from tonewright.models.diff_tone.phrases import Phrase, PhraseNote

MOST_GAIN_DB = 30.0


@lru_cache(maxsize=1)
def mean_spectra() -> Tensor:
    """Return what every instrument sounds like on average, ``(len(NAMES), BANDS)``, in dB.

    It is the mean power, relative to the level, of four phrases on the font of the training.
    """
    found = torch.zeros(len(NAMES), len(bands()))
    with Player(FONT_FOLDER / FONTS[Split.TRAIN][0]) as player:
        for number, instrument in enumerate(INSTRUMENTS):
            rng = np.random.default_rng((8, number))
            for _ in range(4):
                audio = played(player, phrase_for(rng, instrument), instrument.programs[0])
                channels = torch.from_numpy(audio[None])
                power = band_power(spectrum_of(channels)) / level_of(channels).square()
                found[number] += power[0].mean(dim=1) / 4.0
    return 10.0 * torch.log10(found + 1e-8)


def envelope_matched(case: Case) -> Mono:
    """Return the source under a fixed equaliser that gives it the target's mean spectrum."""
    channels = torch.from_numpy(case.audio[None])
    power = band_power(spectrum_of(channels))[0].mean(dim=1) / level_of(channels)[0, 0].square()
    gain_db = mean_spectra()[NAMES.index(case.target)] - 10.0 * torch.log10(power + 1e-8)
    return _equalised(case, gain_db.clamp(-MOST_GAIN_DB, MOST_GAIN_DB)[:, None])


def gained(case: Case) -> Mono:
    """Return the source with, in every band and frame, the power of the truth."""
    power = [
        band_power(spectrum_of(torch.from_numpy(audio[None])))[0]
        for audio in (case.truth, case.audio)
    ]
    ratio = power[0] / power[1].clamp(min=1e-12)
    gain_db = 10.0 * torch.log10(ratio.clamp(min=1e-12))
    return _equalised(case, gain_db.clamp(max=MOST_GAIN_DB))


def without_phase(case: Case, backend: Embedded) -> Mono:
    """Return the truth's bands rendered from a random phase and a smooth spectrum: Griffin-Lim."""
    return backend.decode(backend.encode(case.truth[None]), LENGTH_SAMPLES)[0]


def resynthesised(case: Case, notes: list[PhraseNote], player: Player) -> Mono:
    """Return what was transcribed, played by the target on a font that trained."""
    program = INSTRUMENTS[NAMES.index(case.target)].programs[0]
    return played(player, Phrase(tuple(notes), case.phrase.description), program)


def _equalised(case: Case, gain_db: Tensor) -> Mono:
    """Return the source with gains, ``(BANDS, frames or 1)``, at its own level."""
    channels = torch.from_numpy(case.audio[None])
    spread = bands().T / bands().sum(dim=0)[:, None].clamp(min=1e-9)
    made = audio_of(spectrum_of(channels) * 10.0 ** (spread @ gain_db / 20.0), LENGTH_SAMPLES)
    return np.asarray((made * (level_of(channels) / level_of(made))[0])[0])
