from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.midi.exchange import (
    channels_of,
    export_midi,
    import_midi,
    played,
    project_sequence,
    with_instrument,
)
from tonewright.dsp.midi.sequence import MidiSequence, MidiTrack, clip_to_track, paired
from tonewright.dsp.midi.smf import read_smf, write_smf
from tonewright.dsp.project.document import (
    ClockTime,
    Id,
    Instrument,
    Marker,
    MidiClip,
    MidiEvent,
    MusicalTime,
    Note,
    Project,
    TempoEvent,
    TempoMap,
    TimeSignatureEvent,
    Track,
    TrackKind,
)

TEMPO_MAP = TempoMap(
    (TempoEvent(0, 100.0), TempoEvent(1920, 80.0)),
    (TimeSignatureEvent(0, 3, 4), TimeSignatureEvent(2880, 7, 8)),
)


def midi_track(name, *clips, **fields):
    return Track(Id(name), name, TrackKind.MIDI, clips=clips, **fields)


def clip(start_ticks, *notes, events=(), length_ticks=10_000, **fields):
    return MidiClip(
        Id(f"clip {start_ticks}"),
        "",
        MusicalTime(start_ticks),
        length_ticks,
        notes,
        events,
        **fields,
    )


def project(*tracks, **fields):
    return Project(Id("p"), "Song", tempo_map=TEMPO_MAP, tracks=tracks, **fields)


NOTES = st.lists(
    st.builds(
        Note,
        pitch=st.integers(60, 64),
        velocity=st.integers(1, 127),
        start_ticks=st.integers(0, 9_999),
        length_ticks=st.integers(0, 20_000),
        channel=st.just(0),
        release_velocity=st.integers(0, 127),
    ),
    max_size=10,
).map(lambda notes: tuple(sorted(notes, key=lambda note: note.start_ticks)))


@given(lead=NOTES, bass=NOTES, start_ticks=st.integers(0, 5000))
@settings(derandomize=True, deadline=None, max_examples=60)
def test_export_and_import_give_the_same_notes_events_markers_and_tempi(
    tmp_path_factory, lead, bass, start_ticks
):
    path = tmp_path_factory.mktemp("midi") / "song.mid"
    events = (MidiEvent(7, b"\xb0\x40\x7f"), MidiEvent(9, b"\xff\x05la"))
    original = project(
        midi_track("lead", clip(start_ticks, *lead, events=events)),
        midi_track("bass", clip(0, *bass, events=events), clip(20_000, *bass)),
        markers=(Marker(Id("m"), "Verse é", MusicalTime(1234)),),
    )
    export_midi(original, path)
    imported = import_midi(path)
    assert imported.warnings == ()
    assert imported.tempo_map == TEMPO_MAP
    assert [(each.name, each.start) for each in imported.markers] == [
        ("Verse é", MusicalTime(1234))
    ]
    for before, after in zip(original.tracks, imported.tracks, strict=True):
        assert after.name == before.name
        was = played(before, TEMPO_MAP)
        (only,) = after.clips
        now = clip_to_track(only, TEMPO_MAP)
        assert now.notes == paired(was.notes)
        assert now.events == was.events
    again = replace(original, tracks=imported.tracks)
    export_midi(again, path.with_name("again.mid"))
    assert import_notes(path.with_name("again.mid")) == import_notes(path)


def import_notes(path):
    return [(track.notes, track.events) for track in read_smf(path).tracks]


def test_one_track_a_file_shares_tempo_map_and_markers(tmp_path):
    both = project(
        midi_track("lead", clip(0, Note(60, 100, 0, 10))),
        midi_track("bass", clip(0, Note(40, 100, 0, 10))),
        Track(Id("audio"), "audio", TrackKind.AUDIO),
        markers=(Marker(Id("m"), "A", ClockTime(0.6)),),
    )
    path = tmp_path / "bass.mid"
    export_midi(both, path, [Id("bass")])
    sequence = read_smf(path)
    assert [track.name for track in sequence.tracks] == ["Song", "bass"]
    assert sequence.tempo_map == TEMPO_MAP
    assert sequence.tracks[0].events == (MidiEvent(960, b"\xff\x06A"),)


@pytest.mark.parametrize("track_id", ["audio", "nobody"])
def test_what_is_no_midi_track_cannot_be_exported(tmp_path, track_id):
    one = project(Track(Id("audio"), "audio", TrackKind.AUDIO))
    with pytest.raises(ProjectError, match=f"no MIDI track with the id {track_id}"):
        export_midi(one, tmp_path / "x.mid", [Id(track_id)])
    assert list(tmp_path.iterdir()) == []


def test_muted_clips_are_left_out():
    track = midi_track(
        "x", clip(0, Note(60, 100, 0, 10)), clip(50, Note(61, 100, 0, 10), muted=True)
    )
    assert [note.pitch for note in played(track, TEMPO_MAP).notes] == [60]


def test_the_instrument_stands_for_the_programs_of_the_clips():
    track = MidiTrack(
        notes=(Note(60, 100, 0, 10, 2),),
        events=(
            MidiEvent(0, b"\xb2\x00\x01"),
            MidiEvent(0, b"\xc2\x05"),
            MidiEvent(0, b"\xb2\x07\x64"),
            MidiEvent(5, b"\xf0\x7e\x7f\x09\x01\xf7"),
        ),
    )
    assert [event.data for event in with_instrument(track, Instrument(program=40)).events] == [
        b"\xc2\x28",
        b"\xb2\x00\x01",
        b"\xb2\x07\x64",
        b"\xf0\x7e\x7f\x09\x01\xf7",
        b"\xc2\x28",
    ]
    banked = with_instrument(track, Instrument(bank=8, program=40))
    assert [event.data for event in banked.events[:4]] == [
        b"\xb2\x00\x08",
        b"\xb2\x20\x00",
        b"\xc2\x28",
        b"\xb2\x07\x64",
    ]
    assert with_instrument(track, Instrument()) == track


def test_instruments_have_channels_to_themselves_while_there_are_free_ones():
    programs = [None, None, 33, 4, *range(20, 35)]
    tracks = [
        midi_track(
            f"T{index}",
            clip(0, Note(60, 90, 0, 10), events=(MidiEvent(5, b"\xb0\x07\x50"),)),
            instrument=Instrument(program=program, drums=index == 3),
        )
        for index, program in enumerate(programs)
    ]
    _, *written = project_sequence(project(*tracks)).tracks
    channels = [{note.channel for note in each.notes} for each in written]
    assert channels == [channels_of(each) for each in written]
    assert channels[:4] == [{0}, {0}, {1}, {9}]
    assert channels[4:17] == [{2}, {3}, {4}, {5}, {6}, {7}, {8}, *({n} for n in range(10, 16))]
    assert channels[17:] == [{0}, {0}]
    assert written[2].events[0].data == b"\xc1\x21"


def test_drums_go_to_the_drum_channel():
    track = MidiTrack(
        notes=(Note(38, 100, 0, 10, 0),),
        events=(MidiEvent(0, b"\xb0\x07\x64"), MidiEvent(0, b"\xf0\x01\xf7")),
    )
    drums = with_instrument(track, Instrument(drums=True))
    assert drums.notes[0].channel == 9
    assert [event.data for event in drums.events] == [b"\xb9\x07\x64", b"\xf0\x01\xf7"]


@pytest.mark.parametrize("instrument", [Instrument(bank=128), Instrument(program=-1)])
def test_an_instrument_out_of_range_is_refused(instrument):
    with pytest.raises(ProjectError, match="must be 0 to 127"):
        with_instrument(MidiTrack("x"), instrument)


def test_a_single_track_with_several_channels_is_divided(tmp_path):
    path = tmp_path / "song.mid"
    track = MidiTrack(
        "Band",
        (Note(60, 100, 0, 10, 0), Note(38, 100, 5, 10, 9)),
        (
            MidiEvent(0, b"\xc0\x05"),
            MidiEvent(0, b"\xb9\x07\x64"),
            MidiEvent(3, b"\xff\x01hello"),
            MidiEvent(3, b"\xf0\x01\xf7"),
        ),
    )
    write_smf(MidiSequence(960, TEMPO_MAP, (track,)), path, format=0)
    first, drums = import_midi(path).tracks
    assert (first.name, drums.name) == ("Band 1", "Band 10")
    assert [event.data for event in first.clips[0].events] == [
        b"\xc0\x05",
        b"\xff\x01hello",
        b"\xf0\x01\xf7",
    ]
    assert [event.data for event in drums.clips[0].events] == [b"\xb9\x07\x64"]
    assert drums.instrument == Instrument(drums=True)
    assert first.instrument == Instrument()


def test_what_a_silent_track_holds_joins_the_first_that_sounds(tmp_path):
    path = tmp_path / "song.mid"
    key = MidiEvent(0, b"\xff\x59\x02\x00")
    silent = MidiTrack("Conductor", events=(key, MidiEvent(0, b"\xff\x06A")))
    lead = MidiTrack("Lead", (Note(60, 100, 0, 10),))
    write_smf(MidiSequence(960, TEMPO_MAP, (silent, lead)), path)
    imported = import_midi(path)
    assert [track.name for track in imported.tracks] == ["Lead"]
    assert imported.tracks[0].clips[0].events == (key,)


def test_a_file_without_sound_keeps_its_texts(tmp_path):
    path = tmp_path / "song.mid"
    text = MidiEvent(4, b"\xff\x01words")
    write_smf(MidiSequence(960, TEMPO_MAP, (MidiTrack("", events=(text,)),)), path)
    (track,) = import_midi(path).tracks
    assert (track.name, track.clips[0].events) == ("MIDI 1", (text,))


def test_ticks_become_the_projects_and_rounding_is_said(tmp_path):
    path = tmp_path / "song.mid"
    track = MidiTrack("", (Note(60, 100, 7, 10),))
    write_smf(MidiSequence(480, TempoMap(), (track,)), path)
    exact = import_midi(path)
    assert exact.tracks[0].clips[0].notes == (Note(60, 100, 14, 20),)
    assert exact.warnings == ()
    write_smf(MidiSequence(7, TempoMap(), (track,)), path)
    (warning,) = import_midi(path).warnings
    assert "7 ticks a quarter note do not divide 960" in warning
    assert str(path) in warning


def test_tracks_that_shared_a_channel_are_warned_of(tmp_path):
    path = tmp_path / "song.mid"
    right = MidiTrack("Right", (Note(60, 100, 0, 10),), (MidiEvent(0, b"\xb0\x40\x7f"),))
    left = MidiTrack("Left", (Note(40, 100, 0, 10),))
    write_smf(MidiSequence(960, TempoMap(), (right, left)), path)
    (warning,) = import_midi(path).warnings
    assert "channel 1 is shared by 'Right', 'Left'" in warning


def test_the_first_track_carries_the_name_of_the_project():
    assert project_sequence(project()).tracks == (MidiTrack("Song"),)
