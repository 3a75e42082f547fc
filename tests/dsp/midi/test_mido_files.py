import mido

from tonewright.dsp.midi.mido_files import from_mido, to_mido
from tonewright.dsp.midi.sequence import MidiSequence, MidiTrack
from tonewright.dsp.project.document import (
    MidiEvent,
    Note,
    TempoEvent,
    TempoMap,
    TimeSignatureEvent,
)

SEQUENCE = MidiSequence(
    480,
    TempoMap((TempoEvent(0, 100.0), TempoEvent(960, 150.0)), (TimeSignatureEvent(0, 6, 8),)),
    (
        MidiTrack(
            "lead",
            (Note(60, 100, 0, 240, 3), Note(64, 90, 240, 480, 3)),
            (MidiEvent(0, b"\xc3\x05"), MidiEvent(120, b"\xe3\x00\x50")),
        ),
    ),
)


def test_a_sequence_survives_mido_to_the_tick() -> None:
    back = from_mido(to_mido(SEQUENCE))
    assert back.tempo_map == SEQUENCE.tempo_map
    assert [track.notes for track in back.tracks if track.notes] == [SEQUENCE.tracks[0].notes]
    assert [track.events for track in back.tracks if track.events] == [SEQUENCE.tracks[0].events]


def test_mido_sees_the_messages() -> None:
    file = to_mido(SEQUENCE)
    assert file.ticks_per_beat == 480
    played = [message for track in file.tracks for message in track if message.type == "note_on"]
    assert [(message.note, message.channel) for message in played] == [(60, 3), (64, 3)]


def test_a_file_made_with_mido_is_read() -> None:
    file = mido.MidiFile(ticks_per_beat=96)
    track = file.add_track("bass")
    track.append(mido.Message("note_on", note=40, velocity=80, time=96))
    track.append(mido.Message("note_off", note=40, velocity=64, time=48))
    (bass,) = from_mido(file).tracks
    assert (bass.name, bass.notes) == ("bass", (Note(40, 80, 96, 48),))
