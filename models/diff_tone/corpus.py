"""Phrases played by every instrument of several SoundFonts, as what the networks see.

The sound is made by script and never part of Tonewright. The SoundFonts are Debian packages::

    apt-get install --no-install-recommends libfluidsynth3 fluid-soundfont-gm timgm6mb-soundfont \
        musescore-general-soundfont-small

FluidR3 and TimGM6mb train; MuseScore General is heard in tests only, and so are the phrases of the
test split, which are drawn from seeds of their own. A **clip** is one phrase played once: a program
of an instrument, a detuning up to 30 cents, vibrato at times, a small room at times. Clips come in
**pairs**, 2n and 2n + 1: the same phrase at the same tuning by two instruments, so that the
content can be heard from somebody else. A clip is stored as bytes: a frame has ``BANDS`` levels, in
steps of half a dB above ``FLOOR_DB``, and its content.
Clip n of a split is always the same; a store that is to have more clips is added to::

    python -m tonewright.models.diff_tone.corpus --data FOLDER --clips 8000
"""

import argparse
import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.midi.sequence import CONTROL
from tonewright.dsp.midi.synth import GRID_SAMPLES, Synth
from tonewright.dsp.project.atomic import replacing
from tonewright.models.diff_tone.features import (
    BANDS,
    CONTENT,
    FLOOR_DB,
    HOP_SAMPLES,
    MEAN_DB,
    SAMPLE_RATE,
    SCALE_DB,
    band_power,
    content_of,
    level_of,
    mel_of,
    spectrum_of,
)
from tonewright.models.diff_tone.instruments import INSTRUMENTS, Description, Instrument, Texture
from tonewright.models.diff_tone.phrases import Phrase, draw_phrase, midi_of

LOGGER = logging.getLogger(__name__)

CLIP_FRAMES = 1_024
CLIP_SAMPLES = (CLIP_FRAMES - 1) * HOP_SAMPLES
PART_CLIPS = 250
DEVELOPMENT_CLIPS = TEST_CLIPS = 250
STEP_DB = 0.5
WIDE_SHARE = 0.25
"""Share of phrases that go beyond the instrument's usual range, as edits of others' phrases do."""

LOWEST, HIGHEST = 33, 98
"""Range of phrases that go beyond, as MIDI notes."""


class Split(StrEnum):
    """What a clip may be used for."""

    TRAIN = "train"
    DEVELOPMENT = "development"  # same fonts, other phrases: to choose a checkpoint
    TEST = "test"  # another font and other phrases: to report


FONTS = {
    Split.TRAIN: ("sf2/FluidR3_GM.sf2", "sf2/TimGM6mb.sf2"),
    Split.DEVELOPMENT: ("sf2/FluidR3_GM.sf2", "sf2/TimGM6mb.sf2"),
    Split.TEST: ("sf3/MuseScore_General_Lite.sf3",),
}
FONT_FOLDER = Path("/usr/share/sounds")
PACKAGES = {
    "FluidR3_GM.sf2": "fluid-soundfont-gm",
    "TimGM6mb.sf2": "timgm6mb-soundfont",
    "MuseScore_General_Lite.sf3": "musescore-general-soundfont-small",
}


def font_paths(split: Split) -> list[Path]:
    """Return the SoundFonts of a split.

    Raises:
        FileNotFoundError: If one is not installed.
    """
    paths = [FONT_FOLDER / name for name in FONTS[split]]
    for path in paths:
        if not path.is_file():
            raise FileNotFoundError(f"{path}: install the package {PACKAGES[path.name]}")
    return paths


class Player:
    """Plays phrases on one SoundFont; a context manager, as the synth inside it."""

    def __init__(self, font: Path) -> None:
        self._synth = Synth(font, SAMPLE_RATE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._synth.close()

    def play(self, phrase: Phrase, program: int, *, bend: int = 0x2000, vibrato: int = 0) -> Audio:
        """Return a phrase as audio of ``CLIP_SAMPLES``, mono, shape ``(1, samples)``."""
        # All sound off, all controllers off: the phrase before is forgotten.
        for control in (120, 121):
            self._synth.send(bytes((CONTROL, control, 0)))
        self._synth.render(GRID_SAMPLES)
        pieces, position = [], 0
        for sample, message in midi_of(phrase, program, SAMPLE_RATE, bend=bend, vibrato=vibrato):
            at = min(sample, CLIP_SAMPLES) // GRID_SAMPLES * GRID_SAMPLES
            if at > position:
                pieces.append(self._synth.render(at - position))
                position = at
            self._synth.send(message)
        pieces.append(self._synth.render(CLIP_SAMPLES - position))
        return np.concatenate(pieces, axis=1)[:, :CLIP_SAMPLES].mean(axis=0, keepdims=True)


def phrase_for(
    rng: np.random.Generator, instrument: Instrument, texture: Texture | None = None
) -> Phrase:
    """Return a random phrase in or near the range of an instrument."""
    if rng.random() < WIDE_SHARE:
        low = int(rng.integers(LOWEST, HIGHEST - 24))
        high = low + 24
    else:
        low, high = instrument.low, instrument.high
        if high - low > 30:
            low = int(rng.integers(low, high - 29))
            high = low + 29
    seconds = CLIP_SAMPLES / SAMPLE_RATE - 0.3
    return draw_phrase(rng, seconds=seconds, low=low, high=high, texture=texture)


def in_a_room(audio: Audio, rng: np.random.Generator) -> Audio:
    """Return a signal in a small room: exponentially decaying noise behind it."""
    decay_seconds = rng.uniform(0.15, 0.9)
    length = round(decay_seconds * SAMPLE_RATE)
    tail = rng.standard_normal(length) * 10.0 ** (-3.0 * np.arange(length) / length)
    tail *= 10.0 ** (rng.uniform(-14.0, -4.0) / 20.0) / np.sqrt(np.square(tail).sum())
    tail[0] = 1.0
    size = 1 << (audio.shape[1] + length - 1).bit_length()
    wet = np.fft.irfft(np.fft.rfft(audio, size) * np.fft.rfft(tail, size), size)
    return wet[:, : audio.shape[1]].astype(np.float32)


def packed(audio: Audio) -> npt.NDArray[np.uint8]:
    """Return what is stored of a clip, ``(CLIP_FRAMES, BANDS + CONTENT)``."""
    heard = torch.from_numpy(audio)
    mel = mel_of(band_power(spectrum_of(heard)), level_of(heard))[0].T
    decibels = mel * SCALE_DB + MEAN_DB
    levels = ((decibels - FLOOR_DB) / STEP_DB).round().clamp(0, 255)
    content = (content_of(heard)[0].T * 255.0).round().clamp(0, 255)
    return np.asarray(torch.cat([levels, content], dim=1).to(torch.uint8))


def unpacked(stored: Tensor) -> tuple[Tensor, Tensor]:
    """Return what was stored as the networks see it.

    Shape:
        ``(batch, frames, BANDS + CONTENT)`` to ``(batch, BANDS, frames)`` and
        ``(batch, CONTENT, frames)``.
    """
    numbers = stored.float().transpose(1, 2)
    decibels = numbers[:, :BANDS] * STEP_DB + FLOOR_DB
    return (decibels - MEAN_DB) / SCALE_DB, numbers[:, BANDS:] / 255.0


def pair_of(pair: int) -> tuple[Instrument, Instrument]:
    """Return the two instruments of a pair of clips; in time, all meet all others."""
    lap, first = divmod(pair, len(INSTRUMENTS))
    second = (first + 1 + lap % (len(INSTRUMENTS) - 1)) % len(INSTRUMENTS)
    return INSTRUMENTS[first], INSTRUMENTS[second]


def drawn_clips(
    split: Split, indices: Iterable[int]
) -> Iterator[tuple[npt.NDArray[np.uint8], Description]]:
    """Yield random clips of a split; instruments and SoundFonts take turns."""
    with ExitStack() as stack:
        players = [stack.enter_context(Player(font)) for font in font_paths(split)]
        for index in indices:
            pair, side = divmod(index, 2)
            instruments = pair_of(pair)
            rng = np.random.default_rng((list(Split).index(split), pair))
            phrase = phrase_for(rng, instruments[int(rng.integers(2))])
            bend = 0x2000 + round(rng.uniform(-0.3, 0.3) * 0x1000)
            vibrato = int(rng.integers(30, 100)) if rng.random() < 0.25 else 0
            # What is drawn from here on is this clip's alone.
            rng = rng.spawn(2)[side]
            audio = players[index % len(players)].play(
                phrase, int(rng.choice(instruments[side].programs)), bend=bend, vibrato=vibrato
            )
            if rng.random() < 0.4:
                audio = in_a_room(audio, rng)
            yield packed(audio), replace(phrase.description, instrument=instruments[side].name)


@dataclass(frozen=True, slots=True)
class Store:
    """The clips of a split.

    Attributes:
        parts: Clips in files of ``PART_CLIPS``, each ``(clips, CLIP_FRAMES, BANDS + CONTENT)`` and
            memory-mapped.
        descriptions: What is to be said of each clip.
    """

    parts: tuple[npt.NDArray[np.uint8], ...]
    descriptions: tuple[Description, ...]

    def window(self, clip: int, start: int, frames: int) -> npt.NDArray[np.uint8]:
        """Return frames of a clip, ``(frames, BANDS + CONTENT)``."""
        part, row = divmod(clip, PART_CLIPS)
        return self.parts[part][row, start : start + frames]


def open_store(folder: Path, split: Split, clips: int) -> Store:
    """Return the store of a split; what ``folder`` does not hold of it is made first.

    Args:
        folder: Where stores are.
        split: Which one.
        clips: How many there must be at least; rounded up to whole files.

    Raises:
        FileNotFoundError: If something must be made and a package is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts, said = [], []
    for number in range(-(-clips // PART_CLIPS)):
        index, data = (folder / f"{split}-{number:03}.{kind}" for kind in ("json", "u8"))
        if not index.is_file():
            _write(index, data, split, range(number * PART_CLIPS, (number + 1) * PART_CLIPS))
        said += json.loads(index.read_text("utf-8"))
        shape = (PART_CLIPS, CLIP_FRAMES, BANDS + CONTENT)
        parts.append(np.memmap(data, np.uint8, "r", shape=shape))
    descriptions = (Description(**(each | {"texture": Texture(each["texture"])})) for each in said)
    return Store(tuple(parts), tuple(descriptions))


def _write(index: Path, data: Path, split: Split, clips: range) -> None:
    said = []
    with replacing(data) as file:
        for clip, description in drawn_clips(split, clips):
            file.write(clip.tobytes())
            said.append(asdict(description))
    # The index comes last: where it is, the clips are complete.
    with replacing(index) as file:
        file.write(json.dumps(said).encode())
    LOGGER.info("%s: %d clips", split, clips.stop)


def main() -> None:
    """Make the stores that training needs."""
    parser = argparse.ArgumentParser(description="Make the data for Diff-TONE.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the stores")
    parser.add_argument("--clips", type=int, default=8_000, help="to train with, 12 s each")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    open_store(options.data, Split.DEVELOPMENT, DEVELOPMENT_CLIPS)
    open_store(options.data, Split.TEST, TEST_CLIPS)
    open_store(options.data, Split.TRAIN, options.clips)


if __name__ == "__main__":
    main()
