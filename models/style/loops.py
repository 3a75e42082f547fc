"""A style from a MIDI file: two to eight bars that a user gives as an example."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from tonewright.dsp.errors import EffectError
from tonewright.dsp.midi.analysis import Voice, analysed, sounding_rows
from tonewright.dsp.midi.bars import NOTHING, SECTION_BARS
from tonewright.dsp.midi.roles import Role
from tonewright.dsp.midi.sequence import PROGRAM, MidiSequence
from tonewright.dsp.midi.smf import read_smf
from tonewright.models.style.corpus import MOST_PARTS, Part
from tonewright.models.style.fills import brings_fill, with_fill
from tonewright.models.style.library import Style

_LENGTHS = (8, 4, 2, 1)

_EARLY_QUARTERS = 0.1
"""How much before the first bar its first note may be played."""


def style_of_file(path: Path) -> Style:
    """Return the style of a MIDI file.

    Raises:
        MediaError: If it is no MIDI file.
        EffectError: If no style can be read from it.
    """
    return style_of(read_smf(path), path.stem, str(path))


def style_of(sequence: MidiSequence, name: str, place: str) -> Style:
    """Return the style of a sequence: its first eight, four, two or one whole bars.

    A track that is called melody is not part of the style. Two bars of two beats make one. If its
    drums bring no fill in the last bar, one is made.
    """
    heard = analysed(sequence, melody=False)
    whole = [bar for bar in heard.bars if bar.phase >= 0]
    lengths = {(bar.quarters, bar.beat_quarters) for bar in whole[: 2 * _LENGTHS[0]]}
    if not whole or not heard.voices:
        raise EffectError(f"{place}: holds no notes; give an example of 2 to 8 bars")
    if len(lengths) != 1 or whole[0].quarters / whole[0].beat_quarters not in (2.0, 3.0, 4.0):
        raise EffectError(
            f"{place}: an example must keep to bars of 2, 3 or 4 beats, not of "
            f"{' and '.join(f'{quarters:g}' for quarters, _ in sorted(lengths))} quarter notes; "
            "cut it to such bars"
        )
    beats, beat_quarters = whole[0].beats, whole[0].beat_quarters
    if beats == 2 and len(whole) > 1:
        whole, beats = whole[: len(whole) // 2 * 2 : 2], 4
    bars = next(each for each in _LENGTHS if each <= len(whole))
    start, end = whole[0].start, whole[0].start + bars * beats * beat_quarters
    skipped = sum(bar.beats for bar in heard.bars if bar.phase < 0)
    parts: list[Part] = []
    for role, most in MOST_PARTS.items():
        voices = [each for each in heard.voices if each.role is role]
        for voice in sorted(voices, key=lambda each: -len(each.notes))[:most]:
            notes = sounding_rows(sequence, voice)
            inside = (notes[:, 0] >= start - _EARLY_QUARTERS) & (notes[:, 0] < end - NOTHING)
            if inside.any():
                moved = notes[inside]
                moved[:, 0] = np.maximum(0.0, moved[:, 0] - start)
                moved[:, :2] /= beat_quarters
                parts.append(Part(role, _program(sequence, voice), moved))
    if not parts:
        raise EffectError(f"{place}: has no accompaniment; only a melody was found in it")
    chords = heard.chords[skipped : skipped + bars * beats]
    return _with_fill(Style(name, beats, brings_fill(parts, beats, bars), chords, tuple(parts)))


def _with_fill(style: Style) -> Style:
    """Return a style with a fill in the last of eight bars, which a shorter one plays again for it.

    A style that brings a fill, or whose drums could play none, stays as it is.
    """
    if style.fill:
        return style
    times = SECTION_BARS * style.beats // len(style.chords)
    again = [
        np.concatenate(
            [part.notes + np.array([n * len(style.chords), 0, 0, 0]) for n in range(times)],
            dtype=np.float32,
        )
        for part in style.parts
    ]
    longer = [replace(part, notes=notes) for part, notes in zip(style.parts, again, strict=True)]
    parts, fill = with_fill(longer, style.beats, SECTION_BARS)
    return replace(style, fill=fill, chords=style.chords * times, parts=parts) if fill else style


def _program(sequence: MidiSequence, voice: Voice) -> int:
    for event in sequence.tracks[voice.track].events:
        if event.data[0] == PROGRAM | voice.channel:
            return event.data[1]
    return 33 if voice.role is Role.BASS else 0
