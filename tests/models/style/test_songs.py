"""Songs and examples that are not plain, with the networks that ship, each as a MIDI file."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tonewright.dsp.midi.analysis import analysed, rows_of
from tonewright.dsp.midi.sequence import DRUM_CHANNEL, PROGRAM, MidiSequence, MidiTrack
from tonewright.dsp.midi.smf import read_smf, write_smf
from tonewright.dsp.project.document import (
    MidiEvent,
    Note,
    TempoEvent,
    TempoMap,
    TimeSignatureEvent,
)
from tonewright.models.style import measures
from tonewright.models.style.effect import StyleTranslate

TICKS = 480
ROOTS = (48, 45, 41, 43)
"""C, A minor, F, G: a chord a bar."""

TUNE = (72, 76, 79, 77, 74, 69, 71, 67)


def note(quarter: float, quarters: float, pitch: int, channel: int, velocity: int = 90) -> Note:
    return Note(pitch, velocity, round(quarter * TICKS), round(quarters * TICKS), channel)


def triad(bar: int) -> tuple[int, int, int]:
    root = ROOTS[bar % 4]
    return root + 12, root + 12 + (3 if root == 45 else 4), root + 19


def song(
    bars: int = 8, bar_quarters: float = 4.0, beat: float = 1.0, start: float = 0.0
) -> tuple[MidiTrack, ...]:
    """A tune, chords on every beat, and a bass on the first one of each bar."""
    beats = int(bar_quarters / beat)
    places = [
        (bar, start + bar * bar_quarters + n * beat) for bar in range(bars) for n in range(beats)
    ]
    tune = tuple(
        note(q, 0.8 * beat, TUNE[(3 * i + i // 5) % 8], 0) for i, (_, q) in enumerate(places)
    )
    chords = tuple(note(q, 0.8 * beat, p, 1, 70) for bar, q in places for p in triad(bar))
    bass = tuple(
        note(start + bar * bar_quarters, bar_quarters * 0.9, ROOTS[bar % 4] - 12, 2)
        for bar in range(bars)
    )
    return (
        MidiTrack("Melody", tune),
        MidiTrack("Keys", chords, (MidiEvent(0, bytes((PROGRAM | 1, 4))),)),
        MidiTrack("Bass", bass, (MidiEvent(0, bytes((PROGRAM | 2, 33))),)),
    )


def in_time(numerator: int, denominator: int) -> TempoMap:
    return TempoMap(time_signatures=(TimeSignatureEvent(0, numerator, denominator),))


def translated(
    tracks: Sequence[MidiTrack], folder: Path, tempo_map: TempoMap | None = None, **params: object
) -> dict[str, np.ndarray]:
    """Write a file, translate what is read, and return the notes of each new part, in quarters."""
    written = MidiSequence(TICKS, tempo_map or TempoMap(), tuple(tracks))
    write_smf(written, folder / "song.mid")
    read = read_smf(folder / "song.mid")
    done = StyleTranslate(**params).process_midi(read)
    write_smf(done, folder / "done.mid")
    done = read_smf(folder / "done.mid")
    assert done.tracks[0] == read.tracks[0]  # the melody, to the tick
    assert done.tempo_map == read.tempo_map
    new = {each.name.split()[0]: rows_of(each.notes, TICKS) for each in done.tracks[len(tracks) :]}
    assert all(measures.faults(rows) == 0 for rows in new.values())
    end = max(n.start_ticks + n.length_ticks for t in tracks for n in t.notes) / TICKS
    assert all((rows[:, 0] + rows[:, 1]).max() <= end + 0.5 for rows in new.values())
    return new


def places(rows: np.ndarray, period: float) -> set[float]:
    """Return where notes begin inside a period, in twelfths of a quarter."""
    return {round(12.0 * each) % round(12.0 * period) for each in (rows[:, 0] % period).tolist()}


def example(folder: Path, *tracks: MidiTrack, tempo_map: TempoMap | None = None) -> str:
    write_smf(MidiSequence(TICKS, tempo_map or TempoMap(), tracks), folder / "loop.mid")
    return str(folder / "loop.mid")


def hats(bars: int, inside: Sequence[float], beats: int = 4) -> MidiTrack:
    hits = [
        note(q + each, 0.1, 42, DRUM_CHANNEL, 70) for q in range(beats * bars) for each in inside
    ]
    kicks = [note(2.0 * n, 0.1, 36, DRUM_CHANNEL, 100) for n in range(beats * bars // 2)]
    return MidiTrack("Drums", tuple(hits + kicks))


def test_swung_sixteenths_stay_swung(tmp_path: Path) -> None:
    swung = (0.0, 1 / 3, 1 / 2, 5 / 6)
    loop = example(tmp_path, *song(2)[1:], hats(2, swung))
    drums = translated(song(), tmp_path, example=loop, temperature=0.0)["drums"]
    cymbals = drums[drums[:, 2] == 42]
    assert places(cymbals, 1.0) == {0, 4, 6, 10}
    assert len(cymbals) > 0.9 * 4 * 32


def test_a_light_swing_stays_light(tmp_path: Path) -> None:
    loop = example(tmp_path, *song(2)[1:], hats(2, (0.0, 0.6)))
    drums = translated(song(), tmp_path, example=loop, temperature=0.0)["drums"]
    cymbals = drums[drums[:, 2] == 42][:, 0] % 1.0
    np.testing.assert_allclose(np.unique(np.round(cymbals, 2)), [0.0, 0.6], atol=1e-6)


def test_twelve_eighths_are_played_in_four(tmp_path: Path) -> None:
    tracks = song(8, 6.0, 1.5)
    new = translated(tracks, tmp_path, in_time(12, 8), style="blues_12_8", temperature=0.0)
    assert places(new["bass"], 1.5) <= {0, 6, 12}
    firsts = {round(each, 3) for each in new["bass"][:, 0].tolist()}
    assert {6.0 * bar for bar in range(8)} <= firsts
    assert measures.chord_tone_share(new["chords"], analysed_quarters(tracks, in_time(12, 8))) > 0.9


def analysed_quarters(tracks: Sequence[MidiTrack], tempo_map: TempoMap) -> list:
    """Return the chord of each quarter note; bars hold one each."""
    heard = analysed(MidiSequence(TICKS, tempo_map, tuple(tracks)))
    return [
        chords[0]
        for bar, chords in zip(heard.bars, heard.bar_chords(), strict=True)
        for _ in range(int(bar.quarters))
    ]


def test_two_bars_of_six_eighths_hold_the_whole_pattern(tmp_path: Path) -> None:
    tracks = song(16, 3.0, 1.5)
    new = translated(tracks, tmp_path, in_time(6, 8), style="swing", temperature=0.0)
    first, second = (new["bass"][new["bass"][:, 0] // 3.0 % 2 == half] for half in (0, 1))
    assert len(first)
    assert len(second)
    assert places(new["drums"], 1.5) <= {0, 4, 5, 6, 9, 12, 13, 14}
    assert measures.chord_tone_share(new["chords"], analysed_quarters(tracks, in_time(6, 8))) > 0.9


@pytest.mark.parametrize(("numerator", "denominator"), [(5, 4), (7, 8), (2, 4), (3, 8)])
def test_other_bars_are_filled_to_their_ends(
    tmp_path: Path, numerator: int, denominator: int
) -> None:
    quarters = numerator * 4.0 / denominator
    tracks = song(8, quarters, 0.5)
    new = translated(tracks, tmp_path, in_time(numerator, denominator), style="rock")
    bars = set((new["drums"][:, 0] // quarters).tolist())
    assert bars == set(range(8))


@pytest.mark.parametrize("params", [{}, {"follow_bass_percent": 0.0}])
def test_a_walking_bass_walks_over_the_song_s_chords(
    tmp_path: Path, params: dict[str, float]
) -> None:
    """The song's own bass holds its roots; one that follows it must not stop on them."""
    line = (36, 40, 43, 45, 33, 36, 40, 43, 29, 33, 36, 38, 31, 35, 38, 41)
    walk = MidiTrack(
        "Bass",
        tuple(note(q, 0.95, pitch, 2) for q, pitch in enumerate(line)),
        (MidiEvent(0, bytes((PROGRAM | 2, 32))),),
    )
    loop = example(tmp_path, song(4)[1], walk, hats(4, (0.0, 2 / 3)))
    bass = translated(song(), tmp_path, example=loop, temperature=0.0, **params)["bass"]
    assert places(bass, 1.0) == {0}
    assert len(bass) >= 30
    bars = bass[np.isin(bass[:, 0] % 4.0, 0.0)]
    roots = [(ROOTS[int(start // 4) % 4] - int(pitch)) % 12 == 0 for start, _, pitch, _ in bars]
    assert np.mean(roots) > 0.8
    steps = np.abs(np.diff(bass[:, 2]))
    assert np.mean(steps <= 5) > 0.75
    assert steps.min() > 0
    assert steps.max() <= np.abs(np.diff(line)).max()  # the example leaps a ninth once


def test_double_stops_stay_double(tmp_path: Path) -> None:
    stops = tuple(
        note(4.0 * bar + 2.0 * n, 1.5, ROOTS[bar] - 12 + above, 2)
        for bar in range(4)
        for n in range(2)
        for above in (0, 7)
    )
    bass = MidiTrack("Bass", stops, (MidiEvent(0, bytes((PROGRAM | 2, 33))),))
    loop = example(tmp_path, song(4)[1], bass, hats(4, (0.0, 0.5)))
    found = translated(song(), tmp_path, example=loop, temperature=0.0)["bass"]
    _, together = np.unique(found[:, 0], return_counts=True)
    assert together.max() == 2
    assert np.mean(together == 2) > 0.7


@pytest.mark.parametrize("written", ["short", "rests"])
def test_a_pick_up_stays_alone(tmp_path: Path, written: str) -> None:
    ahead = 1.0 if written == "short" else 4.0
    tune, *rest = song(8, start=ahead)
    tune = replace(
        tune, notes=(note(ahead - 1.0, 0.5, 67, 0), note(ahead - 0.5, 0.5, 71, 0), *tune.notes)
    )
    tempo_map = (
        TempoMap(time_signatures=(TimeSignatureEvent(0, 1, 4), TimeSignatureEvent(TICKS, 4, 4)))
        if written == "short"
        else TempoMap()
    )
    new = translated((tune, *rest), tmp_path, tempo_map, style="rock", temperature=0.0)
    assert min(rows[:, 0].min() for rows in new.values()) == ahead
    assert {ahead + 4.0 * bar for bar in range(8)} <= set(new["bass"][:, 0].tolist())


def test_broken_chords_under_the_pedal_are_heard_as_chords(tmp_path: Path) -> None:
    arpeggio = tuple(
        note(4.0 * bar + 0.5 * n, 0.2, triad(bar)[n % 3] - 12 * (n == 0), 0)
        for bar in range(8)
        for n in range(8)
    )
    tune = tuple(
        note(4.0 * bar + 2.0 * n, 1.8, triad(bar)[n] + 12, 0) for bar in range(8) for n in range(2)
    )
    pedal = tuple(
        MidiEvent(round((4.0 * bar + at) * TICKS), bytes((0xB0, 64, value)))
        for bar in range(8)
        for at, value in ((0.02, 127), (3.9, 0))
    )
    piano = MidiTrack("Piano", tuple(sorted(arpeggio + tune, key=lambda n: n.start_ticks)), pedal)
    heard = analysed(MidiSequence(TICKS, tracks=(piano,)))
    assert [chords[0].name for chords in heard.bar_chords()][:4] == ["C", "Am", "F", "G"]


def test_tempo_and_signature_may_change(tmp_path: Path) -> None:
    first = song(4)
    second = song(4, 3.0, start=16.0)
    tracks = [replace(a, notes=a.notes + b.notes) for a, b in zip(first, second, strict=True)]
    tempo_map = TempoMap(
        (TempoEvent(0, 120.0), TempoEvent(8 * TICKS, 90.0), TempoEvent(20 * TICKS, 140.0)),
        (TimeSignatureEvent(0, 4, 4), TimeSignatureEvent(16 * TICKS, 3, 4)),
    )
    bass = translated(tracks, tmp_path, tempo_map, style="pop", temperature=0.0)["bass"]
    bars = {4.0 * bar for bar in range(4)} | {16.0 + 3.0 * bar for bar in range(4)}
    assert bars <= set(bass[:, 0].tolist())


def test_a_fill_ends_a_section_and_nothing_else(tmp_path: Path) -> None:
    drums = translated(song(16), tmp_path, style="bossa", temperature=0.0)["drums"]
    bars = [
        {(round(12 * (s % 4.0)), p) for s, _, p, _ in drums.tolist() if s // 4.0 == bar}
        for bar in range(16)
    ]
    usual = bars[0] | bars[1] | bars[2] | bars[3]
    assert all(len(bars[bar] - usual) <= 2 for bar in range(16) if bar % 8 != 7)
    assert all(len(bars[bar] - usual) > 2 for bar in (7, 15))
