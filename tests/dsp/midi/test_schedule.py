from itertools import pairwise

from tonewright.dsp.midi.schedule import events_from, schedule, track_events
from tonewright.dsp.midi.sequence import MidiTrack
from tonewright.dsp.project.document import (
    Id,
    Instrument,
    MidiClip,
    MidiEvent,
    MusicalTime,
    Note,
    TempoEvent,
    TempoMap,
    Track,
    TrackKind,
)

RATE = 48_000


def clip(start_ticks, length_ticks, *notes, events=(), **fields):
    identity = Id(f"clip {start_ticks}")
    return MidiClip(identity, "", MusicalTime(start_ticks), length_ticks, notes, events, **fields)


def events_of(*clips, instrument=None, tempo_map=None):
    track = Track(Id("t"), "x", TrackKind.MIDI, clips=clips, instrument=instrument)
    return track_events(track, tempo_map or TempoMap(), RATE)


def test_ticks_become_samples_through_the_tempo_map():
    tempo_map = TempoMap((TempoEvent(0, 120.0), TempoEvent(960, 60.0)))
    events = events_of(clip(480, 5000, Note(60, 100, 0, 960)), tempo_map=tempo_map)
    assert events == (
        (RATE // 4, b"\x90\x3c\x64"),
        (RATE // 2 + RATE // 2, b"\x80\x3c\x40"),
    )


def test_muted_clips_and_meta_events_have_no_place_in_a_schedule():
    text = MidiEvent(0, b"\xff\x01hello")
    muted = clip(0, 100, Note(60, 100, 0, 10), muted=True)
    assert events_of(clip(100, 100, events=(text,)), muted) == ()


def test_a_key_is_released_when_its_last_note_ends():
    track = MidiTrack(notes=(Note(60, 100, 0, 960), Note(60, 90, 480, 960)))
    kinds = [(sample, data[0] >> 4) for sample, data in schedule(track, TempoMap(), RATE)]
    assert kinds == [(0, 9), (RATE // 4, 9), (3 * RATE // 4, 8)]


def test_an_instrument_is_set_before_the_first_note():
    events = events_of(
        clip(0, 100, Note(60, 100, 0, 10)), instrument=Instrument(program=40, drums=True)
    )
    assert [data for _, data in events] == [b"\xc9\x28", b"\x99\x3c\x64", b"\x89\x3c\x40"]


def test_a_pedal_left_down_is_released_at_the_end_of_its_clip():
    down, up = MidiEvent(5, b"\xb0\x40\x7f"), MidiEvent(50, b"\xb0\x40\x00")
    release = (RATE // 2, b"\xb0\x40\x00")
    assert events_of(clip(0, 960, events=(down,)))[-1] == release
    assert events_of(clip(0, 960, events=(down, up))) == events_of(clip(0, 2000, events=(down, up)))
    # The clip may have been cut there: then the next one goes on.
    cut = events_of(clip(0, 960, events=(down,)), clip(960, 960, events=(up,)))
    assert release not in cut
    assert all(a[0] <= b[0] for a, b in pairwise(cut))


def test_a_schedule_that_is_entered_later_brings_along_what_was_set_and_what_is_held():
    events = (
        (0, bytes((0xC0, 40))),
        (10, bytes((0x90, 60, 100))),
        (20, bytes((0x90, 64, 100))),
        (30, bytes((0x80, 60, 64))),
        (40, bytes((0xB0, 7, 90))),
        (50, bytes((0x80, 64, 64))),
        (60, bytes((0x90, 67, 100))),
    )
    assert events_from(events, 0) == events
    assert events_from(events, 45) == (
        (0, bytes((0xC0, 40))),
        (0, bytes((0xB0, 7, 90))),
        (0, bytes((0x90, 64, 100))),
        (5, bytes((0x80, 64, 64))),
        (15, bytes((0x90, 67, 100))),
    )
