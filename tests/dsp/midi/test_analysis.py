from tonewright.dsp.midi.analysis import analysed
from tonewright.dsp.midi.chords import parse_chord
from tonewright.dsp.midi.roles import Role
from tonewright.dsp.midi.sequence import DRUM_CHANNEL, PROGRAM, MidiSequence, MidiTrack
from tonewright.dsp.project.document import MidiEvent, Note

TICKS = 480
CHORDS = ["C", "Am", "Dm", "G7"] * 4
MELODY = (72, 76, 79, 77, 74, 76, 72, 71, 69, 77, 76, 74, 79, 81)


def note(quarter: float, quarters: float, pitch: int, channel: int = 0) -> Note:
    return Note(pitch, 90, round(quarter * TICKS), round(quarters * TICKS), channel)


def melody() -> tuple[Note, ...]:
    return tuple(
        note(q + (0.5 if q % 3 == 1 else 0.0), 0.9, MELODY[(q * q + q // 5) % len(MELODY)])
        for q in range(4 * len(CHORDS))
    )


def comping() -> tuple[Note, ...]:
    return tuple(
        note(4 * bar + beat, 0.5, 48 + (parse_chord(name).root + interval) % 12)
        for bar, name in enumerate(CHORDS)
        for beat in range(4)
        for interval in parse_chord(name).intervals
    )


def bass() -> tuple[Note, ...]:
    return tuple(
        note(4 * bar + beat, 1.5, 36 + parse_chord(name).root)
        for bar, name in enumerate(CHORDS)
        for beat in (0, 2)
    )


def drums() -> tuple[Note, ...]:
    return tuple(note(q, 0.1, 38, DRUM_CHANNEL) for q in range(64))


def sequence(*parts: tuple[Note, ...], names: tuple[str, ...] = ()) -> MidiSequence:
    tracks = [MidiTrack(names[index] if names else "", notes) for index, notes in enumerate(parts)]
    return MidiSequence(TICKS, tracks=tuple(tracks))


def test_roles_are_found_without_names() -> None:
    heard = analysed(sequence(comping(), drums(), bass(), melody()))
    assert [voice.role for voice in heard.voices] == [
        Role.CHORDS,
        Role.DRUMS,
        Role.BASS,
        Role.MELODY,
    ]


def test_names_and_programs_are_believed() -> None:
    parts = sequence(melody(), comping(), names=("Fretless bass", "Lead vocal"))
    assert [voice.role for voice in analysed(parts).voices] == [Role.BASS, Role.MELODY]
    fingered = MidiTrack("", melody(), (MidiEvent(0, bytes((PROGRAM, 33))),))
    heard = analysed(MidiSequence(TICKS, tracks=(fingered, MidiTrack("", comping()))))
    assert heard.voices[0].role is Role.BASS


def test_a_correction_is_taken() -> None:
    heard = analysed(sequence(comping(), bass(), melody()), {0: Role.MELODY})
    assert heard.voices[0].role is Role.MELODY


def test_a_piano_alone_is_divided_into_melody_and_accompaniment() -> None:
    whole = tuple(sorted((*melody(), *comping()), key=lambda n: n.start_ticks))
    heard = analysed(sequence(whole))
    roles = {voice.role: set(voice.notes) for voice in heard.voices}
    assert set(roles) == {Role.MELODY, Role.CHORDS}
    assert roles[Role.MELODY] <= set(melody())
    assert roles[Role.MELODY] | roles[Role.CHORDS] == set(whole)


def test_chords_are_told_by_the_bar() -> None:
    heard = analysed(sequence(comping(), bass()))
    told = [" ".join(chord.name for chord in bar) for bar in heard.bar_chords()]
    assert told == CHORDS


def test_sections_with_the_same_chords_share_a_letter() -> None:
    assert analysed(sequence(comping(), bass())).form() == "AA"


def test_an_example_is_not_searched_for_a_melody() -> None:
    heard = analysed(sequence(comping(), bass(), melody()), melody=False)
    assert Role.MELODY not in {voice.role for voice in heard.voices}


def test_silence_has_no_voices() -> None:
    heard = analysed(MidiSequence(TICKS))
    assert (heard.voices, heard.chords, heard.form()) == ((), (), "")
