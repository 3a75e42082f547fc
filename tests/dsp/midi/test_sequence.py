from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.midi.sequence import (
    MidiSequence,
    MidiTrack,
    clip_to_track,
    merged,
    messages,
    paired,
    track_to_clip,
    without_overlaps,
)
from tonewright.dsp.project.document import (
    ClockTime,
    Id,
    MidiClip,
    MidiEvent,
    MusicalTime,
    Note,
    TempoEvent,
    TempoMap,
    TimeSignatureEvent,
)

NOTES = st.lists(
    st.builds(
        Note,
        pitch=st.integers(60, 62),
        velocity=st.integers(1, 127),
        start_ticks=st.integers(0, 50),
        length_ticks=st.integers(0, 50),
        channel=st.integers(0, 1),
        release_velocity=st.integers(0, 127),
    ),
    max_size=12,
)


def test_messages_at_one_tick_come_as_offs_others_empty_notes_ons():
    track = MidiTrack(
        notes=(
            Note(60, 100, 0, 10),
            Note(60, 90, 10, 5),
            Note(64, 80, 10, 0),
        ),
        events=(MidiEvent(10, b"\xc0\x05"), MidiEvent(10, b"\xb0\x07\x64")),
    )
    assert [data for ticks, data in messages(track) if ticks == 10] == [
        b"\x80\x3c\x40",
        b"\xc0\x05",
        b"\xb0\x07\x64",
        b"\x90\x40\x50",
        b"\x80\x40\x40",
        b"\x90\x3c\x5a",
    ]


def test_a_track_sorts_itself_and_grows_to_hold_all():
    late, early = Note(60, 100, 20, 30), Note(72, 100, 5, 1)
    track = MidiTrack("", (late, early), (MidiEvent(60, b"\xc0\x01"), MidiEvent(2, b"\xc0\x02")))
    assert track.notes == (early, late)
    assert [event.start_ticks for event in track.events] == [2, 60]
    assert track.length_ticks == 60


@pytest.mark.parametrize(
    "note",
    [
        Note(128, 100, 0, 1),
        Note(60, 0, 0, 1),
        Note(60, 100, -1, 1),
        Note(60, 100, 0, -1),
        Note(60, 100, 0, 1, channel=16),
        Note(60, 100, 0, 1, release_velocity=128),
    ],
)
def test_what_is_no_note_is_refused(note):
    with pytest.raises(ValueError, match="no MIDI note"):
        MidiTrack(notes=(note,))


@pytest.mark.parametrize(
    "data", ["", "90 3c 40", "c0", "c0 80", "b0 07", "b0 07 40 01", "f8", "ff", "ff 2f", "3c"]
)
def test_what_is_no_message_is_refused(data):
    with pytest.raises(ValueError, match="no MIDI message"):
        MidiTrack(events=(MidiEvent(0, bytes.fromhex(data)),))


def test_pairing_makes_the_first_to_begin_the_first_to_end():
    long = Note(60, 100, 0, 80, release_velocity=1)
    short = Note(60, 90, 20, 20, release_velocity=2)
    assert paired([short, long]) == (
        replace(long, length_ticks=40, release_velocity=2),
        replace(short, length_ticks=60, release_velocity=1),
    )


@given(NOTES)
@settings(derandomize=True, deadline=None, max_examples=200)
def test_pairing_keeps_every_message(notes):
    def sent(some):
        return sorted(messages(MidiTrack(notes=tuple(some))))

    assert sent(paired(notes)) == sent(notes)
    assert paired(paired(notes)) == paired(notes)


@given(NOTES)
@settings(derandomize=True, deadline=None, max_examples=200)
def test_notes_of_one_key_do_not_overlap_once_they_are_cut(notes):
    cut = without_overlaps(notes)
    assert len(cut) == len(notes)
    for note in cut:
        for other in cut:
            if (other.channel, other.pitch) == (note.channel, note.pitch):
                inside = note.start_ticks < other.start_ticks
                assert not inside or note.start_ticks + note.length_ticks <= other.start_ticks


@given(NOTES, st.integers(1, 40))
@settings(derandomize=True, deadline=None, max_examples=100)
def test_a_multiple_of_the_resolution_and_back_changes_nothing(notes, factor):
    sequence = MidiSequence(
        96,
        TempoMap(
            (TempoEvent(0, 120.0), TempoEvent(31, 90.0)),
            (TimeSignatureEvent(0), TimeSignatureEvent(7, 3, 8)),
        ),
        (MidiTrack("one", tuple(notes), (MidiEvent(13, b"\xe0\x00\x40"),), 200),),
    )
    assert sequence.rescaled(96 * factor).rescaled(96) == sequence


def test_rescaling_goes_to_the_nearest_tick_and_the_last_tempo_of_a_tick_stays():
    sequence = MidiSequence(
        1000,
        TempoMap((TempoEvent(0, 120.0), TempoEvent(100, 60.0), TempoEvent(101, 70.0))),
        (MidiTrack(notes=(Note(60, 100, 149, 200),)),),
    ).rescaled(10)
    assert sequence.tracks[0].notes[0] == Note(60, 100, 1, 2)
    assert sequence.tempo_map.tempos == (TempoEvent(0, 120.0), TempoEvent(1, 70.0))


@pytest.mark.parametrize("resolution", [0, 0x8000])
def test_a_resolution_that_no_file_can_hold_is_refused(resolution):
    with pytest.raises(ValueError, match="ticks_per_quarter"):
        MidiSequence(resolution)


def test_a_clip_is_placed_at_its_start_and_cut_at_its_end():
    clip = MidiClip(
        Id("c"),
        "lead",
        MusicalTime(1000),
        100,
        (Note(60, 100, 0, 50), Note(62, 100, 80, 50), Note(64, 100, 100, 5)),
        (MidiEvent(99, b"\xc0\x01"), MidiEvent(100, b"\xc0\x02")),
    )
    assert clip_to_track(clip, TempoMap()) == MidiTrack(
        "lead",
        (Note(60, 100, 1000, 50), Note(62, 100, 1080, 20)),
        (MidiEvent(1099, b"\xc0\x01"),),
        1100,
    )


def test_a_clip_on_the_clock_starts_at_the_tick_of_its_time():
    clip = MidiClip(Id("c"), "", ClockTime(1.0), 100, (Note(60, 100, 0, 50),))
    track = clip_to_track(clip, TempoMap((TempoEvent(0, 60.0),)))
    assert track.notes[0].start_ticks == 960


@given(NOTES)
@settings(derandomize=True, deadline=None, max_examples=100)
def test_a_track_comes_back_from_its_clip(notes):
    track = MidiTrack("x", tuple(notes), (MidiEvent(40, b"\xc0\x07"),), 40)
    back = clip_to_track(track_to_clip(track), TempoMap())
    assert (back.name, back.notes, back.events) == (track.name, track.notes, track.events)
    assert back.length_ticks - track.length_ticks in (0, 1)


def test_merging_keeps_the_order_of_tracks_at_one_tick():
    first, second = (MidiTrack(events=(MidiEvent(5, bytes((0xC0, n))),)) for n in (1, 2))
    assert [event.data[1] for event in merged([first, second], "").events] == [1, 2]
