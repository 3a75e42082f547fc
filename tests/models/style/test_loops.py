from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tonewright.dsp.errors import EffectError
from tonewright.dsp.midi.roles import Role
from tonewright.dsp.midi.sequence import DRUM_CHANNEL, PROGRAM, MidiSequence, MidiTrack
from tonewright.dsp.midi.smf import write_smf
from tonewright.dsp.project.document import MidiEvent, Note, TempoMap, TimeSignatureEvent
from tonewright.models.style.corpus import Part
from tonewright.models.style.library import Style
from tonewright.models.style.loops import style_of, style_of_file

TICKS = 96


def track(part: Part, channel: int) -> MidiTrack:
    notes = tuple(
        Note(int(pitch), int(velocity), round(start * TICKS), round(length * TICKS), channel)
        for start, length, pitch, velocity in part.notes.tolist()
    )
    return MidiTrack("", notes, (MidiEvent(0, bytes((PROGRAM | channel, part.program))),))


@pytest.fixture
def loop(style: Style) -> MidiSequence:
    channels = (0, 1, DRUM_CHANNEL)
    tracks = tuple(track(part, c) for part, c in zip(style.parts, channels, strict=True))
    return MidiSequence(TICKS, tracks=tracks)


def test_a_loop_is_read_as_a_style(loop: MidiSequence, style: Style, tmp_path: Path) -> None:
    path = tmp_path / "loop.mid"
    write_smf(loop, path)
    read = style_of_file(path)
    assert (read.name, read.beats, read.fill) == ("loop", 4, False)
    assert [part.role for part in read.parts] == [Role.BASS, Role.CHORDS, Role.DRUMS]
    assert [part.program for part in read.parts] == [33, 0, 0]
    assert [len(part.notes) for part in read.parts] == [len(part.notes) for part in style.parts]
    assert [chord.name for chord in read.chords] == ["C"] * 4 + ["F"] * 4


def test_a_melody_is_no_part_of_the_style(loop: MidiSequence) -> None:
    tune = MidiTrack("Melody", (Note(80, 90, 0, TICKS, 5),))
    read = style_of(replace(loop, tracks=(*loop.tracks, tune)), "loop", "loop.mid")
    assert len(read.parts) == 3


def test_three_bars_give_their_first_two(loop: MidiSequence) -> None:
    more = MidiTrack("", (Note(36, 90, 8 * TICKS, TICKS, 0),))
    read = style_of(replace(loop, tracks=(*loop.tracks, more)), "loop", "loop.mid")
    assert len(read.chords) == 8


def test_silence_is_no_example() -> None:
    with pytest.raises(EffectError, match=r"loop\.mid: holds no notes"):
        style_of(MidiSequence(TICKS), "loop", "loop.mid")


def test_bars_of_five_are_refused(loop: MidiSequence) -> None:
    five = TempoMap(time_signatures=(TimeSignatureEvent(0, 5, 4),))
    with pytest.raises(EffectError, match="bars of 2, 3 or 4 beats, not of 5 quarter notes"):
        style_of(replace(loop, tempo_map=five), "loop", "loop.mid")


def test_twelve_eighths_are_four_beats(loop: MidiSequence, style: Style) -> None:
    slower = tuple(
        replace(
            track,
            notes=tuple(
                replace(n, start_ticks=n.start_ticks * 3 // 2, length_ticks=n.length_ticks * 3 // 2)
                for n in track.notes
            ),
        )
        for track in loop.tracks
    )
    eighths = TempoMap(time_signatures=(TimeSignatureEvent(0, 12, 8),))
    read = style_of(replace(loop, tempo_map=eighths, tracks=slower), "loop", "loop.mid")
    assert (read.beats, len(read.chords)) == (4, 8)
    for part, meant in zip(read.parts, style.parts, strict=True):
        np.testing.assert_allclose(part.notes[:, 0], meant.notes[:, 0], atol=0.01)


def test_two_bars_of_six_eighths_are_one_of_four_beats(loop: MidiSequence) -> None:
    six = TempoMap(time_signatures=(TimeSignatureEvent(0, 6, 8),))
    read = style_of(replace(loop, tempo_map=six), "loop", "loop.mid")
    assert read.beats == 4


def test_notes_under_the_pedal_are_as_long_as_they_sound(loop: MidiSequence) -> None:
    down, up = (MidiEvent(at, bytes((0xB1, 64, value))) for at, value in ((0, 127), (96 * 4, 0)))
    piano = replace(loop.tracks[1], events=(*loop.tracks[1].events, down, up))
    tracks = (loop.tracks[0], piano, loop.tracks[2])
    read = style_of(replace(loop, tracks=tracks), "loop", "loop.mid")
    chords = next(part for part in read.parts if part.role in (Role.CHORDS, Role.PAD))
    first = chords.notes[chords.notes[:, 0] == 1.0]
    assert (first[:, 1] > 1.9).all()


def test_only_a_melody_is_no_example() -> None:
    tune = MidiTrack("Lead vocal", (Note(72, 90, 0, 4 * TICKS, 0),))
    with pytest.raises(EffectError, match="has no accompaniment"):
        style_of(MidiSequence(TICKS, tracks=(tune,)), "loop", "loop.mid")


def with_snare(loop: MidiSequence, *beats: int) -> MidiSequence:
    """Return the loop with a snare on some beats."""
    snare = tuple(Note(38, 100, beat * TICKS, TICKS // 8, DRUM_CHANNEL) for beat in beats)
    drums = replace(loop.tracks[2], notes=(*loop.tracks[2].notes, *snare))
    return replace(loop, tracks=(*loop.tracks[:2], drums))


def test_an_example_without_a_fill_gets_one_in_the_last_of_eight_bars(loop: MidiSequence) -> None:
    read = style_of(with_snare(loop, 1, 3, 5, 7), "loop", "loop.mid")
    assert read.fill
    assert [chord.name for chord in read.chords] == (["C"] * 4 + ["F"] * 4) * 4
    bass, _, drums = (part.notes for part in read.parts)
    # The pattern is played again, and only the last half bar is another.
    np.testing.assert_allclose(bass[4:8, 0], bass[:4, 0] + 8)
    first, last = (
        [(at - start, drum) for at, _, drum, _ in drums.tolist() if start <= at < start + 4]
        for start in (20, 28)
    )
    assert [each for each in first if each[0] < 2] == [each for each in last if each[0] < 2]
    assert (0.25 + 3.0, 42) not in last
    assert len([drum for at, drum in last if at >= 3.0 and drum != 36]) == 4


def test_an_example_s_own_fill_is_its_fill(loop: MidiSequence) -> None:
    twice = tuple(
        replace(
            track,
            notes=(
                *track.notes,
                *(replace(n, start_ticks=n.start_ticks + 8 * TICKS) for n in track.notes),
            ),
        )
        for track in loop.tracks
    )
    backbeat = with_snare(replace(loop, tracks=twice), 1, 3, 5, 7, 9, 11)
    drums = tuple(n for n in backbeat.tracks[2].notes if n.start_ticks < 12 * TICKS)
    run = tuple(Note(38, 100, 12 * TICKS + k * 24, 12, DRUM_CHANNEL) for k in range(16))
    filled = replace(backbeat.tracks[2], notes=(*drums, *run))
    read = style_of(replace(backbeat, tracks=(*backbeat.tracks[:2], filled)), "loop", "loop.mid")
    assert read.fill
    assert len(read.chords) == 16
    assert sum(part.role is Role.DRUMS for part in read.parts) == 1
    assert (read.parts[2].notes[-16:, 2] == 38).all()
