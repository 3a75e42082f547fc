import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewright.dsp.errors import ExportError, MediaError
from tonewright.dsp.midi.sequence import MidiSequence, MidiTrack, paired
from tonewright.dsp.midi.smf import read_smf, write_smf
from tonewright.dsp.project.document import (
    MidiEvent,
    Note,
    TempoEvent,
    TempoMap,
    TimeSignatureEvent,
)

BYTES7 = st.integers(0, 127)
NOTES = st.lists(
    st.builds(
        Note,
        pitch=st.integers(58, 63),
        velocity=st.integers(1, 127),
        start_ticks=st.integers(0, 60) | st.integers(0, 100_000),
        length_ticks=st.integers(0, 60) | st.integers(0, 100_000),
        channel=st.integers(0, 2) | st.just(9),
        release_velocity=BYTES7,
    ),
    max_size=14,
)
CHANNEL_MESSAGES = st.one_of(
    st.tuples(st.sampled_from([0xA0, 0xB0, 0xE1]), BYTES7, BYTES7),
    st.tuples(st.sampled_from([0xC0, 0xD3]), BYTES7),
).map(bytes)
OTHER_MESSAGES = st.one_of(
    st.binary(max_size=200).map(lambda data: b"\xf0" + data),
    st.binary(max_size=6).map(lambda data: b"\xf7" + data),
    # Any meta but the ones that have a place of their own.
    st.tuples(
        st.integers(0, 255).filter(lambda kind: kind not in (0x03, 0x2F, 0x51, 0x58)),
        st.binary(max_size=200),
    ).map(lambda meta: bytes((0xFF, meta[0])) + meta[1]),
)
EVENTS = st.lists(
    st.builds(
        MidiEvent,
        start_ticks=st.integers(0, 60) | st.integers(0, 0x0FFFFFFF),
        data=CHANNEL_MESSAGES | OTHER_MESSAGES,
    ),
    max_size=8,
)
TRACKS = st.builds(
    MidiTrack,
    name=st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    notes=NOTES.map(tuple),
    events=EVENTS.map(tuple),
    length_ticks=st.integers(0, 0x0FFFFFFF),
)


@st.composite
def tempo_maps(draw):
    tempo_ticks = sorted(draw(st.sets(st.integers(1, 5000), max_size=4)))
    signature_ticks = sorted(draw(st.sets(st.integers(1, 5000), max_size=3)))
    microseconds = st.integers(10_000, 0xFFFFFF)
    return TempoMap(
        tuple(TempoEvent(ticks, 60e6 / draw(microseconds)) for ticks in [0, *tempo_ticks]),
        tuple(
            TimeSignatureEvent(ticks, draw(st.integers(1, 255)), 2 ** draw(st.integers(0, 11)))
            for ticks in [0, *signature_ticks]
        ),
    )


SEQUENCES = st.builds(
    MidiSequence,
    ticks_per_quarter=st.integers(1, 0x7FFF),
    tempo_map=tempo_maps(),
    tracks=st.lists(TRACKS, min_size=1, max_size=3).map(tuple),
)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("midi") / "song.mid"


@given(sequence=SEQUENCES)
@settings(derandomize=True, deadline=None, max_examples=250)
def test_what_is_written_is_read_again_to_the_tick_and_the_byte(path, sequence):
    write_smf(sequence, path)
    once = read_smf(path)
    assert once.warnings == ()
    assert once.ticks_per_quarter == sequence.ticks_per_quarter
    assert once.tempo_map == sequence.tempo_map
    for read, written in zip(once.tracks, sequence.tracks, strict=True):
        assert read.name == written.name
        assert read.notes == paired(written.notes)
        assert read.events == written.events
    write_smf(once, path)
    assert read_smf(path) == once


@given(sequence=SEQUENCES)
@settings(derandomize=True, deadline=None, max_examples=50)
def test_format_0_holds_the_same_notes_and_events_in_one_track(path, sequence):
    write_smf(sequence, path, format=0)
    (track,) = read_smf(path).tracks
    assert track.notes == paired(note for each in sequence.tracks for note in each.notes)
    assert sorted(event.data for event in track.events) == sorted(
        event.data for each in sequence.tracks for event in each.events
    )


def test_another_reader_sees_the_same_messages(path):
    sequence = MidiSequence(
        480,
        TempoMap((TempoEvent(0, 120.0), TempoEvent(960, 90.0)), (TimeSignatureEvent(0, 7, 8),)),
        (
            MidiTrack("Conductor", events=(MidiEvent(960, b"\xff\x06Verse"),)),
            MidiTrack(
                "Lead",
                (Note(60, 100, 0, 480, 3, 12), Note(60, 90, 480, 240, 3, 64)),
                (MidiEvent(0, b"\xc3\x28"), MidiEvent(700, b"\xf0\x7e\x7f\x09\x01\xf7")),
                2000,
            ),
        ),
    )
    write_smf(sequence, path)
    other = mido.MidiFile(path)
    assert (other.type, other.ticks_per_beat) == (1, 480)
    seen = [[(m.time, m.type) for m in track] for track in other.tracks]
    assert seen == [
        [
            (0, "track_name"),
            (0, "time_signature"),
            (0, "set_tempo"),
            (960, "set_tempo"),
            (0, "marker"),
            (0, "end_of_track"),
        ],
        [
            (0, "track_name"),
            (0, "program_change"),
            (0, "note_on"),
            (480, "note_off"),
            (0, "note_on"),
            (220, "sysex"),
            (20, "note_off"),
            (1280, "end_of_track"),
        ],
    ]
    assert other.tracks[1][3].velocity == 12


def smf(*tracks: bytes, file_format=1, division=480, count=None) -> bytes:
    numbers = (file_format, len(tracks) if count is None else count, division)
    header = b"MThd" + (6).to_bytes(4) + b"".join(each.to_bytes(2) for each in numbers)
    return header + b"".join(b"MTrk" + len(each).to_bytes(4) + each for each in tracks)


END = bytes.fromhex("00 ff 2f 00")


def read(path, *tracks: str, **header):
    path.write_bytes(smf(*(bytes.fromhex(track) + END for track in tracks), **header))
    return read_smf(path)


def test_running_status_goes_on_behind_metas_and_velocity_0_ends_a_note(path):
    (track,) = read(path, "00 90 3c 40  0a 3e 41  00 ff 01 01 61  05 3c 00  05 3e 00").tracks
    assert track.notes == (Note(60, 64, 0, 15), Note(62, 65, 10, 10))


def test_tempi_and_signatures_of_any_track_are_the_map_and_the_last_of_a_tick_is_valid(path):
    sequence = read(
        path,
        "00 c0 01",
        "0a ff 51 03 07 a1 20  00 ff 51 03 0f 42 40  00 ff 58 04 06 03 24 08",
    )
    assert sequence.tempo_map == TempoMap(
        (TempoEvent(0, 120.0), TempoEvent(10, 60.0)),
        (TimeSignatureEvent(0), TimeSignatureEvent(10, 6, 8)),
    )
    assert sequence.warnings == ()


def test_a_name_that_is_not_utf8_is_latin1(path):
    assert read(path, "00 ff 03 04 43 61 66 e9").tracks[0].name == "Café"
    assert read(path, "00 ff 03 05 43 61 66 c3 a9").tracks[0].name == "Café"


@pytest.mark.parametrize(
    "message",
    [
        "ff 59 02 08 00",  # a key signature of eight sharps
        "ff 59 02 00 ff",
        "ff 54 05 60 00 00 00 00",  # SMPTE offset
        "ff 54 05 e1 61 63 ff ff",
        "ff 00 00",
        "ff 00 02 00 05",
        "ff 7f 04 00 01 02 03",
        "ff 60 02 01 02",  # unknown
        "ff 51 02 01 02",  # a tempo of two bytes
        "ff 51 03 00 00 00",
        "ff 58 04 00 02 18 08",  # 0/4
        "f7 03 f3 01 f7",
        "f0 03 43 12 00",  # a SysEx that goes on ...
        "f7 03 01 02 f7",  # ... here
        "f0 00",
        "ff 01 00",
    ],
)
def test_messages_that_mean_nothing_to_us_are_carried_through(path, message):
    data = bytes.fromhex(message)
    status = 2 if data[0] == 0xFF else 1
    sequence = read(path, "83 60" + message)
    expected = MidiEvent(480, data[:status] + data[status + 1 :])
    assert sequence.tracks[0].events == (expected,)
    write_smf(sequence, path)
    assert read_smf(path) == sequence


def test_what_cannot_be_followed_is_warned_of(path):
    def warning(track, **header):
        (text,) = read(path, track, **header).warnings
        return text

    assert "1 notes never end" in warning("00 90 3c 40 10 c0 01")
    assert "2 note-offs without a note" in warning("00 80 3c 40 00 90 3c 00")
    assert "makes no sense" in warning("00 ff 51 01 01")
    assert "lowered to 6000" in warning("00 ff 51 03 00 00 01")
    assert "thirty-seconds" in warning("00 ff 58 04 04 02 18 10")
    assert "counts 3 tracks" in warning("00 c0 01", count=3)
    assert "behind the end" in warning("00 ff 2f 00 00 c0 01")


def test_a_note_that_never_ends_ends_with_its_track(path):
    (track,) = read(path, "00 90 3c 40 10 c0 01").tracks
    assert track.notes == (Note(60, 64, 0, 16),)


def test_alien_chunks_and_a_long_header_are_passed_over(path):
    data = smf(bytes.fromhex("00 c0 01") + END)
    alien = b"XFIH" + (3).to_bytes(4) + b"abc"
    longer = data[:4] + (8).to_bytes(4) + data[8:14] + b"\0\0" + alien + data[14:]
    path.write_bytes(longer)
    assert read_smf(path).tracks[0].events == (MidiEvent(0, b"\xc0\x01"),)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a MIDI file"),
        (b"RIFF....WAVE", "not a MIDI file"),
        (b"MThd", "header is too short"),
        (smf()[:12], "bytes of this chunk are missing"),
        (smf(), "there is no track"),
        (smf(END, file_format=2), "format 2"),
        (smf(END, file_format=7), "no format 7"),
        (smf(END, division=0xE728), "SMPTE frames"),
        (smf(END, division=0), "0 ticks"),
        (smf(END)[:-1], "1 bytes of this chunk are missing"),
        (smf(b"\x00\x90\x3c"), "ends inside a message"),
        (smf(b"\x00\x3c\x40"), "without a status byte"),
        (smf(b"\x00\x90\x3c\x80"), "no MIDI data"),
        (smf(b"\x00\xf8"), "cannot stand in a file"),
        (smf(b"\xff\xff\xff\xff\x7f\xc0\x00"), "more than four bytes"),
        (smf(b"\x00\xff\x01\x8f\xff\xff\x7fabc"), "ends inside a message"),
        (b"MThd\xff\xff\xff\xff\x00\x01", "bytes of this chunk are missing"),
    ],
)
def test_a_damaged_file_is_one_line_that_names_it(path, data, message):
    path.write_bytes(data)
    with pytest.raises(MediaError, match=message) as raised:
        read_smf(path)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path, tmp_path / "none.mid"):
        with pytest.raises(MediaError, match="cannot be read"):
            read_smf(path)


@given(
    sequence=SEQUENCES,
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6),
    cut=st.none() | st.integers(0, 10**6),
    garbage=st.binary(max_size=8),
)
@settings(derandomize=True, deadline=None, max_examples=300)
def test_bytes_that_were_changed_are_read_or_refused(path, sequence, changes, cut, garbage):
    write_smf(sequence, path)
    data = bytearray(path.read_bytes())
    for at, value in changes:
        data[at % len(data)] = value
    if cut is not None:
        data = data[: cut % len(data)] + garbage
    path.write_bytes(data)
    try:
        read_back = read_smf(path)
    except MediaError as error:
        assert "\n" not in str(error)
    else:
        assert isinstance(read_back, MidiSequence)


@given(data=st.binary(max_size=60))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_any_bytes_in_a_track_are_read_or_refused(path, data):
    path.write_bytes(smf(data))
    try:
        sequence = read_smf(path)
    except MediaError:
        return
    write_smf(sequence, path)
    assert read_smf(path).tracks[0].events == sequence.tracks[0].events


@pytest.mark.parametrize(
    "sequence",
    [
        MidiSequence(tempo_map=TempoMap((TempoEvent(0, 3.5),))),
        MidiSequence(tempo_map=TempoMap(time_signatures=(TimeSignatureEvent(0, 256, 4),))),
        MidiSequence(tracks=(MidiTrack(length_ticks=0x10000000),)),
    ],
)
def test_what_a_file_cannot_hold_is_refused_and_leaves_nothing(tmp_path, sequence):
    with pytest.raises(ExportError, match=r"song\.mid: .* a MIDI file can hold"):
        write_smf(sequence, tmp_path / "song.mid")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "song.mid"
    target.mkdir()
    with pytest.raises(ExportError, match="cannot be written"):
        write_smf(MidiSequence(), target)
    assert list(tmp_path.iterdir()) == [target]
    with pytest.raises(ExportError, match="cannot be written"):
        write_smf(MidiSequence(), tmp_path / "missing" / "song.mid")


def test_there_is_no_writing_of_format_2(tmp_path):
    with pytest.raises(ValueError, match="format"):
        write_smf(MidiSequence(), tmp_path / "song.mid", format=2)
