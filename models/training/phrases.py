"""Phrases of instruments, played through SoundFonts: notes that are let go, chords, small bands.

A phrase has eight beats. Each of its parts keeps to a scale, plays single notes or chords, and
holds them for a share of their length that is its own, so that there are dry gaps in which only a
room would be heard. The sound is that of ``tonewright.dsp.midi.synth``: dry, without effects.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.fifo import join
from tonewright.dsp.midi.synth import render_midi

BEATS = 8
TEMPO_BPM = (70.0, 150.0)
BAND_SHARE = 0.3
DRUMS_SHARE = 0.5
"""Of the bands, how many have drums."""

REST_SHARE = 0.2
LENGTHS_BEATS = (0.25, 0.5, 1.0, 2.0)
SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10))
BASSES = range(32, 40)
DRUM_CHANNEL = 9
DRUM_KEYS = (35, 36, 38, 40, 42, 44, 46, 49, 51, 54, 56, 39, 45, 50)

Events = list[tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Players:
    """Who plays.

    Attributes:
        fonts: SoundFonts; each phrase is played through one.
        programs: General MIDI instruments, 0 to 127.
        phrases: How many phrases there are.
        seed: Of all that is drawn.
    """

    fonts: tuple[Path, ...]
    programs: tuple[int, ...]
    phrases: int
    seed: int


def part_events(
    rng: np.random.Generator, *, program: int, channel: int, beat_samples: float, key: int
) -> Events:
    """Return the notes of one part, unsorted, as (sample, message).

    Args:
        rng: What they are drawn from.
        program: Instrument.
        channel: 0 to 15; ``DRUM_CHANNEL`` for drums.
        beat_samples: Length of a beat.
        key: The tonic, 0 to 11.
    """
    events: Events = [(0, bytes((0xC0 | channel, program)))]
    scale = SCALES[rng.integers(len(SCALES))]
    lowest = 28 if program in BASSES else int(rng.integers(40, 65))
    degree = int(rng.integers(0, 8))
    voices = 3 if rng.random() < 0.35 and program not in BASSES else 1
    held = rng.uniform(0.3, 1.0)
    beat = 0.0
    while beat < BEATS:
        length = LENGTHS_BEATS[rng.integers(len(LENGTHS_BEATS))]
        degree = int(np.clip(degree + rng.integers(-3, 4), 0, 11))
        velocity = int(rng.integers(50, 121))
        if rng.random() > REST_SHARE:
            keys = [
                lowest + key + 12 * (step // 7) + scale[step % 7]
                for step in range(degree, degree + 2 * voices, 2)
            ]
            if channel == DRUM_CHANNEL:
                keys = [DRUM_KEYS[rng.integers(len(DRUM_KEYS))]]
            start, end = (round(at * beat_samples) for at in (beat, beat + held * length))
            for each in keys:
                events.append((start, bytes((0x90 | channel, each, velocity))))
                events.append((end, bytes((0x80 | channel, each, 0))))
        beat += length
    return events


def phrases(players: Players, sample_rate: int) -> Iterator[tuple[str, Audio]]:
    """Yield (group, stereo audio) of all phrases.

    A group is an instrument, or four bands.

    Raises:
        MediaError: If a SoundFont is missing.
    """
    rng = np.random.default_rng(players.seed)
    for index in range(players.phrases):
        band = rng.random() < BAND_SHARE
        programs = rng.choice(players.programs, int(rng.integers(2, 5)) if band else 1)
        group = f"band {index // 12}" if band else f"program {programs[0]}"
        yield group, _played(rng, [int(each) for each in programs], players.fonts, sample_rate)


def _played(
    rng: np.random.Generator, programs: Sequence[int], fonts: Sequence[Path], sample_rate: int
) -> Audio:
    beat_samples = 60.0 / rng.uniform(*TEMPO_BPM) * sample_rate
    key = int(rng.integers(12))
    events: Events = []
    for channel, program in enumerate(programs):
        events += part_events(
            rng, program=program, channel=channel, beat_samples=beat_samples, key=key
        )
    if len(programs) > 1 and rng.random() < DRUMS_SHARE:
        events += part_events(
            rng, program=0, channel=DRUM_CHANNEL, beat_samples=beat_samples, key=key
        )
    # What is let go comes before what is struck at the same time: it may be the same key.
    events.sort(key=lambda event: (event[0], event[1][0] & 0xF0 == 0x90))
    font = fonts[int(rng.integers(len(fonts)))]
    return join(list(render_midi(events, font, sample_rate, 0, reuse=True)), 2)
