"""Dry recordings to train and to test on: what they are, who may hear which, and a fast store.

The recordings come from Debian packages and are never part of Tonewright::

    apt-get install --no-install-recommends tuxpaint-stamps-default klettres-data \
        sonic-pi-samples hydrogen-drumkits fluid-soundfont-gm timgm6mb-soundfont \
        musescore-general-soundfont-small

A **group** is what must not be on both sides of a test: a language (in these packages one or a few
speakers each) or an instrument's family. ``TEST`` and ``DEVELOPMENT`` name the groups held out;
everything else trains. Phrases (``phrases``) are played by instruments of the split, those of
``TEST`` through a SoundFont that nothing else hears. The store of a split is one file of 16-bit
samples at 48 kHz, mono, each clip trimmed and brought to one level, and an index of clips by group.
"""

import json
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from tonewright.dsp.audio.resample import resample
from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.project.atomic import replacing
from tonewright.models.training.phrases import Players, phrases

LOGGER = logging.getLogger(__name__)

SAMPLE_RATE = 48_000
LEVEL_DBFS = -25.0
"""RMS level of every clip in a store."""

QUIET_DB = -45.0
"""What is this far below the loudest frame, at the ends of a clip, is trimmed off."""

NOISE_DB = -24.0
"""Speech whose quietest 5 % is not this far below its loudest 10 % is noisy or not dry."""


class Split(StrEnum):
    """What a recording may be used for."""

    TRAIN = "train"
    DEVELOPMENT = "development"  # to choose a checkpoint
    TEST = "test"  # to report


class Kind(StrEnum):
    """What sounds in a recording."""

    SPEECH = "speech"
    INSTRUMENT = "instrument"  # samples, most of them struck, that ring out
    PHRASE = "phrase"  # of notes that are let go


@dataclass(frozen=True, slots=True)
class Source:
    """A package of recordings.

    Attributes:
        pattern: A regular expression on a path below ``folder``; its group ``group`` is what is
            kept on one side of a split.
    """

    package: str
    folder: str
    pattern: str
    kind: Kind
    licence: str


SOURCES = (
    Source(
        "tuxpaint-stamps-default",
        "/usr/share/tuxpaint/stamps",
        r"_desc(?:_(?P<group>[a-z]{2}))?\.ogg$",
        Kind.SPEECH,
        "GPL-2.0-or-later",
    ),
    Source(
        "klettres-data",
        "/usr/share/klettres",
        r"^(?P<group>\w+)/(?:alpha|syllab)/.*\.ogg$",
        Kind.SPEECH,
        "GPL-2.0-or-later, parts LGPL, GFDL and CC0",
    ),
    Source(
        "sonic-pi-samples",
        "/usr/share/sonic-pi/samples",
        r"^(?P<group>(?:bass|bd|drum|elec|guit|hat|misc|perc|sn|tabla|vinyl)_).*\.flac$",
        Kind.INSTRUMENT,
        "CC0-1.0",
    ),
    Source(
        "hydrogen-drumkits",
        "/usr/share/hydrogen/data/drumkits",
        r"^(?P<group>[^/]+)/.*\.(?:wav|flac)$",
        Kind.INSTRUMENT,
        "GPL-2.0-or-later, CC-BY or CC0 by kit; CC-BY-SA ones only in TEST",
    ),
)

TEST = {"da", "el", "nl", "cs", "guit_", "tabla_", "Audiophob", "BJA_Pacific", "circAfrique v4"}
DEVELOPMENT = {"lt", "hu", "de", "bass_", "perc_", "ForzeeStereo"}

TEST_PROGRAMS = (4, 11, 24, 40, 46, 56, 65, 68, 105)
DEVELOPMENT_PROGRAMS = (6, 12, 26, 42, 57, 71, 75)
PLAYED = (*range(88), *range(104, 112))
"""General MIDI's instruments without synthetic pads, effects and noises."""

SOUNDFONTS = Path("/usr/share/sounds")
PLAYERS = {
    Split.TRAIN: Players(
        (SOUNDFONTS / "sf2/FluidR3_GM.sf2", SOUNDFONTS / "sf2/TimGM6mb.sf2"),
        tuple(each for each in PLAYED if each not in TEST_PROGRAMS + DEVELOPMENT_PROGRAMS),
        phrases=600,
        seed=1,
    ),
    Split.DEVELOPMENT: Players(
        (SOUNDFONTS / "sf2/FluidR3_GM.sf2",), DEVELOPMENT_PROGRAMS, phrases=60, seed=2
    ),
    Split.TEST: Players(
        (SOUNDFONTS / "sf3/MuseScore_General_Lite.sf3",), TEST_PROGRAMS, phrases=90, seed=3
    ),
}


def split_of(group: str) -> Split:
    """Return the split that a group belongs to."""
    if group in TEST:
        return Split.TEST
    return Split.DEVELOPMENT if group in DEVELOPMENT else Split.TRAIN


def recordings(split: Split) -> Iterator[tuple[Path, str, Kind]]:
    """Yield (path, group, kind) of the recordings of a split, in a fixed order.

    Raises:
        FileNotFoundError: If a package is not installed.
    """
    for source in SOURCES:
        folder = Path(source.folder)
        if not folder.is_dir():
            raise FileNotFoundError(f"{folder}: install the package {source.package}")
        for path in sorted(folder.rglob("*")):
            found = re.search(source.pattern, path.relative_to(folder).as_posix())
            if found and split_of(group := found["group"] or "en") is split:
                yield path, f"{source.package}/{group}", source.kind


def prepared(audio: Audio, sample_rate: int, kind: Kind) -> npt.NDArray[np.int16] | None:
    """Return a clip for the store; None if it is shorter than 0.2 s, silent or too noisy.

    Shape:
        ``(channels, samples)`` to ``(samples,)`` at 48 kHz.
    """
    mono = resample(audio[:1], sample_rate, SAMPLE_RATE)[0]
    frame = SAMPLE_RATE // 50
    frames = mono[: len(mono) // frame * frame].reshape(-1, frame)
    if len(frames) < 10:
        return None
    levels_db = 10.0 * np.log10(np.square(frames, dtype=np.float64).mean(axis=1) + 1e-12)
    loud = np.flatnonzero(levels_db > levels_db.max() + QUIET_DB)
    kept = frames[loud[0] : loud[-1] + 1]
    quiet_db, loud_db = np.quantile(levels_db, (0.05, 0.9))
    noisy = kind is Kind.SPEECH and quiet_db - loud_db > NOISE_DB
    if len(kept) < 10 or loud_db < -70.0 or noisy:
        return None
    audible = np.sqrt(np.square(kept, dtype=np.float64).mean())
    clip = kept.reshape(-1) * 10.0 ** (LEVEL_DBFS / 20.0) / audible
    return np.round(np.clip(clip, -1.0, 1.0) * 32_767.0).astype(np.int16)


@dataclass(frozen=True, slots=True)
class Store:
    """The clips of a split.

    Attributes:
        samples: All clips, one behind the other, 16 bits at 48 kHz; memory-mapped.
        groups: Clips as (start, length) in samples, by kind and group.
    """

    samples: npt.NDArray[np.int16]
    groups: dict[Kind, dict[str, list[tuple[int, int]]]]


def clips_of(
    sources: Iterable[tuple[Path, str, Kind]], players: Players
) -> Iterator[tuple[Kind, str, npt.NDArray[np.int16]]]:
    """Yield (kind, group, samples) of all clips; a recording that cannot be read is left out.

    Of one that was cut off, as a good part of klettres is, all that is there is used.

    Raises:
        MediaError: If a SoundFont is missing.
    """
    for path, group, kind in sources:
        try:
            audio, sample_rate = soundfile.read(path, dtype="float32", always_2d=True)
            clip = prepared(audio.T, sample_rate, kind)
        except soundfile.SoundFileError as error:
            LOGGER.warning("left out: %s", error)
            continue
        if clip is not None:
            yield kind, group, clip
    for group, audio in phrases(players, SAMPLE_RATE):
        clip = prepared(audio, SAMPLE_RATE, Kind.PHRASE)
        if clip is not None:
            yield Kind.PHRASE, group, clip


def open_store(folder: Path, split: Split) -> Store:
    """Return the store of a split, written first if ``folder`` does not hold it.

    Raises:
        FileNotFoundError: If it must be written and a package is not installed.
        MediaError: If it must be written and a SoundFont is not installed.
    """
    index, data = folder / f"{split}.json", folder / f"{split}.s16"
    if not index.is_file():
        _write(index, data, split)
    groups = json.loads(index.read_text("utf-8"))
    return Store(
        np.memmap(data, np.int16, "r"),
        {
            Kind(kind): {g: [(a, b) for a, b in c] for g, c in of.items()}
            for kind, of in groups.items()
        },
    )


def _write(index: Path, data: Path, split: Split) -> None:
    index.parent.mkdir(parents=True, exist_ok=True)
    groups: dict[str, dict[str, list[tuple[int, int]]]] = {kind: {} for kind in Kind}
    position = 0
    sources = list(recordings(split))
    with replacing(data) as file:
        for kind, group, clip in clips_of(sources, PLAYERS[split]):
            file.write(clip.tobytes())
            groups[kind].setdefault(group, []).append((position, len(clip)))
            position += len(clip)
    # The index comes last: where it is, the samples are complete.
    with replacing(index) as file:
        file.write(json.dumps(groups).encode())
