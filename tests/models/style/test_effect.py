import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tonewright.dsp.errors import EffectError
from tonewright.dsp.midi.analysis import rows_of
from tonewright.dsp.midi.roles import Role
from tonewright.dsp.midi.sequence import (
    CONTROL,
    DRUM_CHANNEL,
    META,
    PROGRAM,
    MidiSequence,
    MidiTrack,
)
from tonewright.dsp.midi.smf import read_smf, write_smf
from tonewright.dsp.project.document import MidiEvent, Note, TempoMap, TimeSignatureEvent
from tonewright.models.style import effect as module
from tonewright.models.style.effect import StyleTranslate
from tonewright.models.style.measures import content
from tonewright.models.style.weights import StyleNetworks

TICKS = 96
ROOTS = (0, 9, 5, 7)


def note(quarter: float, quarters: float, pitch: int, channel: int) -> Note:
    return Note(pitch, 90, round(quarter * TICKS), round(quarters * TICKS), channel)


@pytest.fixture(autouse=True)
def _small_networks(networks: StyleNetworks, monkeypatch: pytest.MonkeyPatch) -> None:
    module._translated.cache_clear()
    monkeypatch.setattr(module, "shipped_networks", lambda: networks)


@pytest.fixture
def song() -> MidiSequence:
    tune = tuple(note(q + 0.25, 0.7, 72 + (q * q) % 11, 0) for q in range(32))
    piano = tuple(
        note(4 * bar + beat, 0.9, 48 + ROOTS[bar % 4] % 12 + interval, 1)
        for bar in range(8)
        for beat in range(4)
        for interval in (0, 3 if ROOTS[bar % 4] == 9 else 4, 7)
    )
    bass = tuple(note(4 * bar, 3.5, 36 + ROOTS[bar % 4] % 12, 2) for bar in range(8))
    drums = tuple(note(q, 0.1, 38, DRUM_CHANNEL) for q in range(32))
    pedal = MidiEvent(10, bytes((0xB0, 64, 127)))
    return MidiSequence(
        TICKS,
        tracks=(
            MidiTrack("Melody", tune, (pedal,)),
            MidiTrack("Piano", piano, (MidiEvent(0, bytes((PROGRAM | 1, 4))),)),
            MidiTrack("Bass", bass),
            MidiTrack("Drums", drums),
        ),
    )


def names(sequence: MidiSequence) -> list[str]:
    return [track.name for track in sequence.tracks if track.notes]


def test_the_melody_is_untouched_and_the_rest_is_new(song: MidiSequence) -> None:
    done = StyleTranslate(style="bossa").process_midi(song)
    assert done.tracks[0] == song.tracks[0]
    assert names(done) == ["Melody", "bass (style)", "chords (style)", "drums (style)"]
    assert all(not track.notes for track in done.tracks[1:4])
    channels = [track.notes[0].channel for track in done.tracks[4:]]
    assert channels[-1] == DRUM_CHANNEL
    assert len({0, *channels}) == 4


def test_new_parts_are_brought_below_the_tune(
    song: MidiSequence, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lower(rows: np.ndarray, role: Role, tune: float | None) -> np.ndarray:
        heights.append(tune)
        return rows - np.array([0, 0, 12, 0], np.float32) if role is Role.CHORDS else rows

    def pitches(sequence: MidiSequence) -> list[int]:
        tracks = (track for track in sequence.tracks if track.name == "chords (style)")
        return [note.pitch for track in tracks for note in track.notes]

    heights: list[float | None] = []
    usual = StyleTranslate(style="bossa").translated(song)
    monkeypatch.setattr(module, "below", lower)
    lowered = StyleTranslate(style="bossa").translated(song)
    assert set(heights) == {np.mean([note.pitch for note in song.tracks[0].notes])}
    assert pitches(lowered) == [pitch - 12 for pitch in pitches(usual)]


def test_new_parts_carry_program_and_recipe(song: MidiSequence) -> None:
    bass = StyleTranslate(style="samba", density=0.5).process_midi(song).tracks[4]
    texts = [event.data[2:].decode() for event in bass.events if event.data[0] == META]
    assert texts == ["style_translate style=samba density=0.5"]
    assert any(event.data[0] & 0xF0 == PROGRAM for event in bass.events)


@pytest.mark.parametrize(("kept", "track"), [("bass", 2), ("chords", 1), ("drums", 3)])
def test_what_is_kept_stays(song: MidiSequence, kept: str, track: int) -> None:
    done = StyleTranslate(**{f"keep_{kept}": True}).process_midi(song)
    assert done.tracks[track] == song.tracks[track]
    assert f"{kept} (style)" not in names(done)


def test_the_result_can_be_written_and_read(song: MidiSequence, tmp_path: Path) -> None:
    done = StyleTranslate(style="waltz", temperature=1.0).process_midi(song)
    write_smf(done, tmp_path / "out.mid")
    assert read_smf(tmp_path / "out.mid").tracks == done.tracks


def test_variations_differ_and_the_same_is_the_same(song: MidiSequence) -> None:
    takes = [
        StyleTranslate(temperature=1.0, variation=number).process_midi(song) for number in (1, 1, 2)
    ]
    assert takes[0] == takes[1] != takes[2]


def test_what_was_made_is_kept_until_the_example_changes(
    song: MidiSequence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    monkeypatch.setattr(
        StyleTranslate, "translated", lambda self, sequence: made.append(self.style) or sequence
    )
    path = tmp_path / "loop.mid"
    write_smf(song, path)
    effect = StyleTranslate(example=str(path))
    effect.process_midi(song)
    effect.process_midi(replace(song))
    assert len(made) == 1
    os.utime(path, ns=(1, 1))
    effect.process_midi(song)
    assert len(made) == 2


def test_an_example_names_the_style(song: MidiSequence, tmp_path: Path) -> None:
    loop = StyleTranslate(style="salsa").process_midi(song)
    path = tmp_path / "loop.mid"
    write_smf(replace(loop, tracks=loop.tracks[4:]), path)
    done = StyleTranslate(example=str(path)).process_midi(song)
    salsa = StyleTranslate(style="salsa").process_midi(song)
    assert [track.events[2].data for track in done.tracks[4:]] == [
        track.events[2].data for track in salsa.tracks[4:]
    ]


def test_roles_may_have_styles_of_their_own(song: MidiSequence) -> None:
    plain = StyleTranslate(style="bossa", temperature=0.0).process_midi(song)
    mixed = StyleTranslate(style="bossa", bass_style="rock", temperature=0.0).process_midi(song)
    assert mixed.tracks[4].notes != plain.tracks[4].notes
    assert mixed.tracks[5].notes == plain.tracks[5].notes


def test_a_blend_goes_from_one_style_to_the_other(song: MidiSequence) -> None:
    def drums(percent: float) -> tuple[Note, ...]:
        made = StyleTranslate(
            style="rock", blend_style="bossa", blend_percent=percent, temperature=0.0
        )
        return made.process_midi(song).tracks[-1].notes

    bossa = StyleTranslate(style="bossa", temperature=0.0).process_midi(song)
    rock = StyleTranslate(style="rock", temperature=0.0).process_midi(song)
    assert drums(0.0) == rock.tracks[-1].notes
    assert drums(100.0) == bossa.tracks[-1].notes
    assert drums(50.0) not in (drums(0.0), drums(100.0))


def test_programs_may_be_chosen(song: MidiSequence) -> None:
    done = StyleTranslate(programs="bass=38").process_midi(song)
    assert any(event.data[1:] == bytes((38,)) for event in done.tracks[4].events)


def test_controllers_may_be_kept(song: MidiSequence) -> None:
    pedal = MidiEvent(96, bytes((0xB1, 64, 127)))
    piano = replace(song.tracks[1], events=(*song.tracks[1].events, pedal))
    tracks = (song.tracks[0], piano, *song.tracks[2:])

    def pedals(keep: bool) -> list[tuple[int, bytes]]:
        effect = StyleTranslate(keep_controllers=keep)
        chords = effect.process_midi(replace(song, tracks=tracks)).tracks[5]
        return [(e.start_ticks, e.data[1:]) for e in chords.events if e.data[1] == 64]

    assert pedals(keep=False) == []
    assert pedals(keep=True) == [(96, bytes((64, 127)))]


def loudness(track: MidiTrack) -> float:
    """Return velocity times volume."""
    (volume,) = [e.data[2] for e in track.events if e.data[0] & 0xF0 == CONTROL and e.data[1] == 7]
    return volume * sum(n.velocity for n in track.notes) / len(track.notes)


def test_a_new_part_is_as_loud_as_what_it_replaces(song: MidiSequence) -> None:
    softly = tuple(replace(n, velocity=30) for n in song.tracks[2].notes)
    half = MidiEvent(0, bytes((CONTROL | 1, 11, 64)))
    piano = replace(song.tracks[1], events=(*song.tracks[1].events, half))
    tracks = (song.tracks[0], piano, replace(song.tracks[2], notes=softly), song.tracks[3])
    bass, chords, drums = StyleTranslate().process_midi(replace(song, tracks=tracks)).tracks[4:]
    assert loudness(bass) == pytest.approx(30 * 100, rel=0.03)
    assert loudness(chords) == pytest.approx(90 * 100 * 64 / 127, rel=0.03)
    assert loudness(drums) == pytest.approx(90 * 100, rel=0.03)


def test_of_several_a_part_stands_for_the_one_at_its_height(song: MidiSequence) -> None:
    high = tuple(
        replace(n, pitch=n.pitch + 48, velocity=20, channel=3) for n in song.tracks[1].notes
    )
    low = tuple(replace(n, pitch=n.pitch + 12) for n in song.tracks[1].notes)
    tracks = (
        song.tracks[0],
        replace(song.tracks[1], notes=low),
        *song.tracks[2:],
        MidiTrack("High", high),
    )
    chords = StyleTranslate().process_midi(replace(song, tracks=tracks)).tracks[6]
    assert chords.name == "chords (style)"
    assert loudness(chords) == pytest.approx(90 * 100, rel=0.03)


def test_a_part_that_the_song_has_not_is_as_loud_as_the_others(song: MidiSequence) -> None:
    softly = tuple(replace(n, velocity=40) for n in song.tracks[1].notes)
    tracks = (song.tracks[0], replace(song.tracks[1], notes=softly))
    new = StyleTranslate().process_midi(replace(song, tracks=tracks)).tracks[2:]
    assert len(new) == 3
    assert all(loudness(track) == pytest.approx(40 * 100, rel=0.03) for track in new)


def test_bars_that_change_are_followed(song: MidiSequence) -> None:
    signatures = (
        TimeSignatureEvent(0, 1, 4),
        TimeSignatureEvent(TICKS, 4, 4),
        TimeSignatureEvent(17 * TICKS, 3, 4),
    )
    later = tuple(
        replace(
            track, notes=tuple(replace(n, start_ticks=n.start_ticks + TICKS) for n in track.notes)
        )
        for track in song.tracks
    )
    changing = replace(song, tempo_map=TempoMap(time_signatures=signatures), tracks=later)
    done = StyleTranslate(style="rock", temperature=0.0).process_midi(changing)
    bars = [TICKS + 4 * TICKS * n for n in range(4)] + [
        17 * TICKS + 3 * TICKS * n for n in range(5)
    ]
    kicks = {n.start_ticks for n in done.tracks[-1].notes if n.pitch in (35, 36)}
    assert kicks >= set(bars)
    assert done.tempo_map == changing.tempo_map


def test_silent_bars_stay_silent(song: MidiSequence) -> None:
    later = tuple(
        replace(track, notes=tuple(replace(n, start_ticks=n.start_ticks + 8 * TICKS)
                                   for n in track.notes))
        for track in song.tracks
    )  # fmt: skip
    done = StyleTranslate().process_midi(replace(song, tracks=later))
    assert min(n.start_ticks for track in done.tracks for n in track.notes) >= 8 * TICKS


def test_one_track_gives_one_track(song: MidiSequence) -> None:
    piano = tuple(n for track in song.tracks[:3] for n in track.notes)
    one = MidiTrack("Piano", tuple(replace(n, channel=0) for n in piano))
    done = StyleTranslate().process_midi(replace(song, tracks=(one,)))
    assert len(done.tracks) == 1
    assert len({n.channel for n in done.tracks[0].notes}) >= 3
    tune = set(song.tracks[0].notes)
    assert len(tune & set(done.tracks[0].notes)) > 0.8 * len(tune)


def test_silence_cannot_be_accompanied() -> None:
    with pytest.raises(EffectError, match="no notes to accompany"):
        StyleTranslate().process_midi(MidiSequence(TICKS))


def test_a_new_bass_keeps_to_the_song_s_own_as_closely_as_is_asked_for(song: MidiSequence) -> None:
    own = rows_of(song.tracks[2].notes, TICKS)
    alike = []
    for percent in (0.0, 100.0):
        done = StyleTranslate(style="rock", follow_bass_percent=percent).process_midi(song)
        (bass,) = (each for each in done.tracks if each.name == "bass (style)")
        alike.append(content(rows_of(bass.notes, TICKS), own))
    assert alike[0] < alike[1]
